"""Can a run be followed in the Prefect UI: tasks, logs, tables, links to packs? (E1, E2)"""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from prefect.client.orchestration import get_client
from sqlmodel import select

from flows.documents import remind_missing_documents
from flows.operate import close_month, open_month
from flows.prepare import commence_service, conduct_due_diligence
from flows.respond import respond_to_emergency, stand_down_emergency, take_service_request
from flows.survey import close_survey, open_survey
from flows.take_in import import_asset_register, take_in_engagement
from models.db import reading
from models.emergency import Incident
from models.engagement import Cycle
from models.errors import Terminal
from models.outbox import OutboxMail
from models.register import Asset
from models.service_desk import ServiceRequest
from models.survey_codes import survey_code
from models.work import WorkOrder
from tasks.engagements import set_simulated_date
from tasks.plan_edits import import_plan
from tasks.surveys import AnswerSheet, record_answers, wave_items
from tests import factories
from tests.flows.runs import artifacts, eventually, log_text, run, run_id, task_names
from tests.tasks.test_plan_edits import commitment, edited_workbook, without
from tests.tasks.test_plan_edits import states as plan_states

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]


def test_first_contact_is_recorded_by_a_run_that_names_the_engagement(sqlite_database: Path) -> None:
    state = run(take_in_engagement, factories.intake_form(), factories.FIRST_CONTACT)
    assert state.is_completed()
    with get_client(sync_client=True) as client:
        assert client.read_flow_run(run_id(state)).name == factories.CODE
    wanted = {
        "Record the engagement as agreed",
        "Send both sides the agreed record",
        "Ask both sides to confirm the record",
        "Open the gates for the decision",
    }
    assert set(eventually(lambda: task_names(state), lambda names: wanted <= set(names))) == wanted
    assert "TG-2027 recorded" in eventually(lambda: log_text(state), lambda text: "recorded" in text)


def test_an_imported_register_is_shown_with_its_rows_and_doubts(
    sqlite_database: Path, tmp_path: Path
) -> None:
    code = factories.create_engagement()
    rows = (*factories.REGISTER["Component"], ("GHOST", "No such type", "1F-LOBBY", "", "", ""))
    file = factories.write_register(tmp_path / "register.xlsx", Component=rows)
    state = run(import_asset_register, code, str(file))
    assert state.is_completed()
    assert artifacts(state) == {"register-tg-2027": "table", "register-tg-2027-doubts": "table"}
    with reading() as session:
        assert len(session.exec(select(Asset)).all()) == 7


def test_missing_papers_are_asked_for_once_however_often_the_run_is_started(
    sqlite_database: Path, tmp_path: Path
) -> None:
    code = factories.create_engagement()
    file = factories.write_register(tmp_path / "register.xlsx")
    run(import_asset_register, code, str(file))

    def asked() -> int:
        with reading() as session:
            kind = OutboxMail.kind == "documents-missing"
            return len(session.exec(select(OutboxMail).where(kind)).all())

    later = factories.FIRST_CONTACT + timedelta(days=400)
    first = run(remind_missing_documents, code, later)
    assert first.is_completed()
    assert artifacts(first) == {"documents-missing": "table"}
    sides = asked()
    assert sides == 2
    run(remind_missing_documents, code, later)
    run(remind_missing_documents)  # of its own accord a demonstration is left alone
    assert asked() == sides


def test_a_register_that_cannot_be_taken_fails_the_run_with_a_sentence(
    sqlite_database: Path, tmp_path: Path
) -> None:
    code = factories.create_engagement()
    file = tmp_path / "photo.xlsx"
    file.write_bytes(b"no workbook")
    state = run(import_asset_register, code, str(file))
    assert state.is_failed()
    assert "photo.xlsx" in str(state.message)
    text = eventually(lambda: log_text(state), lambda text: "photo.xlsx" in text)
    assert "Retrying" not in text, "trying again would change nothing, so it is not tried"


def test_due_diligence_shows_the_survey_report_and_the_plan(sqlite_surveyed: str) -> None:
    state = run(conduct_due_diligence, sqlite_surveyed, "plan-1", factories.SURVEYED_ON)
    assert state.is_completed()
    shown = artifacts(state)
    assert shown["plan-tg-2027-pdf"] == "link"
    assert shown["survey-tg-2027-pdf"] == "link"
    assert shown["plan-tg-2027-figures"] == "table"
    names = eventually(lambda: task_names(state), lambda names: "Finish the cycle" in names)
    assert {"Claim the cycle", "Compute the service plan", "Put the plan to both sides"} <= set(names)


def test_a_month_is_opened_once_and_a_second_run_says_so(sqlite_in_service: str) -> None:
    first = run(open_month, sqlite_in_service, "2027-01", factories.TERM_START)
    with reading() as session:
        orders = len(session.exec(select(WorkOrder)).all())
    second = run(open_month, sqlite_in_service, "2027-01", factories.TERM_START)
    assert first.is_completed()
    assert second.is_completed(), "running twice is not a failure"
    assert "nothing was changed" in str(second.message)
    with reading() as session:
        assert len(session.exec(select(WorkOrder)).all()) == orders > 0
        cycle = session.exec(select(Cycle).where(Cycle.kind == "month_open")).one()
    assert (cycle.state, cycle.flow_run_id) == ("done", str(run_id(first)))
    assert artifacts(first) == {"work-tg-2027": "table"}
    assert artifacts(second) == {}
    assert "attempt 1" in eventually(lambda: log_text(first), lambda text: "attempt" in text)


def test_closing_a_month_shows_progress_indicators_and_the_report(sqlite_in_service: str) -> None:
    run(open_month, sqlite_in_service, "2027-01", factories.TERM_START)
    state = run(close_month, sqlite_in_service, "2027-01", date(2027, 2, 1))
    assert state.is_completed(), state.message
    assert artifacts(state) == {
        "close-tg-2027-progress": "progress",
        "indicators-tg-2027": "table",
        "month-tg-2027": "markdown",
        "month-tg-2027-pdf": "link",
    }


def test_closing_a_survey_shows_figures_pictures_and_the_report(sqlite_in_service: str) -> None:
    code, opened = sqlite_in_service, date(2027, 3, 17)
    assert run(open_survey, code, "2027-Q1", opened).is_completed()
    items = wave_items(code, "2027-Q1")
    sheets = [
        AnswerSheet(survey_code(code, "2027-Q1", f"unit-{n:03d}"), "paper", dict.fromkeys(items, 3 + n % 3))
        for n in range(1, factories.RESIDENTS + 1)
    ]
    assert record_answers(code, "2027-Q1", sheets, opened).accepted == factories.RESIDENTS
    state = run(close_survey, code, "2027-Q1", opened + timedelta(days=15))
    assert state.is_completed(), state.message
    assert artifacts(state) == {
        "satisfaction-tg-2027": "markdown",
        "satisfaction-tg-2027-pdf": "link",
        "satisfaction-tg-2027-pictures": "image",
        "satisfaction-tg-2027-figures": "table",
        "satisfaction-tg-2027-items": "table",
    }


def test_service_is_put_off_with_the_reason_while_posts_are_empty(sqlite_surveyed: str) -> None:
    factories.propose_plan(sqlite_surveyed)
    factories.answer(sqlite_surveyed, "plan")
    factories.offer(sqlite_surveyed)
    factories.answer(sqlite_surveyed, "contract")
    state = run(commence_service, sqlite_surveyed, "once", factories.TERM_START)
    assert state.is_completed()
    with reading() as session:
        cycle = session.exec(select(Cycle).where(Cycle.kind == "commencement")).one()
    assert cycle.state == "planned"
    assert "0 of" in cycle.last_error
    assert "cannot commence yet" in eventually(lambda: log_text(state), lambda text: "commence" in text)


def test_a_request_an_emergency_and_its_end_can_be_started_by_form(sqlite_in_service: str) -> None:
    set_simulated_date(sqlite_in_service, date(2027, 3, 5))
    run(take_service_request, sqlite_in_service, "repair", "The tap drips", "urgent", "phone", "B1-PUMP")
    with reading() as session:
        request = session.exec(select(ServiceRequest)).one()
    assert (request.kind, request.priority, request.place_code) == ("repair", "urgent", "B1-PUMP")
    assert request.state == "received"
    zone = ZoneInfo("Asia/Shanghai")
    assert request.received_at.astimezone(zone).date() == date(2027, 3, 5), (
        "a demonstration has days of its own"
    )

    assert run(respond_to_emergency, sqlite_in_service, "E-1", "fire", "Smoke in the car park").is_completed()
    ended = run(stand_down_emergency, sqlite_in_service, "E-1", "1200.5", "check the detectors")
    assert ended.is_completed(), ended.message
    with reading() as session:
        incident = session.exec(select(Incident)).one()
    assert (incident.plan_kind, str(incident.loss_amount)) == ("fire", "1200.50")
    assert incident.activated_at.astimezone(zone).date() == date(2027, 3, 5)
    assert incident.stood_down_at is not None


def test_an_unknown_engagement_fails_with_the_known_ones_named(sqlite_in_service: str) -> None:
    state = run(open_month, "NOPE", "2027-01")
    assert state.is_failed()
    assert "Known: TG-2027" in str(state.message)
    with pytest.raises(Terminal, match="no engagement 'NOPE'"):
        state.result()


def _return(code: str, _folder: Path) -> None:
    factories.answer(code, "plan", "rejected", ["client"])


def _edit(code: str, folder: Path) -> None:
    """Version 1 is superseded by an edit that waits for both sides."""
    series = commitment(code, lambda c: c.subject == "cleaning" and c.rrule == "FREQ=DAILY").code
    import_plan(code, edited_workbook(code, folder, without(series)))


def _confirm(code: str, _folder: Path) -> None:
    factories.answer(code, "plan")


@pytest.mark.parametrize(
    ("becomes", "states", "said"),
    [
        (lambda *_: None, ["submitted"], "Version 1 of the service plan of TG-2027 is submitted"),
        (_return, ["returned"], "Version 1 of the service plan of TG-2027 is returned"),
        (_edit, ["superseded", "submitted"], "Version 2 of the service plan of TG-2027 is submitted"),
        (_confirm, ["confirmed"], "TG-2027 is in stage contracting"),
    ],
    ids=["submitted", "returned", "superseded", "confirmed, not signed"],
)
def test_a_month_opened_by_hand_releases_nothing_before_the_plan_governs_and_says_why(
    sqlite_surveyed: str, tmp_path: Path, becomes: Callable[[str, Path], None], states: list[str], said: str
) -> None:
    factories.propose_plan(sqlite_surveyed)
    becomes(sqlite_surveyed, tmp_path)
    assert plan_states() == states
    state = run(open_month, sqlite_surveyed, "2027-01", factories.TERM_START)
    assert state.is_completed()
    assert said in state.result()["nothing_released"]
    assert said in eventually(lambda: log_text(state), lambda text: "Nothing is released" in text)
    with reading() as session:
        assert session.exec(select(WorkOrder)).all() == []
        month = session.exec(select(Cycle).where(Cycle.kind == "month_open")).one()
    assert month.state == "planned", "the month is opened once service begins"
    assert said in month.last_error


def test_a_month_put_off_before_the_plan_was_confirmed_is_opened_in_service(sqlite_surveyed: str) -> None:
    run(open_month, sqlite_surveyed, "2027-01", factories.TERM_START)
    factories.bring_into_service(sqlite_surveyed)
    assert run(open_month, sqlite_surveyed, "2027-01", factories.TERM_START).is_completed()
    with reading() as session:
        assert session.exec(select(WorkOrder)).all()
