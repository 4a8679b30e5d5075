"""Is no wear part replaced before the client allows it, and is a refusal kept with its reason? (B2)"""

from datetime import date, timedelta

import pytest
from sqlmodel import col, select, update

from models.db import reading, writing
from models.errors import DecisionNotOpen
from models.outbox import OutboxMail
from models.rules.cycles import CycleKind
from models.rules.plan_figures import months_after
from models.service_plan import PlannedPart
from models.work import PartForecast, WorkOrder
from tasks.cycles import finish_cycle
from tasks.decisions import OpenDecision, open_decisions, take_decision
from tasks.engagements import find_engagement
from tasks.part_approvals import listed_parts
from tasks.wear_parts import report_wear_parts, settle_replaced_parts
from tasks.work_entries import WorkEntry, record_work
from tests import factories


def first_due() -> date:
    with reading() as session:
        days = session.exec(select(PlannedPart.due_on).where(col(PlannedPart.due_on).is_not(None))).all()
    return min(day for day in days if day is not None)


@pytest.fixture
def asked(in_service: str) -> tuple[str, str, int]:
    """Code, period of the question, and how many parts it is about."""
    due = first_due()
    cycle = factories.claim(in_service, CycleKind.MONTH_CLOSE, f"{due:%Y-%m}", due - timedelta(days=20))
    parts = report_wear_parts.fn(cycle)
    assert report_wear_parts.fn(cycle) == 0, "nothing is reported twice"
    finish_cycle.fn(cycle)
    return in_service, cycle.period, parts


def question(code: str) -> OpenDecision:
    (one,) = [one for one in open_decisions(code) if one.subject == "parts"]
    return one


def orders() -> list[WorkOrder]:
    with reading() as session:
        return list(session.exec(select(WorkOrder).where(col(WorkOrder.series).startswith("part:"))).all())


def decide(code: str, verdict: str, on: date, remark: str = "") -> bool:
    one = question(code)
    return take_decision(
        code,
        "parts",
        one.reference,
        "client",
        verdict,
        declared_by="client-1",
        authenticated_by="scenario",
        document_sha256=one.document_sha256,
        on=on,
        remark=remark,
    )


def test_the_client_is_asked_once_and_nothing_is_ordered_before_the_answer(
    asked: tuple[str, str, int],
) -> None:
    code, period, parts = asked
    assert parts > 0
    assert question(code).reference == period
    assert orders() == []
    rows = listed_parts(code)
    assert len(rows) == parts
    assert all(row["state"] == "reported" and f"answers parts {period}" in row["note"] for row in rows)
    with reading() as session:
        mails = session.exec(select(OutboxMail).where(OutboxMail.kind == "decision-parts")).all()
    assert len({mail.person_ref for mail in mails}) == len(mails) > 0
    assert {str(a["file_name"]).rpartition(".")[2] for a in mails[0].attachments} == {"pdf", "xlsx"}


def test_what_is_allowed_is_ordered_before_its_limit_and_settled_when_done(
    asked: tuple[str, str, int],
) -> None:
    code, _period, parts = asked
    today = first_due() - timedelta(days=1)  # a late answer leaves a day
    assert decide(code, "accepted", today) is True
    placed = orders()
    assert len(placed) == parts
    limits = {(row["asset"], f"part:{row['part']}"): row["replace_by"] for row in listed_parts(code)}
    for order in placed:
        assert order.due_on <= limits[(order.target_code, order.series)]
    one = placed[0]
    on = max(one.released_on, one.due_on)
    assert record_work(code, [WorkEntry(one.id or 0, on, "custodian-1")], on) == 1
    with writing() as session:
        key = find_engagement(session, code).id or 0
        assert settle_replaced_parts(session, key) == 1
    states = {(row["asset"], f"part:{row['part']}"): row["state"] for row in listed_parts(code)}
    assert states.pop((one.target_code, one.series)) == "replaced"
    assert set(states.values()) <= {"approved"}


def test_a_refusal_needs_its_reason_and_orders_nothing(asked: tuple[str, str, int]) -> None:
    code, period, parts = asked
    on = first_due() - timedelta(days=10)
    with pytest.raises(DecisionNotOpen, match="without a reason"):
        decide(code, "rejected", on, "  ")
    said = "Too dear; ask Mr Li, 13812345678, for another offer"
    assert decide(code, "rejected", on, said) is True
    assert orders() == []
    rows = listed_parts(code)
    assert {row["state"] for row in rows} == {"refused"}
    assert all(row["note"].startswith("Too dear") and "13812345678" not in row["note"] for row in rows)
    # The next month's round does not ask again about what was refused.
    following = f"{first_due() + timedelta(days=31):%Y-%m}"
    cycle = factories.claim(code, CycleKind.MONTH_CLOSE, following, first_due() + timedelta(days=11))
    report_wear_parts.fn(cycle)
    with reading() as session:
        again = session.exec(select(PartForecast).where(PartForecast.question == following)).all()
        refused = session.exec(select(PartForecast).where(PartForecast.question == period)).all()
    known = {(part.asset_tag, part.part, part.replace_by) for part in refused}
    assert len(known) == parts
    assert known.isdisjoint((part.asset_tag, part.part, part.replace_by) for part in again)


def test_a_replaced_part_is_reported_again_before_its_next_life_ends(asked: tuple[str, str, int]) -> None:
    """A filter lives shorter than the term: reckoned from the plan alone, it would be replaced once."""
    code, _period, _parts = asked
    with writing() as session:
        session.exec(update(PlannedPart).values(life_months=1))
    decide(code, "accepted", first_due() - timedelta(days=15))
    order = min(orders(), key=lambda order: (order.due_on, order.id))
    record_work(code, [WorkEntry(order.id or 0, order.due_on, "staff-1")], order.due_on)
    report_wear_parts.fn(factories.claim(code, CycleKind.MONTH_CLOSE, "2027-12", date(2027, 12, 1)))
    with reading() as session:
        limits = session.exec(
            select(PartForecast.replace_by)
            .where(
                PartForecast.asset_tag == order.target_code,
                PartForecast.part == order.series.removeprefix("part:"),
            )
            .order_by(col(PartForecast.replace_by))
        ).all()
    assert limits == [first_due(), months_after(order.due_on, 1)]
