"""When do owners meet, what is on the agenda, and what was decided? `steward meeting` and `steward action` (B7)."""

from pathlib import Path
from typing import Annotated

import typer

from deployments.acts import Day, acting_here, day_of
from deployments.output import AsJson, Code, print_json, show

meeting_app = typer.Typer(
    no_args_is_help=True, help="Owner meetings: calendar, agenda, minutes, resolutions."
)
action_app = typer.Typer(no_args_is_help=True, help="What was promised: actions with a post and a day.")

Period = Annotated[str, typer.Argument(help="The quarter, for example 2027-Q1.")]
Ref = Annotated[str, typer.Argument(help="Reference of the action, as `steward action list` shows it.")]


@meeting_app.command("calendar", epilog="Example: steward meeting calendar JC-2027 --out meetings.ics")
def meeting_calendar_command(
    code: Code,
    out: Annotated[Path | None, typer.Option(help="Also write a calendar file (.ics) there.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show when owners meet this term, when they are invited, and how each meeting stands."""
    from models.migrate import require_current_schema
    from tasks.meeting_calendar import meeting_calendar, write_meeting_calendar

    require_current_schema()
    show([one.as_json() for one in meeting_calendar(code)], as_json, f"Owner meetings of {code}")
    if out is not None:
        written = write_meeting_calendar(code, out)
        typer.echo(str(written), err=as_json)


@meeting_app.command("place", epilog='Example: steward meeting place JC-2027 "Community room, ground floor"')
def meeting_place(
    code: Code, place: Annotated[str, typer.Argument(help="Where owners meet, as invitations say it.")]
) -> None:
    """Say where owners meet: invitations and calendars written from now on tell it."""
    from tasks.meeting_calendar import set_meeting_place

    with acting_here():
        new = set_meeting_place(code, place)
    typer.echo(f"{code}: {'invitations now name this place' if new else 'that is the place already'}.")


@meeting_app.command("list", epilog="Example: steward meeting list JC-2027")
def meeting_list(code: Code, as_json: AsJson = False) -> None:
    """List the meetings that were called, latest first."""
    from models.migrate import require_current_schema
    from tasks.meeting_views import listed_meetings

    require_current_schema()
    show(listed_meetings(code), as_json, f"Owner meetings of {code}")


@meeting_app.command("show", epilog="Example: steward meeting show JC-2027 2027-Q1")
def meeting_show(code: Code, period: Period, as_json: AsJson = False) -> None:
    """Show a meeting: agenda, attendance, resolutions with votes, and what became of them."""
    from models.migrate import require_current_schema
    from tasks.meeting_views import shown_meeting

    require_current_schema()
    found = shown_meeting(code, period)
    if as_json:
        print_json(found)
        return
    for name in ("period", "state", "called", "held", "invited", "attended", "entitled", "quorum", "minutes"):
        if found[name] not in (None, ""):
            typer.echo(f"{name:<12} {found[name]}")
    if found["quorum"] is not None:
        words = {True: "yes", False: "no", None: "cannot be told"}[found["quorum_reached"]]
        typer.echo(f"{'reached':<12} {words}; what that means in law is not judged here")
    for name in ("agenda", "attendance", "resolutions", "actions"):
        show(found[name], False, name.capitalize())


@meeting_app.command("agenda", epilog="Example: steward meeting agenda JC-2027")
def meeting_agenda(code: Code, as_json: AsJson = False) -> None:
    """Show the agenda as it would be if the next meeting were called today: promises first."""
    from models.migrate import require_current_schema
    from tasks.meeting_views import next_agenda

    require_current_schema()
    show(next_agenda(code), as_json, f"Agenda of {code}")


@meeting_app.command("minutes", epilog="Example: steward meeting minutes JC-2027 2027-Q1 minutes.yaml")
def meeting_minutes(
    code: Code,
    period: Period,
    path: Annotated[Path, typer.Argument(help="Minutes as YAML or XLSX: meeting, attendance, resolutions.")],
    as_json: AsJson = False,
) -> None:
    """Record minutes; adopted resolutions become actions, and both sides' representatives get the minutes."""
    from tasks.meeting_minutes import import_minutes

    with acting_here():
        taken = import_minutes(code, period, path)
    problems = [vars(problem) for problem in taken.problems]
    if as_json:
        print_json({**vars(taken), "problems": problems})
    else:
        typer.echo(
            f"Minutes of {period}, version {taken.version}: {taken.resolutions} new resolutions, "
            f"{taken.actions} actions opened, {taken.mails} mails queued."
        )
        if problems:
            show(problems, False, "Not taken")
    if problems:
        raise typer.Exit(1)


@action_app.command("list", epilog="Example: steward action list JC-2027 --all --from meeting:2027-Q1")
def action_list(
    code: Code,
    everything: Annotated[bool, typer.Option("--all", help="Those that are done too.")] = False,
    source: Annotated[str, typer.Option("--from", help="Only references that begin so.")] = "",
    as_json: AsJson = False,
) -> None:
    """List what was promised: open and overdue actions by their day."""
    from models.migrate import require_current_schema
    from tasks.improvements import listed_actions

    require_current_schema()
    show(listed_actions(code, everything=everything, source=source), as_json, f"Actions of {code}")


@action_app.command("done", epilog="Example: steward action done JC-2027 meeting:2027-Q1:1 --on 2027-03-20")
def action_done(
    code: Code,
    ref: Ref,
    on: Day = None,
    note: Annotated[str, typer.Option(help="What was done; no names.")] = "",
) -> None:
    """Record that an action was carried out."""
    from tasks.improvements import complete_action

    with acting_here():
        new = complete_action(code, ref, day_of(on), note)
    typer.echo(f"{ref}: {'done' if new else 'was done before'}.")


@action_app.command(
    "move",
    epilog='Example: steward action move JC-2027 meeting:2027-Q1:1 --due 2027-06-30 --reason "Lamps are late"',
)
def action_move(
    code: Code,
    ref: Ref,
    reason: Annotated[str, typer.Option(help="Why; it stays on record.")],
    due: Day = None,
    post: Annotated[str, typer.Option(help="Code of the post that does it from now on.")] = "",
) -> None:
    """Give an open action another day or another post, for a reason."""
    from tasks.improvements import move_action

    with acting_here():
        moved = move_action(code, ref, due_on=day_of(due), post_code=post, reason=reason)
    typer.echo(f"{ref}: {'moved' if moved else 'is due so already'}.")
