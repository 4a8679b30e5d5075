"""Can an engagement be recorded and changed at the command line, from a form and by questions? (A1)"""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deployments import intake_commands
from deployments.cli import app
from reports.intake_form import form_yaml
from tasks.engagements import engagement_codes
from tasks.intake_versions import recorded_form
from tests import factories

ANSWERS = (
    *(
        "bad code",
        "QA-2027",
        "Quay House",
        "castle",
        "office",
        "Quay Ltd",
        "Custody Ltd",
        "All",
        "As planned",
    ),
    *("2027-01-01", "soon", "2027-12-31", "", "GBP", "Mars/Olympus", "Europe/London", "en", "GB", "", "12"),
    *("y", "", ""),
    *("y", "Safe lifts", "7", "1", "on time", "n", ""),
)


def test_a_form_is_written_checked_recorded_and_changed(sqlite_database: Path, tmp_path: Path) -> None:
    run, path = CliRunner(), tmp_path / "form.yaml"
    path.write_bytes(form_yaml(factories.intake_form()))
    assert run.invoke(app, ["engagement", "new", "--form", str(path), "--dry-run"]).exit_code == 0
    assert engagement_codes() == []
    for _ in range(2):
        answer = run.invoke(app, ["engagement", "new", "--form", str(path), "--json"])
        assert json.loads(answer.stdout)["recorded"] is True
    again = run.invoke(app, ["engagement", "new", "--form", str(path)]).stdout
    assert "is on record already with this content; nothing changed." in again
    assert "Nobody to write to on the side of client and custodian" in again
    out = tmp_path / "filled.xlsx"
    write = ["engagement", "form", str(out), "--engagement", factories.CODE]
    assert run.invoke(app, write).exit_code == 0
    assert run.invoke(app, write).exit_code == 1, "a file that is there is not replaced"
    change = ["engagement", "change", factories.CODE, "--json", "--form"]
    assert json.loads(run.invoke(app, [*change, str(out)]).stdout)["changes"] == []
    path.write_bytes(form_yaml(factories.intake_form(scope="Grounds only")))
    assert json.loads(run.invoke(app, [*change, str(path), "--yes"]).stdout)["version"] == 2
    versions = json.loads(run.invoke(app, ["engagement", "history", factories.CODE, "--json"]).stdout)
    assert [change["field"] for change in versions[1]["changes"]] == ["scope"]


def test_questions_are_put_again_until_the_answer_can_be_right(
    sqlite_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_commands, "_in_a_terminal", lambda: True)
    answer = CliRunner().invoke(app, ["engagement", "new"], input="\n".join(ANSWERS) + "\n")
    assert answer.exit_code == 0, answer.output
    for bad in ("bad code", "castle", "soon", "Mars/Olympus", "7"):
        assert f"{bad!r}: " in answer.output
    record = recorded_form("QA-2027")
    assert (record.currency, record.floor_area, record.unit_count) == ("GBP", None, 12)
    assert [(demand.ref, demand.priority) for demand in record.demands] == [("D1", 1)]
    assert record.working_calendar.saturday == ""


def test_questions_and_the_record_stay_out_of_the_json(
    sqlite_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_commands, "_in_a_terminal", lambda: True)
    new = ["engagement", "new", "--dry-run", "--json"]
    answer = CliRunner().invoke(app, new, input="\n".join(ANSWERS) + "\n")
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout[answer.stdout.index("{") :])["record"]["code"] == "QA-2027"
    assert "The record" not in answer.stdout
    assert "The record" in answer.stderr and "Add a core demand?" in answer.stderr


def test_a_bad_answer_loses_no_other_and_what_was_answered_is_offered_again(
    sqlite_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake_commands, "_in_a_terminal", lambda: True)
    answers = (
        *("QB-2027", "Quay House", "office", "Quay Ltd", "Custody Ltd", "All", "As planned"),
        *("2027-01-01", "2026-12-31", "2027-12-31"),  # an end before the start is told where it is answered
        *("酬金制", "12%", "GBP", "Europe/London", "en", "GB", "1200", "<", "1300", "12"),
        *("n", "", "", "", "", "22:00-06:00", "y", "-", "-", "2027-01-01", "-"),
        *("n", "unit_cuont", "term_start", "2028-01-01", "2028-12-31", ""),
    )
    answer = CliRunner().invoke(app, ["engagement", "new"], input="\n".join(answers) + "\n")
    assert answer.exit_code == 0, answer.output
    for said in (
        "'2026-12-31': the term ends on 2026-12-31, not after it starts on 2027-01-01.",
        "square metres / 建筑面积（平方米） [1200]",
        "Friday 22:00-06:00 runs past midnight, until 06:00 of the next day.",
        "There is no field 'unit_cuont'; the record has unit_count",
        "term_end: the term ends on 2027-12-31, not after it starts on 2028-01-01.",
    ):
        assert said in answer.output
    record = recorded_form("QB-2027")
    assert record.property_name == "Quay House"
    assert record.remuneration_share == Decimal("0.12")
    assert (record.floor_area, str(record.term_start)) == (Decimal(1300), "2028-01-01")
    assert (record.working_calendar.friday, record.working_calendar.saturday) == ("22:00-06:00", "")
    assert [str(day) for day in record.working_calendar.holidays] == ["2027-01-01"]
    taken = CliRunner().invoke(app, ["engagement", "new"], input="QB-2027\n")
    assert "QB-2027 is on record: choose another code" in taken.output, "not told after the last question"


def test_without_a_terminal_a_form_is_asked_for(sqlite_database: Path) -> None:
    answer = CliRunner().invoke(app, ["engagement", "new"], input="")
    assert "give a form" in str(answer.exception)
