"""Which work needs which permit, and when may it begin and end? (B2)"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from models.catalogue_files import load_catalogue
from models.catalogue_reading import CatalogueInvalid
from models.permit_files import load_permit_kinds, read_permit_kinds
from models.rules.permits import Moment, PermitFacts, kinds_required, why_not_begun, why_not_finished

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2027, 3, 1, 1, 0, tzinfo=UTC)  # nine o'clock in Shanghai


def permit(kind: str = "hot_work", holder: str = "tech-1", closed_by: str = "") -> PermitFacts:
    return PermitFacts(kind, holder, START, START + timedelta(hours=8), closed_by)


def at(hours: float) -> Moment:
    moment = START + timedelta(hours=hours)
    return Moment(moment.astimezone(ZONE).date(), moment, ZONE)


@pytest.mark.parametrize(
    ("series", "title", "expected"),
    [
        ("PPM-WS-TANK-6M", "Tanks", ["confined_space"]),
        ("PPM-DR-SEPTIC-6M.02@2", "Emptying", ["confined_space"]),
        ("finding:PPM-DR-SEPTIC-6M:2027-03-01", "Cover broken", ["confined_space"]),
        ("part:suspension-rope", "更换曳引钢丝绳", ["lift_pit"]),
        ("request:R-0007", "消防管道焊接", ["hot_work"]),
        ("request:R-0008", "WELDING of the gate on a scaffold", ["height", "hot_work"]),
        ("PPM-LIFT-15D", "Lift maintenance, half-monthly list", []),
        ("ROUND-WATER-1D", "Round", []),
    ],
)
def test_work_is_dangerous_by_its_plan_its_part_or_its_words(
    series: str, title: str, expected: list[str]
) -> None:
    assert sorted(kind.code for kind in kinds_required(load_permit_kinds(), series, title)) == expected


def test_a_planned_round_that_looks_after_hot_work_is_no_hot_work() -> None:
    kinds = load_permit_kinds()
    title = "每日防火巡查（通道、设施、动火）"
    assert kinds_required(kinds, "PATROL-FIRE-1D", title, corrective=False) == []
    assert [kind.code for kind in kinds_required(kinds, "request:R-1", title)] == ["hot_work"]


def test_every_plan_and_part_of_the_table_is_in_the_catalogue() -> None:
    catalogue = load_catalogue()
    plans = {plan.code: plan for plan in catalogue.job_plans}
    parts = {part.code for plan in plans.values() for part in plan.wear_parts}
    for kind in load_permit_kinds():
        assert set(kind.plans) <= set(plans)
        assert set(kind.parts) <= parts


def test_only_the_holder_begins_and_only_while_the_permit_holds() -> None:
    needed = ["hot_work"]
    assert "needs a permit for hot_work in the hands of tech-1" in why_not_begun(needed, [], "tech-1", at(1))
    assert "in the hands of tech-2" in why_not_begun(needed, [permit()], "tech-2", at(1))
    assert "no permit for hot_work that holds at that time" in why_not_begun(
        needed, [permit()], "tech-1", at(9)
    )
    assert why_not_begun(needed, [permit()], "tech-1", at(8)) == ""
    assert "is signed off" in why_not_begun(needed, [permit(closed_by="other")], "tech-1", at(1))
    assert why_not_begun([], [], "tech-1", at(1)) == ""


def test_a_result_waits_for_a_second_person() -> None:
    needed = ["hot_work"]
    assert "held when the work was done" in why_not_finished(needed, [], "tech-1", at(1))
    assert "no second person" in why_not_finished(needed, [permit()], "tech-1", at(1))
    signed = permit(closed_by="guard-1")
    assert why_not_finished(needed, [signed], "tech-1", at(1)) == ""
    assert "another person than guard-1" in why_not_finished(needed, [signed], "guard-1", at(1))
    # A permit somebody issued for more danger than the table knows has to be signed off too.
    assert "height" in why_not_finished(needed, [signed, permit("height")], "tech-1", at(1))
    # Where only the day is known, the day decides.
    day = Moment(date(2027, 3, 1), None, ZONE)
    assert why_not_finished(needed, [signed], "tech-1", day) == ""
    assert why_not_finished(needed, [signed], "tech-1", Moment(date(2027, 3, 2), None, ZONE)) != ""


def test_a_mistake_in_the_table_is_named(tmp_path: Path) -> None:
    text = (Path("models/catalogue/permits.yaml")).read_text(encoding="utf-8")
    (tmp_path / "permits.yaml").write_text(
        text.replace("longest_hours: 8", "longest_hours: 0"), encoding="utf-8"
    )
    with pytest.raises(CatalogueInvalid, match=r"hot_work.*longest_hours"):
        read_permit_kinds(tmp_path)
