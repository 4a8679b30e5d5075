"""When is a run that has not started given up?"""

from datetime import timedelta

import pytest
from prefect.states import Pending, Running, Scheduled

from models.clock import utc_now
from models.settings import settings
from tasks.launching import death_in, hangs_before_start


@pytest.mark.parametrize(
    ("attempt", "seconds", "hangs"),
    [(1, 20, False), (1, 30, True), (2, 30, False), (2, 60, True), (5, 390, False)],
)
def test_a_slow_machine_gets_twice_the_time_with_each_attempt(
    monkeypatch: pytest.MonkeyPatch, attempt: int, seconds: int, hangs: bool
) -> None:
    monkeypatch.setenv("STEWARD_STUCK_START_SECONDS", "25")
    settings.cache_clear()
    handed_over = Pending(timestamp=utc_now() - timedelta(seconds=seconds))
    assert hangs_before_start(handed_over, attempt) is hangs


def test_a_run_that_has_started_does_not_hang_before_its_start() -> None:
    assert not hangs_before_start(Running(timestamp=utc_now() - timedelta(days=1)), 1)


def test_a_run_that_waits_for_its_start_longer_than_a_lease_is_not_dead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("STEWARD_CYCLE_LEASE_SECONDS", "60")
    settings.cache_clear()
    long_ago = utc_now() - timedelta(seconds=90)
    for waiting in (Scheduled(timestamp=long_ago), Pending(timestamp=long_ago)):
        assert death_in(waiting, attempt=1, lease_expired=True) == ""
    just_begun = Running(timestamp=utc_now() - timedelta(seconds=5))
    assert death_in(just_begun, attempt=1, lease_expired=True) == ""
    begun_long_ago = Running(timestamp=long_ago)
    assert death_in(begun_long_ago, attempt=1, lease_expired=False) == ""
    assert death_in(begun_long_ago, attempt=1, lease_expired=True) == "the run shows no sign of life"
