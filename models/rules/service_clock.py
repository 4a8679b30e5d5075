"""How do a request's two clocks stand, reckoned anew from its log? (B6)

A clock is the measure of a set of instants: the service windows (several a day, also past midnight, less holidays,
with make-up workdays) after the receipt, less the pauses, less the times between a settling and the reopening that
undid it. Nothing is stored but the log, so a change of the promise or of the calendar judges everything again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from models.rules.request_states import LogEntry, Standing, standing
from models.rules.service_levels import (
    Pause,
    ServiceCalendar,
    ServiceLevel,
    Verdict,
    due_at,
    elapsed,
    verdict,
)

AT_RISK_SHARE = 0.8


@dataclass(frozen=True)
class Clock:
    """One clock as of an instant."""

    verdict: Verdict
    target: timedelta | None
    used: timedelta
    """Service time that has run."""
    due_at: datetime | None
    """When the target is used up; None where nothing is promised, or while the clock is held."""
    finished_at: datetime | None

    @property
    def share_used(self) -> float | None:
        """Part of the target that is used up, 1.0 at the due time; None where nothing is promised."""
        if self.target is None:
            return None
        return self.used / self.target if self.target else 1.0


@dataclass(frozen=True)
class RequestClocks:
    """Both clocks of a request."""

    response: Clock
    resolution: Clock
    held: bool
    """A pause lasts."""
    paused: timedelta
    """Time in pauses, by the clock on the wall."""
    settled_between: timedelta
    """Time between settlings and reopenings, by the clock on the wall; it is in no pause."""


def clocks(
    log: Sequence[LogEntry],
    level: ServiceLevel,
    as_of: datetime,
    at_risk_share: float = AT_RISK_SHARE,
) -> RequestClocks:
    """Reckon both clocks from what the log says up to an instant.

    Args:
        log: the whole log, in order.
        level: what is promised now; it holds for the whole log.
        as_of: what is recorded after it is not known yet.
        at_risk_share: part of the target after which an open clock is at risk.

    Raises:
        ActRefused: the log is not one that can have happened.
    """
    known = [entry for entry in log if entry.at <= as_of] or list(log[:1])
    found = standing(known)
    stopped = (*found.pauses, *found.gaps)
    return RequestClocks(
        response=_clock(
            found, level.response, level.calendar, stopped, as_of, found.responded_at, at_risk_share
        ),
        resolution=_clock(
            found, level.resolution, level.calendar, stopped, as_of, found.settled_at, at_risk_share
        ),
        held=any(pause.ends is None for pause in found.pauses),
        paused=_length(found.pauses, as_of),
        settled_between=_length(found.gaps, as_of),
    )


def with_working_days(calendar: ServiceCalendar, days: Mapping[date, bool]) -> ServiceCalendar:
    """A calendar in which single days are set as working or as days of rest.

    Args:
        calendar: the weekly windows.
        days: a day to whether it is worked; days that are not in it are as the week says.
    """
    if calendar.always_open or not days:
        return calendar
    rest = {day for day, working in days.items() if not working}
    makeup = {day for day, working in days.items() if working and not calendar.windows[day.weekday()]}
    return replace(
        calendar,
        holidays=(calendar.holidays - set(days)) | rest,
        makeup_workdays=(calendar.makeup_workdays - set(days)) | makeup,
    )


def first_decision(
    clock_log: Sequence[LogEntry], level: ServiceLevel, as_of: datetime
) -> tuple["Decision", "Decision"]:
    """When each promise was decided for the first time, and whether it was kept.

    A promise is decided by the first answer (settling), or when its target is used up, whichever comes first. A
    reopening later does not undo it: it is counted as a reopening.
    """
    known = [entry for entry in clock_log if entry.at <= as_of]
    found = standing(known) if known else None
    if found is None:
        return Decision(None, False), Decision(None, False)
    return (
        _decided(found, level.response, level.calendar, found.responded_at, as_of),
        _decided(found, level.resolution, level.calendar, found.first_settled_at, as_of),
    )


@dataclass(frozen=True)
class Decision:
    """When a promise was decided; at is None while it is not, or where there is none."""

    at: datetime | None
    kept: bool


def _decided(
    found: Standing,
    target: timedelta | None,
    calendar: ServiceCalendar,
    finished: datetime | None,
    as_of: datetime,
) -> Decision:
    if target is None:
        return Decision(None, False)
    # Up to the first finish nothing was reopened, so pauses alone stop the clock.
    pauses = [pause for pause in found.pauses if finished is None or pause.begins < finished]
    due = due_at(found.received_at, target, calendar, pauses)
    if finished is not None and elapsed(found.received_at, finished, calendar, pauses) <= target:
        return Decision(finished, True)
    if due is not None and due < as_of:
        return Decision(due, False)
    return Decision(None, False)


def _clock(
    found: Standing,
    target: timedelta | None,
    calendar: ServiceCalendar,
    stopped: tuple[Pause, ...],
    as_of: datetime,
    finished: datetime | None,
    at_risk_share: float,
) -> Clock:
    end = max(found.received_at, finished if finished is not None and finished <= as_of else as_of)
    return Clock(
        verdict=verdict(found.received_at, target, calendar, as_of, finished, stopped, at_risk_share),
        target=target,
        used=elapsed(found.received_at, end, calendar, stopped),
        due_at=None if target is None else due_at(found.received_at, target, calendar, stopped),
        finished_at=finished,
    )


def _length(spans: tuple[Pause, ...], as_of: datetime) -> timedelta:
    return sum(((span.ends or as_of) - span.begins for span in spans), timedelta(0))
