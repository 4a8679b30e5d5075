"""Is a table read on a terminal of 80 letters without a word cut in two?"""

import io

import pytest
from rich.console import Console

from deployments.terminal_table import column_widths, print_table

HEADS = ("priority", "finding", "element", "asset", "defect", "score", "repair cost", "who pays")
ROW = ("1", "WAT-OUTSIDE-cc1c0ec5", "Low-voltage electricity", "Sink Type C-3", "Loose rail at the stair", "1",
       "1200.00", "client: was there before the term")  # fmt: skip


def printed(heads: tuple[str, ...], rows: list[tuple[str, ...]], width: int, title: str = "Findings") -> str:
    out = io.StringIO()
    print_table(heads, rows, title, console=Console(file=out, width=width))
    return out.getvalue()


@pytest.mark.parametrize("width", [60, 80, 100, 140, 200])
def test_every_word_and_code_stands_whole_and_no_line_is_longer_than_the_terminal(width: int) -> None:
    text = printed(HEADS, [ROW], width)
    for word in " ".join((*HEADS, *ROW)).split():
        assert word in text, f"{word} at {width}"
    assert max(len(line) for line in text.splitlines()) <= width


def test_what_does_not_fit_side_by_side_is_printed_line_by_line_without_what_is_empty() -> None:
    lines = printed(HEADS, [ROW, ("2", "X", *[""] * 6)], 60).splitlines()
    assert "  finding      WAT-OUTSIDE-cc1c0ec5" in [line.rstrip() for line in lines]
    assert sum("repair cost" in line for line in lines) == 1


def test_less_important_columns_give_way_before_the_table_does_and_are_named() -> None:
    out = io.StringIO()
    heads, row = ("code", "what", "post"), ("PPM-1", "Lift maintenance", "lift_technician_of_firm")
    print_table(heads, [row], "Work", less=("post",), console=Console(file=out, width=40))
    assert "│ PPM-1" in out.getvalue() and "technician" not in out.getvalue()
    assert "Not shown for want of room: post" in out.getvalue()


def test_a_column_without_any_value_takes_no_room() -> None:
    assert "pages" not in printed(("ref", "pages"), [("D-1", ""), ("D-2", "")], 80)


def test_text_of_files_is_no_markup_and_a_long_hash_is_folded_whole() -> None:
    text = printed(("#", "text [bold]"), [("f" * 64, "[red]urgent[/red]")], 80, "[b]Title")
    assert "[red]urgent[/red]" in text and "text [bold]" in text and "[b]Title" in text
    assert text.count("f") == 64


def test_chinese_takes_two_letters_of_room_a_sign() -> None:
    assert column_widths(("a", "b"), [("热水随时可用", "x")], 80) == [12, 1]


def test_a_column_of_chinese_keeps_room_for_four_signs_beside_a_long_one() -> None:
    widths = column_widths(("what", "how"), [("人员工资、社会保险和福利", "explained at length " * 30)], 60)
    assert widths is not None
    assert widths[0] >= 8
