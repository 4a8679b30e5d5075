"""Is the moment of an act taken as it was meant, and refused where it is still to come?"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.clock import utc_now
from models.engagement import Engagement
from models.errors import Terminal
from tasks.engagements import instant_done, instant_meant

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_a_wall_time_is_the_propertys_and_a_zone_that_is_said_counts() -> None:
    real = _engagement()
    said = datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert instant_meant(real, said.replace(tzinfo=None)) == datetime(2026, 1, 5, 1, tzinfo=UTC)
    assert instant_meant(real, said) == said
    assert abs(instant_meant(real) - utc_now()) < timedelta(minutes=5)


def test_a_demonstration_has_this_time_of_day_on_its_own_day() -> None:
    shown = instant_done(_engagement(date(2028, 2, 29))).astimezone(SHANGHAI)
    assert shown.date() == date(2028, 2, 29)


def test_what_is_to_come_is_refused_and_a_clock_a_little_ahead_means_now() -> None:
    real, now = _engagement(), utc_now()
    with pytest.raises(Terminal, match="still to come"):
        instant_done(real, now + timedelta(hours=1))
    ahead = instant_done(real, utc_now() + timedelta(minutes=2))
    assert now <= ahead <= utc_now()


def _engagement(simulated_on: date | None = None) -> Engagement:
    return Engagement(code="X", timezone="Asia/Shanghai", simulated_on=simulated_on)
