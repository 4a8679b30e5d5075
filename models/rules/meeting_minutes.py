"""What does a file of minutes say? Rows of text in; what was held, who came, what was resolved, and every bad cell out.

Nothing here says whether a resolution binds anybody in law: attendance and votes are counted, no more.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from models.rules.file_values import ValueDoubted, plain_text, prose, read_date
from models.rules.personal_data import masked

MEETING, ATTENDANCE, RESOLUTIONS = "meeting", "attendance", "resolutions"
COLUMNS: dict[str, tuple[str, ...]] = {
    MEETING: ("key", "value"),
    ATTENDANCE: ("ref", "how"),
    RESOLUTIONS: ("ref", "text", "post", "due", "for", "against", "abstained", "adopted"),
}
MEETING_KEYS = ("held_on", "attended", "entitled", "quorum", "minutes")
REQUIRED = {ATTENDANCE: ("ref",), RESOLUTIONS: ("ref", "text")}
WAYS = ("present", "proxy", "online")
LATEST_AFTER = timedelta(days=5 * 366)
"""A promise with a later day than that is a slip of the pen."""
MAX_TEXT = 4000
_YES, _NO = ("yes", "y", "true", "1", "是", "通过"), ("no", "n", "false", "0", "否", "未通过")

Sheets = Mapping[str, Sequence[Sequence[str]]]


@dataclass(frozen=True)
class MinutesProblem:
    """A cell that was not taken, and with it its row; the value has its personal data masked."""

    sheet: str
    row: int
    column: str
    value: str
    expected: str


@dataclass(frozen=True)
class Resolution:
    """What was put to the vote; votes are None where they were not counted."""

    ref: str
    text: str
    post_code: str
    due_on: date | None
    votes_for: int | None = None
    votes_against: int | None = None
    votes_abstained: int | None = None
    adopted: bool = True


@dataclass(frozen=True)
class Minutes:
    """What a file says of a meeting; None where it says nothing."""

    held_on: date | None = None
    attended: int | None = None
    entitled: int | None = None
    quorum: Decimal | None = None
    """Share of those entitled, 0 to 1."""
    minutes: str = ""
    attendance: tuple[tuple[str, str], ...] = ()
    """Reference of each person, and one of `WAYS`."""
    resolutions: tuple[Resolution, ...] = ()
    problems: tuple[MinutesProblem, ...] = ()


@dataclass(frozen=True)
class Known:
    """What references in the file may refer to."""

    people: Collection[str]
    posts: Collection[str]
    called_for: date
    today: date


def read_minutes(sheets: Sheets, known: Known) -> Minutes:
    """Read the sheets of a file; a bad row is named and left out, the good ones are taken.

    Args:
        sheets: rows of text by name of the sheet (`MEETING`, `ATTENDANCE`, `RESOLUTIONS`), headings first.
        known: people and posts of the engagement, the day the meeting was called for, and today.
    """
    problems: list[MinutesProblem] = []
    facts = _facts(sheets.get(MEETING, ()), known, problems)
    attendance = _attendance(sheets, known, problems)
    resolutions = _resolutions(sheets, known, facts.held_on or known.called_for, problems)
    attended = facts.attended if facts.attended is not None else (len(attendance) or None)
    if attended is not None and attended < len(attendance):
        problems.append(
            MinutesProblem(
                MEETING,
                0,
                "attended",
                str(attended),
                f"at least the {len(attendance)} of the attendance list",
            )
        )
        attended = len(attendance)
    return Minutes(
        held_on=facts.held_on,
        attended=attended,
        entitled=facts.entitled,
        quorum=facts.quorum,
        minutes=facts.minutes,
        attendance=tuple(attendance.items()),
        resolutions=tuple(resolutions.values()),
        problems=tuple(problems),
    )


def quorum_reached(attended: int | None, entitled: int | None, quorum: Decimal | None) -> bool | None:
    """Whether as many came as was asked for; None where that cannot be told, which is neither yes nor no."""
    if attended is None or not entitled or quorum is None:
        return None
    return Decimal(attended) >= quorum * entitled


class _Bad(ValueError):
    def __init__(self, problem: MinutesProblem) -> None:
        self.problem = problem
        super().__init__(problem.expected)


@dataclass
class _Facts:
    held_on: date | None = None
    attended: int | None = None
    entitled: int | None = None
    quorum: Decimal | None = None
    minutes: str = ""


@dataclass(frozen=True)
class _Row:
    sheet: str
    number: int
    cells: Mapping[str, str] = field(default_factory=dict)

    def bad(self, column: str, expected: str) -> MinutesProblem:
        return MinutesProblem(
            self.sheet, self.number, column, masked(self.cells.get(column, ""))[:80], expected
        )

    def count(self, column: str) -> int | None:
        text = self.cells.get(column, "")
        if not text:
            return None
        if not text.isascii() or not text.isdigit() or len(text) > 7:
            raise _Bad(self.bad(column, "a whole number, 0 or more"))
        return int(text)

    def day(self, column: str, last: date) -> date | None:
        text = self.cells.get(column, "")
        if not text:
            return None
        try:
            return read_date(text, last)
        except ValueDoubted as error:
            raise _Bad(self.bad(column, f"a day: it {error}")) from error


def _attendance(sheets: Sheets, known: Known, problems: list[MinutesProblem]) -> dict[str, str]:
    attendance: dict[str, str] = {}
    for number, row in _rows(ATTENDANCE, sheets, problems):
        ref, how = row["ref"], row.get("how", "").lower() or WAYS[0]
        reader = _Row(ATTENDANCE, number, row)
        if ref not in known.people:
            # What stands there may be a name: it is neither kept nor repeated.
            expected = "the reference of a person of this engagement, never a name"
            problems.append(MinutesProblem(ATTENDANCE, number, "ref", "", expected))
        elif ref in attendance:
            problems.append(reader.bad("ref", "each person once"))
        elif how not in WAYS:
            problems.append(reader.bad("how", f"one of {', '.join(WAYS)}"))
        else:
            attendance[ref] = how
    return attendance


def _resolutions(
    sheets: Sheets, known: Known, held_on: date, problems: list[MinutesProblem]
) -> dict[str, Resolution]:
    resolutions: dict[str, Resolution] = {}
    for number, row in _rows(RESOLUTIONS, sheets, problems):
        reader = _Row(RESOLUTIONS, number, row)
        try:
            found = _resolution(reader, known)
            if found.due_on is not None and found.due_on < held_on:
                raise _Bad(reader.bad("due", "the day of the meeting or a later one"))
            if found.ref in resolutions:
                raise _Bad(reader.bad("ref", "each resolution once"))
        except _Bad as bad:
            problems.append(bad.problem)
        else:
            resolutions[found.ref] = found
    return resolutions


def _facts(rows: Sequence[Sequence[str]], known: Known, problems: list[MinutesProblem]) -> _Facts:
    facts = _Facts()
    for number, cells in enumerate(rows[1:], start=2):
        key = plain_text(cells[0]).lower() if cells else ""
        said = cells[1] if len(cells) > 1 else ""
        text = prose(said) if key == "minutes" else plain_text(said)
        if not key and not text:
            continue
        row = _Row(MEETING, number, {"key": key, key: text})
        try:
            if key not in MEETING_KEYS:
                raise _Bad(row.bad("key", f"one of {', '.join(MEETING_KEYS)}"))
            if key == "held_on":
                facts.held_on = _held_on(row, known)
            elif key == "quorum":
                facts.quorum = _share(row)
            elif key == "minutes":
                facts.minutes = masked(text)[:MAX_TEXT]
            elif key == "attended":
                facts.attended = row.count(key)
            else:
                facts.entitled = row.count(key)
        except _Bad as bad:
            problems.append(bad.problem)
    if facts.attended is not None and facts.entitled is not None and facts.attended > facts.entitled:
        problems.append(
            MinutesProblem(
                MEETING, 0, "attended", str(facts.attended), f"at most the {facts.entitled} entitled"
            )
        )
        facts.attended = None
    return facts


def _held_on(row: _Row, known: Known) -> date | None:
    held_on = row.day("held_on", known.today)
    if held_on is not None and abs(held_on - known.called_for) > timedelta(days=92):
        raise _Bad(
            row.bad("held_on", f"a day within a quarter of {known.called_for}, for which it was called")
        )
    return held_on


def _share(row: _Row) -> Decimal | None:
    text = row.cells["quorum"]
    if not text:
        return None
    try:
        share = Decimal(text.removesuffix("%").strip())
    except InvalidOperation:
        share = Decimal(-1)
    if share.is_finite() and text.endswith("%"):
        share /= 100
    if not share.is_finite() or not 0 < share <= 1:
        raise _Bad(row.bad("quorum", "a share above 0 and at most 1, for example 0.5 or 50%"))
    return share


def _resolution(row: _Row, known: Known) -> Resolution:
    cells = row.cells
    if not cells["ref"].replace("-", "").replace(".", "").isalnum() or len(cells["ref"]) > 40:
        raise _Bad(row.bad("ref", "letters, digits, points and hyphens, at most 40"))
    if not cells["text"]:
        raise _Bad(row.bad("text", "what was resolved"))
    post = cells.get("post", "") or "manager"
    if post not in known.posts:
        raise _Bad(row.bad("post", f"the code of a post: {', '.join(sorted(known.posts))}"))
    votes = [row.count(column) for column in ("for", "against", "abstained")]
    word = cells.get("adopted", "").lower()
    if word and word not in (*_YES, *_NO):
        raise _Bad(row.bad("adopted", "yes or no"))
    if word in _YES and votes[0] is not None and votes[1] is not None and votes[0] <= votes[1]:
        raise _Bad(row.bad("adopted", f"no, with {votes[0]} for and {votes[1]} against; or other votes"))
    carried = (votes[0] or 0) > (votes[1] or 0) if votes[0] is not None or votes[1] is not None else True
    return Resolution(
        ref=cells["ref"],
        text=masked(cells["text"])[:MAX_TEXT],
        post_code=post,
        due_on=row.day("due", known.today + LATEST_AFTER),
        votes_for=votes[0],
        votes_against=votes[1],
        votes_abstained=votes[2],
        adopted=word in _YES if word else carried,
    )


def _rows(sheet: str, sheets: Sheets, problems: list[MinutesProblem]) -> list[tuple[int, dict[str, str]]]:
    """The filled rows of a sheet, with their numbers as a spreadsheet shows them."""
    rows = sheets.get(sheet, ())
    if not rows:
        return []
    header = [plain_text(cell).lower() for cell in rows[0]]
    missing = [name for name in REQUIRED[sheet] if name not in header]
    unknown = [name for name in header if name and name not in COLUMNS[sheet]]
    for name in (*missing, *unknown):
        problems.append(
            MinutesProblem(
                sheet,
                1,
                name,
                "" if name in missing else name[:80],
                f"the columns {', '.join(COLUMNS[sheet])}",
            )
        )
    if missing:
        return []
    found = []
    for number, cells in enumerate(rows[1:], start=2):
        row = {
            name: prose(cell) if name == "text" else plain_text(cell)
            for name, cell in zip(header, cells, strict=False)
            if name in COLUMNS[sheet]
        }
        row = {**dict.fromkeys(REQUIRED[sheet], ""), **row}
        if any(row.values()):
            found.append((number, row))
    return found
