"""Does every text stay the text it is in a cell, a sheet name and a CSV field?"""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.cells import Quantity, quantity, safe_csv_cell, sheet_names, workbook_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234.50", Quantity(1234.5, "#,##0.00")),
        ("-3", Quantity(-3.0, "0")),
        ("98.5%", Quantity(0.985, "0.0%")),
        ("97.4%", Quantity(0.974, "0.0%")),
        ("¥12,345.60", Quantity(12345.6, '"¥"#,##0.00')),
        ("0", Quantity(0.0, "0")),
        ("0.10", Quantity(0.1, "0.00")),
        ("0101", None),
        ("1234567890123456", None),
        ("1,23", None),
        ("12a", None),
        ("=1", None),
        ("１２", None),
        ("1e5", None),
        ("", None),
        ("nan", None),
    ],
)
def test_quantity_is_a_number_only_where_nothing_is_lost(text: str, expected: Quantity | None) -> None:
    assert quantity(text) == expected


@pytest.mark.parametrize(
    "live",
    [
        "=1+1",
        "+1-1",
        "-cmd",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "  =1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "\ufeff=1",
        "\u200b=1",
    ],
)
def test_live_csv_text_gets_a_quote(live: str) -> None:
    assert safe_csv_cell(live) == "'" + live


@pytest.mark.parametrize("plain", ["-12.50", "+3", "0101", "张伟", "a=b", "", "x@y.cn"])
def test_plain_csv_text_stays(plain: str) -> None:
    assert safe_csv_cell(plain) == plain


@given(
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.sampled_from("=+-@'\t\n＝"), max_size=40
    )
)
def test_csv_text_survives_a_csv_file(text: str) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerow([safe_csv_cell(text), "end"])
    buffer.seek(0)
    (row,) = csv.reader(buffer)
    assert row[1] == "end"
    assert row[0].removeprefix("'") == text.replace("\ufffe", "").replace("\uffff", "")


@given(st.lists(st.text(max_size=45), max_size=30))
def test_sheet_names_are_valid_and_unique(headings: list[str]) -> None:
    names = sheet_names(headings, "封面", "工作表")
    assert len({name.casefold() for name in names} | {"封面"}) == len(headings) + 1
    for name in names:
        assert 1 <= len(name.encode("utf-16-le")) // 2 <= 31
        assert not set(name) & set("[]:*?/\\")
        assert not name.startswith("'") and not name.endswith("'")


def test_text_longer_than_a_cell_is_cut_and_says_so() -> None:
    cut = workbook_text("字" * 40_000)
    assert len(cut) == 32_767 and cut.endswith("此处截断）")
    emoji = workbook_text("\U0001f600" * 20_000, "en")
    assert len(emoji.encode("utf-16-le")) // 2 <= 32_767 and emoji.endswith("cut here)")
