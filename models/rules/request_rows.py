"""What does one row of a file of service requests say, and may it be taken? (B6)"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b
from zoneinfo import ZoneInfo

from models.rules.file_values import plain_text
from models.rules.personal_data import masked, personal_kinds
from models.rules.request_presets import Heading, RequestPreset, folded, kind_of
from models.rules.service_levels import RequestKind
from models.rules.written_instants import InstantDoubted, Written, read_instant

LONGEST_ID = 64
LONGEST_SHOWN = 80
LONGEST_TEXT = 2000
NO_VALUE = frozenset({"", "null", "none", "n/a", "na", "nan", "-"})
FREE_TEXTS = ("text", "note")


@dataclass(frozen=True, slots=True)
class Doubt:
    """A cell that keeps its row from being taken: as written (personal data masked), and what was expected."""

    column: str
    value: str
    expected: str


class RowDoubted(ValueError):
    """A row that is not taken, with every reason."""

    def __init__(self, doubts: Sequence[Doubt]) -> None:
        super().__init__("; ".join(f"{doubt.column}: {doubt.expected}" for doubt in doubts))
        self.doubts = tuple(doubts)


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request as a file tells it; free text without personal data."""

    source_id: str
    opened: Written
    closed: Written | None
    due: Written | None
    on_time: str
    """met, missed, or empty where the file does not say."""
    type: str
    kind: RequestKind
    text: str
    note: str
    place: str
    channel: str
    personal: tuple[tuple[str, tuple[str, ...]], ...]
    """Column and kinds of the personal data that were masked."""
    digest: bytes
    """Of the row as it was written, to know the same row again."""


@dataclass(frozen=True)
class RowReader:
    """How the rows of one file are read."""

    preset: RequestPreset
    heading: Heading
    order: str
    zone: ZoneInfo
    latest: datetime
    """No request was opened or settled after this instant."""

    def read(self, cells: Sequence[str]) -> RequestRow:
        """One row.

        Raises:
            RowDoubted: with every reason, each naming its column.
        """
        if len(cells) != self.heading.width and any(cell.strip() for cell in cells[self.heading.width :]):
            raise RowDoubted([self._misshapen(cells)])
        if len(cells) <= max(self.heading.places.values()):
            raise RowDoubted([self._misshapen(cells)])
        values = {field: cells[place].strip() for field, place in self.heading.places.items()}
        doubts: list[Doubt] = []
        source_id = values["id"]
        if (
            source_id.casefold() in NO_VALUE
            or len(source_id) > LONGEST_ID
            or source_id != plain_text(source_id)
        ):
            doubts.append(
                self._doubt("id", source_id, f"expected a number or code of 1 to {LONGEST_ID} characters")
            )
        opened = self._instant("opened", values, doubts, required=True)
        closed, due = (self._instant(field, values, doubts) for field in ("closed", "due"))
        closed = self._second_of_two(opened, closed)
        if due is not None and not due.timed:
            due = replace(due, at=due.at + timedelta(days=1))  # by the end of that day
        doubts += self._contradictions(values, opened, closed)
        if doubts or opened is None:
            raise RowDoubted(doubts)
        return self._row(cells, values, source_id, (opened, closed, due))

    def _row(
        self,
        cells: Sequence[str],
        values: dict[str, str],
        source_id: str,
        instants: tuple[Written, Written | None, Written | None],
    ) -> RequestRow:
        free = {field: values.get(field, "")[:LONGEST_TEXT] for field in FREE_TEXTS}
        personal = tuple(
            (self.heading.written[field], kinds)
            for field, text in free.items()
            if (kinds := personal_kinds(text))
        )
        if personal:
            free = {field: masked(text) for field, text in free.items()}
        said = folded(values.get("on_time", ""))
        on_time = "met" if said in self.preset.met else "missed" if said in self.preset.missed else ""
        return RequestRow(
            source_id,
            *instants,
            on_time,
            values.get("type", "")[:LONGEST_SHOWN],
            kind_of(self.preset, values.get("kind", ""), values.get("type", ""), free["text"]),
            free["text"],
            free["note"],
            values.get("place", "")[:LONGEST_SHOWN],
            values.get("channel", "")[:40],
            personal,
            blake2b(
                "\x1f".join(cell.strip() for cell in cells).encode("utf-8", "replace"), digest_size=16
            ).digest(),
        )

    def _instant(
        self, field: str, values: dict[str, str], doubts: list[Doubt], *, required: bool = False
    ) -> Written | None:
        written = values.get(field, "")
        if written.casefold() in NO_VALUE:
            if required:
                doubts.append(self._doubt(field, written, "is empty; expected when the request came in"))
            return None
        try:
            found = read_instant(written, self.order, self.zone)
        except InstantDoubted as error:
            doubts.append(self._doubt(field, written, str(error)))
            return None
        if field != "due" and found.at > self.latest:
            doubts.append(self._doubt(field, written, "lies in the future; expected what has happened"))
        return found

    @staticmethod
    def _second_of_two(opened: Written | None, closed: Written | None) -> Written | None:
        """A closing time in a repeated hour that falls before the opening is the second of the two."""
        if opened and closed and closed.at < opened.at <= closed.at + closed.later_by:
            return replace(closed, at=closed.at + closed.later_by)
        return closed

    def _contradictions(
        self, values: dict[str, str], opened: Written | None, closed: Written | None
    ) -> list[Doubt]:
        found: list[Doubt] = []
        if opened and closed and _ends_before(closed, opened):
            found.append(
                self._doubt("closed", values["closed"], f"lies before the opening {values['opened'][:40]}")
            )
        if "state" not in values:
            return found
        state = folded(values["state"])
        has_closing = values["closed"].casefold() not in NO_VALUE
        if state in self.preset.open_states:
            if has_closing:
                found.append(
                    self._doubt("closed", values["closed"], f"is given, but the state is {values['state']!r}")
                )
        elif state in self.preset.closed_states:
            if not has_closing:
                found.append(
                    self._doubt(
                        "closed", "", f"is empty; expected a time, as the state is {values['state']!r}"
                    )
                )
        else:
            known = ", ".join(sorted(self.preset.open_states | self.preset.closed_states))
            found.append(self._doubt("state", values["state"], f"is no state; expected one of {known}"))
        return found

    def _doubt(self, field: str, value: str, expected: str) -> Doubt:
        return Doubt(self.heading.written.get(field, field), masked(value)[:LONGEST_SHOWN], expected)

    def _misshapen(self, cells: Sequence[str]) -> Doubt:
        return Doubt("", f"{len(cells)} cells", f"expected {self.heading.width} cells as in the heading")


def _ends_before(closed: Written, opened: Written) -> bool:
    """Whether a request was closed before it was opened; a day without a time may mean its end."""
    slack = timedelta(0) if closed.timed else timedelta(days=1)
    return closed.at + slack <= opened.at if slack else closed.at < opened.at


def succession(before: tuple[int, int | None], after: tuple[int, int | None]) -> str:
    """What a second telling of the same request means: later, or why it contradicts the first.

    Args:
        before: opened and closed of the first, in seconds; closed is None while it is open.
        after: of the second.

    Returns:
        "later" if it was open and is closed now; else what contradicts.
    """
    if before[0] != after[0]:
        return "was opened at another time"
    if before[1] is None and after[1] is not None:
        return "later"
    if before[1] is not None and after[1] is None:
        return "is open again"
    return "was closed at another time" if before[1] != after[1] else "says something else"
