"""What lies on the desk while typed forms of a wave are read: forms, doubts, and the door of the codes (D4)."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from models.rules.file_values import plain_text
from models.rules.survey_paper import CellDoubt
from models.survey import Invitation, SurveyWave
from models.survey_codes import code_hash
from models.survey_fieldwork import SurveyPaperEntry
from tasks.sheet_rows import RowDoubt, SheetRow, TableRead
from tasks.survey_fieldwork import paper_states
from tasks.survey_receipts import CodeDoor, ReadySheet, take_in_any_order

SOURCE = "paper"


@dataclass(frozen=True)
class PaperResult:
    """What became of a file of typed forms or of settled cells: rows = entered + as before + open + not taken."""

    file: str
    rows: int
    entered: int
    """Forms typed now, or cells settled now."""
    as_before: int
    left_open: int
    """Cells of a settlement that say nothing yet, or whose form waits for them."""
    taken: int
    """Forms that became answers now."""
    typed_once: int
    differing: int
    """Forms of the wave whose two entries do not agree."""
    cells_compared: int
    cells_differing: int
    same_file_as: str
    """The other clerk who entered this very file: then it was typed once."""
    doubts: tuple[RowDoubt, ...]
    reasons: dict[str, int]
    """The rows not taken by reason in one word."""
    dry_run: bool = False

    def as_json(self) -> dict[str, Any]:
        """Plain values for a program."""
        return asdict(self) | {"not_taken": len(self.doubts)}


class DryRun(Exception):
    """Carries the result out of a transaction that must not be kept."""

    def __init__(self, result: PaperResult) -> None:
        super().__init__("dry run")
        self.result = result


@dataclass
class PaperDesk:
    """The forms of a wave as one file is read."""

    session: Session
    wave: SurveyWave
    on: date
    door: CodeDoor
    forms: dict[int, list[SurveyPaperEntry]] = field(default_factory=lambda: defaultdict(list))
    doubts: list[RowDoubt] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    """The rows not taken by reason in one word."""
    compared: int = 0
    differing: int = 0

    def load(self) -> None:
        """Lay out the forms typed so far, the first entry of each before the second."""
        for entry in self.session.exec(
            select(SurveyPaperEntry)
            .where(SurveyPaperEntry.wave_id == self.wave.id)
            .order_by(col(SurveyPaperEntry.entry))
        ):
            self.forms[entry.invitation_id].append(entry)

    def invitation(self, row: SheetRow, rows_of: dict[str, list[int]], *, once: bool = True) -> Invitation:
        """The invitation a row names by its serial.

        Raises:
            CellDoubt: none, an unknown one, or one that stands in several rows.
        """
        if row.problem:
            raise CellDoubt("", "", row.problem, "encoding")
        serial = plain_text(row.cells.get("serial", ""))
        if not serial:
            raise CellDoubt("serial", "", "expected the serial number printed on the form", "token")
        twice = [number for number in rows_of[code_hash(serial)] if number != row.number]
        if once and twice:
            reason = f"stands in row {twice[0]} too; expected one row a form"
            raise CellDoubt("serial", shown(serial), reason, "duplicate")
        found = self.door.find(serial)
        if found is None:
            raise CellDoubt(
                "serial",
                shown(serial),
                f"{self.door.reason}; expected the serial of a form of wave {self.wave.period}",
                "codes_closed" if self.door.closed else "unknown_code",
            )
        return found

    def doubt(self, row: int, error: CellDoubt) -> None:
        """Put a row aside that is not taken."""
        self.reasons[error.kind] += 1
        self.doubts.append(RowDoubt(row, error.column, error.value, error.expected))

    def take_all(self, ready: Sequence[tuple[Invitation, dict[str, int], str]]) -> int:
        """Make answers of agreed forms, in an order that says nothing of the rows, and delete what was typed."""
        sheets = [ReadySheet.of(*one) for one in ready]
        taken = take_in_any_order(self.session, self.wave, sheets, "paper", self.on)
        for invitation in taken:
            for entry in self.forms[invitation]:
                entry.scores, entry.comment, entry.taken = {}, "", True
                self.session.add(entry)
        return len(taken)


def shown(serial: str) -> str:
    """The beginning of a serial: enough to find the row, too little to use."""
    return serial[:4] + "…"


def rows_of_codes(table: TableRead) -> dict[str, list[int]]:
    """Hash of each serial of a file to the rows it stands in."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row in table.rows:
        if serial := plain_text(row.cells.get("serial", "")):
            rows[code_hash(serial)].append(row.number)
    return rows


def paper_result(
    desk: PaperDesk,
    table: TableRead,
    entered: int,
    standing: int,
    left_open: int,
    taken: int,
    same: str,
    dry_run: bool,
) -> PaperResult:
    """What became of the file, and where the forms of the wave stand now."""
    states = paper_states(desk.forms)
    return PaperResult(
        table.file,
        len(table.rows),
        entered,
        standing,
        left_open,
        taken,
        states["typed_once"],
        states["differing"],
        desk.compared,
        desk.differing,
        same,
        tuple(sorted(desk.doubts, key=lambda doubt: doubt.row)),
        dict(sorted(desk.reasons.items())),
        dry_run,
    )
