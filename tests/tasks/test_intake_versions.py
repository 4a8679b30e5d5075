"""Do changes of the record become versions that both sides see and confirm, until the plan is confirmed? (A1)"""

from decimal import Decimal

import pytest
from sqlmodel import select

from models.db import reading
from models.engagement import Demand, Engagement
from models.errors import IllegalStageChange
from models.intake import DemandForm
from models.outbox import OutboxMail
from reports.intake_pack import intake_pack
from tasks.decisions import open_decisions
from tasks.intake import record_intake
from tasks.intake_versions import ask_confirmation, change_intake, intake_history, recorded_form
from tasks.planning import plan_inputs
from tests import factories

CHANGED = {
    "scope": "Grounds only",
    "demands": [DemandForm(ref="D2", text="Clean halls", priority=2, measure="pass rate")],
}


def test_both_sides_are_asked_once_on_the_bytes_of_the_document(database: str) -> None:
    code = factories.create_engagement()
    document = ask_confirmation.fn(code)
    assert ask_confirmation.fn(code) == document
    asked = open_decisions(code)
    assert [(one.subject, one.reference, one.party) for one in asked] == [
        ("intake", "1", "client"),
        ("intake", "1", "custodian"),
    ]
    assert {one.document_sha256 for one in asked} == {document}
    with reading() as session:
        mails = session.exec(select(OutboxMail).where(OutboxMail.kind == "decision-intake")).all()
    assert [len(mail.attachments) for mail in mails] == [2, 2], "PDF and workbook for each side"
    assert factories.answer(code, "intake") == 2
    assert intake_history(code)[0].state == "confirmed"
    ask_confirmation.fn(code)
    assert open_decisions(code) == []


def test_a_change_is_shown_first_then_recorded_once(database: str) -> None:
    code = factories.create_engagement()
    ask_confirmation.fn(code)
    form = factories.intake_form(**CHANGED)
    shown = change_intake(code, form, record=False)
    assert {change.field: (change.old[:10], change.new[:11]) for change in shown.changes} == {
        "scope": ("Common par", "Grounds onl"),
        "demands.D1": ("Safe lifts", ""),
        "demands.D2": ("", "Clean halls"),
    }
    assert len(intake_history(code)) == 1
    assert change_intake(code, form, record=True).version == 2
    assert change_intake(code, form, record=True).changes == ()
    assert [(one.version, one.state) for one in intake_history(code)] == [(1, "superseded"), (2, "proposed")]
    assert open_decisions(code) == [], "nobody is asked about the old version any longer"
    ask_confirmation.fn(code)
    assert {one.reference for one in open_decisions(code)} == {"2"}
    with reading() as session:
        assert session.exec(select(Engagement.scope)).one() == "Grounds only"
        assert session.exec(select(Demand.ref)).all() == ["D2"]
    assert recorded_form(code) == form
    record_intake.fn(factories.intake_form(), factories.FIRST_CONTACT)  # a retried run of first contact
    assert recorded_form(code) == form


def test_the_agreed_remuneration_is_a_change_both_sides_see_and_the_plan_uses(database: str) -> None:
    code = factories.create_engagement(fee_model="cost_plus_fee")
    form = factories.intake_form(fee_model="cost_plus_fee", remuneration_share=Decimal("0.125"))
    change = change_intake(code, form, record=True).changes[0]
    assert (change.field, change.old, change.new) == ("remuneration_share", "", "0.125")
    assert intake_history(code)[1].changes == (change,)
    with reading() as session:
        engagement = session.exec(select(Engagement)).one()
        assert plan_inputs(session, engagement).remuneration_share == Decimal("0.125")
        packs = [
            intake_pack(
                engagement,
                form=record,
                version=2,
                changes=(change,),
                usual_remuneration=Decimal("0.08"),
                on=factories.FIRST_CONTACT,
            )
            for record in (form, form.model_copy(update={"remuneration_share": None}))
        ]
    rows = [
        row for pack in packs for section in pack.sections for table in section.tables for row in table.rows
    ]
    assert [row[1:] for row in rows if row[0] == "Remuneration"] == [
        ("—", "12.5% of cost"),
        ("12.5% of cost",),
        ("—", "12.5% of cost"),
        ("8% of cost: none was named, the catalogue's applies",),
    ]


def test_a_rejected_version_is_returned_and_the_next_one_asked(database: str) -> None:
    code = factories.create_engagement()
    ask_confirmation.fn(code)
    factories.answer(code, "intake", "rejected", parties=("client",))
    assert intake_history(code)[0].state == "returned"
    assert open_decisions(code) == []


def test_after_the_plan_is_confirmed_an_amendment_is_the_way(in_service: str) -> None:
    with pytest.raises(IllegalStageChange, match="amendment of the plan"):
        change_intake(in_service, factories.intake_form(in_service, **CHANGED), record=True)
    assert len(intake_history(in_service)) == 1
