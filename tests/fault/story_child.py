"""Which short engagement is killed in the crash sweep? Plays it in a process of its own, flow by flow.

The clockwork here is the product's own dispatcher, flows and outbox, called one after the other in this
process, so that the k-th commit is the same commit in every run. Started again after a kill it does what an
operator and the reconciler would do, and goes on where the story stopped.
"""

import json
import os
import shutil
import sys
import time
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from deployments.catalogue import CATALOGUE
from deployments.demo.cast import Cast, register_cast
from deployments.demo.story import Moment, play
from flows.dispatch import deliver_mail
from flows.respond import respond_to_emergency, stand_down_emergency
from flows.take_in import import_asset_register, take_in_engagement
from models.faults import passings
from models.rules.cycles import CycleKind
from models.rules.stages import Stage
from models.settings import settings
from tasks.cycles import claim_due, started_cycles
from tasks.dispatching import repair_dead_cycles
from tasks.intake import record_people
from tasks.launching import FLOW_OF_KIND
from tasks.outbox import release_expired_claims, resolve_uncertain, uncertain_mails
from tests.fault.harness import COUNTED, RESULT, copy_installation, message_ids

CODE = "SWEEP-2027"
TERM = (date(2027, 7, 1), date(2027, 8, 30))
"""So that no report falls on the day of the drill: after a kill it might be compiled after the drill instead of
before it, and would rightly say so."""
RESIDENTS = 12
PATIENCE_SECONDS = 60.0
FLOWS = {entry.flow.name: entry.flow for entry in CATALOGUE}


class InlineClockwork:
    """Does what dispatcher and worker do, one run after the other in this process."""

    def take_in(self, cast: Cast, on: date) -> None:
        take_in_engagement(cast.form, on)
        record_people(cast.form.code, cast.people)
        take_in_engagement(cast.form, on)  # now that the parties are known it asks them
        import_asset_register(cast.form.code, str(cast.workbook))

    def run_due(self, code: str, on: date) -> int:
        claimed = claim_due(code, on)
        for cycle in claimed:
            FLOWS[FLOW_OF_KIND[CycleKind(cycle.kind)]](code, cycle.period, cycle.as_of, cycle.attempt)
        if claimed:
            deliver_mail()
        return len(claimed)

    def answer_gates(self, code: str) -> int:
        return 0

    def emergency(self, code: str, reference: str, kind: str, summary: str, at: datetime) -> None:
        respond_to_emergency(code, reference, kind, summary, at=at)

    def stand_down(self, code: str, reference: str, at: datetime, loss: Decimal, lesson: str) -> None:
        stand_down_emergency(code, reference, loss, lesson, at)

    def deliver_mail(self) -> None:
        deliver_mail()


def short_cast(workbook: Path) -> Cast:
    """Two months, a dozen residents."""
    cast = register_cast(workbook)
    form = cast.form.model_copy(update={"code": CODE, "term_start": TERM[0], "term_end": TERM[1]})
    parties = [person for person in cast.people if not person.ref.startswith("resident")]
    residents = tuple(
        parties[0].model_copy(
            update={
                "ref": f"resident-{number:03d}",
                "role": "owner" if number % 4 else "tenant",
                "name": f"住户 {number}（虚构）",
                "email": f"resident-{number:03d}@residents.example.com",
                "unit": f"U{number:03d}",
                "property_type": "residential",
            }
        )
        for number in range(1, RESIDENTS + 1)
    )
    return replace(cast, form=form, people=(*parties, *residents))


def clear_up_after_a_kill(mail_folder: Path) -> None:
    """The reconciler's work, and the operator's look into the mailbox for what is uncertain."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while started_cycles():
        repair_dead_cycles(unstarted_too=True)
        if time.monotonic() > deadline:
            raise TimeoutError(f"still marked as being worked on: {started_cycles()}")
        time.sleep(0.1)
    time.sleep(float(os.environ["STEWARD_MAIL_LEASE_SECONDS"]) + 0.1)
    release_expired_claims()
    arrived = message_ids(mail_folder)
    for key, message_id in uncertain_mails():
        resolve_uncertain(key, arrived=message_id in arrived)


def play_day_by_day(workbook: Path, mail_folder: Path, last_day: str, copies: Path | None) -> None:
    """Play until a day is over; say how far each day came, and keep a copy of the installation after each if asked.

    All mail of a day is sent on that day, so that an installation that was killed and resumed can be compared
    with an undisturbed one at the end of the day.
    """
    clockwork, days = InlineClockwork(), []
    for moment in play(short_cast(workbook), clockwork):
        clockwork.deliver_mail()
        days.append({"day": f"{moment.day}", "commits": max(passings(name) for name in COUNTED)})
        if copies is not None:
            copy_installation(settings().home, copies / f"{moment.day}")
            shutil.copytree(mail_folder, copies / f"{moment.day}" / "mail", dirs_exist_ok=True)
        if f"{moment.day}" == last_day:
            break
    Path(os.environ[RESULT]).write_text(json.dumps(days))


def play_through(workbook: Path, how: str) -> None:
    """Play to the end, or until the service begins."""
    moments: list[Moment] = []
    for moment in play(short_cast(workbook), InlineClockwork()):
        moments.append(moment)
        if how == "until-service" and moment.stage == Stage.IN_SERVICE:
            break
    result = {
        "stage": moments[-1].stage,
        "runs": sum(moment.runs for moment in moments),
        "passings": {name: passings(name) for name in COUNTED},
    }
    Path(os.environ[RESULT]).write_text(json.dumps(result))


def main() -> None:
    workbook, mail_folder, how, *more = Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        if how in ("again", "day-again"):
            clear_up_after_a_kill(mail_folder)
        if how in ("day", "day-again"):
            play_day_by_day(workbook, mail_folder, more[0], Path(more[1]) if more[1:] else None)
        else:
            play_through(workbook, how)
