"""How is a plan edited outside and taken in again? Export, import before the contract, amendment after it (A4, A5)."""

from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from sqlmodel import Session, col, select

from models.catalogue_files import load_catalogue
from models.db import reading
from models.decision import DecisionRequest
from models.engagement import Engagement
from models.errors import Terminal
from models.rules.cycles import CycleKind
from models.rules.plan import content_sha256
from models.rules.plan_diff import PlanChange, plan_diff
from models.rules.plan_edit import apply_edit, gaps_at_change, problems_of_edit, texts_of
from models.rules.plan_sheets import FORMAT, CellProblem, base_named, read_sheets, sheets_of
from models.rules.plan_types import CompiledPlan, PlanInputs
from models.rules.stages import SERVING, Stage
from models.service_plan import ServicePlan
from reports.plan_workbook import render_plan_workbook
from tasks.cycles import begin_cycle, cycle_transaction, finish_cycle
from tasks.engagements import business_today, engagement_id, find_engagement
from tasks.exported_files import write_whole
from tasks.plan_file import PlanFileRefused, Sheets, plan_yaml, read_plan_file
from tasks.planning import plan_content, plan_inputs, plan_version, submit_plan, write_plan
from tasks.plans_in_force import confirmed_versions

BEFORE_CONFIRMATION = (Stage.DUE_DILIGENCE, Stage.PLAN_CONFIRMATION)
AMENDABLE = (Stage.MOBILISATION, *sorted(SERVING))


class PlanEditRefused(Terminal):
    """The edited plan cannot be taken in; every reason is listed and nothing was written."""

    def __init__(self, file: str, cells: tuple[CellProblem, ...] = (), reasons: tuple[str, ...] = ()) -> None:
        self.cells = cells
        self.reasons = reasons
        lines = [
            f"{cell.sheet}, row {cell.row}, column {cell.column or '-'}: found {cell.value!r}, expected {cell.expected}"
            for cell in cells
        ]
        listed = "\n".join(f"- {line}" for line in (*lines, *reasons))
        super().__init__(f"{file} was not taken in; nothing was written.\n{listed}")


@dataclass(frozen=True)
class PlanImport:
    """What an edited file asks for, and what became of it."""

    base_version: int
    version: int | None
    """The version that was written; None for a dry run or where nothing changes."""
    state: str
    """unchanged, checked (dry run), submitted, or known (taken in before)."""
    sha256: str
    old_fee: str
    new_fee: str
    changes: tuple[PlanChange, ...]


@dataclass(frozen=True)
class Amendment:
    """From when an amended plan shall govern, and why."""

    effective_on: date
    reason: str


def load_version(code: str, version: int | None = None) -> tuple[ServicePlan, CompiledPlan]:
    """A version of the plan, by default the one an edit starts from, with its content.

    Raises:
        Terminal: there is no such version.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        if version is None:
            row = _base(session, engagement)
        else:
            row = plan_version(session, engagement_id(engagement), version)
        return row, plan_content(row)


def export_plan(code: str, out: Path, version: int | None = None) -> tuple[int, str]:
    """Write a version as an .xlsx or .yaml file for editing.

    Returns:
        The version and its hash, which stand in the file too.

    Raises:
        Terminal: no such version, another kind of file, or the file cannot be written.
    """
    row, plan = load_version(code, version)
    sheets = sheets_of(plan, row.version, row.content_sha256)
    match out.suffix.lower():
        case ".xlsx":
            content = render_plan_workbook(sheets, datetime.combine(row.compiled_on, time()))
        case ".yaml" | ".yml":
            content = plan_yaml(sheets)
        case other:
            raise Terminal(
                f"A plan is exported as .xlsx or .yaml, not as {other or 'a file without ending'}."
            )
    write_whole(out, content)
    return row.version, row.content_sha256


def import_plan(
    code: str, file: Path, amendment: Amendment | None = None, *, dry_run: bool = False
) -> PlanImport:
    """Take in an edited plan as the next version and put it to both sides, or list everything wrong with it.

    Before confirmation the open questions on the version before are withdrawn. After the contract an
    `amendment` is needed; the version in force stays in force until both sides accept. The same file again
    changes nothing.

    Raises:
        PlanFileRefused: the file cannot be read, or is based on another version than the newest.
        PlanEditRefused: cells or rules are broken; all are listed.
        Terminal: the engagement is in a stage in which its plan cannot be changed this way.
    """
    sheets, formulas = read_plan_file(file)
    named = base_named(sheets)
    with reading() as session:
        engagement = find_engagement(session, code)
        _require_stage(engagement, amendment)
        newest = _base(session, engagement)
        base = _named_base(session, engagement, newest, named, file.name)
        content = plan_content(base)
        inputs = plan_inputs(session, engagement)
        today = business_today(engagement)
        language = engagement.language
    plan = _edited(sheets, formulas, content, inputs, file.name, amendment)
    changes = plan_diff(content, plan)
    sha256 = content_sha256(plan)

    def outcome(state: str, version: int | None) -> PlanImport:
        return PlanImport(
            base.version, version, state, sha256, str(base.annual_fee), f"{plan.budget.total:.2f}", changes
        )

    if base.version != newest.version:
        if newest.based_on == base.version and newest.content_sha256 == sha256:
            if not dry_run:
                _end_what_died(code, newest.version, today)
            return outcome("known", newest.version)
        raise _stale(file.name, base.version, newest.version)
    if not changes:
        return outcome("unchanged", None)
    version, asked = _next_version(code, base, sha256, amendment)
    if asked:
        if not dry_run:
            _end_what_died(code, version, today)
        return outcome("known", version)
    if dry_run:
        return outcome("checked", None)
    cycle = begin_cycle.fn(code, CycleKind.DUE_DILIGENCE, f"plan-{version}", today, None, "")
    if cycle is None:
        raise Terminal(
            f"Version {version} of the plan of {code} is being worked on; try again in a few minutes."
        )
    with cycle_transaction(cycle) as session:
        write_plan(
            session,
            cycle,
            plan,
            version,
            language,
            effective_on=amendment.effective_on if amendment else None,
            based_on=base.version,
            reason=amendment.reason if amendment else None,
        )
    submit_plan.fn(cycle, version)
    finish_cycle.fn(cycle)
    return outcome("submitted", version)


def _end_what_died(code: str, version: int, today: date) -> None:
    """End the cycle of a version that was put to both sides by a process that died right afterwards."""
    cycle = begin_cycle.fn(code, CycleKind.DUE_DILIGENCE, f"plan-{version}", today, None, "")
    if cycle is not None:
        finish_cycle.fn(cycle)


def _require_stage(engagement: Engagement, amendment: Amendment | None) -> None:
    stage = engagement.stage
    if amendment is None:
        if stage not in BEFORE_CONFIRMATION:
            raise Terminal(
                f"The plan of {engagement.code} is confirmed or not yet drawn up (stage {stage}): before "
                "confirmation it is edited by `steward plan import`, between confirmation and signature opened again by "
                "`steward plan reopen`, afterwards changed by `steward plan amend` only."
            )
        return
    if stage not in AMENDABLE:
        raise Terminal(
            f"{engagement.code} is in stage {stage}: a plan is amended once the contract is signed and until it ends."
        )
    today = business_today(engagement)
    if not max(today, engagement.term_start) <= amendment.effective_on <= engagement.term_end:
        raise Terminal(
            f"The amendment cannot take effect on {amendment.effective_on}: expected a day from "
            f"{max(today, engagement.term_start)} (today or the start of the term) to {engagement.term_end}."
        )
    if not 0 < len(amendment.reason.strip()) <= 500:
        raise Terminal("An amendment needs a reason of 1 to 500 characters: both sides read it.")


def _base(session: Session, engagement: Engagement) -> ServicePlan:
    """The version an edit starts from: the newest confirmed one, else the newest that was put to the parties."""
    key = engagement_id(engagement)
    confirmed = confirmed_versions(session, key)
    if confirmed:
        return confirmed[-1]
    asked = _asked(session, key)
    for row in session.exec(
        select(ServicePlan).where(ServicePlan.engagement_id == key).order_by(col(ServicePlan.version).desc())
    ).all():
        if row.version in asked:
            return row
    raise Terminal(f"No version of the plan of {engagement.code} was put to the parties yet.")


def _asked(session: Session, key: int) -> set[int]:
    references = session.exec(
        select(DecisionRequest.reference).where(
            DecisionRequest.engagement_id == key, DecisionRequest.subject == "plan"
        )
    ).all()
    return {int(reference) for reference in references}


def _named_base(
    session: Session, engagement: Engagement, newest: ServicePlan, named: dict[str, str], file: str
) -> ServicePlan:
    """The version the file says it was exported from, if it is one of this engagement with these very bytes."""
    if named.get("format") != FORMAT:
        raise PlanFileRefused(
            f"{file}: sheet plan, format: found {named.get('format', '')[:40]!r}, expected {FORMAT!r}."
        )
    if named.get("engagement") != engagement.code:
        raise PlanFileRefused(
            f"{file} is the plan of {named.get('engagement', '')[:40]!r}, not of {engagement.code!r}."
        )
    base = session.exec(
        select(ServicePlan).where(
            ServicePlan.engagement_id == engagement.id,
            ServicePlan.content_sha256 == named.get("base_sha256", ""),
        )
    ).all()
    found = next((row for row in base if str(row.version) == named.get("base_version")), None)
    if found is None:
        raise _stale(file, named.get("base_version", "")[:10] or "none", newest.version)
    return found


def _stale(file: str, found: object, newest: int) -> PlanFileRefused:
    return PlanFileRefused(
        f"{file} is based on version {found}, but the newest is version {newest}: export that one, "
        "make the changes there and import it again."
    )


def _edited(
    sheets: Sheets,
    formulas: list[CellProblem],
    content: CompiledPlan,
    inputs: PlanInputs,
    file: str,
    amendment: Amendment | None,
) -> CompiledPlan:
    """The plan the sheets ask for.

    Raises:
        PlanEditRefused: with every wrong cell, or else every broken rule.
    """
    edit, cells = read_sheets(sheets, content)
    catalogue = load_catalogue()
    unknown = tuple(
        f"{c.code}: {what} {value!r} is not known to the catalogue."
        for c in edit.commitments
        for what, value, known in (
            ("post", c.post_code, catalogue.posts.keys()),
            ("cost item", c.cost_item, {item.code for item in catalogue.prices.cost_items}),
            ("indicator", c.metric, {"", *catalogue.indicators}),
        )
        if value not in known and not any(cell.sheet == "commitments" for cell in cells)
    )
    if formulas or cells or unknown:
        raise PlanEditRefused(file, (*formulas, *cells), unknown)
    plan = apply_edit(content, edit, inputs, catalogue)
    if plan is content:
        return plan
    problems = problems_of_edit(content, plan, inputs, catalogue)
    if amendment is not None:
        problems = (*problems, *gaps_at_change(content, plan, amendment.effective_on))
    if problems:
        raise PlanEditRefused(file, reasons=texts_of(problems))
    return plan


def _next_version(code: str, base: ServicePlan, sha256: str, amendment: Amendment | None) -> tuple[int, bool]:
    """The number of the new version, and whether exactly this edit is with the parties already."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        asked = _asked(session, key)
        rows = session.exec(
            select(ServicePlan).where(ServicePlan.engagement_id == key).order_by(col(ServicePlan.version))
        ).all()
    newest = rows[-1]
    same = (
        newest.state == "submitted"
        and newest.based_on == base.version
        and newest.content_sha256 == sha256
        and newest.reason == (amendment.reason if amendment else None)
        and (amendment is None or newest.effective_on == amendment.effective_on)
    )
    # Written by a run that died before it asked: it is taken up where it stopped.
    return (newest.version, newest.version in asked) if same else (newest.version + 1, False)
