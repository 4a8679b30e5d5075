"""Which packs are refused before anything is drawn, and what are their files called?"""

from decimal import Decimal

import pytest

from reports.pack import Bar, BarState, Column, Table, pack_file_name
from tests.reports.packs import english_pack, rich_pack


def test_row_of_wrong_length_is_refused_with_its_number() -> None:
    with pytest.raises(ValueError, match="'Costs', row 2: 1 cells for 2 columns"):
        Table("Costs", (Column("a"), Column("b")), (("1", "2"), ("3",)))


def test_total_of_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="row 2"):
        Table("Costs", (Column("a"),), (("1",),), total=("1", "2"))


@pytest.mark.parametrize(
    ("value", "state"),
    [(None, "met"), (None, "missed"), (Decimal(0), "no_data"), (Decimal("NaN"), "met")],
    ids=["absent but met", "absent but missed", "zero called no data", "not a number"],
)
def test_bar_that_contradicts_itself_is_refused(value: Decimal | None, state: BarState) -> None:
    with pytest.raises(ValueError, match="Response"):
        Bar("Response", value, None, state)


def test_file_name_keeps_chinese_and_drops_paths() -> None:
    assert pack_file_name(rich_pack(), "pdf") == "ENG-2026-01_2026年6月_月度服务评审报告.pdf"
    assert "/" not in pack_file_name(english_pack(title="../../etc/passwd"), "pdf")


def test_the_files_of_a_folder_stand_in_the_order_of_their_months() -> None:
    names = [pack_file_name(rich_pack(), "pdf", month) for month in ("2026-09", "2026-10")]
    assert names == ["ENG-2026-01_2026-09_月度服务评审报告.pdf", "ENG-2026-01_2026-10_月度服务评审报告.pdf"]
