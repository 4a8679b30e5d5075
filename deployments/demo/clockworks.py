"""How are the story's flows run? By the dispatcher and the Prefect worker, exactly as in production."""

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import httpx
from prefect import tags
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import PrefectException
from prefect.flow_runs import resume_flow_run
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from deployments.demo.cast import Cast
from deployments.demo.story import Question, in_service
from deployments.local_stack import steadily
from flows.dispatch import deliver_mail, dispatch_due, reconcile
from flows.respond import respond_to_emergency, stand_down_emergency
from flows.take_in import import_asset_register, take_in_engagement
from models.clock import utc_now
from models.errors import Terminal
from tasks.cycles import due_now, failed_cycles, started_cycles
from tasks.decisions import OpenDecision, open_decisions, take_decision
from tasks.gates import close_settled_gates, mend_gates, request_tag, unfinished_gates
from tasks.intake import record_people
from tasks.intake_versions import ask_confirmation
from tasks.outbox import mail_waits, resolve_uncertain, uncertain_mails, unsettled_mails

PATIENCE_SECONDS = 900.0
GATE_PATIENCE_SECONDS = 60.0
MAIL_PATIENCE_SECONDS = 60.0
SETTLING_SECONDS = 4.0
LOOK_AGAIN_SECONDS = 0.25
REPAIR_EVERY_SECONDS = 12.0
HANDFUL_OF_MAILS = 40
"""About a second's work, so that the end of a run is seen soon."""
T = TypeVar("T")
IN_THE_UI: tuple[Question, ...] = (("contract", "custodian"),)
"""Who answers which question in its gate in the Prefect UI; one, for each takes some ten seconds. All else is
answered at the command line, where the gates of record and plan end unanswered."""


class StoryStuck(Terminal):
    """The story cannot go on; the message says which run is in the way."""


class WorkerClockwork:
    """Starts deployments by the dispatcher and waits for the worker, mending what dies meanwhile.

    Args:
        keep_alive: looks after server and worker; called while waiting, so that a killed one comes back.
    """

    def __init__(self, keep_alive: Callable[[], object]) -> None:
        self._keep_alive = keep_alive

    def take_in(self, cast: Cast, on: date) -> None:
        """Record the engagement, take in its register."""
        self._steadily(lambda: take_in_engagement(cast.form, on))
        record_people(cast.form.code, cast.people)
        ask_confirmation.fn(cast.form.code, on)
        self._steadily(lambda: import_asset_register(cast.form.code, str(cast.workbook)))

    def run_due(self, code: str, on: date) -> int:
        """Dispatch what is due and wait until every started cycle is done."""
        if not due_now(code, on):
            return 0  # a dispatcher would find nothing: spare the run
        started = self._steadily(lambda: dispatch_due(code, on))
        self._wait(code, on)
        return started

    def _wait(self, code: str, on: date) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        repair_at = time.monotonic() + REPAIR_EVERY_SECONDS
        while busy := [cycle for cycle in started_cycles() if cycle.ref.code == code]:
            self._keep_alive()
            if time.monotonic() > repair_at:
                if self._steadily(reconcile):
                    self._steadily(lambda: dispatch_due(code, on))
                _stop_if_failed(code)
                repair_at = time.monotonic() + REPAIR_EVERY_SECONDS
            if time.monotonic() > deadline:
                names = ", ".join(f"{cycle.ref.kind} {cycle.ref.period}" for cycle in busy)
                raise StoryStuck(
                    f"{names} did not finish within {PATIENCE_SECONDS:.0f} s: see the runs in the UI."
                )
            if not self._mailed_meanwhile():
                time.sleep(LOOK_AGAIN_SECONDS)
        _stop_if_failed(code)

    def _mailed_meanwhile(self) -> bool:
        """Send a handful of what was queued before, while the worker is busy; False if nothing waits."""
        waits = mail_waits()
        if waits:
            self._steadily(lambda: deliver_mail(HANDFUL_OF_MAILS))
        return waits

    def answer_gates(self, code: str) -> int:
        """Fill in the forms of the gates that wait in the UI, as a person there would; the others end unasked."""
        if not in_service(code):
            self._steadily(lambda: close_settled_gates(code))
        wanted = {request_tag(question): question for question in _gated(code)}
        deadline = time.monotonic() + GATE_PATIENCE_SECONDS
        answered: set[str] = set()
        while (left := _gated(code)) and time.monotonic() < deadline:
            for run in self._steadily(unfinished_gates):
                tag = next((tag for tag in run.tags if tag in wanted), "")
                if tag and tag not in answered and _has_settled(run):
                    _fill_in(run, wanted[tag].party)
                    answered.add(tag)
            self._keep_alive()
            time.sleep(LOOK_AGAIN_SECONDS)
        for question in left:  # its gate was killed: the party answers at the command line
            take_decision(
                code,
                question.subject,
                question.reference,
                question.party,
                "accepted",
                declared_by=f"{question.party}-1",
                authenticated_by="scenario",
                document_sha256=question.document_sha256,
                remark="scenario, without the gate",
            )
        if left:
            self._steadily(mend_gates)
        return len(wanted)

    def emergency(self, code: str, reference: str, kind: str, summary: str, at: datetime) -> None:
        """Activate an emergency plan."""
        self._steadily(lambda: respond_to_emergency(code, reference, kind, summary, at=at))

    def stand_down(self, code: str, reference: str, at: datetime, loss: Decimal, lesson: str) -> None:
        """End an emergency or a drill."""
        self._steadily(lambda: stand_down_emergency(code, reference, loss, lesson, at))

    def deliver_mail(self) -> None:
        """Send what waits."""
        self._steadily(deliver_mail)

    def settle_mail(self, mail_folder: Path) -> None:
        """Send the rest, and find out about each uncertain mail whether it lies in the local mail folder.

        Where a sender was killed half-way, its claim has to run out first.
        """
        deadline = time.monotonic() + MAIL_PATIENCE_SECONDS
        while (left := unsettled_mails()) and time.monotonic() < deadline:
            self.deliver_mail()
            for key, message_id in uncertain_mails():
                resolve_uncertain(key, arrived=_lies_in(mail_folder, message_id))
            if left == unsettled_mails():
                time.sleep(1)

    def _steadily(self, act: Callable[[], T]) -> T:
        """Run a flow in this process; if the server is gone meanwhile, bring it back and run it again.

        Every flow may be run twice, so that this is safe.
        """

        def run() -> T:
            with _no_heartbeat(), tags("demonstration"):
                return act()

        return steadily(run, self._keep_alive, PATIENCE_SECONDS)


def _lies_in(mail_folder: Path, message_id: str) -> bool:
    wanted = message_id.encode()
    return any(wanted in path.read_bytes()[:4000] for path in mail_folder.glob("*.eml"))


def _stop_if_failed(code: str) -> None:
    failed = failed_cycles(code)
    if failed:
        kind, period, reason = failed[0]
        raise StoryStuck(f"{kind} {period} of {code} failed for good: {reason}. See its runs in the UI.")


def _fill_in(run: FlowRun, party: str) -> None:
    with contextlib.suppress(httpx.HTTPError, PrefectException):  # a server that is gone is asked again later
        resume_flow_run(
            run.id,
            run_input={"verdict": "accepted", "your_name_or_reference": f"{party}-1", "remark": "scenario"},
        )


def _has_settled(run: FlowRun) -> bool:
    """Whether the suspended run's process has had time to end; a resume before that crashes the worker (3.8.8)."""
    state = run.state
    return (
        state is not None
        and state.type is StateType.PAUSED
        and utc_now() - state.timestamp > timedelta(seconds=SETTLING_SECONDS)
    )


def _gated(code: str) -> list[OpenDecision]:
    return [question for question in open_decisions(code) if (question.subject, question.party) in IN_THE_UI]


@contextlib.contextmanager
def _no_heartbeat() -> Iterator[None]:
    """A flow run in this process is watched by us; its heartbeat thread would cost a second each."""
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        yield
