"""Which plan is rehearsed, and what comes of it? Reads a computed version, signed or not; stores nothing (A4)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import col, select

from models.db import reading
from models.engagement import Engagement
from models.errors import Terminal
from models.rules.rehearsal import Rehearsal, RehearsalRefused, read_change, rehearse, scenarios
from models.service_plan import ServicePlan
from reports.pdf import render_pdf
from reports.rehearsal_pack import rehearsal_pack
from reports.rehearsal_workbook import rehearsal_workbook
from tasks.engagements import business_today, find_engagement
from tasks.planning import plan_content, plan_version

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many steps are done and how many there are."""


class ChangeRefused(Terminal):
    """A change that cannot be rehearsed."""


@dataclass(frozen=True)
class Rehearsed:
    """A version of a plan, run through its whole term as it stands and as changed."""

    engagement: Engagement
    version: int
    state: str
    on: date
    base: Rehearsal
    changed: tuple[Rehearsal, ...]


def rehearse_version(
    code: str,
    version: int | None = None,
    *,
    less: Sequence[str] = (),
    intervals: Sequence[str] = (),
    inflation: Decimal = Decimal(0),
    fee_late_days: int = 0,
    progress: Progress = lambda _what, _done, _all: None,
) -> Rehearsed:
    """Rehearse a computed version of an engagement's plan; the newest by default.

    Args:
        code: of the engagement.
        version: of the plan; None for the newest.
        less: see `read_change`, like the three that follow.
        intervals: changed intervals.
        inflation: per cent a year.
        fee_late_days: days.
        progress: told about each run.

    Raises:
        Terminal: no such engagement or version, or its content is not in the file store.
        ChangeRefused: a change names what is not in the plan, or cannot be carried out.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        key = engagement.id or 0
        if version is None:
            row = session.exec(
                select(ServicePlan)
                .where(ServicePlan.engagement_id == key)
                .order_by(col(ServicePlan.version).desc())
            ).first()
            if row is None:
                raise Terminal(f"{code} has no computed plan yet: there is nothing to rehearse.")
        else:
            row = plan_version(session, key, version)
        try:
            plan = plan_content(row)
        except (FileNotFoundError, ValueError) as error:
            raise Terminal(
                f"The content of version {row.version} cannot be read from the file store; restore it from the backup."
            ) from error
        on = business_today(engagement)
    try:
        change = read_change(plan, less, intervals, inflation, fee_late_days)
    except RehearsalRefused as error:
        raise ChangeRefused(str(error)) from error
    wanted = scenarios(change)
    steps = 1 + len(wanted)
    progress("rehearse", 0, steps)
    base = rehearse(plan)
    changed = []
    for number, scenario in enumerate(wanted, start=1):
        progress("rehearse", number, steps)
        changed.append(rehearse(plan, scenario))
    progress("rehearse", steps, steps)
    return Rehearsed(engagement, row.version, row.state, on, base, tuple(changed))


def rehearsal_files(run: Rehearsed) -> dict[str, bytes]:
    """The workbook and the PDF, by file name."""
    stem = f"rehearsal-plan-{run.version}"
    given = (run.engagement, run.version, run.base, run.changed, run.on)
    return {
        f"{stem}.xlsx": rehearsal_workbook(*given),
        f"{stem}.pdf": render_pdf(rehearsal_pack(*given)),
    }
