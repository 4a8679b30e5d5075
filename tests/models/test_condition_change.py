"""Is a worse grade put down to age first, then to what was missed, and never to anybody without a ground? (C4)"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from models.rules.condition_change import Aged, Cause, ElementFacts, explain, grades_by_age

FIRST, LAST = date(2026, 10, 24), date(2027, 12, 31)
YOUNG = Aged(date(2024, 1, 1), Decimal(15))
OLD = Aged(date(2016, 1, 1), Decimal(12))
FACTS = ElementFacts("lift", 2, 2, True, (YOUNG,), 0, 24, 0, 0, 0, Decimal("1200.00"))


def _cause(**changes: object) -> Cause:
    return explain(replace(FACTS, **changes), FIRST, LAST).cause  # type: ignore[arg-type]


def test_age_alone_takes_grades_by_what_the_entry_grade_left_of_the_life() -> None:
    # Grade 2 leaves 7.5 of 15 years; after 1.19 years 6.31 are left: 1 + log2(15 / 6.31) = 2.25.
    assert grades_by_age((YOUNG,), 2, FIRST, LAST) == 0
    # Grade 4 leaves 1.5 of 12 years; 0.31 are left: 1 + log2(12 / 0.31) = 6.3, cut at 6.
    assert grades_by_age((OLD,), 4, FIRST, LAST) == 2
    assert grades_by_age((Aged(None, None), Aged(None, Decimal(0))), 2, FIRST, LAST) is None
    assert grades_by_age((Aged(LAST, Decimal(15)),), 1, FIRST, LAST) == 0, "installed on the last day"


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({}, Cause.AS_BEFORE),
        ({"entry_score": 4, "exit_score": 4, "assets": (OLD,)}, Cause.KEPT_UP),
        ({"exit_score": 1, "repairs_done": 3}, Cause.REPAIRED),
        ({"exit_score": 1}, Cause.BETTER_UNEXPLAINED),
        ({"entry_score": 4, "exit_score": 6, "assets": (OLD,), "missed": 24}, Cause.AGEING),
        ({"exit_score": 4}, Cause.UNEXPLAINED),
        ({"exit_score": 4, "missed": 2}, Cause.UNEXPLAINED),
        ({"exit_score": 4, "missed": 3}, Cause.NEGLECT),
        ({"exit_score": 4, "missed": 1, "statutory_missed": 1}, Cause.NEGLECT),
        ({"exit_score": 4, "refused": 1}, Cause.REFUSED),
        ({"exit_score": 4, "refused": 1, "missed": 24}, Cause.NEGLECT),
        ({"exit_score": 4, "assets": ()}, Cause.UNEXPLAINED),
        ({"entry_score": None}, Cause.NOT_COMPARABLE),
        ({"comparable": False}, Cause.NOT_COMPARABLE),
    ],
)
def test_what_is_left_after_age_is_put_down_to_what_is_on_record(
    changes: dict[str, object], cause: Cause
) -> None:
    assert _cause(**changes) is cause


def test_only_neglect_and_what_nothing_explains_may_be_claimed() -> None:
    assert explain(replace(FACTS, exit_score=4), FIRST, LAST).disputable
    assert explain(replace(FACTS, exit_score=4, missed=9), FIRST, LAST).disputable
    assert not explain(replace(FACTS, exit_score=4, refused=1), FIRST, LAST).disputable
    assert not explain(FACTS, FIRST, LAST).disputable
