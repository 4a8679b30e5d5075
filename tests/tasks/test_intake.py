"""Is an engagement recorded once, as agreed, and do both sides get the same record? (A1)"""

import re
from datetime import date

import pytest
from pydantic import ValidationError
from sqlmodel import select

from models.db import reading, writing
from models.diligence import MaintenanceHistory
from models.engagement import Demand, Engagement
from models.errors import Terminal, UnknownEngagement
from models.intake import IntakeForm
from models.outbox import OutboxMail
from models.people import Person
from models.register import Asset
from tasks.engagements import engagement_codes, engagement_id, find_engagement, set_simulated_date
from tasks.intake import record_history, record_intake, record_people, send_intake_sheet
from tests import factories


def test_recording_the_same_form_again_changes_nothing(database: str) -> None:
    for _ in range(2):
        factories.create_engagement()
    with reading() as session:
        assert len(session.exec(select(Engagement)).all()) == 1
        assert len(session.exec(select(Demand)).all()) == 1
        assert len(session.exec(select(Person)).all()) == 2 + factories.RESIDENTS
        assert len(session.exec(select(OutboxMail)).all()) == 2


def test_another_property_under_a_code_that_is_taken_is_refused(database: str) -> None:
    factories.create_engagement()
    with pytest.raises(Terminal, match=r"belongs to another engagement.*Test Garden"):
        record_intake.fn(factories.intake_form(scope="something else"))
    with reading() as session:
        assert find_engagement(session, factories.CODE).scope == "Common parts, systems and grounds"


def test_both_sides_get_the_same_record_and_due_diligence_begins(database: str) -> None:
    code = factories.create_engagement()
    with reading() as session:
        mails = session.exec(select(OutboxMail).order_by(OutboxMail.person_ref)).all()
        assert find_engagement(session, code).stage == "due_diligence"
    assert [mail.person_ref for mail in mails] == ["client-1", "custodian-1"]
    assert mails[0].body == mails[1].body
    assert ["Scope", "Common parts, systems and grounds"] in mails[0].body["facts"]
    assert any("Safe lifts" in value for _label, value in mails[0].body["facts"])
    assert send_intake_sheet.fn(code, factories.FIRST_CONTACT) == 0, "the same record is not sent twice"


def test_a_person_recorded_before_is_left_as_recorded(database: str) -> None:
    code = factories.create_engagement()
    again = [person.model_copy(update={"name": "Somebody Else"}) for person in factories.people()]
    assert record_people(code, again) == 0
    with reading() as session:
        names = session.exec(select(Person.name).where(Person.ref == "client-1")).all()
    assert list(names) == ["Alex Client"]


def test_an_unknown_engagement_is_named_together_with_the_known_ones(database: str) -> None:
    with reading() as session, pytest.raises(UnknownEngagement, match="Known: none yet"):
        find_engagement(session, "NOPE")
    factories.create_engagement("AAA")
    factories.create_engagement("BBB")
    assert engagement_codes() == ["AAA", "BBB"]
    with reading() as session, pytest.raises(UnknownEngagement, match=r"'NOPE'. Known: AAA, BBB"):
        find_engagement(session, "NOPE")


def test_a_demonstrations_date_never_goes_back(database: str) -> None:
    code = factories.create_engagement()
    set_simulated_date(code, date(2027, 3, 1))
    set_simulated_date(code, date(2027, 2, 1))
    with reading() as session:
        assert find_engagement(session, code).simulated_on == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"term_end": date(2026, 12, 31)}, "term"),
        ({"term_end": date(2127, 12, 31)}, "longer than 30 years"),
        (
            {"term_end": date(2026, 12, 31), "demands": [factories.DEMAND, factories.DEMAND]},
            r"(?s)the term ends .*two demands have the same reference: D1",
        ),
        ({"timezone": "Mars/Olympus"}, "time zone"),
        ({"code": "with space"}, "code"),
        ({"floor_area": -1}, "floor_area"),
        ({"person_name": "Alex"}, "person_name"),
    ],
)
def test_a_form_that_cannot_be_right_names_what_is_wrong(changes: dict[str, object], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        factories.intake_form(**changes)  # type: ignore[arg-type]


def test_past_maintenance_may_name_an_asset_by_the_number_on_its_plate(database: str) -> None:
    factories.create_engagement()
    with writing() as session:
        key = engagement_id(find_engagement(session, factories.CODE))
        for tag, number in (("Lift 1", "LF-01"), ("Pump 1", "Lift 1")):
            session.add(
                Asset(
                    engagement_id=key,
                    tag=tag,
                    name=tag,
                    tag_number=number,
                    type_name="any",
                    element_class="lifts",
                    place_code="",
                )
            )
    entries = [
        ("LF-01", date(2026, 3, 1), "preventive", "serviced", None),
        ("Lift 1", date(2026, 4, 1), "preventive", "serviced", None),
        ("unknown", date(2026, 5, 1), "preventive", "serviced", None),
    ]
    assert record_history(factories.CODE, entries) == 3
    assert record_history(factories.CODE, entries) == 0
    with reading() as session:
        found = session.exec(select(MaintenanceHistory).order_by(MaintenanceHistory.done_on)).all()  # type: ignore[arg-type]
        assert [row.asset_tag for row in found] == ["Lift 1", "Lift 1", "unknown"]


def test_every_field_of_the_form_is_explained_in_both_languages() -> None:
    """The UI shows one form to readers of either."""
    schema = IntakeForm.model_json_schema()
    forms = [schema, *(schema["$defs"][name] for name in ("DemandForm", "WorkingCalendarForm"))]
    for form in forms:
        for name, field in form["properties"].items():
            english, _, chinese = field.get("description", "").partition(" · ")
            assert english.isascii(), name
            assert english, name
            assert re.search("[\u4e00-\u9fff]", chinese), name
            for choice in field.get("enum", ()):
                assert field["type"] != "string" or name == "currency" or f"{choice} " in chinese, name
