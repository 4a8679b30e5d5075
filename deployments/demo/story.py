"""How does the engagement go, day by day? Moves the simulated date and lets clockwork and people act in turn."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Protocol

from deployments.demo import money, owners, preparation, reviewing, service
from deployments.demo.cast import FIRST_CONTACT, Cast
from deployments.demo.chance import Chance
from deployments.demo.ending import count_the_handover_list, decide_what_is_open
from models.db import reading
from models.rules.cycles import due_cycles
from models.rules.stages import SERVING, Stage
from tasks.cycles import cycle_facts
from tasks.emergencies import (
    emergency_plan_kinds,
    incident_known,
    incident_steps,
    open_incidents,
    record_step,
)
from tasks.engagements import find_engagement, set_simulated_date
from tasks.intake import record_history

SURVEY_VISIT = timedelta(days=9)
PAPERS = timedelta(days=12)
EMERGENCY_MONTH = 7
"""The emergency happens on the tenth of this month of the calendar."""
_LESSONS = {
    False: ("阀门位置应贴图标识", "Label the valves on the plan at the pump room"),
    True: ("各岗位职责卡应随身携带", "Each post carries the card of its steps"),
}
"""What is learnt of an emergency, and of a drill."""


Question = tuple[str, str]
"""Subject of a decision, and the party that is asked."""


class Clockwork(Protocol):
    """How the product's own work is run: by the Prefect worker, or in this process."""

    def take_in(self, cast: Cast, on: date) -> None:
        """Run the flows of first contact, and record the people."""

    def run_due(self, code: str, on: date) -> int:
        """Start everything that is due and wait until it is done; returns how many runs."""

    def answer_gates(self, code: str) -> int:
        """Answer the questions that wait in the Prefect UI; returns how many."""

    def emergency(self, code: str, reference: str, kind: str, summary: str, at: datetime) -> None:
        """Run the emergency flow."""

    def stand_down(self, code: str, reference: str, at: datetime, loss: Decimal, lesson: str) -> None:
        """Run the flow that ends an emergency or drill."""

    def deliver_mail(self) -> None:
        """Send what waits in the outbox."""


@dataclass(frozen=True)
class Moment:
    """A day of the story that is over, for the progress display."""

    day: date
    stage: str
    runs: int


def play(
    cast: Cast,
    clockwork: Clockwork,
    gates: tuple[Question, ...] = (),
    until: Callable[[], bool] = lambda: False,
) -> Iterator[Moment]:
    """Play the engagement from first contact to handover; a story cut short goes on where it stopped.

    Args:
        cast: property, parties and people.
        clockwork: how flows are run.
        gates: what is decided in the Prefect UI, and by whom.
        until: asked after each day; true ends the story early.

    Yields:
        Each day on which something happened.
    """
    code, chance = cast.form.code, Chance(cast.form.code)
    clockwork.take_in(cast, FIRST_CONTACT)
    record_history(code, cast.history)
    today = max(FIRST_CONTACT, _reached(code))
    before = today - timedelta(days=45)  # a killed run may have left the last weeks half-recorded
    while True:
        set_simulated_date(code, today)
        _people_act(code, cast, chance, before, today, clockwork)
        runs = _clockwork_acts(code, chance, today, clockwork, gates)
        stage = _stage(code)
        yield Moment(today, stage, runs)
        if stage in (Stage.CLOSED, Stage.WITHDRAWN) or until():
            clockwork.deliver_mail()
            return
        before, today = today, _next_day(code, cast, today)


def _people_act(
    code: str, cast: Cast, chance: Chance, before: date, today: date, clockwork: Clockwork
) -> None:
    """What people did since the last day of the story, up to yesterday."""
    stage = _stage(code)
    yesterday = today - timedelta(days=1)
    if stage == Stage.DUE_DILIGENCE:
        if today >= FIRST_CONTACT + PAPERS:
            preparation.hand_over_documents(code, chance, FIRST_CONTACT + PAPERS)
            preparation.survey_condition(code, "entry", chance, FIRST_CONTACT + SURVEY_VISIT)
    elif stage == Stage.MOBILISATION:
        preparation.staff_the_posts(code, chance, cast.form.term_start - timedelta(days=14))
    elif stage in SERVING:
        first, last = max(cast.form.term_start, before), min(yesterday, cast.form.term_end)
        if first <= last:
            service.stand_guard(code, chance, first, last)
            service.answer_requests(code, chance, first, last)
            service.do_the_work(code, chance, last)  # with the repairs that were asked for
            money.keep_books(code, chance, (cast.form.term_start, cast.form.term_end), first, last)
        _emergency(code, cast, today, clockwork)
        _exercise(code, chance, clockwork)
        owners.hold_meetings(code, chance, yesterday)
        owners.answer_surveys(code, chance, today)
        owners.carry_out_actions(code, today)
        reviewing.look_back(code, today)
        reviewing.settle_and_follow(code, today)
        if today >= cast.form.term_end:
            count_the_handover_list(code, chance, cast.form.term_end)


def _clockwork_acts(
    code: str, chance: Chance, today: date, clockwork: Clockwork, gates: tuple[Question, ...]
) -> int:
    """Run what is due, let the parties decide, and look again, until the day is done."""
    runs = 0
    while True:
        started = clockwork.run_due(code, today)
        _exercise(code, chance, clockwork)
        answered = decide_what_is_open(code, today, gates)
        answered += clockwork.answer_gates(code)
        runs += started
        if not started and not answered:
            return runs


def _emergency(code: str, cast: Cast, today: date, clockwork: Clockwork) -> None:
    day = date(cast.form.term_start.year, EMERGENCY_MONTH, 10)
    if not day < today <= day + timedelta(days=31) or day > cast.form.term_end:
        return
    reference, kinds = f"E-{day:%Y%m%d}", emergency_plan_kinds(code)
    if not kinds or incident_known(code, reference):
        return
    kind = "burst_pipe" if "burst_pipe" in kinds else kinds[0]
    summary = "演示情景：地下室进水" if cast.form.language == "zh" else "Scenario: water in the basement"
    clockwork.emergency(code, reference, kind, summary, datetime.combine(day, time(6, 40), UTC))


def _exercise(code: str, chance: Chance, clockwork: Clockwork) -> None:
    """The people on call do the steps of whatever is active, mostly in time, and stand down."""
    with reading() as session:
        zh = find_engagement(session, code).language == "zh"
    for reference, activated_at in open_incidents(code):
        last = activated_at
        for ordinal, minutes in incident_steps(code, reference):
            taken = chance.between(0.4, 1.08, "step", reference, ordinal) * max(minutes, 1)
            done_at = activated_at + timedelta(minutes=round(taken))
            record_step(code, reference, ordinal, done_at)
            last = max(last, done_at)
        drill = reference.startswith("drill")
        loss = Decimal("0.00") if drill else Decimal(round(chance.between(20, 90, "loss", reference)) * 100)
        lesson = _LESSONS[drill][0 if zh else 1]
        clockwork.stand_down(code, reference, last + timedelta(minutes=20), loss, lesson)


def _next_day(code: str, cast: Cast, today: date) -> date:
    """The next day on which something is due, or people are to do something first."""
    with reading() as session:
        engagement = find_engagement(session, code)
        facts = cycle_facts(session, engagement)
    if facts.stage is Stage.DUE_DILIGENCE and not facts.surveyed:
        return FIRST_CONTACT + PAPERS
    far = cast.form.term_end + timedelta(days=400)
    days = {cycle.due_on for cycle in due_cycles(facts, far) if cycle.due_on > today}
    if today <= cast.form.term_end:
        days.add(cast.form.term_end + timedelta(days=1))
    return min(days, default=today + timedelta(days=1))


def _reached(code: str) -> date:
    with reading() as session:
        return find_engagement(session, code).simulated_on or FIRST_CONTACT


def _stage(code: str) -> str:
    with reading() as session:
        return find_engagement(session, code).stage


def in_service(code: str) -> bool:
    """Whether the engagement is past its contract and its preparations."""
    return _stage(code) in SERVING
