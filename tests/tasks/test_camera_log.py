"""Does a camera's fault become one repair until it is done, and is what nobody looked at not called healthy? (B5)"""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import col, select, update

from models.camera_limit_files import load_camera_limits
from models.db import reading, writing
from models.register import Asset
from models.rules.cameras import CameraFault, CameraState, faults_of, is_camera
from models.rules.cycles import CycleKind
from models.work import WorkOrder, WorkRecord
from tasks.camera_log import (
    CameraRecorded,
    CameraRefused,
    SaidCamera,
    camera_history,
    camera_states,
    count_healthy,
    import_cameras,
    record_camera,
)
from tasks.engagements import engagement_id, find_engagement, set_simulated_date
from tasks.indicators import compute_indicators, figures_of
from tasks.quarantine import quarantine_of
from tasks.work_records import FieldNote, complete_work
from tests import factories

WHO = "custodian-1"
FINE = CameraState(True, True, 5, 31)


@pytest.fixture
def code(in_service: str) -> str:
    set_simulated_date(in_service, date(2027, 1, 20))
    return in_service


def found(code: str, day: int, state: CameraState = FINE, camera: str = "CAM-1") -> CameraRecorded:
    return record_camera(code, SaidCamera(camera, state, WHO, date(2027, 1, day)))


def repairs() -> list[WorkOrder]:
    with reading() as session:
        return list(
            session.exec(
                select(WorkOrder).where(col(WorkOrder.series).startswith("cctv:")).order_by(col(WorkOrder.id))
            ).all()
        )


def in_order(tag: str = "CAM-1") -> bool:
    with reading() as session:
        return session.exec(select(Asset.in_order).where(Asset.tag == tag)).one()


@pytest.mark.parametrize(
    ("state", "faults"),
    [
        (CameraState(True, True, 60, 30), ()),
        (CameraState(True, True, -61, None), (CameraFault.CLOCK,)),
        (CameraState(True, True, None, 29), (CameraFault.RETENTION,)),
        (CameraState(False, False, None, None), (CameraFault.RECORDING, CameraFault.PICTURE)),
    ],
)
def test_a_limit_is_still_healthy_and_so_is_what_nobody_looked_at(
    state: CameraState, faults: tuple[CameraFault, ...]
) -> None:
    assert faults_of(state, load_camera_limits()) == faults


def test_cameras_are_known_by_class_and_words() -> None:
    limits = load_camera_limits()
    assert is_camera(limits, "security", "CAM-1", "Video surveillance camera")
    assert is_camera(limits, "security", "大门", "高清摄像机")
    assert not is_camera(limits, "security", "Gate 1", "Barrier gate")
    assert not is_camera(limits, "lift", "Camera", "")


def test_a_fault_is_one_repair_until_it_is_done(code: str) -> None:
    first = found(code, 10, CameraState(False, True))
    assert (first.faults, first.raised) == (("recording",), ("recording",))
    (repair,) = repairs()
    assert (repair.series, repair.target_code, repair.due_on) == (
        "cctv:recording:2027-01-10",
        "CAM-1",
        date(2027, 1, 11),
    )
    assert not in_order()
    assert found(code, 11, CameraState(False, False)).raised == ("picture",)
    assert [r.state for r in repairs()] == ["released", "released"]
    for repair in repairs():
        complete_work(code, repair.id or 0, FieldNote(WHO, date(2027, 1, 12)))
    assert in_order()
    assert found(code, 13, CameraState(False, True)).raised == ("recording",)


def test_another_entry_for_the_day_takes_the_place_of_the_first_and_calls_off_its_repair(code: str) -> None:
    assert found(code, 10, CameraState(False, True)).new
    assert not found(code, 10, CameraState(False, True)).new
    assert found(code, 10).new
    (repair,) = repairs()
    assert (repair.state, "another entry" in repair.reason) == ("skipped", True)
    assert in_order()
    assert [row["counts"] for row in camera_history(code, "CAM-1")] == ["yes", ""]


def test_what_nobody_looked_at_is_not_healthy(code: str) -> None:
    found(code, 19)
    found(code, 20, CameraState(True, True, None, 12), "CAM-2")
    states = {row["camera"]: row for row in camera_states(code)}
    assert (states["CAM-1"]["state"], states["CAM-1"]["last_healthy"]) == ("not checked", "2027-01-19")
    assert (states["CAM-2"]["state"], states["CAM-2"]["faults"], states["CAM-2"]["days_kept"]) == (
        "fault",
        "retention",
        12,
    )
    assert {row["camera"] for row in camera_states(code, date(2027, 1, 19), faulty=True)} == {"CAM-2"}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (
            SaidCamera("LIFT-1", FINE, WHO),
            "'LIFT-1' is no camera of the register; expected one of: CAM-1, CAM-2",
        ),
        (SaidCamera("CAM-1", FINE, "Zhang San"), "no reference of this engagement"),
        (SaidCamera("CAM-1", FINE, WHO, date(2027, 1, 21)), "expected 2027-01-01 to 2027-01-20"),
    ],
)
def test_a_check_that_cannot_be_is_refused_in_words(code: str, said: SaidCamera, why: str) -> None:
    with pytest.raises(CameraRefused, match=why):
        record_camera(code, said)


def test_good_rows_of_a_file_are_kept_once_and_bad_ones_named(code: str, tmp_path: Path) -> None:
    path = tmp_path / "cameras.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(
            [
                ("摄像机", "日期", "录像", "图像", "时钟偏差", "保存天数", "人员编号"),
                ("CAM-1", "2027-01-10", "正常", "正常", "-5", "31", WHO),
                ("CAM-2", "2027-01-10", "异常", "正常", "", "", WHO),
                ("CAM-2", "2027-01-10", "正常", "正常", "", "", WHO),
                ("CAM-9", "2027-01-10", "正常", "正常", "", "", WHO),
                ("CAM-1", "2027-01-11", "maybe", "正常", "", "", WHO),
                ("CAM-1", "2027-01-12", "正常", "正常", "fast", "", WHO),
                ("CAM-1", "2027-01-13", "正常", "正常", "", "-3", WHO),
                ("CAM-1", "2027-01-14", "正常", "正常", "", "", "张三"),
                ("CAM-1", "2027-02-14", "正常", "正常", "", "", WHO),
            ]
        )
    tried = import_cameras(code, path, dry_run=True)
    assert camera_history(code, "CAM-1") == []
    assert repairs() == []
    taken = import_cameras(code, path)
    assert taken == tried
    assert (taken.recorded, taken.faulty) == (2, 1)
    assert [(d.row, d.column) for d in taken.doubts] == [
        (4, "camera"),
        (5, "camera"),
        (6, "recording"),
        (7, "drift"),
        (8, "retained"),
        (9, "by"),
        (10, "day"),
    ]
    assert taken.doubts[5].value == ""
    assert import_cameras(code, path).as_before == 2
    assert len([cell for cell in quarantine_of(code) if cell.source == "camera"]) == 7
    assert len(repairs()) == 1


def test_the_share_of_healthy_cameras_counts_checks_made_and_none_is_no_data(code: str) -> None:
    def figure(period: str, as_of: date) -> tuple[Decimal, Decimal | None, Decimal | None]:
        cycle = factories.claim(code, CycleKind.MONTH_CLOSE, period, as_of)
        compute_indicators.fn(cycle)
        with reading() as session:
            rows = figures_of(session, cycle.engagement_id, period)
        (one,) = (row for row in rows if row.code == "cameras_healthy")
        return one.numerator, one.denominator, one.value

    for day in (10, 11, 12):
        found(code, day)
    found(code, 12, CameraState(True, False))
    set_simulated_date(code, date(2027, 2, 1))
    assert figure("2027-01", date(2027, 2, 1)) == (Decimal(2), Decimal(3), Decimal("0.666667"))
    set_simulated_date(code, date(2027, 3, 1))
    assert figure("2027-02", date(2027, 3, 1)) == (Decimal(0), Decimal(0), None)


def planned_check(day: int) -> WorkOrder:
    with reading() as session:
        return session.exec(
            select(WorkOrder).where(WorkOrder.subject == "cctv_check", WorkOrder.due_on == date(2027, 1, day))
        ).one()


def test_the_planned_check_is_done_once_every_camera_was_looked_at(code: str) -> None:
    factories.open_the_month(code)
    *most, last = (state["camera"] for state in camera_states(code))
    assert [found(code, 12, camera=camera).settled for camera in most] == [0] * len(most)
    assert planned_check(12).state == "released"
    assert found(code, 12, CameraState(True, False), last).settled == 1
    order = planned_check(12)
    assert (order.state, order.done_on) == ("done", date(2027, 1, 12))
    with reading() as session:
        record = session.exec(select(WorkRecord).where(WorkRecord.work_order_id == order.id)).one()
    assert (record.staff_ref, record.outcome) == (WHO, "done")
    assert record.note == f"{len(most) + 1} cameras seen, 1 with a fault"
    assert planned_check(13).state == "released"


def test_a_camera_nobody_looked_at_where_the_plan_asks_lowers_the_share_of_healthy_ones(code: str) -> None:
    factories.open_the_month(code)
    cameras = [state["camera"] for state in camera_states(code)]
    for day, missed in ((10, 0), (11, 1), (13, 0)):
        for camera in cameras[missed:]:
            found(code, day, camera=camera)
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        # The 9th lies before the log begins, the 20th is not over.
        assert count_healthy(session, key, date(2027, 1, 1), date(2027, 1, 31)) == (
            3 * len(cameras) - 1,
            10 * len(cameras),
        )


def test_an_entry_about_a_camera_the_register_lost_stands_for_no_other(code: str) -> None:
    factories.open_the_month(code)
    first, *others = (state["camera"] for state in camera_states(code))
    found(code, 12, camera=first)
    with writing() as session:  # it was replaced by one that nobody has looked at
        session.exec(update(Asset).where(col(Asset.tag) == first).values(tag="CAM-NEW"))
    assert [found(code, 12, camera=camera).settled for camera in others] == [0] * len(others)
    assert planned_check(12).state == "released"
