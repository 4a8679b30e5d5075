"""What do we do now, and are we ready? `steward emergency`: plans, the response minute by minute, drills (B8).

Everything works without a Prefect server: in an emergency there may be none.
"""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer

from deployments.acts import At, By, acting_here, done_at, moment_of
from deployments.output import AsJson, Code, print_json, show
from deployments.prefect_environment import answering_server, require_server
from models.errors import StewardError, Terminal

_WITHOUT_SERVER = "`steward emergency start` needs no server."

emergency_app = typer.Typer(no_args_is_help=True, help="Emergency plans, incidents, drills, readiness.")

Kind = Annotated[str, typer.Argument(help="Kind of plan, as `steward emergency plans` lists them.")]
Ref = Annotated[str, typer.Argument(help="Your reference of the incident or drill.")]
Place = Annotated[str, typer.Option(help="Code of the place.")]


@emergency_app.command("plans", epilog="Example: steward emergency plans JC-2027")
def emergency_plans_command(code: Code, as_json: AsJson = False) -> None:
    """List the emergency plans of the plan in force."""
    from models.migrate import require_current_schema
    from tasks.emergency_views import listed_plans

    require_current_schema()
    show(listed_plans(code), as_json, f"Emergency plans of {code}")


@emergency_app.command("plan", epilog="Example: steward emergency plan JC-2027 burst_pipe --phones")
def emergency_plan_command(
    code: Code,
    kind: Kind,
    phones: Annotated[bool, typer.Option("--phones", help="Show telephone numbers (personal data).")] = False,
    as_json: AsJson = False,
) -> None:
    """Print a plan: steps by the minute, who is called for each role, where to isolate, when it is drilled."""
    from models.migrate import require_current_schema
    from tasks.emergency_views import shown_plan

    require_current_schema()
    found = shown_plan(code, kind, phones=phones)
    if as_json:
        print_json(found)
        return
    typer.echo(f"{found['title']} ({found['kind']})")
    show(found["steps"], False, "Steps")
    show(found["contacts"], False, "Contacts")
    show(found["isolation_points"], False, "Isolation points in the register")
    show(found["drills"], False, "Drills")


@emergency_app.command(
    "start",
    epilog='Example: steward emergency start JC-2027 E-1 burst_pipe --summary "Water in the basement"',
)
def emergency_start(
    code: Code,
    ref: Ref,
    kind: Kind,
    summary: Annotated[str, typer.Option(help="What happened; no names.")],
    place: Place = "",
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Activate a plan: the step clock starts, and everybody on the call tree is told. The same reference starts once."""
    from tasks.emergencies import activate_plan

    moment = done_at(code, at)
    _check_summary(summary)
    with acting_here():
        activate_plan.fn(code, ref, kind, summary.strip(), moment, place)
        _send()
    _show(code, ref, moment, as_json)


@emergency_app.command("drill", epilog="Example: steward emergency drill JC-2027 fire")
def emergency_drill(
    code: Code,
    kind: Kind,
    ref: Annotated[str, typer.Option(help="Its reference; drill-KIND-DAY by default.")] = "",
    place: Place = "",
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Start a drill of a plan; steps, stand-down and review are recorded as for an emergency."""
    from tasks.emergencies import start_drill

    moment = done_at(code, at)
    ref = ref or f"drill-{kind}-{_local_day(code, moment)}"
    with acting_here():
        start_drill(code, ref, kind, moment, place)
        _send()
    _show(code, ref, moment, as_json)


@emergency_app.command("step", epilog="Example: steward emergency step JC-2027 E-1 2 --by staff-1")
def emergency_step(
    code: Code,
    ref: Ref,
    number: Annotated[int, typer.Argument(help="Number of the step.")],
    by: By = "",
    at: At = None,
) -> None:
    """Record that a step is done; the first time counts."""
    from tasks.emergencies import record_step

    moment = done_at(code, at)
    with acting_here():
        new = record_step(code, ref, number, moment, by)
    _say(code, ref, f"step {number} {'done' if new else 'was done before'}", moment)


@emergency_app.command("ack", epilog="Example: steward emergency ack JC-2027 E-1 staff-1")
def emergency_ack(
    code: Code,
    ref: Ref,
    person: Annotated[str, typer.Argument(help="Reference of the person who answered.")],
    at: At = None,
) -> None:
    """Record that somebody who was called has answered, so that no deputy is called."""
    from tasks.call_tree import acknowledge

    with acting_here():
        new = acknowledge(code, ref, person, done_at(code, at))
    typer.echo(f"{ref}: {person} {'has answered' if new else 'had answered before'}.")


@emergency_app.command("call", epilog="Example: steward emergency call JC-2027 E-1")
def emergency_call(code: Code, ref: Ref, at: At = None) -> None:
    """Call the deputies of those who failed or did not answer in time; `reconcile` does so every ten minutes."""
    from tasks.call_tree import call_on

    with acting_here():
        told = call_on(code, ref, done_at(code, at))
        _send()
    typer.echo(f"{ref}: {told} more called.")


@emergency_app.command("log", epilog='Example: steward emergency log JC-2027 E-1 "Riser closed" --by staff-1')
def emergency_log(
    code: Code,
    ref: Ref,
    text: Annotated[str, typer.Argument(help="What happened; no names.")],
    by: By = "",
    at: At = None,
) -> None:
    """Add a line to the log; lines are never changed."""
    from tasks.emergencies import note_in_log

    with acting_here():
        new = note_in_log(code, ref, done_at(code, at), text, by)
    typer.echo(f"{ref}: {'noted' if new else 'was noted before'}.")


@emergency_app.command(
    "loss", epilog="Example: steward emergency loss JC-2027 E-1 carpet --kind common_parts --amount 1200"
)
def emergency_loss(
    code: Code,
    ref: Ref,
    loss: Annotated[str, typer.Argument(help="A reference of the loss, such as carpet.")],
    kind: Annotated[
        str,
        typer.Option(help="common_parts, equipment, private_property, people, third_party or service."),
    ],
    amount: Annotated[str, typer.Option(help="Estimate in the engagement's currency.")] = "0",
    note: Annotated[str, typer.Option(help="What was lost; no names.")] = "",
    at: At = None,
) -> None:
    """Record one loss; losses are summed when the incident ends, and later ones are added."""
    from tasks.emergencies import record_loss

    with acting_here():
        new = record_loss(code, ref, loss, kind, _amount(amount), done_at(code, at), note)
    typer.echo(f"{ref}: loss {loss} {'recorded' if new else 'was recorded before'}.")


@emergency_app.command(
    "stand-down", epilog='Example: steward emergency stand-down JC-2027 E-1 --lesson "Label the valves"'
)
def emergency_stand_down(
    code: Code,
    ref: Ref,
    loss: Annotated[str, typer.Option(help="Loss beside those recorded one by one.")] = "0",
    lesson: Annotated[str, typer.Option(help="What to do better next time; no names.")] = "",
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """End an incident or drill: its steps are scored against their minutes."""
    from tasks.emergencies import stand_down

    moment = done_at(code, at)
    with acting_here():
        stand_down.fn(code, ref, moment, _amount(loss), lesson)
    _show(code, ref, moment, as_json)


@emergency_app.command(
    "review",
    epilog='Example: steward emergency review JC-2027 E-1 --found "Valve not labelled" --gap "Label the valves"',
)
def emergency_review(
    code: Code,
    ref: Ref,
    found: Annotated[str, typer.Option(help="What the review found; no names.")],
    gap: Annotated[list[str] | None, typer.Option(help="A further gap; may be given several times.")] = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Review an incident or drill that is over: late steps, unanswered roles and named gaps become actions."""
    from tasks.after_action import review_incident

    with acting_here():
        reviewed = review_incident(code, ref, done_at(code, at), found, gap or ())
    gaps = [vars(one) for one in reviewed.gaps]
    if as_json:
        print_json({"gaps": gaps, "actions": reviewed.actions})
        return
    show(gaps, False, f"Gaps of {ref}")
    typer.echo(f"{reviewed.actions} actions opened.")


@emergency_app.command("show", epilog="Example: steward emergency show JC-2027 E-1")
def emergency_show(code: Code, ref: Ref, at: At = None, as_json: AsJson = False) -> None:
    """Show an incident: step clock against targets, calls, losses, log."""
    _show(code, ref, moment_of(code, at), as_json)


@emergency_app.command("list", epilog="Example: steward emergency list JC-2027 --all")
def emergency_list(
    code: Code,
    everything: Annotated[bool, typer.Option("--all", help="Those that are over too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List incidents and drills under way."""
    from models.migrate import require_current_schema
    from tasks.emergency_views import listed_incidents

    require_current_schema()
    show(listed_incidents(code, everything=everything), as_json, f"Incidents and drills of {code}")


@emergency_app.command("texts", epilog="Example: steward emergency texts JC-2027")
def emergency_texts(code: Code, as_json: AsJson = False) -> None:
    """List the text messages of call-outs and what became of each; an uncertain one is never sent again."""
    from models.migrate import require_current_schema
    from tasks.text_messages import listed_texts

    require_current_schema()
    show(listed_texts(code), as_json, f"Text messages of {code}")


@emergency_app.command("drills", epilog="Example: steward emergency drills JC-2027")
def emergency_drills(code: Code, as_json: AsJson = False) -> None:
    """Show when each plan was drilled last, by when it is due again, and by which rule."""
    from models.migrate import require_current_schema
    from tasks.drill_schedule import drills_of

    require_current_schema()
    show(drills_of(code), as_json, f"Drills of {code}")


@emergency_app.command("readiness", epilog="Example: steward emergency readiness JC-2027")
def emergency_readiness(code: Code, as_json: AsJson = False) -> None:
    """Show how ready the property is: plans drilled in time, middle score of the drills, staff trained."""
    from models.db import reading
    from models.migrate import require_current_schema
    from tasks.drill_schedule import readiness_on
    from tasks.engagements import business_today, find_engagement

    require_current_schema()
    with reading() as session:
        engagement = find_engagement(session, code)
        found = readiness_on(session, engagement, business_today(engagement))
    median = None if found.median is None else str(round(found.median, 4))
    rows = [
        _figure("plans drilled in time", found.drilled.in_time, found.drilled.judged),
        {"figure": "median drill score", "value": median or "no data", "of": f"{found.drills} drills"},
        _figure("staff trained in the plans", found.trained, found.staff if found.taught else 0),
    ]
    if not as_json:
        rows = [row | {"value": _percent(row["value"])} for row in rows]
    show(rows, as_json, f"Readiness of {code}")


@emergency_app.command("automate", epilog="Example: steward emergency automate")
def emergency_automate() -> None:
    """Let events `steward.alarm` at the Prefect server start a response; doing so again changes nothing."""
    require_server(_WITHOUT_SERVER)
    from deployments.alarm_automation import EVENT, register_alarm_automation

    with answering_server(_WITHOUT_SERVER):
        key, new = register_alarm_automation()
    typer.echo(f"Events {EVENT} start a response: automation {key} {'registered' if new else 'renewed'}.")


@emergency_app.command(
    "alarm", epilog='Example: steward emergency alarm JC-2027 W-7 severe_weather --summary "Orange warning"'
)
def emergency_alarm(
    code: Code,
    ref: Ref,
    kind: Kind,
    summary: Annotated[str, typer.Option(help="What the panel or the weather service says; no names.")],
    place: Place = "",
) -> None:
    """Send the event that an alarm panel or a weather service would send: a trial of the automation."""
    require_server(_WITHOUT_SERVER)
    from deployments.alarm_automation import send_alarm

    _check_summary(summary)
    with answering_server(_WITHOUT_SERVER):
        send_alarm(code, ref, kind, summary.strip(), place)
    typer.echo(f"{ref}: alarm sent; `steward emergency list {code}` shows whether the response has begun.")


def _percent(share: str) -> str:
    return share if share == "no data" else f"{Decimal(share):.1%}"


def _figure(label: str, part: int, whole: int) -> dict[str, Any]:
    value = str(round(Decimal(part) / whole, 4)) if whole else "no data"
    return {"figure": label, "value": value, "of": f"{part} of {whole}"}


def _show(code: str, ref: str, at: datetime, as_json: bool) -> None:
    from tasks.emergency_views import shown_incident

    found = shown_incident(code, ref, at)
    if as_json:
        print_json(found)
        return
    typer.echo(
        f"{'Drill' if found['drill'] else 'Emergency'} {found['ref']}: {found['called']}, {found['summary']}"
    )
    for name in ("place", "began", "ended", "score", "loss", "lesson", "review"):
        if found[name] not in (None, ""):
            typer.echo(f"{name:<8} {found[name]}")
    for name in ("steps", "calls", "losses", "log"):
        show(found[name], False, name.capitalize())


def _say(code: str, ref: str, what: str, at: datetime) -> None:
    from tasks.emergency_views import shown_incident

    steps = shown_incident(code, ref, at)["steps"]
    late = [str(one["step"]) for one in steps if one["state"] == "overdue"]
    following = next((one for one in steps if one["state"] in ("running", "overdue")), None)
    words = f"{ref}: {what}."
    if late:
        words += f" Overdue: {', '.join(late)}."
    if following:
        words += (
            f" Next: {following['step']} {following['role']}: {following['action']}, by {following['due']}."
        )
    typer.echo(words)


def _send() -> None:
    """Send what waits at once; without a mail server it stays queued, and whoever acts is told to telephone."""
    from deployments.prefect_environment import mail_server_known
    from tasks.outbox import drain_outbox
    from tasks.text_messages import send_texts

    try:
        send_texts.fn()
    except (StewardError, OSError) as error:
        typer.echo(f"The text messages could not be sent and stay queued: telephone. ({error})", err=True)
    if not mail_server_known():
        typer.echo("No mail server is configured here: the mails stay queued; telephone.", err=True)
        return
    try:
        drain_outbox.fn(200)
    except (StewardError, OSError) as error:
        typer.echo(f"The mails could not be sent and stay queued: telephone. ({error})", err=True)


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text.replace(",", ""))
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not 0 <= amount < Decimal(10) ** 12:
        raise Terminal(f"{text!r} is no amount; expected 0 or more, for example 1200.50.")
    if amount != amount.quantize(Decimal("0.01")):
        raise Terminal(f"{text!r} is finer than hundredths; expected for example 1200.50.")
    return amount.quantize(Decimal("0.01"))


def _check_summary(summary: str) -> None:
    if not summary.strip():
        raise Terminal("An emergency says what happened: --summary must not be empty.")


def _local_day(code: str, at: datetime) -> str:
    from zoneinfo import ZoneInfo

    from models.db import reading
    from tasks.engagements import find_engagement

    with reading() as session:
        return f"{at.astimezone(ZoneInfo(find_engagement(session, code).timezone)):%Y%m%d}"
