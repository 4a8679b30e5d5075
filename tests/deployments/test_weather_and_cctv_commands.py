"""Can weather and cameras be kept from the command line, and is every mistake a sentence? (B3-B5)"""

from datetime import date

import pytest

from tasks.engagements import set_simulated_date
from tests import factories
from tests.deployments.conftest import Steward


@pytest.fixture
def code(sqlite_in_service: str) -> str:
    factories.open_the_month(sqlite_in_service, "2027-05")
    set_simulated_date(sqlite_in_service, date(2027, 5, 20))
    return sqlite_in_service


def test_rain_is_recorded_tried_applied_and_taken_back(code: str, steward: Steward) -> None:
    rows = steward("schedule", "show", code, "--series", "GREEN-SITE-WATER", "--json").json
    due = next(row["due_on"] for row in rows if row["due_on"] >= "2027-05-13")
    set_simulated_date(code, date(2027, 5, 20))
    record = ("weather", "record", code, due, "--rain", "22.5", "--source", "[red]gauge")
    assert f"{due}: recorded" in steward(*record).out
    assert "was recorded so before" in steward(*record).out
    assert "[red]gauge" in steward("weather", "list", code).out
    assert "Dry run" in steward("weather", "apply", code, "--from", due, "--dry-run").out
    assert steward("weather", "changes", code, "--json").json == []
    applied = steward("weather", "apply", code, "--from", due, "--json").json
    assert [(row["act"], row["due"]) for row in applied if row["series"].startswith("GREEN-SITE-WATER")] == [
        ("skip", due)
    ]
    undone = steward("weather", "undo", code, "--from", due, "--json").json
    assert len(undone["undone"]) + len(undone["left"]) == len(applied)
    assert steward("audit", "verify", code).code == 0


def test_a_camera_is_logged_listed_and_repaired(code: str, steward: Steward) -> None:
    assert "not checked" in steward("cctv", "list", code).out
    record = ("cctv", "record", code, "CAM-1", "--by", "custodian-1", "--no-picture", "--drift", "-90")
    said = steward(*record).out
    assert "fault: picture, clock; recorded" in said
    assert "Repairs asked for: picture, clock" in said
    assert "was recorded so before" in steward(*record).out
    states = {row["camera"]: row for row in steward("cctv", "list", code, "--json").json}
    assert states["CAM-1"]["faults"] == "picture, clock"
    repairs = states["CAM-1"]["repairs"].split(", ")
    assert len(repairs) == 2
    for number in repairs:
        assert steward("work", "complete", code, number, "--by", "custodian-1").code == 0
    assert "healthy; recorded" in steward("cctv", "record", code, "CAM-1", "--by", "custodian-1").out
    assert [row["counts"] for row in steward("cctv", "log", code, "CAM-1", "--json").json] == ["yes", ""]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("weather", "record", "CODE", "2027-05-20", "--rain", "wet", "--source", "x"), "--rain is no rainfall"),
        (("weather", "record", "CODE", "2028-05-20", "--rain", "1", "--source", "x"), "is outside what is kept"),
        (("weather", "import", "CODE", "nowhere.csv"), "there is no such file"),
        (("weather", "apply", "CODE", "--from", "2027-01-01"), "expected days from 2027-05-13"),
        (("cctv", "record", "CODE", "LIFT-1", "--by", "custodian-1"), "is no camera of the register"),
        (("cctv", "log", "CODE", "LIFT-1"), "is no camera of the register"),
        (("cctv", "import", "CODE", "nowhere.csv"), "there is no such file"),
    ],
)  # fmt: skip
def test_a_mistake_is_a_sentence(code: str, steward: Steward, arguments: tuple[str, ...], said: str) -> None:
    answer = steward(*(code if word == "CODE" else word for word in arguments))
    assert answer.code == 1
    assert said in answer.err
    assert "Traceback" not in answer.err
