"""Can people, training and rosters be kept from the command line, twice, and is every mistake a sentence? (B1, B5)"""

import csv
from datetime import date
from pathlib import Path

import pytest

from tasks.engagements import set_simulated_date
from tasks.mobilisation import training_programme, vacancies
from tests.deployments.conftest import Steward

MONTH = "2027-02"


@pytest.fixture
def code(sqlite_in_service: str) -> str:
    set_simulated_date(sqlite_in_service, date(2027, 2, 28))
    return sqlite_in_service


def sheet(path: Path, *rows: tuple[str, ...]) -> str:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return str(path)


def test_a_person_is_refused_a_post_then_certified_assigned_and_listed(
    code: str, steward: Steward, tmp_path: Path
) -> None:
    post = next(p for p in vacancies(code) if p.certificate)
    assign = ("staff", "assign", code, "new-1", post.post_code, "--on", "2027-02-01")
    refused = steward(*assign)
    assert refused.code == 1
    assert f"cannot take {post.post_code}: the certificate {post.certificate} is missing" in refused.err
    file = sheet(
        tmp_path / "certificates.csv",
        ("Ref", "Certificate", "Number", "Issuer", "Expires"),
        ("new-1", post.certificate, "110101199003074514", "Board", "2028-01-31"),
        ("new-2", "juggler", "", "", "2028-01-31"),
    )
    told = steward("staff", "import", code, file)
    assert told.code == 0
    assert "2 rows: 1 new, 0 as before, 1 not taken" in told.out
    assert "juggler" in told.out
    assert "110101199003074514" not in told.out
    again = steward("staff", "import", code, file, "--json").json
    assert (again["recorded"], again["as_before"], [row["row"] for row in again["doubts"]]) == (0, 1, [3])
    (held,) = steward("engagement", "quarantine", code, "--json").json
    assert (held["source"], held["file"], held["row"], held["column"]) == (
        "certificates",
        "certificates.csv",
        3,
        "kind",
    )
    assert f"new-1 is on {post.post_code}" in steward(*assign).out
    assert "before" in steward(*assign).out
    listed = {row["ref"]: row for row in steward("staff", "list", code, "--json").json}
    assert listed["new-1"]["state"] == "in training"
    assert "off the post" in steward("staff", "release", code, "new-1", "--on", "2027-02-20").out
    assert "was off the post before" in steward("staff", "release", code, "new-1").out
    assert steward("audit", "verify", code).code == 0


def test_results_are_recorded_by_sheet_and_one_by_one(code: str, steward: Steward, tmp_path: Path) -> None:
    post = next(p.post_code for p in vacancies(code) if not p.certificate)
    modules = [module for module, posts, _mark in training_programme(code) if post in posts]
    steward("staff", "assign", code, "new-1", post, "--on", "2027-02-01")
    file = sheet(
        tmp_path / "results.csv",
        ("Ref", "Module", "Date", "Score"),
        *[("new-1", module, "2027-02-01", "90") for module in modules[1:]],
        ("new-1", "juggling", "2027-02-01", "90"),
    )
    first = steward("training", "import", code, file, "--json").json
    assert (first["recorded"], [row["column"] for row in first["doubts"]]) == (len(modules) - 1, ["module"])
    assert steward("training", "import", code, file, "--json").json["recorded"] == 0
    sources = {row["source"] for row in steward("engagement", "quarantine", code, "--json").json}
    assert sources == {"training"}
    status = steward("training", "status", code, "--json").json
    assert status["needed"] - status["passed"] == 1
    one = ("training", "record", code, "new-1", modules[0])
    assert "expected 0 to 100" in steward(*one, "101").err
    assert "recorded" in steward(*one, "100", "--on", "2027-02-03").out
    assert "was recorded before" in steward(*one, "100", "--on", "2027-02-03").out
    status = steward("training", "status", code, "--json").json
    assert status["needed"] == status["passed"]


def test_a_month_is_computed_shown_checked_and_worked(code: str, steward: Steward, tmp_path: Path) -> None:
    post = next(p.post_code for p in vacancies(code) if p.round_the_clock)
    assert steward("roster", "check", code, "--month", MONTH).code == 1
    planned = steward("roster", "plan", code, "--month", MONTH, "--json").json
    assert sum(line["open"] for line in planned) == 0
    shown = steward("roster", "show", code, "--month", MONTH, "--post", post, "--json").json
    assert steward("roster", "plan", code, "--month", MONTH).code == 0
    assert steward("roster", "show", code, "--month", MONTH, "--post", post, "--json").json == shown
    proof = steward("roster", "check", code, "--month", MONTH, "--week-hours", "168", "--json").json
    assert proof["covered_minutes"] == proof["qualified_minutes"] == proof["required_minutes"] > 0
    export = ("roster", "export", code, "--month", MONTH, "--out", str(tmp_path))
    written = steward(*export, "--json").json
    assert {Path(name).suffix for name in written} == {".xlsx", ".pdf", ".ics"}
    assert all(Path(name).is_file() for name in written)
    assert steward(*export).code == 0, "the same files again are no other files"
    Path(written[0]).write_bytes(b"edited")
    assert "say --force" in steward(*export).err
    assert steward(*export, "--force").code == 0
    assert "There is no folder" in steward(*export[:-1], str(tmp_path / "nowhere")).err
    leave = ("roster", "leave", code, shown[0]["ref"], "--first", "2027-02-01", "--last", "2027-02-02")
    assert "leave entered" in steward(*leave).out
    assert "was entered before" in steward(*leave).out
    assert "on leave" in steward("roster", "check", code, "--month", MONTH).out
    ref = f"staff-{post}-1"
    steward("staff", "release", code, ref, "--on", "2027-02-02")
    file = sheet(
        tmp_path / "book.csv",
        ("Post", "Ref", "Date", "From", "To"),
        (post, ref, "2027-02-02", "00:00", "08:00"),
        (post, "a stranger", "2027-02-02", "08:00", "16:00"),
    )
    worked = steward("roster", "worked", code, file, "--json").json
    assert (worked["recorded"], worked["as_before"]) == (1, 0)
    assert [row["row"] for row in worked["doubts"] if row["taken"]] == [2]
    assert [row["row"] for row in worked["doubts"] if not row["taken"]] == [3]
    assert "0 new, 1 as before, 1 not taken" in steward("roster", "worked", code, file).out
    checked = steward("roster", "check", code, "--month", MONTH, "--worked")
    assert checked.code == 1
    assert "left on 2027-02-02" in checked.out
    assert "480 of" in checked.out
    assert ", 0 by people who may stand there" in checked.out
    refused = steward("roster", "import", code, file, "--json").json
    assert (refused["recorded"], refused["not_taken"]) == (0, 2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("staff", "import", "CODE", "nowhere.csv"), "there is no such file"),
        (("staff", "assign", "CODE", "new-1", "astronaut"), "no post 'astronaut'"),
        (("staff", "release", "CODE", "nobody"), "Nobody of the reference 'nobody'"),
        (("training", "import", "CODE", "BAD"), "holds the columns"),
        (("training", "record", "CODE", "new-1", "juggling", "90"), "no training module juggling"),
        (("roster", "import", "CODE", "BAD"), "holds the columns"),
        (("roster", "worked", "CODE", "BAD"), "holds the columns"),
        (("roster", "plan", "CODE", "--month", "March"), "is no month"),
        (("roster", "plan", "CODE", "--shift-hours", "7"), "does not divide the day"),
        (("roster", "check", "CODE", "--month", "2027"), "is no month"),
        (
            ("roster", "leave", "CODE", "nobody", "--first", "2027-02-01", "--last", "2027-02-02"),
            "Nobody of the reference",
        ),
    ],
)
def test_a_mistake_is_a_sentence(
    code: str, steward: Steward, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    bad = sheet(tmp_path / "bad.csv", ("a", "b"), ("1", "2"))
    answer = steward(*({"CODE": code, "BAD": bad}.get(word, word) for word in arguments))
    assert answer.code == 1
    assert said in answer.err
    assert "Traceback" not in answer.err


def test_a_person_gets_a_copy_and_is_erased_only_when_it_is_said(
    code: str, steward: Steward, tmp_path: Path
) -> None:
    out = tmp_path / "copy"
    assert "0 files. Written to" in steward("people", "export", code, "unit-001", "--out", str(out)).out
    assert sorted(path.name for path in out.iterdir()) == ["held.json", "held.xlsx"]
    assert "unit-001@residents.example.com" in (out / "held.json").read_text(encoding="utf-8")
    assert steward("people", "export", code, "unit-001", "--out", str(out)).code == 1, (
        "files are not replaced"
    )
    said = steward("people", "erase", code, "unit-001")
    assert "fields of the person" in said.out
    assert "with --yes" in said.out
    assert steward("people", "export", code, "unit-001", "--json").json["person"]["name"]
    assert "Dry run" not in steward("people", "erase", code, "unit-001", "--yes").out
    assert steward("people", "export", code, "unit-001", "--json").json["person"]["name"] == ""
    assert "no person of the reference" in steward("people", "erase", code, "nobody", "--yes").err
