"""Is what was agreed about the desk read as it was meant, and a slip of the pen named? (B6)"""

from datetime import time, timedelta
from typing import Any

import pytest

from models.rules.service_agreement import AgreementRefused, ServiceAgreement, read_agreement
from models.rules.service_levels import Priority, RequestKind, Window

LUNCH = "08:00-12:00, 14:00-22:00"
URGENT = {
    "kind": "repair",
    "priority": "urgent",
    "answer": "20 min",
    "settle": "1 d",
    "clock": "day_and_night",
}


def test_what_is_not_named_stays_as_proposed() -> None:
    proposed = ServiceAgreement()
    assert read_agreement({}) == proposed
    agreed = read_agreement(
        {"desk": {"monday": LUNCH, "sunday": "", "friday": "22:00-06:00"}, "targets": [URGENT]}
    )
    assert agreed.hours[0] == (Window(time(8), time(12)), Window(time(14), time(22)))
    assert agreed.hours[4][0].past_midnight
    assert (agreed.hours[6], agreed.hours[1]) == ((), proposed.hours[1])
    told = {(row.kind, row.priority): row for row in agreed.targets}
    changed = told[RequestKind.REPAIR, Priority.URGENT]
    assert (changed.response, changed.resolution, changed.round_the_clock) == (
        timedelta(minutes=20),
        timedelta(days=1),
        True,
    )
    assert len(agreed.targets) == len(proposed.targets)
    assert sum(row.source == "agreed" for row in agreed.targets) == 1


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"hours": {}}, "'hours' is not known; expected desk, targets"),
        ({"desk": "always"}, "hours by weekday"),
        ({"desk": {"funday": LUNCH}}, "'funday' is no day"),
        ({"desk": {"monday": "8-12"}}, "desk, monday: '8-12' is not a span"),
        ({"desk": dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), "")}, "never open"),
        ({"targets": {}}, None),
        ({"targets": "fast"}, "expected a list"),
        ({"targets": [{"kind": "repair"}]}, "entry 1: expected kind, priority"),
        ({"targets": [URGENT | {"kind": "wish"}]}, "entry 1, kind: 'wish'; expected one of repair"),
        ({"targets": [URGENT | {"clock": "moon"}]}, "expected one of day_and_night, desk_hours"),
        ({"targets": [URGENT | {"answer": "soon"}]}, "entry 1, answer: 'soon'; expected for example 30 min"),
        ({"targets": [URGENT | {"settle": "0 h"}]}, "settle: '0 h'"),
        ({"targets": [URGENT | {"settle": "99999 d"}]}, "up to a year"),
        ({"targets": [URGENT | {"answer": "2 d"}]}, "longer than settling"),
        ({"targets": [URGENT, URGENT]}, "entry 2: repair, urgent stands there twice"),
    ],
)  # fmt: skip
def test_a_slip_of_the_pen_is_named_with_its_place(said: dict[str, Any], words: str | None) -> None:
    if words is None:
        assert read_agreement(said) == ServiceAgreement()
        return
    with pytest.raises(AgreementRefused, match=words):
        read_agreement(said)
