"""Can permits be issued, listed and signed off from the command line? (B2)"""

from datetime import date
from pathlib import Path

import pytest

from models.db import writing
from tasks.engagements import find_engagement, set_simulated_date
from tasks.findings import raise_corrective_order
from tests.deployments.conftest import Steward

ON = date(2027, 1, 20)


@pytest.fixture
def code(sqlite_in_service: str) -> str:
    set_simulated_date(sqlite_in_service, ON)
    with writing() as session:
        raise_corrective_order(
            session,
            find_engagement(session, sqlite_in_service).id or 0,
            series="request:R-1",
            title="更换污水井盖，有限空间",
            target=("asset", "PUMP-1"),
            clause="B2",
            post_code="technician",
            on=ON,
        )
    return sqlite_in_service


def test_a_permit_goes_from_need_to_sign_off(code: str, steward: Steward, tmp_path: Path) -> None:
    (need,) = steward("permit", "list", code, "--needed", "--json").json
    assert need["lacks"] == "confined_space"
    order = str(need["order"])
    start = ("work", "start", code, order, "--by", "staff-technician-1")
    assert "steward permit issue" in steward(*start).err
    issue = (
        "permit",
        "issue",
        code,
        order,
        "confined_space",
        "--holder",
        "staff-technician-1",
        "--by",
        "custodian-1",
    )
    assert "Check first on the spot" in steward(*issue).err
    assert "is issued" in steward(*issue, "--all-checked").out
    assert "was issued before" in steward(*issue, "--all-checked").out
    assert "is begun" in steward(*start).out
    (row,) = steward("permit", "list", code, "--open", "--json").json
    number = str(row["permit"])
    done = ("work", "complete", code, order, "--by", "staff-technician-1")
    assert "steward permit close" in steward(*done).err
    sheet = tmp_path / "sheet.csv"
    sheet.write_text(f"Order,Where,result,by\n{order},PUMP-1,done,staff-technician-1\n", encoding="utf-8")
    assert "steward permit close" in steward("work", "import", code, str(sheet)).out, (
        "a sheet goes no other way"
    )
    close = ("permit", "close", code, number, "--by", "staff-electrician-1")
    assert "second person" in steward(*close[:-1], "staff-technician-1").err
    assert "is signed off" in steward(*close).out
    assert "was signed off before" in steward(*close).out
    assert "is recorded" in steward(*done).out
    assert steward("permit", "list", code, "--open", "--json").json == []
    kinds = {row["kind"] for row in steward("permit", "kinds", "--json").json}
    assert kinds == {"hot_work", "confined_space", "height", "lift_pit", "live_electrical"}
    assert "有限空间" in steward("permit", "kinds", "--zh").out
    assert "has no permit 99" in steward("permit", "close", code, "99", "--by", "custodian-1").err
    assert steward("audit", "verify", code).code == 0
