"""Can reviews, joint evaluation and an early end be led from the command line, and is every mistake a sentence? (C1, C3)"""

from datetime import date
from pathlib import Path

import pytest

from models.rules.cycles import ONCE, CycleKind
from tasks.cycles import finish_cycle
from tasks.engagements import set_simulated_date
from tasks.evaluation import issue_dossier, open_evaluation
from tasks.indicators import compute_indicators
from tasks.reviews import issue_month_report, review_period
from tasks.work_months import close_month_orders
from tests import factories
from tests.deployments.conftest import Steward


@pytest.fixture
def code(sqlite_in_service: str) -> str:
    """January is over, and nothing was done in it."""
    factories.open_the_month(sqlite_in_service)
    set_simulated_date(sqlite_in_service, date(2027, 2, 1))
    return sqlite_in_service


def test_a_figure_is_followed_to_its_records_and_a_review_to_its_answers(
    code: str, steward: Steward, tmp_path: Path
) -> None:
    assert (
        steward("review", "write", code, "2027-01", "--text", "A hard month", "--by", "custodian-1").code == 0
    )
    cycle = factories.claim(code, CycleKind.MONTH_CLOSE, "2027-01", date(2027, 2, 1))
    close_month_orders.fn(cycle)
    compute_indicators.fn(cycle)
    review_period.fn(cycle, "month")
    issue_month_report.fn(cycle)
    assert "round_completion" in steward("indicator", "list", code).out
    out = tmp_path / "rounds.xlsx"
    shown = steward(
        "indicator", "show", code, "round_completion", "2027-01", "--counted-against", "--out", str(out)
    )
    assert "The records below come to this figure." in shown.out
    assert "contract-1, clause" in shown.out
    assert out.exists()
    again = steward("indicator", "show", code, "round_completion", "2027-01", "--out", str(out))
    assert (again.code, "say --force" in again.err) == (1, True)
    rows = steward("indicator", "show", code, "round_completion", "2027-01", "--json").json["rows"]
    assert {row["found"] for row in rows} == {"missed"}
    review = steward("review", "show", code, "2027-01")
    assert "A hard month" in review.out
    owed = next(
        one["ref"] for one in steward("review", "show", code, "2027-01", "--json").json["problems"]
        if one["reason"] == "ANSWER OWED"
    )  # fmt: skip
    assert "an answer to" in steward("engagement", "status", code).out
    answered = steward(
        "review", "answer", code, "2027-01", owed, "--reason", "made up for", "--by", "custodian-1"
    )
    assert answered.out.strip() == f"{owed}: answered."
    wrong = steward("review", "answer", code, "2027-01", "work:x", "--reason", "y", "--by", "custodian-1")
    assert (wrong.code, "noted no problem 'work:x'" in wrong.err) == (1, True)


def test_both_sides_mark_differ_settle_and_see_what_follows(code: str, steward: Steward) -> None:
    set_simulated_date(code, date(2027, 12, 11))
    cycle = factories.claim(code, CycleKind.JOINT_EVALUATION, ONCE, date(2027, 12, 11))
    open_evaluation.fn(cycle)
    issue_dossier.fn(cycle)
    finish_cycle.fn(cycle)
    marks = ("--service", "4", "--equipment", "4", "--owners", "4")
    low = steward("evaluation", "mark", code, "client", *marks, "--finance", "2")
    assert (low.code, "expected the reason" in low.err) == (1, True)
    assert (
        "4 marks recorded"
        in steward(
            "evaluation", "mark", code, "client", *marks, "--finance", "2", "--finance-why", "late"
        ).out
    )
    assert (
        "4 marks recorded" in steward("evaluation", "mark", code, "custodian", *marks, "--finance", "4").out
    )
    assert steward("evaluation", "differences", code, "--json").json[0]["client_why"] == "late"
    assert "the sides differ on finance: settled by 2027-12-18" in steward("engagement", "status", code).out
    steward("evaluation", "assign", code, "finance", "--owner", "manager", "--until", "2027-12-15")
    settled = steward(
        "evaluation", "settle", code, "finance", "--outcome", "By the fifth", "--by", "client-1"
    )
    assert settled.out.strip() == "finance: settled."
    assert steward("evaluation", "tasks", code).out.strip() == f"What follows for {code}: none."
    factories.answer(code, "renewal", "end", on=date(2027, 12, 12))
    assert "exit_survey" in steward("evaluation", "tasks", code).out
    assert "done" in steward("evaluation", "done", code, "people_told", "--by", "custodian-1").out
    assert "people_told" in steward("engagement", "status", code).out


def test_weights_and_an_evaluation_by_appointment(code: str, steward: Steward) -> None:
    weights = ("--service", "40", "--equipment", "20", "--finance", "20", "--owners", "20")
    unnamed = steward("evaluation", "agree", code, *weights)
    assert (unnamed.code, "--agreed-in" in unnamed.err) == (1, True)
    assert "recorded" in steward("evaluation", "agree", code, *weights, "--agreed-in", "Supplement 1").out
    assert "called" in steward("evaluation", "open", code, "--on", "2027-06-30").out
    assert "It was called before." in steward("evaluation", "open", code, "--on", "2027-06-30").out


def test_a_custody_ends_early_and_comes_back(code: str, steward: Steward) -> None:
    notice = (
        "engagement", "end", code, "2027-06-30", "--ground", "notice", "--party", "client",
        "--reason", "The owners take over", "--by", "client-1",
    )  # fmt: skip
    dry = steward(*notice, "--dry-run")
    assert dry.out.startswith("Dry run, nothing written. The custody would end on 2027-06-30")
    assert "early-end-1: both sides are asked" in steward(*notice).out
    assert (
        steward("engagement", "withdraw", code, "--party", "client", "--reason", "x", "--by", "client-1").code
        == 1
    )
    factories.answer(code, "early_end", on=date(2027, 2, 1))
    assert steward("engagement", "list", "--json").json[0]["term"].endswith("2027-06-30")
    back = steward("engagement", "end-undo", code, "--reason", "Both go on", "--by", "custodian-1")
    assert "are as before" in back.out
    assert steward("engagement", "list", "--json").json[0]["term"].endswith("2027-12-31")
