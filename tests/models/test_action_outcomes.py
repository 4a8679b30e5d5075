"""Does a review say of each earlier action whether it was kept, and whether it worked? (C1)"""

from datetime import date

import pytest

from models.rules.action_outcomes import ActionFacts, Effect, Kept, outcome_of

DUE, LATER = date(2027, 3, 3), date(2027, 4, 1)


@pytest.mark.parametrize(
    ("state", "done_on", "on", "kept", "effect"),
    [
        ("open", None, DUE, Kept.NOT_DUE, Effect.NONE),
        ("open", None, LATER, Kept.OVERDUE, Effect.NONE),
        ("done", DUE, LATER, Kept.IN_TIME, Effect.WAITING),
        ("verified", DUE, LATER, Kept.IN_TIME, Effect.WORKED),
        ("worsened", date(2027, 3, 20), LATER, Kept.LATE, Effect.NOT_SHOWN),
        ("insufficient_n", DUE, LATER, Kept.IN_TIME, Effect.NOT_SHOWN),
        ("verified", date(2027, 4, 20), LATER, Kept.OVERDUE, Effect.NONE),
    ],
)
def test_an_action_is_judged_by_the_day_first_promised_and_by_what_was_known_then(
    state: str, done_on: date | None, on: date, kept: Kept, effect: Effect
) -> None:
    found = outcome_of(ActionFacts(state, DUE, done_on), on)
    assert (found.kept, found.effect) == (kept, effect)
