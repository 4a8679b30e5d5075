"""Are minutes read without guessing: good rows taken, every bad cell named, no text too strange? (B7)"""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rules.meeting_minutes import (
    ATTENDANCE,
    COLUMNS,
    MEETING,
    RESOLUTIONS,
    Known,
    quorum_reached,
    read_minutes,
)

KNOWN = Known({"unit-1", "unit-2"}, {"manager", "electrician"}, date(2027, 2, 16), date(2027, 2, 17))
CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["unit-1", "1", "-3", "yes", "2027-02-30", "1e9", "NaN", "50%", "manager", "held_on"]),
)


@given(st.dictionaries(st.sampled_from(list(COLUMNS)), st.lists(st.lists(CELLS, max_size=8), max_size=6)))
def test_no_text_is_too_strange_to_be_named_or_taken(rows: dict[str, list[list[str]]]) -> None:
    read = read_minutes({sheet: [list(COLUMNS[sheet]), *lines] for sheet, lines in rows.items()}, KNOWN)
    filled = sum(any(cell.strip() for cell in line) for lines in rows.values() for line in lines)
    taken = len(read.resolutions) + len(read.attendance)
    assert taken <= filled
    assert all(problem.expected and problem.column is not None for problem in read.problems)
    assert len({one.ref for one in read.resolutions}) == len(read.resolutions)
    assert read.attended is None or read.attended >= len(read.attendance)


@pytest.mark.parametrize(
    ("cells", "column", "expected"),
    [
        (("1", "", "", "", "", "", "", ""), "text", "what was resolved"),
        (("a b!", "x", "", "", "", "", "", ""), "ref", "letters, digits"),
        (("1", "x", "mayor", "", "", "", "", ""), "post", "electrician, manager"),
        (("1", "x", "", "2027-02-30", "", "", "", ""), "due", "no day of the calendar"),
        (("1", "x", "", "2027-02-15", "", "", "", ""), "due", "the day of the meeting or a later one"),
        (("1", "x", "", "", "-1", "", "", ""), "for", "whole number"),
        (("1", "x", "", "", "3", "9", "", "yes"), "adopted", "no, with 3 for and 9 against"),
        (("1", "x", "", "", "", "", "", "perhaps"), "adopted", "yes or no"),
    ],
)
def test_a_bad_cell_is_named_with_what_was_expected(
    cells: tuple[str, ...], column: str, expected: str
) -> None:
    read = read_minutes({RESOLUTIONS: [COLUMNS[RESOLUTIONS], cells, ("2", "y")]}, KNOWN)
    assert [one.ref for one in read.resolutions] == ["2"], "the good row is taken"
    (problem,) = read.problems
    assert (problem.row, problem.column) == (2, column)
    assert expected in problem.expected


def test_votes_decide_and_a_tie_is_no_majority() -> None:
    rows = [("1", "x", "", "", "5", "5"), ("2", "x", "", "", "6", "5"), ("3", "x")]
    read = read_minutes({RESOLUTIONS: [COLUMNS[RESOLUTIONS], *rows]}, KNOWN)
    assert [one.adopted for one in read.resolutions] == [False, True, True]


def test_more_cannot_attend_than_are_entitled_nor_fewer_than_signed() -> None:
    read = read_minutes({MEETING: [("key", "value"), ("attended", "50"), ("entitled", "40")]}, KNOWN)
    assert (read.attended, read.problems[0].expected) == (None, "at most the 40 entitled")
    lists = {
        MEETING: [("key", "value"), ("attended", "1")],
        ATTENDANCE: [("ref", "how"), ("unit-1", ""), ("unit-2", "online")],
    }
    read = read_minutes(lists, KNOWN)
    assert (read.attended, read.problems[0].column) == (2, "attended")


def test_a_quorum_that_cannot_be_told_is_neither_reached_nor_missed() -> None:
    half = Decimal("0.5")
    assert quorum_reached(20, 40, half) is True
    assert quorum_reached(19, 40, half) is False
    assert (
        quorum_reached(None, 40, half)
        is quorum_reached(20, None, half)
        is quorum_reached(20, 40, None)
        is None
    )
