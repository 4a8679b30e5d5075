"""What can a test let a process of its own do, to kill or stop it in the middle? One act of the product each.

Run by the forge as `acts <act> <argument>...`; what the act returns is written as JSON where the test looks
for it. With a starting gun in the environment, the act begins when the gun is fired, so that
several processes begin at once.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import xlsxwriter
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from sqlmodel import col, select

from deployments.catalogue import CATALOGUE
from deployments.registration import register_deployments
from flows.dispatch import dispatch_due, reconcile
from models.db import writing
from models.engagement import Cycle
from models.faults import passings
from models.migrate import upgrade_database
from models.outbox import OutboxMail
from models.rules.cycles import CycleKind
from models.rules.survey_reminders import INVITATION
from models.survey_codes import survey_code
from tasks.after_action import review_incident
from tasks.call_tree import call_on
from tasks.cycles import claim_due, finish_cycle, postpone_cycle, started_cycles
from tasks.decisions import ask_decision, take_decision
from tasks.dispatching import dispatch_due_cycles
from tasks.emergencies import (
    activate_plan,
    note_in_log,
    open_incidents,
    record_loss,
    record_step,
    stand_down,
)
from tasks.engagements import engagement_codes, find_engagement, set_simulated_date
from tasks.intake import record_intake, record_people
from tasks.meeting_minutes import import_minutes
from tasks.outbox import Letter, drain_outbox, queue_letters
from tasks.owner_meetings import call_owner_meeting
from tasks.plan_edits import Amendment, export_plan, import_plan
from tasks.steps import step
from tasks.survey_alarms import tell_survey_alarms
from tasks.survey_answer_files import import_limesurvey
from tasks.survey_reminders import remind_of_surveys
from tasks.surveys import AnswerSheet, open_invitations, open_wave, record_answers, wave_items
from tasks.workbook import read_workbook
from tests import factories
from tests.fault import field_files
from tests.fault.harness import GUN, RESULT
from tests.fault.story_child import CODE, short_cast

FLOWS = {entry.flow.name: entry.flow for entry in CATALOGUE}
SHA256 = "5e" * 32
ON = date(2027, 7, 1)


def migrate() -> str:
    """Bring the database to the newest schema."""
    return upgrade_database()


def engage(workbook: str) -> str:
    """Record the engagement and a dozen residents."""
    cast = short_cast(Path(workbook))
    record_intake.fn(cast.form, ON)
    record_people(CODE, [person for person in cast.people if person.ref.startswith("resident")])
    return CODE


def queue(kind: str, may_repeat: str, *refs: str) -> int:
    """Queue a letter, in a transaction as any business fact has."""
    letter = Letter(kind, "2027-07", kind, ("Text",), may_repeat=may_repeat == "may-repeat")
    with writing() as session:
        return queue_letters(session, find_engagement(session, CODE), refs, letter, ON)


def drain() -> dict[str, int]:
    """Send what waits."""
    return vars(drain_outbox.fn())


def register() -> int:
    """Tell the server our deployments."""
    return len(list(register_deployments(worker_is_here=True)))


def dispatch(on: str, times: str = "1") -> list[int]:
    """Let the dispatcher look, one or many times."""
    return [dispatch_due(CODE, date.fromisoformat(on)) for _ in range(int(times))]


def claim(on: str) -> list[list[Any]]:
    """Claim what is due."""
    return [[cycle.kind, cycle.period, cycle.attempt] for cycle in claim_due(CODE, date.fromisoformat(on))]


def start_what_is_due(on: str) -> int:
    """One round of the dispatcher, without trying again."""
    return len(dispatch_due_cycles.fn(CODE, date.fromisoformat(on)).started)


def put_off() -> None:
    """Put off what is being worked on."""
    for cycle in started_cycles():
        postpone_cycle.fn(cycle.ref, "somebody is missing")


def mend() -> int:
    """Let the reconciler look."""
    return reconcile()


def run(name: str, period: str, on: str, attempt: str = "") -> dict[str, str]:
    """Run a flow; tells how it ended."""
    work: Callable[..., State[Any]] = FLOWS[name]
    state = work(CODE, period, date.fromisoformat(on), int(attempt) if attempt else None, return_state=True)
    return {"type": state.type.value, "message": state.message or ""}


def ask() -> None:
    """Put a question to the client."""
    with writing() as session:
        engagement = find_engagement(session, CODE)
        ask_decision(session, engagement, "accounts", "2027-07", ("client",), SHA256, "Right?", ON)


def decide() -> bool:
    """The client answers it."""
    return take_decision(
        CODE,
        "accounts",
        "2027-07",
        "client",
        "accepted",
        declared_by="client-1",
        authenticated_by="test",
        document_sha256=SHA256,
        on=ON,
    )


@step("Touch two cycles one after the other")
def touch_two(first: str, second: str, other_is_there: str, i_am_there: str) -> None:
    """Lock one row, wait for the other process to lock the other, ask for that one too."""
    with writing() as session:
        for place, period in enumerate((first, second)):
            row = session.exec(
                select(Cycle).where(col(Cycle.period) == period, Cycle.kind == "month_open").with_for_update()
            ).one()
            row.last_error = f"{row.last_error}{first} "
            session.add(row)
            session.flush()
            if place == 0:
                Path(i_am_there).touch()
                deadline = time.monotonic() + 20
                while not Path(other_is_there).exists() and time.monotonic() < deadline:
                    time.sleep(0.05)


@flow(name="cross")
def _cross(first: str, second: str, other: str, mine: str) -> str:
    touch_two(first, second, other, mine)
    return str(flow_run.get_id())


def cross(first: str, second: str, other: str, mine: str) -> int:
    """Two of these take two rows in opposite orders; tells how often the step was run."""
    return most_runs_of_a_step(_cross(first, second, other, mine))


@flow(name="patient")
def _patient(period: str) -> str:
    record_note(period)
    return str(flow_run.get_id())


@step("Note something on a cycle")
def record_note(period: str) -> None:
    """One writing transaction of a step."""
    with writing() as session:
        row = session.exec(select(Cycle).where(col(Cycle.period) == period, Cycle.kind == "month_open")).one()
        row.last_error = f"{row.last_error}noted "
        session.add(row)


def note(period: str) -> int:
    """Write one note by a step; tells how often the step was run."""
    return most_runs_of_a_step(_patient(period))


def most_runs_of_a_step(flow_run_id: str) -> int:
    """How often the most often repeated task of a flow run was started, once the server knows."""
    only_this = FlowRunFilter(id=FlowRunFilterId(any_=[UUID(flow_run_id)]))
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:  # task runs are told to the server by events, a little later
        with get_client(sync_client=True) as client:
            task_runs = client.read_task_runs(flow_run_filter=only_this)
        if task_runs and all(run.state and run.state.is_final() for run in task_runs):
            return max(run.run_count for run in task_runs)
        time.sleep(0.5)
    raise TimeoutError("the server was not told of the task runs")


def edit_plan(workbook: str) -> str | None:
    """Export the newest plan and put more heads on its first employed post; writes the edited workbook."""
    exported = Path(workbook).with_suffix(".exported.xlsx")
    export_plan(_only_code(), exported)
    sheets = read_workbook(exported)
    head, row = sheets["posts"][0], sheets["posts"][1]
    row[head.index("heads")] = str(Decimal(row[head.index("heads")] or "1") + 20)
    with xlsxwriter.Workbook(workbook, {"strings_to_formulas": False}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    sheet.write_string(number, column, cell)
    return row[0]


def propose(folder: str) -> str:
    """A small engagement whose plan lies before both sides."""
    code = factories.create_engagement()
    factories.survey_the_building(code, Path(folder))
    factories.propose_plan(code)
    return code


def take_in_plan(workbook: str, effective: str = "") -> dict[str, Any]:
    """`steward plan import`, or with a day `steward plan amend`; counts the commits."""
    amendment = Amendment(date.fromisoformat(effective), "more heads") if effective else None
    result = import_plan(_only_code(), Path(workbook), amendment)
    return {"state": result.state, "version": result.version, "commits": passings("db.after_commit")}


def lead_emergency() -> dict[str, Any]:
    """An emergency from the alarm to its review, as somebody who does not know how far it came would lead it."""
    code, alarm = _only_code(), datetime(2027, 7, 2, 6, 40, tzinfo=UTC)
    activate_plan.fn(code, "E-1", "burst_pipe", "Water in the basement", alarm)
    if "E-1" in dict(open_incidents(code)):
        record_step(code, "E-1", 1, alarm)
        note_in_log(code, "E-1", alarm + timedelta(minutes=2), "Riser closed")
        record_loss(code, "E-1", "carpet", "common_parts", Decimal("1200.00"), alarm + timedelta(minutes=3))
        call_on(code, "E-1", alarm + timedelta(minutes=30))
        stand_down.fn(code, "E-1", alarm + timedelta(hours=1), Decimal("0.00"), "Label the valves")
    review_incident(code, "E-1", alarm + timedelta(days=1), "Valve not labelled", ["Label the valves"])
    return {"commits": passings("db.after_commit")}


def call_meeting(period: str, on: str) -> None:
    """Call a meeting; its day comes."""
    code, day = _only_code(), date.fromisoformat(on)
    set_simulated_date(code, day)
    cycle = factories.claim(code, CycleKind.OWNER_MEETING, period, day)
    call_owner_meeting.fn(cycle)
    finish_cycle.fn(cycle)
    set_simulated_date(code, day + timedelta(days=60))


def take_in_minutes(period: str, path: str) -> dict[str, Any]:
    """`steward meeting minutes`; counts the commits."""
    taken = import_minutes(_only_code(), period, Path(path))
    return {"version": taken.version, "commits": passings("db.after_commit")}


def serve_the_field(folder: str) -> str:
    """A small engagement in its first month of service."""
    return field_files.serve_the_field(Path(folder))


def write_field_file(kind: str, path: str) -> str:
    """Write a file of the field; tells where."""
    return field_files.write_field_file(kind, _only_code(), Path(path))


def take_in_field_file(kind: str, path: str) -> dict[str, int]:
    """Take in a file of the field; counts the commits."""
    field_files.take_in_field_file(kind, _only_code(), Path(path))
    return {"commits": passings("db.after_commit")}


def open_survey(period: str, on: str) -> None:
    """Open a wave; its invitations leave on the same day."""
    code, day = _only_code(), date.fromisoformat(on)
    cycle = factories.claim(code, CycleKind.SURVEY_OPEN, period, day)
    open_wave.fn(cycle)
    finish_cycle.fn(cycle)
    with writing() as session:
        for mail in session.exec(select(OutboxMail).where(OutboxMail.kind == INVITATION)):
            mail.state, mail.sent_at = "sent", mail.dated_at
            session.add(mail)


def remind_of_survey(on: str) -> dict[str, Any]:
    """Remind of the waves in the field; counts the commits."""
    told = remind_of_surveys(_only_code(), date.fromisoformat(on))
    return {"told": told, "commits": passings("db.after_commit")}


def answer_survey(period: str, on: str) -> int:
    """A dozen residents answer; two of them have seen something unsafe."""
    code = _only_code()
    sheets = [
        AnswerSheet(survey_code(code, period, ref), mode, {"OV1": 4, "SA0": int(number < 2)})
        for number, (ref, _, mode) in enumerate(open_invitations(code, period)[:12])
    ]
    return record_answers(code, period, sheets, date.fromisoformat(on)).accepted


def tell_alarms(at: str) -> dict[str, Any]:
    """Put the day's digest of single answers together; counts the commits."""
    told = tell_survey_alarms(_only_code(), datetime.fromisoformat(at))
    return {"told": told, "commits": passings("db.after_commit")}


def take_responses(period: str, file: str, on: str) -> dict[str, Any]:
    """Take in responses of LimeSurvey; counts the commits."""
    found = import_limesurvey(_only_code(), period, Path(file), date.fromisoformat(on))
    return {"taken": found.taken, "not_taken": found.not_taken, "commits": passings("db.after_commit")}


def write_responses(period: str, on: str, file: str) -> str:
    """Write responses of all who were invited, and one with a code of nobody."""
    code = _only_code()
    items = wave_items(code, period)
    codes = [survey_code(code, period, ref) for ref, _, _ in open_invitations(code, period)]
    lines = [
        ("token", "submitdate", *items),
        *((one, on, *("1" for _ in items)) for one in [*codes, "NOBODY"]),
    ]
    Path(file).write_text("\n".join(",".join(line) for line in lines), encoding="utf-8")
    return file


def _only_code() -> str:
    (code,) = engagement_codes()
    return code


ACTS: dict[str, Callable[..., Any]] = {
    act.__name__: act
    for act in (
        *(migrate, engage, queue, drain, register, dispatch, start_what_is_due, claim, put_off, mend),
        *(run, ask, decide, cross, note, edit_plan, propose, take_in_plan),
        *(lead_emergency, call_meeting, take_in_minutes, open_survey, remind_of_survey),
        *(answer_survey, tell_alarms),
        *(write_responses, take_responses),
        *(serve_the_field, write_field_file, take_in_field_file),
    )
}


def wait_for_the_gun() -> None:
    """Say that we are ready, and begin with the others."""
    if GUN not in os.environ:
        return
    gun = Path(os.environ[GUN])
    gun.with_name(f"{gun.name}.{os.getpid()}").touch()
    while not gun.exists():
        time.sleep(0.005)


def main() -> None:
    act, *arguments = sys.argv[1:]
    wait_for_the_gun()
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        result = ACTS[act](*arguments)
    Path(os.environ[RESULT]).write_text(json.dumps(result))
