"""Does the command line answer in sentences a person and in JSON a program can use, and never in a traceback?"""

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import click
import pytest
import sqlalchemy as sa
import typer
import xlsxwriter
from sqlmodel import col, select, update

from deployments.cli import app
from models.audit import record_event
from models.contract import Instalment
from models.db import engine, reading, writing
from models.decision import Decision
from models.engagement import Cycle
from models.outbox import OutboxMail
from models.register import Asset
from models.rules.cycles import CycleKind
from tasks.cycles import MAX_ATTEMPTS, give_up_attempt
from tasks.engagements import engagement_id, find_engagement
from tasks.indicators import compute_indicators
from tests import factories
from tests.conftest import ROOT
from tests.databases import environment
from tests.deployments.conftest import Steward


def commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command and group with the words that reach it."""

    def below(words: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
        yield words, command
        for name, inner in getattr(command, "commands", {}).items():
            yield from below((*words, name), inner)

    yield from below((), typer.main.get_command(app))


@pytest.mark.parametrize("words", [words for words, _command in commands()], ids=" ".join)
def test_every_command_explains_itself_with_an_example(steward: Steward, words: tuple[str, ...]) -> None:
    command = dict(commands())[words]
    answer = steward(*words, "--help")
    assert answer.code == 0
    assert command.help
    assert command.help.splitlines()[0][:40] in answer.out
    if not hasattr(command, "commands"):
        example = re.search(r"Example: (.*)", answer.out)
        assert example, "a command without an example"
        assert f"steward {' '.join(words)}" in example[1]


def test_the_commands_of_the_issue_are_there() -> None:
    known = {" ".join(words) for words, _command in commands()}
    assert known >= {
        "demo",
        "serve",
        "doctor",
        "deploy",
        "engagement list",
        "engagement status",
        "engagement timeline",
        "register check",
        "register import",
        "audit verify",
        "db upgrade",
    }


def test_a_register_is_checked_without_any_database(steward: Steward, home: Path, tmp_path: Path) -> None:
    rows = (*factories.REGISTER["Component"], ("GHOST", "No such type", "1F-LOBBY", "x", "y", "2021-01-01"))
    file = factories.write_register(tmp_path / "building.xlsx", Component=rows)
    answer = steward("register", "check", str(file), "--json")
    assert answer.code == 0
    found = answer.json
    assert (found["file"], len(found["sha256"])) == ("building.xlsx", 64)
    counts = {count["sheet"]: count for count in found["counts"]}
    assert (counts["Component"]["rows"], counts["Component"]["accepted"]) == (8, 7)
    (rejection,) = found["rejections"]
    assert (rejection["sheet"], rejection["row"], rejection["column"]) == ("Component", 9, "TypeName")
    assert rejection["value"] == "No such type"
    assert rejection["reason"]
    assert list(home.iterdir()) == [], "a check writes nothing"
    shown = steward("register", "check", str(file))
    assert "No such type" in shown.out


def _bomb(path: Path) -> Path:
    """A workbook with an entity that unfolds into gigabytes."""
    factories.write_register(path)
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/sharedStrings.xml"] = (
        f'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY e0 "lol">{entities}]>'
        '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&e9;</t></si></sst>'
    ).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def _foreign(path: Path) -> Path:
    """A workbook that is no register."""
    with xlsxwriter.Workbook(path) as workbook:
        workbook.add_worksheet("Budget").write_string(0, 0, "Expenses")
    return path


def _no_workbook(path: Path) -> Path:
    path.write_bytes(b"%PDF-1.7 not at all")
    return path


def _missing(path: Path) -> Path:
    return path


@pytest.mark.parametrize("make", [_bomb, _foreign, _no_workbook, _missing])
def test_a_file_that_cannot_be_taken_is_refused_in_a_sentence(
    steward: Steward, home: Path, tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    file = make(tmp_path / "strange.xlsx")
    for_people = steward("register", "check", str(file))
    assert (for_people.code, for_people.out) == (1, "")
    assert "strange.xlsx" in for_people.err
    assert "Traceback" not in for_people.err
    for_programs = steward("register", "check", str(file), "--json")
    assert for_programs.code == 1
    assert for_programs.json["file"] == "strange.xlsx"
    assert "strange.xlsx" in for_programs.json["refused"]


def test_a_register_is_imported_once_into_its_engagement(
    steward: Steward, sqlite_database: Path, tmp_path: Path
) -> None:
    code = factories.create_engagement()
    file = str(factories.write_register(tmp_path / "building.xlsx"))
    first = steward("register", "import", file, "--engagement", code, "--json")
    again = steward("register", "import", file, "--engagement", code)
    assert (first.code, first.json["already_imported"]) == (0, False)
    assert again.code == 0
    assert "imported before; nothing was changed" in again.out
    assert steward("document", "list", code, "--json").json, "the register says whose papers are handed over"
    with reading() as session:
        assert len(session.exec(select(Asset)).all()) == 7


def test_an_unmigrated_database_is_named_with_the_command_that_mends_it(
    steward: Steward, home: Path, tmp_path: Path
) -> None:
    file = str(factories.write_register(tmp_path / "building.xlsx"))
    for command in (("register", "import", file, "--engagement", "X"), ("engagement", "list")):
        answer = steward(*command)
        assert answer.code == 1
        assert "steward db upgrade" in answer.err
    upgraded = steward("db", "upgrade")
    assert upgraded.code == 0
    assert upgraded.out == steward("db", "upgrade").out, "again changes nothing"
    assert steward("engagement", "list", "--json").json == []


def test_a_mistyped_data_folder_is_named_and_not_made(
    steward: Steward, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    typed = tmp_path / "stewrad"
    with environment(STEWARD_HOME=str(typed), STEWARD_DATABASE_URL=""):
        for command in (
            ("engagement", "list"),
            ("engagement", "status", "JC-2027"),
            ("request", "list", "JC-2027"),
            ("audit", "verify"),
        ):
            answer = steward(*command)
            assert (answer.code, answer.out) == (1, "")
            assert f"There is no Steward at {typed}. Set STEWARD_HOME" in answer.err
            assert "steward db upgrade" in answer.err
        assert "not made yet" in steward("doctor").out
        assert not typed.exists()
        made = steward("db", "upgrade")
        assert f"A new Steward is made at {typed}" in made.err
        assert steward("db", "upgrade").err == ""
        assert steward("engagement", "list", "--json").json == []


def test_instalments_show_thousands(steward: Steward, sqlite_in_service: str) -> None:
    with writing() as session:
        session.exec(update(Instalment).values(amount=Decimal("1234567.50")))
    assert "1,234,567.50" in steward("accounts", "dues", sqlite_in_service).out
    assert steward("accounts", "dues", sqlite_in_service, "--json").json[0]["amount"] == "1234567.50"


@pytest.mark.parametrize(
    "command",
    [
        ("engagement", "status", "NOPE"),
        ("engagement", "timeline", "NOPE"),
        ("cycle", "list", "NOPE"),
        ("audit", "verify", "NOPE"),
        ("cycle", "retry", "NOPE", "month_open", "2027-01"),
    ],
    ids=" ".join,
)
def test_an_unknown_engagement_is_answered_with_the_known_ones(
    steward: Steward, sqlite_database: Path, command: tuple[str, ...]
) -> None:
    factories.create_engagement()
    factories.create_engagement("JC-2027")
    answer = steward(*command)
    assert answer.code == 1
    assert "There is no engagement 'NOPE'. Known: JC-2027, TG-2027." in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.usefixtures("sqlite_database")
@pytest.mark.parametrize("typed", ["[/b]", "[red]", "[link=https://example.com]"])
def test_what_was_typed_is_said_back_as_it_was(steward: Steward, typed: str) -> None:
    factories.create_engagement()
    answer = steward("engagement", "status", typed)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith(f"Error: There is no engagement '{typed}'.")


def test_where_an_engagement_stands(steward: Steward, sqlite_in_service: str) -> None:
    (listed,) = steward("engagement", "list", "--json").json
    assert (listed["code"], listed["stage"]) == (factories.CODE, "in_service")
    status = steward("engagement", "status", factories.CODE, "--json").json
    assert status["stage"] == "in_service"
    assert [(due["kind"], due["period"]) for due in status["due"]] == [("month_open", "2027-01")]
    assert status["open_decisions"] == []
    assert {row["state"] for row in status["mail"]} == {"queued"}
    shown = steward("engagement", "status", factories.CODE)
    assert shown.code == 0
    assert "month_open" in shown.out
    timeline = steward("engagement", "timeline", factories.CODE, "--json").json
    did = [entry["did"] for entry in timeline]
    order = ["engagement.recorded", "register.imported", "plan.computed", "decision.accepted"]
    assert [did.index(tag) for tag in order] == sorted(did.index(tag) for tag in order)
    assert did[-1] in ("cycle.done", "stage.commence_service")
    assert [entry["entry"] for entry in timeline] == list(range(1, len(timeline) + 1))


def test_the_timeline_shows_the_newest_entries_in_words(steward: Steward, sqlite_in_service: str) -> None:
    with writing() as session:
        key = engagement_id(find_engagement(session, sqlite_in_service))
        detail = {"taken": 3, "final": True, "by": {"I-1": 2}, "rows": [4, 9], "none": None}
        record_event(session, key, "test.event", "Q1", detail)
    everything = steward("engagement", "timeline", sqlite_in_service, "--json").json
    assert everything[-1]["detail"] == detail
    shown = steward("engagement", "timeline", sqlite_in_service, "--limit", "2").out
    assert "taken 3; final yes; by I-1 2; rows 4, 9; none" in shown
    assert "{" not in shown
    assert f"{len(everything) - 2} earlier entries are left out" in shown
    assert "engagement.recorded" not in shown


def test_the_status_names_indicators_with_their_units(steward: Steward, sqlite_in_service: str) -> None:
    factories.open_the_month(sqlite_in_service)
    cycle = factories.claim(sqlite_in_service, CycleKind.MONTH_CLOSE, "2027-01", date(2027, 2, 1))
    compute_indicators.fn(cycle)
    shown = steward("engagement", "status", sqlite_in_service).out
    assert "indicators 2027-01" in shown
    (line,) = (line for line in shown.splitlines() if "Preventive maintenance compliance" in line)
    assert [cell.strip() for cell in line.strip("│ ").split("│")][1:] == ["0.0%", "95.0%", "missed"]
    for_programs = steward("engagement", "status", sqlite_in_service, "--json").json["indicators"]
    assert [row["value"] for row in for_programs if row["indicator"] == "pm_compliance"] == ["0.000000"]


def test_a_decision_is_taken_on_the_document_that_was_read(steward: Steward, sqlite_surveyed: str) -> None:
    factories.propose_plan(sqlite_surveyed)
    questions = steward("decision", "list", "--json").json
    assert [(q["subject"], q["party"]) for q in questions] == [("plan", "client"), ("plan", "custodian")]
    sha256 = questions[0]["document_sha256"]
    take = ("decision", "take", sqlite_surveyed, "plan", "1", "client", "accepted", "--by", "client-1")
    for document in ("0" * 12, sha256[:7]):
        wrong = steward(*take, "--document", document)
        assert wrong.code == 1
        assert "not the beginning of the hash" in wrong.err
    taken = steward(*take, "--document", sha256[:12], "--remark", "good")
    assert taken.code == 0, taken.err
    assert "client accepted plan 1." in taken.out
    assert [line.rstrip() for line in taken.out.splitlines()] == taken.out.splitlines()
    with reading() as session:
        decision = session.exec(select(Decision)).one()
    assert (decision.declared_by, decision.authenticated_by) == ("client-1", "command_line")
    assert [q["party"] for q in steward("decision", "list", "--json").json] == ["custodian"]
    again = steward(*take, "--document", sha256[:12])
    assert again.code == 1
    assert "No question about plan 1 is open to the client" in again.err


def test_work_that_failed_for_good_is_let_go_on_by_a_person(steward: Steward, sqlite_in_service: str) -> None:
    for _ in range(MAX_ATTEMPTS):
        cycle = factories.claim(sqlite_in_service, CycleKind.MONTH_OPEN, "2027-01", date(2027, 1, 1))
        give_up_attempt(cycle, "the disk was full")
    rows = steward("cycle", "list", sqlite_in_service, "--json").json
    (failed,) = [row for row in rows if row["state"] == "failed"]
    assert (failed["kind"], failed["last_error"]) == ("month_open", "the disk was full")
    retried = steward("cycle", "retry", sqlite_in_service, "month_open", "2027-01")
    assert retried.code == 0
    with reading() as session:
        assert session.exec(select(Cycle.state).where(Cycle.kind == "month_open")).one() == "planned"
    assert steward("cycle", "retry", sqlite_in_service, "month_open", "2027-01").code == 1
    unknown = steward("cycle", "retry", sqlite_in_service, "juggling", "2027-01")
    assert unknown.code == 2
    assert "month_open" in unknown.err


def test_a_name_that_looks_like_markup_is_shown_as_it_was_recorded(
    steward: Steward, sqlite_database: Path
) -> None:
    factories.create_engagement(property_name="[red]Court[/red]")
    assert "[red]Court[/red]" in steward("engagement", "list").out


def test_an_uncertain_mail_is_listed_without_its_address_and_settled(
    steward: Steward, sqlite_database: Path
) -> None:
    factories.create_engagement()
    with writing() as session:
        session.exec(update(OutboxMail).values(state="uncertain"))
    answer = steward("mail", "list", "--json")
    first, second = answer.json
    assert "@client.example.com" not in answer.out
    assert steward("mail", "resolve", first["key"], "--arrived").code == 0
    assert steward("mail", "resolve", second["key"], "--send-again").code == 0
    assert steward("mail", "list", "--json").json == []
    with reading() as session:
        assert sorted(session.exec(select(OutboxMail.state)).all()) == ["queued", "sent"]
    again = steward("mail", "resolve", first["key"], "--arrived")
    assert again.code == 1
    assert "not uncertain" in again.err


def test_a_trail_is_verified_and_tampering_ends_in_exit_code_one(
    steward: Steward, sqlite_in_service: str
) -> None:
    good = steward("audit", "verify", "--json")
    assert good.code == 0
    (chain,) = good.json
    assert (chain["engagement"], chain["verifies"]) == (factories.CODE, True)
    assert len(chain["head"]) == 64
    with engine().begin() as connection:
        connection.execute(sa.text("DROP TRIGGER auditevent_no_update"))
        connection.execute(sa.text("UPDATE auditevent SET who = 'nobody' WHERE sequence = 4"))
    bad = steward("audit", "verify", "--json")
    assert bad.code == 1
    assert (bad.json[0]["verifies"], bad.json[0]["first_bad_entry"]) == (False, 4)
    assert steward("audit", "verify", factories.CODE).code == 1


def test_people_come_from_a_file_and_bad_rows_are_named(
    steward: Steward, sqlite_database: Path, tmp_path: Path
) -> None:
    code = factories.create_engagement(residents=0)
    file = tmp_path / "people.csv"
    file.write_text(
        "ref,role,name,email,unit\n"
        "unit-001,owner,张三,one@residents.example.com,U1\n"
        "unit-002,astronaut,Two,two@residents.example.com,U2\n"
        "unit-003,tenant,Three,not an address,U3\n"
        "unit-001,owner,Twice,,U1\n",
        encoding="utf-8",
    )
    answer = steward("people", "import", str(file), "--engagement", code, "--json")
    assert answer.code == 0, answer.err
    assert (answer.json["rows"], answer.json["recorded"]) == (4, 1)
    assert [(row["row"], row["column"], row["value"]) for row in answer.json["doubts"]] == [
        (3, "role", "astronaut"),
        (4, "email", ""),
        (5, "ref", "unit-001"),
    ]
    kept = steward("engagement", "quarantine", code, "--json").json
    assert [(row["source"], row["file"], row["row"]) for row in kept] == [
        ("people", "people.csv", 3),
        ("people", "people.csv", 4),
        ("people", "people.csv", 5),
    ]
    (row,) = [
        line
        for line in steward("people", "import", str(file), "--engagement", code).out.splitlines()
        if "astronaut" in line
    ]
    assert "expected one of: client" in row, "what was expected stands beside what was found"


def test_people_of_a_chinese_workbook_are_looked_at_before_they_are_taken(
    steward: Steward, sqlite_database: Path, tmp_path: Path
) -> None:
    code = factories.create_engagement(residents=0)
    file = tmp_path / "名单.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["编号", "姓名", "身份", "邮箱", "手机", "房号"])
        sheet.write_row(
            1, 0, ["unit-001", "张三", "业主", "zhang@residents.example.com", "13800138000", "1-101"]
        )
    tried = steward("people", "import", str(file), "--engagement", code, "--dry-run")
    assert "Dry run, nothing written" in tried.out
    assert "1 recorded" in tried.out
    assert "unit-001" not in steward("people", "list", code).out
    assert "1 recorded" in steward("people", "import", str(file), "--engagement", code).out
    assert "0 recorded, 1 known before" in steward("people", "import", str(file), "--engagement", code).out
    listed = steward("people", "list", code, "--role", "owner")
    assert "z***@residents.example.com" in listed.out
    assert not any(word in listed.out for word in ("张三", "zhang@", "13800138000"))


def test_an_address_is_put_right_and_the_failed_mail_goes_there(
    steward: Steward, sqlite_database: Path
) -> None:
    code = factories.create_engagement(residents=0)
    key = steward("mail", "list", "--state", "queued", "--json").json[0]["key"]
    ref = key.rpartition(":")[2]
    assert "has not failed" in steward("mail", "retry", key).err
    with writing() as session:
        session.exec(update(OutboxMail).where(col(OutboxMail.dedup_key) == key).values(state="failed"))
    assert "not one plain mail address" in steward("people", "correct", code, ref, "--email", "a@b\nc").err
    assert "no person of the reference" in steward("people", "correct", code, "nobody", "--unit", "1").err
    right = ("people", "correct", code, ref, "--email", "right@example.org")
    assert "email changed" in steward(*right).out
    assert "nothing to change" in steward(*right).out
    timeline = steward("engagement", "timeline", code, "--json").out
    assert "person.corrected" in timeline
    assert "right@example.org" not in timeline
    assert "queued again" in steward("mail", "retry", key).out
    assert key in [row["key"] for row in steward("mail", "list", "--state", "queued", "--json").json]


def _shell(*arguments: str, home: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """The command line as a process of its own, as a user starts it."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    return subprocess.run(
        [sys.executable, "-c", "from deployments.cli import main; main()", *arguments],
        cwd=ROOT,
        env={**environ, "STEWARD_HOME": str(home), "STEWARD_DATABASE_URL": "", "COLUMNS": "240", **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({}, "No Prefect server is known here: start `steward serve`"),
        (
            {"PREFECT_API_URL": "http://127.0.0.1:9/api"},
            "http://127.0.0.1:9/api did not take it (ConnectError)",
        ),
    ],
)
def test_without_a_server_deploy_says_what_to_do(
    home: Path, variables: dict[str, str], sentence: str
) -> None:
    answer = _shell("deploy", home=home, **variables)
    assert answer.returncode == 1
    assert sentence in answer.stderr
    assert "Traceback" not in answer.stderr


def test_the_doctor_says_what_is_wrong_without_a_server_and_how_to_mend_it(home: Path) -> None:
    examined = _shell("doctor", "--json", home=home, STEWARD_SMTP_PORT="9")
    assert examined.returncode == 1
    found = {finding["subject"]: finding for finding in json.loads(examined.stdout)}
    for healthy in ("Python", "prefect", "sqlalchemy", "fastapi", "Data folder"):
        assert found[healthy]["ok"], found[healthy]
    assert not found["Prefect server"]["ok"]
    assert "steward serve" in found["Prefect server"]["remedy"]
    assert not found["Schema"]["ok"]
    assert "steward db upgrade" in found["Schema"]["remedy"]
    assert not found["Mail server"]["ok"]
    assert "STEWARD_SMTP" in found["Mail server"]["remedy"]
    assert "Traceback" not in examined.stderr
    told = _shell("doctor", home=home, STEWARD_SMTP_PORT="9", COLUMNS="80").stdout
    for word in " ".join(f"{one['subject']} {one['remedy']}" for one in found.values()).split():
        assert word in told, f"{word} is cut in two"
    assert max(map(len, told.splitlines())) <= 80


@pytest.mark.parametrize("make", [_missing, _foreign, _bomb])
def test_a_demonstration_of_a_file_that_is_no_register_ends_in_a_sentence(
    home: Path, tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    played = _shell("demo", "--register", str(make(tmp_path / "strange.xlsx")), home=home)
    assert played.returncode in (1, 2)
    assert "strange.xlsx" in played.stderr
    assert "Traceback" not in played.stderr
    assert not (home / "demo" / "processes.txt").exists(), "no server was started for it"
