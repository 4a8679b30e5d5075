"""Can inspections be recorded and followed from the command line, and is every mistake a sentence? (B3, B4)"""

from datetime import date

import pytest

from tasks.engagements import set_simulated_date
from tests.deployments.conftest import Steward


@pytest.fixture
def code(sqlite_in_service: str) -> str:
    set_simulated_date(sqlite_in_service, date(2027, 1, 20))
    return sqlite_in_service


def test_a_failed_look_is_followed_until_it_passes(code: str, steward: Steward) -> None:
    marks = ("--mark", "LITTER=90", "--mark", "GLASS=80", "--mark", "DUST=80")
    record = ("inspection", "record", code, "QC-LOBBY", "site", "--by", "custodian-1", *marks)
    failed = steward(*record, "--mark", "FLOOR=40", "--at", "2027-01-19 09:00")
    assert "failed" in failed.out
    assert "Below their own mark: FLOOR" in failed.out
    assert "To be done again: order" in failed.out
    (row,) = steward("inspection", "list", code, "--open", "--json").json
    assert row["marks"]["FLOOR"] == "40"
    assert "site" in steward("inspection", "due", code).out
    assert "Settled: order" in steward(*record, "--mark", "FLOOR=90", "--at", "2027-01-20 09:00").out
    assert "was recorded before" in steward(*record, "--mark", "FLOOR=90", "--at", "2027-01-20 09:00").out
    assert "none" in steward("inspection", "list", code, "--open").out
    assert "FLOOR" in steward("inspection", "sheets", code).out
    assert steward("audit", "verify", code).code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("record", "CODE", "QC-LOBBY", "site", "--by", "custodian-1", "--mark", "FLOOR"), "expected CRITERION=mark"),
        (("record", "CODE", "QC-LOBBY", "site", "--by", "custodian-1", "--mark", "FLOOR=90"), "has no mark"),
        (("record", "CODE", "QC-LOBBY", "site", "--by", "custodian-1", "--mark", "A=1", "--mark", "A=2"), "names 'A' twice"),
        (("list", "CODE", "--month", "soon"), "expected a month such as 2027-03"),
        (("import", "CODE", "nowhere.csv"), "there is no such file"),
    ],
)  # fmt: skip
def test_a_mistake_is_a_sentence(code: str, steward: Steward, arguments: tuple[str, ...], said: str) -> None:
    answer = steward("inspection", *(code if word == "CODE" else word for word in arguments))
    assert answer.code == 1
    assert said in answer.err
    assert "Traceback" not in answer.err
