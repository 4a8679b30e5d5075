"""Can the planned work be seen, explained and changed from the command line, and is every mistake a sentence?"""

from datetime import date
from pathlib import Path

import pytest
from sqlmodel import select

from models.db import reading
from models.occurrence import MeterReading, Occurrence
from models.work import WorkOrder
from tasks.engagements import set_simulated_date
from tests import factories
from tests.deployments.conftest import Steward
from tests.tasks.test_occurrences import add_promise, of

GENERATOR = {"meter": {"every": "250", "unit": "h"}}


@pytest.fixture
def code(sqlite_in_service: str) -> str:
    add_promise(
        sqlite_in_service,
        ("PUMP-1",),
        "RUN",
        rrule="FREQ=MONTHLY;INTERVAL=6",
        start_on=date(2027, 2, 10),
        planning=GENERATOR,
    )
    add_promise(sqlite_in_service, ("PUMP-1",), "END", rrule="FREQ=MONTHLY", start_on=date(2027, 1, 31))
    factories.open_the_month(sqlite_in_service)
    set_simulated_date(sqlite_in_service, date(2027, 1, 20))
    return sqlite_in_service


def test_a_month_is_shown_with_days_and_states(code: str, steward: Steward) -> None:
    rows = steward("schedule", "show", code, "--json").json
    assert {row["state"] for row in rows} <= {"released", "absorbed"}
    assert all(row["due_on"].startswith("2027-01") for row in rows)
    planned = steward("schedule", "show", code, "--month", "2027-02", "--state", "planned", "--json").json
    assert planned
    one = steward("schedule", "show", code, "--month", "2027-02", "--series", "PPM-END").out
    assert "2027-02-28 is no working day" in one


def test_a_date_is_explained_by_start_k_clip_and_shift(code: str, steward: Steward) -> None:
    found = steward("schedule", "explain", code, "PPM-END/PUMP-1", "--json").json
    assert (found["rrule"], found["start_on"], found["basis"]) == ("FREQ=MONTHLY", "2027-01-31", "fixed")
    first, second = found["occurrences"]
    assert (first["k"], first["nominal_on"], first["due_on"], first["clipped"]) == (
        *(0, "2027-01-31", "2027-01-29", ""),
    )
    assert (second["k"], second["nominal_on"], second["due_on"]) == (1, "2027-02-28", "2027-02-26")
    assert "from the 31." in second["clipped"]
    assert "weekend rule" in found["working_days"]["2027"]
    text = steward("schedule", "explain", code, "PPM-END/PUMP-1").out
    assert "FREQ=MONTHLY from 2027-01-31, fixed" in text
    answer = steward("schedule", "explain", code, "PPM-END/NOWHERE")
    assert answer.code == 1
    assert "PPM-END/PUMP-1" in answer.err, "what was probably meant"


def test_what_is_left_out_keeps_its_record_and_reason(code: str, steward: Steward) -> None:
    words = ("schedule", "skip", code, "PPM-END/PUMP-1", "0", "--reason", "pump is in the workshop")
    assert "is left out" in steward(*words).out
    assert "left out before" in steward(*words).out
    assert [(one["state"], one["reason"]) for one in of("END", "PUMP-1")] == [
        ("skipped", "pump is in the workshop"),
        ("planned", ""),
    ]
    with reading() as session:
        order = session.exec(select(WorkOrder).where(WorkOrder.series == "PPM-END")).one()
        assert (order.state, order.reason) == ("skipped", "pump is in the workshop")
    for wrong, told in (
        (("PPM-END/PUMP-1", "99", "--reason", "x"), "no occurrence 99"),
        (("PPM-END/PUMP-1", "1", "--reason", " "), "expected a reason"),
    ):
        answer = steward("schedule", "skip", code, *wrong)
        assert answer.code == 1
        assert told in answer.err


def test_leaving_out_the_larger_service_plans_the_smaller_one_again(
    sqlite_in_service: str, steward: Steward
) -> None:
    code = sqlite_in_service
    add_promise(code, ("LIFT-1",), "SMALL", rrule="FREQ=MONTHLY", start_on=date(2027, 1, 14))
    add_promise(
        code,
        ("LIFT-1",),
        "LARGE",
        rrule="FREQ=YEARLY",
        start_on=date(2027, 1, 14),
        planning={"absorbs": ["SMALL"]},
    )
    factories.open_the_month(code)
    assert of("SMALL")[0]["state"] == "absorbed"
    steward("schedule", "skip", code, "PPM-LARGE/LIFT-1", "0", "--reason", "no spare parts")
    assert (of("SMALL")[0]["state"], of("SMALL")[0]["absorbed_by"]) == ("released", "")


def test_a_meter_makes_work_due_once_and_a_correction_not_again(code: str, steward: Steward) -> None:
    assert of("RUN", "PUMP-1")[0]["state"] == "planned"
    for on, value in (("2027-01-05", "1000"), ("2027-01-12", "1260"), ("2027-01-19", "1300")):
        answer = steward("schedule", "reading", code, "PUMP-1", value, "--on", on)
        assert answer.code == 0, answer.err
    assert "Due by the meter: PPM-RUN/PUMP-1" in answer.out
    steward("schedule", "reading", code, "PUMP-1", "1262", "--on", "2027-01-12")
    steward("schedule", "reading", code, "PUMP-1", "1262", "--on", "2027-01-12")
    with reading() as session:
        assert len(session.exec(select(MeterReading)).all()) == 4
        orders = session.exec(select(WorkOrder).where(WorkOrder.series == "PPM-RUN")).all()
        assert [order.due_on for order in orders] == [date(2027, 1, 12)]
        rows = session.exec(select(Occurrence).where(Occurrence.commitment_code == "PPM-RUN")).all()
        assert [(row.ordinal, row.by_meter, row.state) for row in rows] == [(0, True, "released")]
    assert (
        "every 250 h; 300 since the first reading"
        in steward("schedule", "explain", code, "PPM-RUN/PUMP-1").out
    )
    for arguments, told in (
        (("PUMP-1", "900"), "cannot show 900"),
        (("PUMP-1", "many"), "expected a number"),
        (("GHOST", "1"), "no asset 'GHOST'"),
        (("PUMP-1", "1400", "--on", "2027-06-01"), "after the business date"),
    ):
        answer = steward("schedule", "reading", code, *arguments)
        assert answer.code == 1
        assert told in answer.err


def test_a_months_calendar_is_written_for_each_team(code: str, steward: Steward, tmp_path: Path) -> None:
    folder = tmp_path / "calendars"
    folder.mkdir()
    written = steward("schedule", "calendar", code, "2027-01", "--out", str(folder), "--json").json
    assert sorted(Path(name).name for name in written) == sorted(path.name for path in folder.iterdir())
    assert {path.suffix for path in folder.iterdir()} == {".ics", ".pdf"}
    assert steward("schedule", "calendar", code, "2031-01", "--out", str(folder)).out.startswith("Nothing")
    assert steward("schedule", "show", code, "--month", "soon").code == 1
