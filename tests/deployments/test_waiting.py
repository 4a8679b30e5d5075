"""Does `steward engagement status` say what is waited for, and from whom? (A1, A4, A5)"""

from datetime import date

import pytest

from deployments.output import show_status
from deployments.overview import status
from deployments.waiting import Row
from models.rules.cycles import CycleKind
from tasks.cycles import MAX_ATTEMPTS, give_up_attempt
from tasks.engagements import set_simulated_date
from tasks.intake_versions import ask_confirmation
from tests import factories
from tests.deployments.conftest import Steward


def test_the_record_shows_who_confirmed_which_document_and_who_is_awaited(
    steward: Steward, sqlite_surveyed: str
) -> None:
    assert _status(steward, sqlite_surveyed)["intake"]["sides"][0]["answer"] == "not asked yet"
    document = ask_confirmation.fn(sqlite_surveyed, factories.FIRST_CONTACT)
    factories.answer(sqlite_surveyed, "intake", parties=["client"], on=factories.SURVEYED_ON)
    found = _status(steward, sqlite_surveyed)
    client, custodian = found["intake"]["sides"]
    assert (found["intake"]["version"], found["intake"]["state"]) == (1, "proposed")
    assert (client["answer"], client["by"], client["document"]) == ("accepted", "client-1", document)
    assert (custodian["answer"], custodian["document"]) == ("awaited", document)
    assert _waited(found, "custodian") == [f"a decision on intake 1, document {document[:12]}, by 2026-10-22"]
    assert _waited(found, "client") == []
    assert _waited(found, "dispatcher") == ["the start of due_diligence plan-1, due since 2026-10-24"]
    assert _waited(found, "calendar") == [], "what is due today is not waited for until a later day"
    factories.answer(sqlite_surveyed, "intake")
    found = _status(steward, sqlite_surveyed)
    assert (found["intake"]["state"], _waited(found, "custodian")) == ("confirmed", [])


def test_every_item_waited_for_is_one_line_whoever_has_to_act(
    steward: Steward, sqlite_in_service: str
) -> None:
    found = _status(steward, sqlite_in_service)
    assert _waited(found, "dispatcher") == ["the start of month_open 2027-01, due since 2027-01-01"]
    assert _waited(found, "calendar") == ["month_open 2027-02 on 2027-02-01"]
    cycle = factories.claim(sqlite_in_service, CycleKind.MONTH_OPEN, "2027-01", factories.TERM_START)
    assert _waited(_status(steward, sqlite_in_service), "worker") == [
        "the end of month_open 2027-01, attempt 1"
    ]
    give_up_attempt(cycle, "the disk was full")
    assert _waited(_status(steward, sqlite_in_service), "dispatcher") == [
        "the next attempt at month_open 2027-01: the disk was full"
    ]
    for _ in range(MAX_ATTEMPTS - 1):
        cycle = factories.claim(sqlite_in_service, CycleKind.MONTH_OPEN, "2027-01", factories.TERM_START)
        give_up_attempt(cycle, "the disk was full")
    shown = steward("engagement", "status", sqlite_in_service)
    assert shown.code == 0
    (line,) = [line for line in shown.out.splitlines() if "failed for good" in line]
    assert "operator: a look at month_open 2027-01, which failed for good: the disk was full" in line


@pytest.mark.parametrize("arguments", [(), ("--json",)])
def test_without_a_server_the_gates_are_said_to_be_unknown(
    steward: Steward, sqlite_surveyed: str, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.delenv("PREFECT_API_URL")
    answer = steward("engagement", "status", sqlite_surveyed, *arguments)
    assert answer.code == 0
    if arguments:
        assert answer.json["gates"] is None
    else:
        assert "not known: no Prefect server answers here" in answer.out


def test_the_page_of_a_question_can_be_copied_from_a_narrow_terminal(
    sqlite_surveyed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    page = f"http://127.0.0.1:4200/runs/flow-run/{'0' * 36}"
    gate = {"subject": "plan", "reference": "1", "party": "client", "state": "Suspended", "page": page}
    show_status(status(sqlite_surveyed) | {"gates": [gate]})
    assert f"gates              client on plan 1, suspended: {page}\n" in capsys.readouterr().out


def test_before_the_survey_the_custodian_is_waited_for(steward: Steward, sqlite_database: object) -> None:
    code = factories.create_engagement()
    set_simulated_date(code, date(2026, 10, 20))
    assert _waited(_status(steward, code), "custodian") == [
        "the condition survey at entry (`steward condition import`)"
    ]


def _status(steward: Steward, code: str) -> Row:
    answer = steward("engagement", "status", code, "--json")
    assert answer.code == 0, answer.err
    return dict(answer.json)


def _waited(found: Row, whom: str) -> list[str]:
    return [item["for"] for item in found["waiting"] if item["from"] == whom]
