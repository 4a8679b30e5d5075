"""How does a plan stand in sheets for editing, and which edit do filled-in sheets ask for?

A cell that still holds what was written is taken from the base version itself, so that a file nobody changed
asks for no edit, whatever a spreadsheet did to the last digit of a number.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from models.rules.catalogue import Subject
from models.rules.plan_edit import PlanEdit, PostEdit, is_by_hand
from models.rules.plan_sources import ADDED_BY_HAND
from models.rules.plan_types import (
    CommitmentDraft,
    CompiledPlan,
    EmergencyStepDraft,
    PostPlan,
    Target,
    TargetKind,
)

Cell = str | Decimal
Rows = list[list[Cell]]

FORMAT = "steward-plan-1"
PLAN, COMMITMENTS, TARGETS, POSTS, BUDGET, STEPS = (
    "plan",
    "commitments",
    "targets",
    "posts",
    "budget",
    "emergency_steps",
)
READ_ONLY = {
    COMMITMENTS: ("statutory", "longest_interval_days", "source"),
    POSTS: (
        "title_en",
        "title_zh",
        "hours_per_month",
        "heads_computed",
        "monthly_cost",
        "annual_cost",
        "explanation",
    ),
    BUDGET: ("cost_item", "label_en", "label_zh", "amount", "explanation"),
}
"""Columns that are computed or given by law: shown, and refused when changed."""
COLUMNS: dict[str, tuple[str, ...]] = {
    PLAN: ("key", "value"),
    COMMITMENTS: (
        *("code", "clause", "subject", "title_en", "title_zh", "rrule", "start_on", "standard", "metric"),
        *("target_value", "evidence", "post_code", "hours", "material_cost", "cost_item", "on_demand"),
        *("expected_per_year", "statutory", "longest_interval_days", "source"),
    ),
    TARGETS: ("commitment", "kind", "code"),
    POSTS: (
        *("code", "title_en", "title_zh", "heads", "round_the_clock_persons", "certificate", "skills_en"),
        *("skills_zh", "hours_per_month", "heads_computed", "monthly_cost", "annual_cost", "explanation"),
    ),
    BUDGET: ("cost_item", "label_en", "label_zh", "amount", "explanation"),
    STEPS: ("type", "minute", "role", "action_en", "action_zh"),
}
MAX_NUMBER = Decimal(1_000_000_000)
MAX_TEXT = 2_000


@dataclass(frozen=True)
class CellProblem:
    """One cell that cannot be taken; row 1 is the heading."""

    sheet: str
    row: int
    column: str
    value: str
    expected: str


class _Wrong(ValueError):
    """What was expected in a cell."""


def sheets_of(plan: CompiledPlan, version: int, sha256: str) -> dict[str, Rows]:
    """The sheets of a version, each with its heading row, the base version and its hash on the first."""
    read_only = "; ".join(f"{sheet}: {', '.join(names)}" for sheet, names in READ_ONLY.items())
    rows: dict[str, Rows] = {
        PLAN: [
            _row("format", FORMAT),
            _row("engagement", plan.engagement_code),
            _row("base_version", str(version)),
            _row("base_sha256", sha256),
            _row("currency", plan.currency),
            _row("term", f"{plan.term_start} - {plan.term_end}"),
            _row("computed, not read back", read_only),
            _row("heads", "empty: computed from the work; a number: set by hand"),
        ],
        COMMITMENTS: [_row(*_commitment_row(c).values()) for c in plan.commitments],
        TARGETS: [_row(c.code, t.kind.value, t.code) for c in plan.commitments for t in c.targets],
        POSTS: [_post_row(post) for post in plan.posts],
        BUDGET: _budget_rows(plan),
        STEPS: [
            _row(event.type, Decimal(step.minute), step.role, step.action_en, step.action_zh)
            for event in plan.emergency_plans
            for step in event.steps
        ],
    }
    return {sheet: [list(COLUMNS[sheet]), *rows[sheet]] for sheet in COLUMNS}


def _row(*cells: Cell) -> list[Cell]:
    return list(cells)


def _budget_rows(plan: CompiledPlan) -> Rows:
    return [_row(b.cost_item, b.label_en, b.label_zh, b.amount, b.explanation) for b in plan.budget.lines]


def _post_row(post: PostPlan) -> list[Cell]:
    return _row(
        *(post.code, post.title_en, post.title_zh),
        post.heads if is_by_hand(post) else "",
        Decimal(post.round_the_clock_persons),
        post.certificate,
        *("; ".join(post.skills_en), "；".join(post.skills_zh)),
        post.hours_per_month,
        "" if is_by_hand(post) else post.heads,
        *(post.monthly_cost, post.annual_cost, post.explanation_en),
    )


def _commitment_row(c: CommitmentDraft) -> dict[str, Cell]:
    row: dict[str, Cell] = {}
    for name in COLUMNS[COMMITMENTS]:
        value = getattr(c, name)
        if value is None:
            row[name] = ""
        elif isinstance(value, bool):
            row[name] = "yes" if value else "no"
        elif isinstance(value, Decimal | int):
            row[name] = Decimal(value)
        else:
            row[name] = value.isoformat() if isinstance(value, date) else str(value)
    return row


def cell_text(cell: Cell) -> str:
    """A cell as a spreadsheet gives it back: numbers with the fifteen digits it keeps."""
    if isinstance(cell, Decimal):
        number = float(cell)
        return str(int(number)) if number.is_integer() else f"{number:.15g}"
    return cell.replace("\r\n", "\n").replace("\r", "\n").strip()


def base_named(sheets: Mapping[str, Sequence[Sequence[str]]]) -> dict[str, str]:
    """What the first sheet says: format, engagement, base version and its hash; empty if it is missing."""
    return {row[0].strip(): row[1].strip() for row in sheets.get(PLAN, ()) if len(row) > 1}


def read_sheets(
    sheets: Mapping[str, Sequence[Sequence[str]]], base: CompiledPlan
) -> tuple[PlanEdit, tuple[CellProblem, ...]]:
    """The edit that the sheets ask for, and every cell that cannot be taken; the edit counts only without any."""
    reader = _Reader(sheets, base)
    targets = reader.targets()
    commitments = reader.commitments(targets)
    edit = PlanEdit(commitments, reader.posts(), reader.steps())
    reader.budget()
    return edit, tuple(reader.problems)


class _Reader:
    """Reads the sheets and collects what is wrong with them."""

    def __init__(self, sheets: Mapping[str, Sequence[Sequence[str]]], base: CompiledPlan) -> None:
        self.sheets = sheets
        self.base = base
        self.problems: list[CellProblem] = []
        self.rows = {sheet: self._read(sheet) for sheet in (COMMITMENTS, TARGETS, POSTS, STEPS)}

    def _read(self, sheet: str) -> list[tuple[int, dict[str, str]]]:
        """The rows of a sheet; wrong headings are problems, each named once."""
        found = self.sheets.get(sheet)
        if not found:
            self.problems.append(CellProblem(sheet, 1, "", "", "the sheet of this name, as it was exported"))
            return []
        heading = [cell.strip() for cell in found[0]]
        for name in COLUMNS[sheet]:
            if heading.count(name) != 1:
                self.problems.append(CellProblem(sheet, 1, name, "", "this column exactly once"))
        if any(problem.sheet == sheet and problem.row == 1 for problem in self.problems):
            return []
        rows = []
        for number, row in enumerate(found[1:], start=2):
            values = {name: cell_text(row[at]) if at < len(row) else "" for at, name in enumerate(heading)}
            if any(values[name] for name in COLUMNS[sheet]):
                rows.append((number, values))
        return rows

    def wrong(self, sheet: str, row: int, column: str, value: str, expected: str) -> None:
        """Note a cell that cannot be taken."""
        self.problems.append(CellProblem(sheet, row, column, value[:80], expected))

    def targets(self) -> dict[str, tuple[Target, ...]]:
        """Commitment code to its targets; the base's own order where nothing was changed."""
        found: dict[str, list[Target]] = {}
        codes = {values["code"] for _, values in self.rows[COMMITMENTS]}
        seen: set[tuple[str, str, str]] = set()
        for row, values in self.rows[TARGETS]:
            code, kind, target = values["commitment"], values["kind"], values["code"]
            if code not in codes:
                if any(code == c.code for c in self.base.commitments):
                    continue  # taken out with its commitment
                self.wrong(TARGETS, row, "commitment", code, "the code of a commitment")
            elif kind not in {member.value for member in TargetKind}:
                self.wrong(TARGETS, row, "kind", kind, "asset, place or site")
            elif not target or (code, kind, target) in seen:
                self.wrong(TARGETS, row, "code", target, "an asset or place of the register, once")
            else:
                seen.add((code, kind, target))
                found.setdefault(code, []).append(Target(TargetKind(kind), target))
        return {code: tuple(targets) for code, targets in found.items()}

    def commitments(self, targets: Mapping[str, tuple[Target, ...]]) -> tuple[CommitmentDraft, ...]:
        """The commitments of the file; what law and catalogue gave stays as it was."""
        before = {c.code: c for c in self.base.commitments}
        found: dict[str, CommitmentDraft] = {}
        for row, values in self.rows[COMMITMENTS]:
            code = values["code"]
            if not code or code in found or len(code) > 120:
                self.wrong(COMMITMENTS, row, "code", code, "a code, once in the sheet")
                continue
            base = before.get(code)
            named = targets.get(code, ())
            if base is not None and set(named) == set(base.targets):
                named = base.targets
            found[code] = self._commitment(row, values, base, named)
        order = {code: at for at, code in enumerate(before)}
        kept = sorted((c for c in found if c in order), key=lambda code: order[code])
        return tuple(found[code] for code in (*kept, *sorted(c for c in found if c not in order)))

    def _commitment(
        self, row: int, values: Mapping[str, str], base: CommitmentDraft | None, targets: tuple[Target, ...]
    ) -> CommitmentDraft:
        written = {} if base is None else {k: cell_text(v) for k, v in _commitment_row(base).items()}
        draft = base or _blank(values["code"], self.base.term_start)
        changes: dict[str, object] = {}
        for name in COLUMNS[COMMITMENTS][1:]:
            text = values[name]
            if base is not None and text == written[name]:
                continue
            if name in READ_ONLY[COMMITMENTS]:
                if base is not None or (text and name != "source"):
                    self.wrong(
                        COMMITMENTS,
                        row,
                        name,
                        text,
                        f"{written.get(name) or 'nothing'}: this column is not edited",
                    )
                continue
            try:
                changes[name] = _value(name, text)
            except _Wrong as error:
                self.wrong(COMMITMENTS, row, name, text, str(error))
        return replace(draft, targets=targets, **changes)  # type: ignore[arg-type]

    def posts(self) -> tuple[PostEdit, ...]:
        """What the file sets for the posts; posts come and go with their work, not with rows."""
        known = {post.code: post for post in self.base.posts}
        found: dict[str, PostEdit] = {}
        for row, values in self.rows[POSTS]:
            code = values["code"]
            post = known.get(code)
            if post is None or code in found:
                self.wrong(
                    POSTS, row, "code", code, "a post of the plan, once; a new post comes with its work"
                )
                continue
            skills_en, skills_zh = values["skills_en"], values["skills_zh"]
            found[code] = PostEdit(
                code,
                self._heads(row, values["heads"], post.heads if is_by_hand(post) else None),
                self._persons(row, values["round_the_clock_persons"]),
                values["certificate"],
                post.skills_en if skills_en == "; ".join(post.skills_en) else _listed(skills_en),
                post.skills_zh if skills_zh == "；".join(post.skills_zh) else _listed(skills_zh),
            )
        # A row taken out leaves the post to the computation: its work decides whether it is needed.
        return tuple(
            found.get(
                post.code,
                PostEdit(
                    post.code,
                    None,
                    post.round_the_clock_persons,
                    post.certificate,
                    post.skills_en,
                    post.skills_zh,
                ),
            )
            for post in self.base.posts
        )

    def _heads(self, row: int, text: str, before: Decimal | None) -> Decimal | None:
        if not text:
            return None
        if before is not None and text == cell_text(before):
            return before
        try:
            heads = _number(text)
            if heads > 10_000:
                raise _Wrong("at most 10000 heads")
        except _Wrong as error:
            self.wrong(POSTS, row, "heads", text, f"{error}, or empty for computed")
            return None
        return heads

    def _persons(self, row: int, text: str) -> int:
        if text.isdecimal() and int(text) <= 1_000:
            return int(text)
        self.wrong(POSTS, row, "round_the_clock_persons", text, "a whole number, 0 for working hours")
        return 0

    def budget(self) -> None:
        """The budget follows from the other sheets: a figure changed here would be lost without a word."""
        written = [[cell_text(cell) for cell in row] for row in _budget_rows(self.base)]
        changed = []
        for number, row in enumerate(self.sheets.get(BUDGET, ())[1:], start=2):
            cells = [cell_text(cell) for cell in [*row, *[""] * len(COLUMNS[BUDGET])][: len(COLUMNS[BUDGET])]]
            if cells in written:
                written.remove(cells)
            elif any(cells):
                changed.append((number, cells))
        for number, cells in changed:
            before = next((row for row in written if row[:2] == cells[:2]), None)
            for place, name in enumerate(COLUMNS[BUDGET]):
                if before is None or cells[place] != before[place]:
                    was = "no further line" if before is None else before[place] or "nothing"
                    self.wrong(
                        BUDGET,
                        number,
                        name,
                        cells[place],
                        f"{was}: the budget is computed; change hours, material cost, interval or heads",
                    )
                    break

    def steps(self) -> tuple[tuple[str, EmergencyStepDraft], ...]:
        """The steps of the emergency plans, events in the order of the base."""
        events = [event.type for event in self.base.emergency_plans]
        found: dict[str, list[EmergencyStepDraft]] = {event: [] for event in events}
        for row, values in self.rows[STEPS]:
            if values["type"] not in found:
                self.wrong(STEPS, row, "type", values["type"], f"one of {', '.join(events)}")
            elif not values["minute"].isdecimal() or int(values["minute"]) > 100_000:
                self.wrong(STEPS, row, "minute", values["minute"], "whole minutes after the alarm")
            elif not values["role"] or not values["action_en"] or not values["action_zh"]:
                self.wrong(STEPS, row, "action_en", values["action_en"], "role and action in both languages")
            else:
                found[values["type"]].append(
                    EmergencyStepDraft(
                        int(values["minute"]), values["role"], values["action_en"], values["action_zh"]
                    )
                )
        for event in events:
            if not found[event] and not any(problem.sheet == STEPS for problem in self.problems):
                self.wrong(STEPS, 1, "type", event, "at least one step for each event of the plan")
        return tuple((event, step) for event in events for step in found[event])


def _blank(code: str, start_on: date) -> CommitmentDraft:
    nothing = Decimal(0)
    return CommitmentDraft(
        code, "", Subject.ROUND, "", "", (), "", start_on, "", "", None, "", "", nothing, nothing, "", "", None,
        ADDED_BY_HAND,
    )  # fmt: skip


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part for part in (p.strip() for p in text.replace("；", ";").split(";")) if part)


def _value(name: str, text: str) -> object:
    """The value of an edited cell of the commitments.

    Raises:
        _Wrong: saying what was expected.
    """
    if name in _READERS:
        return _READERS[name](text)
    if len(text) > MAX_TEXT or (not text and name not in ("rrule", "metric")):
        raise _Wrong(f"a text of 1 to {MAX_TEXT} characters")
    return text


def _subject(text: str) -> Subject:
    if text not in {member.value for member in Subject}:
        raise _Wrong(f"one of {', '.join(member.value for member in Subject)}")
    return Subject(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _Wrong("a date such as 2027-03-01") from None


def _yes(text: str) -> bool:
    if text.lower() not in ("yes", "no", "true", "false"):
        raise _Wrong("yes or no")
    return text.lower() in ("yes", "true")


def _amount(text: str) -> Decimal:
    amount = _number(text)
    if amount != round(amount, 2):
        raise _Wrong("an amount with at most two decimals")
    return amount


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _Wrong("a number such as 1.5") from None
    if not number.is_finite() or not 0 <= number <= MAX_NUMBER or len(text) > 30:
        raise _Wrong("a number from 0 to 1000000000")
    return number


_READERS: dict[str, Callable[[str], object]] = {
    "subject": _subject,
    "start_on": _day,
    "on_demand": _yes,
    "target_value": lambda text: _number(text) if text else None,
    "hours": _number,
    "expected_per_year": _number,
    "material_cost": _amount,
}
