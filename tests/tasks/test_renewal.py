"""Does a new term have what stays true of the building, and nothing of the old term's? (C4)"""

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func
from sqlmodel import SQLModel, select

from models import faults
from models.audit import AuditEvent
from models.db import reading, writing
from models.diligence import DocumentItem, MaintenanceHistory
from models.engagement import Renewal
from models.errors import Terminal
from models.evaluation import FollowUpTask
from models.outbox import OutboxMail
from models.people import Person
from models.register import Asset
from models.review import ImprovementAction
from models.rules.cycles import CycleKind
from models.rules.spare_stock import Movement
from models.survey import SurveyWave
from models.work import WorkOrder
from tasks.condition_survey import condition_grades, record_condition_survey
from tasks.cycles import cycle_facts
from tasks.decisions import open_decisions
from tasks.engagements import engagement_id, find_engagement, set_simulated_date, with_earlier_terms
from tasks.follow_ups import complete_follow_up, listed_follow_ups, open_follow_ups
from tasks.improvements import open_action
from tasks.people_rights import erase_person
from tasks.renewal import renew_engagement, renewed_into
from tasks.spare_stock import NewMovement, keep_part, listed_stock, move_stock
from tasks.survey_figures import wave_before
from tests import factories

NEW = "TG-2028"
FIRST, LAST = date(2028, 1, 1), date(2028, 12, 31)


@pytest.fixture
def ending(in_service: str) -> str:
    """A repair was done, an action is open, parts are on the shelf, and somebody was erased."""
    with writing() as session:
        engagement = find_engagement(session, in_service)
        key = engagement_id(engagement)
        done: dict[str, Any] = {
            "engagement_id": key,
            "series": "finding:X:2027-02-01",
            "clause": "B2",
            "subject": "repair",
            "title": "Door of the lift mended",
            "target_kind": "asset",
            "target_code": "LIFT-1",
            "ordinal": 1,
            "due_on": date(2027, 2, 1),
            "latest_on": date(2027, 2, 8),
            "released_on": date(2027, 2, 1),
            "state": "done",
            "done_on": date(2027, 2, 3),
        }
        session.add(WorkOrder(**done))
        open_action(
            session,
            engagement,
            ref="meeting:2027-Q3:1",
            text="Better light in the car park",
            post_code="manager",
            on=date(2027, 9, 1),
            target=None,
        )
    keep_part(in_service, "rope", "Hoist rope", "m", 30, Decimal(5))
    move_stock(in_service, "rope", NewMovement(Movement.RECEIPT, Decimal(20), "DN-1", on=date(2027, 1, 1)))
    erase_person(in_service, "unit-012")
    set_simulated_date(in_service, date(2027, 11, 20))
    return in_service


def _rows() -> dict[str, int]:
    with reading() as session:
        return {
            table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in SQLModel.metadata.sorted_tables
        }


def test_a_dry_run_tells_what_would_be_carried_and_writes_nothing(ending: str) -> None:
    before = _rows()
    found = renew_engagement(ending, NEW, FIRST, LAST, dry_run=True)
    assert found.carried["assets"] == 7
    assert not found.entry_survey
    assert _rows() == before


def test_the_new_term_has_the_building_its_people_and_what_is_open(ending: str) -> None:
    record_condition_survey(ending, "exit", [factories.finding(intensity=1, extent=1)], date(2027, 11, 19))
    found = renew_engagement(ending, NEW, FIRST, LAST)
    assert found.entry_survey
    assert condition_grades(NEW, "entry") == condition_grades(ending, "exit")
    with reading() as session:
        old, new = find_engagement(session, ending), find_engagement(session, NEW)
        key = engagement_id(new)
        tags = Counter(session.exec(select(Asset.tag)).all())
        assert set(tags.values()) == {2}
        assert (new.stage, new.term_start, new.term_end) == ("due_diligence", FIRST, LAST)
        assert renewed_into(session, engagement_id(old)) == (NEW, FIRST, LAST)
        assert with_earlier_terms(session, key) == [key, engagement_id(old)]
        (history,) = session.exec(
            select(MaintenanceHistory).where(MaintenanceHistory.engagement_id == key)
        ).all()
        assert (history.asset_tag, history.kind, history.done_on) == (
            "LIFT-1",
            "corrective",
            date(2027, 2, 3),
        )
        (action,) = session.exec(
            select(ImprovementAction).where(ImprovementAction.engagement_id == key)
        ).all()
        assert (action.ref, action.text) == (
            f"renewal:{ending}:action meeting:2027-Q3:1",
            "Better light in the car park",
        )
        people = set(session.exec(select(Person.ref).where(Person.engagement_id == key)).all())
        assert "unit-001" in people
        assert "unit-012" not in people, "who was erased stays so"
        box = session.exec(
            select(DocumentItem).where(DocumentItem.engagement_id == key, DocumentItem.ref == "register-2")
        ).one()
        assert (box.state, box.evidence) == ("received", "box 1")
    assert [(row["part"], row["level"]) for row in listed_stock(NEW)] == [("rope", "20")]
    assert CycleKind.DUE_DILIGENCE in {kind for kind in _due(NEW)}, (
        "its plan is computed from what was carried"
    )


def test_a_wave_is_compared_with_the_last_of_the_term_before(ending: str) -> None:
    renew_engagement(ending, NEW, FIRST, LAST)
    with writing() as session:
        waves = [
            SurveyWave(
                engagement_id=engagement_id(find_engagement(session, code)),
                period=period,
                purpose="overall",
                opened_on=opened_on,
                closes_on=opened_on,
                closed_on=opened_on,
                frame_count=12,
                invited_count=12,
            )
            for code, period, opened_on in (
                (ending, "2027-Q4", date(2027, 12, 17)),
                (NEW, "2028-Q1", date(2028, 3, 17)),
            )
        ]
        session.add_all(waves)
        session.flush()
        before = wave_before(session, waves[1])
        assert before is not None
        assert before.id == waves[0].id
        assert wave_before(session, waves[0]) is None


def test_nothing_of_the_old_terms_money_contracts_or_answers_is_carried(ending: str) -> None:
    renew_engagement(ending, NEW, FIRST, LAST)
    with reading() as session:
        key = engagement_id(find_engagement(session, NEW))
        for name in (
            "contract",
            "serviceplan",
            "ledgerentry",
            "statement",
            "staffmember",
            "workorder",
            "surveywave",
        ):
            table = SQLModel.metadata.tables[name]
            query = select(func.count()).select_from(table).where(table.c.engagement_id == key)
            assert session.execute(query).scalar_one() == 0, name


def test_doing_it_twice_changes_nothing_and_writes_no_second_mail(ending: str) -> None:
    renew_engagement(ending, NEW, FIRST, LAST)
    before = _rows()
    with reading() as session:
        mails = session.exec(select(OutboxMail.dedup_key)).all()
        events = session.exec(select(AuditEvent.tag)).all()
    assert renew_engagement(ending, NEW, FIRST, LAST).carried == {}
    assert _rows() == before
    with reading() as session:
        assert session.exec(select(OutboxMail.dedup_key)).all() == mails
        assert session.exec(select(AuditEvent.tag)).all() == events
    record_condition_survey(ending, "exit", [factories.finding(intensity=1, extent=1)], date(2027, 11, 20))
    assert renew_engagement(ending, NEW, FIRST, LAST).entry_survey, "what came since is added"
    with reading() as session:
        assert session.exec(select(Renewal)).one().counts["entry findings"] == 1


def test_a_renewal_broken_off_after_each_commit_in_turn_ends_as_one_that_was_not(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = renew_engagement(ending, NEW, FIRST, LAST, dry_run=True).carried
    marker = tmp_path / "marker"
    marker.touch()
    monkeypatch.setenv(faults.MARKER, str(marker))
    broken = 0
    while True:
        monkeypatch.setattr(faults, "_seen", {})
        monkeypatch.setenv(faults.SWITCH, f"db.after_commit:{broken + 1}:raise")
        try:
            renew_engagement(ending, NEW, FIRST, LAST)
            break
        except faults.InjectedFault:
            broken += 1
    assert broken >= 3
    with reading() as session:
        assert session.exec(select(Renewal)).one().counts == whole
        mails = session.exec(select(OutboxMail.dedup_key)).all()
        assert len(mails) == len(set(mails))
        asked = [(one.subject, one.party) for one in open_decisions(NEW)]
    assert asked == [("intake", "client"), ("intake", "custodian")]


def test_what_follows_a_renewal_is_ticked_off_by_the_engagement_of_the_next_term(ending: str) -> None:
    with writing() as session:
        wishes = dict.fromkeys(("client", "custodian"), "renew")
        open_follow_ups(session, find_engagement(session, ending), wishes, date(2027, 11, 19))
    assert complete_follow_up(ending, "new_plan", "custodian-1"), "the next term may be kept elsewhere"
    with writing() as session:
        for task in session.exec(select(FollowUpTask)):
            task.done_on = None
    record_condition_survey(ending, "exit", [factories.finding(intensity=1, extent=1)], date(2027, 11, 19))
    renew_engagement(ending, NEW, FIRST, LAST)
    with pytest.raises(Terminal, match="the plan of the engagement that follows"):
        complete_follow_up(ending, "new_plan", "custodian-1")
    assert _done(ending) == {"exit_survey": "2027-11-19"}
    factories.propose_plan(NEW)
    drawn_up = str(factories.SURVEYED_ON)
    assert _done(ending) == {"exit_survey": "2027-11-19", "new_plan": drawn_up}
    factories.answer(NEW, "plan", parties=["client"], on=date(2027, 12, 1))
    assert "plan_confirmed" not in _done(ending), "one side alone confirms nothing"
    factories.answer(NEW, "plan", on=date(2027, 12, 2))
    factories.offer(NEW)
    factories.answer(NEW, "contract", on=date(2027, 12, 5))
    assert _done(ending) == {
        "exit_survey": "2027-11-19",
        "new_plan": drawn_up,
        "plan_confirmed": "2027-12-02",
        "new_contract": "2027-12-05",
    }


def test_a_renewal_that_cannot_be_is_refused_in_a_sentence(ending: str) -> None:
    for first, last, said in (
        (date(2027, 12, 1), LAST, "before that of"),
        (FIRST, date(2027, 12, 1), "cannot be recorded: term_end"),
    ):
        with pytest.raises(Terminal, match=said):
            renew_engagement(ending, NEW, first, last)
    with pytest.raises(Terminal, match="cannot be recorded: code"):
        renew_engagement(ending, "tg 2028", FIRST, LAST)
    renew_engagement(ending, NEW, FIRST, LAST)
    with pytest.raises(Terminal, match=f"renewed into {NEW} already"):
        renew_engagement(ending, "TG-2029", FIRST, LAST)
    with pytest.raises(Terminal, match="only a term in service"):
        renew_engagement(NEW, "TG-2030", date(2029, 1, 1), date(2029, 12, 31))


def _done(code: str) -> dict[str, str]:
    return {row["task"]: row["done"] for row in listed_follow_ups(code) if row["known_by"] == "record"}


def _due(code: str) -> set[CycleKind]:
    from models.rules.cycles import due_cycles

    with reading() as session:
        engagement = find_engagement(session, code)
        facts = cycle_facts(session, engagement)
    return {cycle.kind for cycle in due_cycles(facts, date(2027, 11, 20))}
