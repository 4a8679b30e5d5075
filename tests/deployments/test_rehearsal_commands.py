"""Does `steward plan rehearse` say what a plan would be like to live with, before anybody signs it?"""

import json
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from sqlmodel import select

from models.db import reading
from models.engagement import Engagement
from models.service_plan import ServicePlan
from tests import factories
from tests.deployments.conftest import Steward
from tests.reports.reading import pdf_text


@pytest.fixture
def planned(sqlite_surveyed: str) -> str:
    """An engagement whose first plan is computed and put to both sides; nobody has signed."""
    factories.propose_plan(sqlite_surveyed)
    return sqlite_surveyed


def test_an_unsigned_plan_is_rehearsed_and_nothing_is_stored(
    steward: Steward, planned: str, home: Path
) -> None:
    before = sorted(file for file in (home / "files").rglob("*") if file.is_file())
    code, out, _ = steward("plan", "rehearse", planned, "--less", "gate_guard", "--fee-late", "45", "--json")
    assert code == 0
    found = json.loads(out)
    assert (found["version"], found["state"]) == (1, "submitted")
    assert found["scenarios"][:2] == ["gate_guard less 1", "fee 45 days late"]
    uncovered = found["figures"]["uncovered_hours"]
    assert float(uncovered["as_planned"]) == 0 < float(uncovered["scenarios"][0])
    deepest = found["figures"]["deepest_balance"]
    assert float(deepest["scenarios"][1]) < 0 == float(deepest["as_planned"])
    with reading() as session:
        plan = session.exec(select(ServicePlan)).one()
    assert sum(float(month["received"]) for month in found["cash"]) == pytest.approx(float(plan.annual_fee))
    assert found["assumptions"]
    assert sorted(file for file in (home / "files").rglob("*") if file.is_file()) == before


def test_a_person_reads_the_figures_side_by_side_and_what_is_assumed(steward: Steward, planned: str) -> None:
    code, out, err = steward("plan", "rehearse", planned, "--interval", "JOB-PASSENGER-LIFT-1=FREQ=MONTHLY")
    assert (code, err) == (0, "")
    assert "Overloaded months" in out
    assert "JOB-PASSENGER-LIFT-1: every month" in out
    assert "UNLAWFUL: JOB-PASSENGER-LIFT-1 every 31 days, the law allows 15." in out
    assert "Assumed:" in out


def test_workbook_and_pdf_hold_the_rehearsal(steward: Steward, planned: str, tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"
    code, said, _ = steward("plan", "rehearse", planned, "--less", "gate_guard", "--out", str(out))
    assert code == 0
    book, paper = out / "rehearsal-plan-1.xlsx", out / "rehearsal-plan-1.pdf"
    assert sorted(out.iterdir()) == [paper, book]
    assert str(book) in said

    sheets = CalamineWorkbook.from_path(book)
    assert sheets.sheet_names == [
        "Workload",
        "Charts",
        "Overloaded months",
        "Peak weeks",
        "Statutory dates",
        "Cash flow",
        "Budget and dates",
        "Scenarios",
        "Assumptions",
    ]
    months = sheets.get_sheet_by_name("Workload").to_python()
    assert [row[0] for row in months[1:]] == [f"2027-{month:02d}" for month in range(1, 13)]
    _head, *cash, total = sheets.get_sheet_by_name("Cash flow").to_python()
    assert sum(row[-3] for row in cash) == pytest.approx(total[-3])
    assert cash[-1][-1] == pytest.approx(total[-2] - total[-3])
    rows = {row[0]: row[1:] for row in sheets.get_sheet_by_name("Scenarios").to_python() if row[0]}
    assert rows["Uncovered hours of 24 h posts"][0] == 0 < rows["Uncovered hours of 24 h posts"][1]

    text = pdf_text(paper.read_bytes())
    for words in (
        "Rehearsaloftheserviceplan",
        "gate_guardless1",
        "Balanceattheendofeachmonth",
        "Whatisassumed",
    ):
        assert words in text


def test_an_earlier_rehearsal_is_replaced_on_demand_only(
    steward: Steward, planned: str, tmp_path: Path
) -> None:
    command = ("plan", "rehearse", planned, "--out", str(tmp_path))
    assert steward(*command)[0] == 0
    book = tmp_path / "rehearsal-plan-1.xlsx"
    first = book.read_bytes()
    book.write_bytes(b"mine")
    code, _, err = steward(*command)
    assert code == 1
    assert "is there already" in err
    assert "--force" in err
    assert book.read_bytes() == b"mine"
    assert steward(*command, "--force")[0] == 0
    assert book.read_bytes() == first, "the same rehearsal gives the same bytes"
    assert steward("plan", "rehearse", planned, "--out", str(book))[0] == 1


def test_a_chinese_engagement_reads_chinese(steward: Steward, planned: str, tmp_path: Path) -> None:
    from models.db import writing

    with writing() as session:
        session.exec(select(Engagement)).one().language = "zh"
    assert steward("plan", "rehearse", planned, "--fee-late", "30", "--out", str(tmp_path))[0] == 0
    text = pdf_text((tmp_path / "rehearsal-plan-1.pdf").read_bytes())
    assert "服务方案推演" in text
    assert "付款晚30天" in text
    assert "推演假设" in CalamineWorkbook.from_path(tmp_path / "rehearsal-plan-1.xlsx").sheet_names


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--less", "nobody"), "no post 'nobody'"),
        (("--interval", "NOTHING=x2"), "no commitment 'NOTHING'"),
        (("--fee-late", "-1"), "expected 0 to"),
        (("--version", "9"), "no version 9"),
        (("--inflation", "900"), "Inflation of 900"),
    ],
)
def test_what_the_plan_does_not_hold_is_refused_in_a_sentence(
    steward: Steward, planned: str, options: tuple[str, ...], said: str
) -> None:
    code, out, err = steward("plan", "rehearse", planned, *options)
    assert (code, out) == (1, "")
    assert said in err
    assert "Traceback" not in err


def test_without_a_computed_plan_there_is_nothing_to_rehearse(steward: Steward, sqlite_surveyed: str) -> None:
    code, _, err = steward("plan", "rehearse", sqlite_surveyed)
    assert code == 1
    assert "no computed plan yet" in err


def test_a_plan_whose_content_is_lost_is_named(steward: Steward, planned: str, home: Path) -> None:
    with reading() as session:
        sha256 = session.exec(select(ServicePlan)).one().content_sha256
    next((home / "files").rglob(sha256)).unlink()
    code, _, err = steward("plan", "rehearse", planned)
    assert code == 1
    assert "cannot be read from the file store" in err
