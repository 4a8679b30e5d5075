"""Can patrols be kept from the command line, and is every mistake a sentence? (B5)"""

from datetime import date
from pathlib import Path

import pytest

from tasks.engagements import set_simulated_date
from tests.deployments.conftest import Steward

ROUTES = "Route,Point,Place,Windows\nNIGHT,P1,[red]Gate,22:00-23:00\nNIGHT,P2,Car park,\n"


@pytest.fixture
def code(sqlite_in_service: str) -> str:
    set_simulated_date(sqlite_in_service, date(2027, 1, 20))
    return sqlite_in_service


def test_a_route_is_taken_in_walked_checked_and_told(code: str, steward: Steward, tmp_path: Path) -> None:
    file = tmp_path / "routes.csv"
    file.write_text(ROUTES, encoding="utf-8")
    assert "1 routes would be taken" in steward("patrol", "routes", code, str(file), "--dry-run").out
    taken = steward("patrol", "routes", code, str(file), "--from", "2027-01-19")
    assert "1 routes taken" in taken.out
    assert "[red]Gate" in steward("patrol", "list", code).out
    scan = ("patrol", "scan", code, "P1", "--by", "custodian-1", "--at", "2027-01-20 22:10")
    assert "recorded" in steward(*scan).out
    assert "was recorded before" in steward(*scan).out
    rounds = steward("patrol", "check", code, "--json").json
    assert [(r["day"], r["state"], r["missed"]) for r in rounds] == [
        ("2027-01-19", "missed", ["P1", "P2"]),
        ("2027-01-20", "incomplete", ["P2"]),
    ]
    assert rounds[1]["scans"] == [
        {"point": "P1", "state": "seen", "at": "2027-01-20 22:10", "by": "custodian-1"}
    ]
    assert "2 rounds told" in steward("patrol", "check", code, "--missed", "--tell").out
    assert "0 rounds told" in steward("patrol", "check", code, "--missed", "--tell").out
    assert steward("audit", "verify", code).code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("routes", "CODE", "nowhere.csv"), "there is no such file"),
        (("import", "CODE", "nowhere.csv"), "there is no such file"),
        (("scan", "CODE", "P9", "--by", "custodian-1"), "is on no patrol route; expected one of: none"),
        (("check", "CODE", "--route", "X"), "has no patrol route 'X'"),
        (("check", "CODE", "--from", "2027-02-01", "--to", "2027-01-01"), "expected the first day before the last"),
        (("end", "CODE", "X"), "has no patrol route 'X'"),
        (("list", "NOBODY"), "There is no engagement"),
    ],
)  # fmt: skip
def test_a_mistake_is_a_sentence(code: str, steward: Steward, arguments: tuple[str, ...], said: str) -> None:
    answer = steward("patrol", *(code if word == "CODE" else word for word in arguments))
    assert answer.code == 1
    assert said in answer.err
    assert "Traceback" not in answer.err
