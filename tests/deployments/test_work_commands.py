"""Can work be seen, recorded and put right from the command line, and is every mistake a sentence?"""

from datetime import date
from pathlib import Path

import pytest

from tasks.engagements import set_simulated_date
from tests import factories
from tests.deployments.conftest import Steward


@pytest.fixture
def code(sqlite_in_service: str) -> str:
    factories.open_the_month(sqlite_in_service)
    set_simulated_date(sqlite_in_service, date(2027, 1, 20))
    return sqlite_in_service


def test_an_order_goes_from_the_list_to_a_corrected_record(code: str, steward: Steward) -> None:
    rows = steward("work", "list", code, "--json").json
    lift = next(row for row in rows if row["target"] == "LIFT-1")
    number = str(lift["order"])
    assert "is begun" in steward("work", "start", code, number, "--by", "custodian-1").out
    done = (
        "work",
        "complete",
        code,
        number,
        "--by",
        "custodian-1",
        "--result",
        "passed",
        "--at",
        "2027-01-20 00:00",
    )
    assert "is recorded as passed" in steward(*done).out
    assert "was recorded so before" in steward(*done).out
    fixed = steward(
        *("work", "correct", code, number, "--by", "custodian-1", "--result", "passed"),
        *("--at", "2027-01-19", "--reason", "[red]wrong day"),
    )
    assert "is corrected" in fixed.out
    shown = steward("work", "show", code, number).out
    assert "2027-01-20 00:00" in shown
    assert "replaced by 3" in shown
    assert "[red]wrong day" in shown
    assert steward("audit", "verify", code).code == 0


def test_late_work_is_told_once(code: str, steward: Steward) -> None:
    assert steward("work", "tell", code).out.startswith("Told of orders past their last day: ")
    assert steward("work", "tell", code).out.strip() == "Nothing new to tell."


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("complete", "CODE", "999999", "--by", "custodian-1"), "has no work order 999999"),
        (("complete", "CODE", "1", "--by", "custodian-1", "--at", "soon"), "--at is 'soon'"),
        (("complete", "CODE", "1", "--by", "custodian-1", "--hours", "x"), "--hours is 'x'"),
        (("reject", "CODE", "1", "--by", "custodian-1", "--reason", " "), "--reason is empty"),
        (("sheet", "CODE", "--post", "technician", "--month", "2027-01", "-o", "x.txt"), "expected the name of a workbook"),
        (("import", "CODE", "nowhere.xlsx"), "there is no such file"),
    ],
)  # fmt: skip
def test_a_mistake_is_a_sentence(code: str, steward: Steward, arguments: tuple[str, ...], said: str) -> None:
    answer = steward("work", *(code if word == "CODE" else word for word in arguments))
    assert answer.code == 1
    assert said in answer.err
    assert "Traceback" not in answer.err


def test_a_sheet_is_written_beside_its_paper_and_never_over_a_filled_one(
    code: str, steward: Steward, tmp_path: Path
) -> None:
    out = tmp_path / "january.xlsx"
    write = ("work", "sheet", code, "--post", "technician", "--month", "2027-01", "--out", str(out))
    assert steward(*write).code == 0
    assert (tmp_path / "january.pdf").read_bytes().startswith(b"%PDF")
    assert "say --force" in steward(*write).err
    assert "0 recorded" in steward("work", "import", code, str(out)).out


def test_a_round_a_machine_and_the_shelf_from_the_command_line(
    code: str, steward: Steward, tmp_path: Path
) -> None:
    route = steward("work", "route", code, "--json").json
    assert {"PUMP-1", "LIFT-1"} <= {row["asset"] for row in route}
    number = next(
        r["order"] for r in steward("work", "list", code, "--json").json if r["series"] == "ROUND-WATER-1D"
    )
    done = ("work", "complete", code, str(number), "--by", "custodian-1")
    assert "expected ASSET:ITEM=answer" in steward(*done, "--check", "PUMP-1").err
    assert steward(*done, "--check", "PUMP-1:WS-PRESS=0.75").code == 0
    assert steward("asset", "warnings", code, "--json").json[0]["state"] == "out"
    assert "0.75 MPa" in steward("asset", "ledger", code, "PUMP-1").out
    assert "has no asset 'PUMP-9'" in steward("asset", "ledger", code, "PUMP-9").err
    assert "7 labels" in steward("asset", "labels", code, "--out", str(tmp_path / "labels.pdf")).out
    part = ("stock", "part", code, "SEAL", "--name", "Pump seal")
    assert "new" in steward(*part).out
    assert "as before" in steward(*part).out
    assert "4 on the shelf" in steward("stock", "receive", code, "SEAL", "4", "--reference", "DN-1").out
    assert "3 on the shelf" in steward("stock", "issue", code, "SEAL", "1", "--order", str(number)).out
    assert (
        "was recorded before; 3" in steward("stock", "issue", code, "SEAL", "1", "--order", str(number)).out
    )
    assert "expected a number" in steward("stock", "count", code, "SEAL", "x", "--reference", "C").err
    assert [row["level"] for row in steward("stock", "list", code, "--json").json] == ["3"]
    assert "order" in steward("stock", "show", code, "SEAL").out
