"""What was agreed at first contact? Records the engagement, its demands and its people (A1, A3)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlmodel import Session, select

from models.audit import record_event
from models.db import writing
from models.diligence import MaintenanceHistory
from models.engagement import Demand, Engagement
from models.errors import Terminal
from models.intake import IntakeForm, PersonForm
from models.people import Person
from models.rules.stages import Stage
from models.upsert import insert_if_absent
from tasks.engagements import change_stage, engagement_id, find_engagement
from tasks.history import asset_names
from tasks.intake_versions import add_version, is_recorded
from tasks.outbox import Letter, people_with_role, queue_letters
from tasks.steps import step


@step("Record the engagement as agreed")
def record_intake(form: IntakeForm, as_of: date | None = None) -> str:
    """Record an engagement; the same form again changes nothing, a different one is refused.

    Args:
        form: what was agreed.
        as_of: the date a demonstration starts on; None for a real engagement.

    Returns:
        The engagement's code.

    Raises:
        Terminal: the code is taken by an engagement with other content.
    """
    with writing() as session:
        found = session.exec(select(Engagement).where(Engagement.code == form.code)).one_or_none()
        if found is not None:
            if is_recorded(session, found, form):
                return form.code
            raise Terminal(
                f"The code {form.code} belongs to another engagement ({found.property_name}) or its record "
                "says otherwise. Choose another code, or change the record: "
                f"`steward engagement change {form.code} --form FILE`."
            )
        agreed = form.model_dump(exclude={"demands", "working_calendar"})
        engagement = Engagement(
            **agreed, working_calendar=form.working_calendar.model_dump(mode="json"), simulated_on=as_of
        )
        session.add(engagement)
        session.flush()
        key = engagement_id(engagement)
        for demand in form.demands:
            session.add(Demand(engagement_id=key, **demand.model_dump()))
        add_version(session, engagement, form, 1)
        record_event(
            session,
            key,
            "engagement.recorded",
            form.code,
            {"term": f"{form.term_start}/{form.term_end}", "demands": len(form.demands)},
        )
    return form.code


def record_people(code: str, people: Sequence[PersonForm]) -> int:
    """Record people of the engagement; a reference recorded before is left as it is.

    People can be recorded only once the engagement is, so until the plan is put to both sides a client or
    custodian gets the agreed record with the recording (clause A1).

    Returns:
        How many were new.
    """
    with writing() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        new = insert_if_absent(
            session, Person, [{"engagement_id": key, **person.model_dump()} for person in people]
        )
        if new:
            record_event(session, key, "people.recorded", code, {"count": new})
            if engagement.stage in (Stage.INTAKE, Stage.DUE_DILIGENCE):
                _queue_intake_sheet(session, engagement, engagement.simulated_on)
        return new


def record_history(code: str, entries: Sequence[tuple[str, date, str, str, Decimal | None]]) -> int:
    """Record past maintenance: (asset tag, date, kind, text, cost); returns how many were new.

    An asset may be named by its tag number, as on its plate, where that is not another asset's tag.
    """
    with writing() as session:
        key = engagement_id(find_engagement(session, code))
        named = asset_names(session, key)
        names = ("done_on", "kind", "text", "cost")
        rows = [
            {
                "engagement_id": key,
                "asset_tag": named.get(tag, tag),
                **dict(zip(names, entry, strict=True)),
            }
            for tag, *entry in entries
        ]
        new = insert_if_absent(session, MaintenanceHistory, rows)
        if new:
            record_event(session, key, "history.recorded", code, {"count": new})
        return new


@step("Send both sides the agreed record")
def send_intake_sheet(code: str, on: date | None) -> int:
    """Send client and custodian the same record, and begin due diligence."""
    with writing() as session:
        engagement = find_engagement(session, code)
        queued = _queue_intake_sheet(session, engagement, on or engagement.simulated_on)
        if engagement.stage == "intake":
            change_stage(session, engagement, "begin_due_diligence")
        return queued


def _queue_intake_sheet(session: Session, engagement: Engagement, on: date | None) -> int:
    key = engagement_id(engagement)
    demands = session.exec(select(Demand).where(Demand.engagement_id == key).order_by(Demand.ref)).all()
    return queue_letters(
        session,
        engagement,
        people_with_role(session, engagement, "client", "custodian"),
        _intake_letter(engagement, demands),
        on or engagement.created_at.date(),
    )


def _intake_letter(engagement: Engagement, demands: Sequence[Demand]) -> Letter:
    zh = engagement.language == "zh"
    facts = (
        ("托管范围" if zh else "Scope", engagement.scope),
        ("托管期限" if zh else "Term", f"{engagement.term_start} – {engagement.term_end}"),
        ("服务标准" if zh else "Service standard", engagement.service_standard),
        *(
            (f"{'核心诉求' if zh else 'Demand'} {demand.ref}", f"{demand.text} ({demand.measure})")
            for demand in demands
        ),
    )
    return Letter(
        kind="intake",
        period="once",
        title=f"{engagement.property_name}：托管意向记录"
        if zh
        else f"{engagement.property_name}: intake record",
        paragraphs=(
            (
                "以下为双方初步接洽达成的一致记录，双方持有同一份内容。如有出入，请在现状勘查前告知。"
                if zh
                else "This is the record of what was agreed at first contact; both sides hold the same text. "
                "Please tell us before the condition survey if anything is not as you understood it."
            ),
        ),
        facts=facts,
    )
