"""Which versions of the agreed record are there, what changed, and do both sides confirm it? (A1)"""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select, update

from models.audit import record_event
from models.catalogue_files import load_catalogue
from models.db import reading, writing
from models.engagement import Demand, Engagement, IntakeVersion
from models.errors import IllegalStageChange, Terminal
from models.intake import IntakeForm
from models.rules.intake_changes import FieldChange, intake_changes
from models.rules.stages import Stage
from reports.intake_pack import intake_pack
from tasks.decisions import BOTH_SIDES, ask_decision, withdraw_open
from tasks.engagements import business_today, engagement_id, find_engagement, lock_engagement
from tasks.packs import issue_loose_pack
from tasks.service_agreements import reckon_due_anew
from tasks.steps import step

CHANGEABLE = frozenset({Stage.INTAKE, Stage.DUE_DILIGENCE, Stage.PLAN_CONFIRMATION})


@dataclass(frozen=True)
class RecordedVersion:
    """A version with what it changed against the one before."""

    version: int
    state: str
    recorded_on: date
    sha256: str
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True)
class RecordChange:
    """What a form would change, or has changed."""

    code: str
    version: int
    changes: tuple[FieldChange, ...]
    recorded: bool


def form_of(session: Session, engagement: Engagement) -> IntakeForm:
    """The record as it stands, read from the engagement's rows."""
    demands = session.exec(
        select(Demand).where(Demand.engagement_id == engagement_id(engagement)).order_by(Demand.ref)
    ).all()
    fields = set(IntakeForm.model_fields) - {"demands", "working_calendar"}
    return IntakeForm.model_validate(
        {name: getattr(engagement, name) for name in fields}
        | {
            "working_calendar": engagement.working_calendar or {},
            "demands": [
                demand.model_dump(include={"ref", "text", "priority", "measure"}) for demand in demands
            ],
        }
    )


def recorded_form(code: str) -> IntakeForm:
    """The record of an engagement as it stands."""
    with reading() as session:
        return form_of(session, find_engagement(session, code))


def is_recorded(session: Session, engagement: Engagement, form: IntakeForm) -> bool:
    """Whether the form is the record as it stands, or an earlier version of it (a run that is retried)."""
    earlier = session.exec(
        select(IntakeVersion.id).where(
            IntakeVersion.engagement_id == engagement_id(engagement),
            IntakeVersion.sha256 == form.content_sha256(),
        )
    ).first()
    return earlier is not None or not _changes(form_of(session, engagement), form)


def add_version(session: Session, engagement: Engagement, form: IntakeForm, version: int) -> None:
    """Keep the form as a version, in the caller's transaction."""
    session.add(
        IntakeVersion(
            engagement_id=engagement_id(engagement),
            version=version,
            content=form.model_dump(mode="json"),
            sha256=form.content_sha256(),
            recorded_on=business_today(engagement),
        )
    )
    session.flush()


def change_intake(code: str, form: IntakeForm, *, record: bool) -> RecordChange:
    """Compare a form with the record; with `record`, make it the next version. Nothing changed: no version.

    Raises:
        Terminal: the form names another engagement, or the plan is confirmed.
    """
    if form.code != code:
        raise Terminal(f"The form is about {form.code}, not about {code}; a code cannot be changed.")
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        if engagement.stage not in CHANGEABLE:
            raise IllegalStageChange(
                f"{code} is in stage {engagement.stage}: its plan is confirmed and governs the work, so the "
                "intake record is closed. What is agreed anew now needs an amendment of the plan."
            )
        stands = form_of(session, engagement)
        changes = _changes(stands, form)
        last = _last_version(session, key)
        if not changes:
            return RecordChange(code, max(last, 1), (), False)
        if not record:
            return RecordChange(code, max(last, 1) + 1, changes, False)
        if not last:  # recorded before there were versions
            add_version(session, engagement, stands, 1)
            last = 1
        session.exec(
            update(IntakeVersion).where(col(IntakeVersion.engagement_id) == key).values(state="superseded")
        )
        withdraw_open(session, key, "intake", str(last))
        _follow(session, engagement, form)
        add_version(session, engagement, form, last + 1)
        record_event(
            session,
            key,
            "engagement.changed",
            f"{code}:{last + 1}",
            {"fields": len(changes), "sha256": form.content_sha256()},
        )
    return RecordChange(code, last + 1, changes, True)


def intake_history(code: str) -> tuple[RecordedVersion, ...]:
    """Every version with its state and what it changed, the first one first."""
    with reading() as session:
        rows = _versions(session, engagement_id(find_engagement(session, code)))
    return tuple(
        RecordedVersion(
            row.version,
            row.state,
            row.recorded_on,
            row.sha256,
            intake_changes(rows[number - 1].content, row.content) if number else (),
        )
        for number, row in enumerate(rows)
    )


@step("Ask both sides to confirm the record")
def ask_confirmation(code: str, on: date | None = None) -> str:
    """Issue the newest version as a document and ask both sides; asking again reaches people known since.

    Returns:
        The hash of the document; empty for an engagement that was recorded before there were versions.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        rows = _versions(session, engagement_id(engagement))
    if not rows:
        return ""
    day, newest = on or business_today(engagement), rows[-1]
    changes = intake_changes(rows[-2].content, newest.content) if len(rows) > 1 else ()
    pack = intake_pack(
        engagement,
        form=IntakeForm.model_validate(newest.content),
        version=newest.version,
        changes=changes,
        usual_remuneration=load_catalogue().prices.remuneration_share,
        on=newest.recorded_on,
    )
    issued = issue_loose_pack(newest.engagement_id, "intake", f"v{newest.version}", pack, day)
    question = (
        f"是否确认托管意向记录第{newest.version}版？"
        if engagement.language == "zh"
        else f"Do you confirm version {newest.version} of the intake record?"
    )
    with writing() as session:
        # Once decided or no longer the newest, nobody is asked: the state is read in the asking transaction.
        row = session.get(IntakeVersion, newest.id)
        if row is not None and row.state == "proposed":
            ask_decision(
                session,
                find_engagement(session, code),
                "intake",
                str(newest.version),
                BOTH_SIDES,
                issued.sha256,
                question,
                day,
                issued.files,
            )
    return issued.sha256


def _changes(old: IntakeForm, new: IntakeForm) -> tuple[FieldChange, ...]:
    if old == new:  # 4200 and 4200.0 square metres are the same
        return ()
    return intake_changes(old.model_dump(mode="json"), new.model_dump(mode="json"))


def _follow(session: Session, engagement: Engagement, form: IntakeForm) -> None:
    """Make the engagement's rows say what the form says; a demand keeps its row."""
    for name, value in form.model_dump(exclude={"demands", "working_calendar", "code"}).items():
        setattr(engagement, name, value)
    engagement.working_calendar = form.working_calendar.model_dump(mode="json")
    session.add(engagement)
    reckon_due_anew(session, engagement)  # holidays and zone count in the desk's promises
    key = engagement_id(engagement)
    wanted = {demand.ref: demand for demand in form.demands}
    for row in session.exec(select(Demand).where(Demand.engagement_id == key)).all():
        demand = wanted.pop(row.ref, None)
        if demand is None:
            session.delete(row)
        else:
            row.text, row.priority, row.measure = demand.text, demand.priority, demand.measure
            session.add(row)
    for demand in wanted.values():
        session.add(Demand(engagement_id=key, **demand.model_dump()))


def _versions(session: Session, key: int) -> list[IntakeVersion]:
    return list(
        session.exec(
            select(IntakeVersion)
            .where(IntakeVersion.engagement_id == key)
            .order_by(col(IntakeVersion.version))
        ).all()
    )


def _last_version(session: Session, key: int) -> int:
    rows = _versions(session, key)
    return rows[-1].version if rows else 0
