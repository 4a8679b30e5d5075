"""What was asked at the desk, and what is done about it? `steward request`: take, answer, hold, settle, rate (B6)."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from deployments.acts import At, By, acting_here, done_at, moment_of
from deployments.output import AsJson, Code, Force, print_json, refuse_to_replace, show
from models.errors import Terminal

request_app = typer.Typer(
    no_args_is_help=True, help="The service desk: requests, their clocks and their thread."
)

Number = Annotated[str, typer.Argument(help="Number of the request, as shown by `steward request list`.")]
Note = Annotated[str, typer.Option(help="What was said or done; no names.")]
Kind = Literal["repair", "enquiry", "complaint", "suggestion"]
Urgency = Literal["emergency", "urgent", "normal", "low"]


@request_app.command(
    "new", epilog='Example: steward request new JC-2027 --kind repair --text "The tap drips"'
)
def request_new(
    code: Code,
    kind: Annotated[Kind, typer.Option(help="What it is.")],
    text: Annotated[str, typer.Option(help="What it is about; no names.")],
    priority: Annotated[Urgency, typer.Option(help="How urgent it is.")] = "normal",
    channel: Annotated[
        Literal["phone", "counter", "mail", "form"], typer.Option(help="How it came in.")
    ] = "phone",
    place: Annotated[str, typer.Option(help="Code of the place.")] = "",
    asset: Annotated[str, typer.Option(help="Tag of the asset it is about; its place is taken.")] = "",
    requester: Annotated[str, typer.Option(help="Reference of the person who asks.")] = "",
    number: Annotated[str, typer.Option(help="Its number; the next free one by default.")] = "",
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Take a request: its clocks start, a repair becomes a work order, likely duplicates are shown."""
    from models.rules.service_levels import Priority, RequestKind
    from tasks.request_views import request_thread
    from tasks.service_desk import NewRequest, take_request

    moment = done_at(code, at)
    if not text.strip():
        raise Terminal("A request says what it is about: --text must not be empty.")
    with acting_here():
        taken = take_request(
            code,
            NewRequest(
                RequestKind(kind),
                Priority(priority),
                channel,
                text.strip(),
                moment,
                requester,
                place.strip(),
                asset_tag=asset.strip(),
            ),
            number.strip(),
        )
    _show_thread(request_thread(code, taken, moment), as_json)


@request_app.command("list", epilog="Example: steward request list JC-2027 --all --json")
def request_list_command(
    code: Code,
    everything: Annotated[bool, typer.Option("--all", help="Settled ones too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 200,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """List the open requests with both clocks, those due first at the top."""
    from tasks.request_views import request_list

    show(
        request_list(code, moment_of(code, at), everything=everything, limit=limit),
        as_json,
        f"{'Requests' if everything else 'Open requests'} of {code}",
    )


@request_app.command("show", epilog="Example: steward request show JC-2027 R-00001")
def request_show(code: Code, number: Number, at: At = None, as_json: AsJson = False) -> None:
    """Show one request: clocks, events, work orders, likely duplicates."""
    from tasks.request_views import request_thread

    _show_thread(request_thread(code, number, moment_of(code, at)), as_json)


@request_app.command(
    "assign", epilog="Example: steward request assign JC-2027 R-00001 --to staff-technician-1"
)
def request_assign(
    code: Code,
    number: Number,
    to: Annotated[str, typer.Option(help="Reference of the person, or the code of a post.")],
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Assign a request to a person or a post; the clocks run on."""
    _act(code, number, "assigned", at, as_json, staff_ref=to)


@request_app.command("respond", epilog="Example: steward request respond JC-2027 R-00001 --by staff-1")
def request_respond(
    code: Code, number: Number, by: By = "", note: Note = "", at: At = None, as_json: AsJson = False
) -> None:
    """Record an answer; the first one stops the response clock."""
    _act(code, number, "responded", at, as_json, staff_ref=by, note=note)


@request_app.command("pause", epilog="Example: steward request pause JC-2027 R-00001 --reason requester")
def request_pause(
    code: Code,
    number: Number,
    reason: Annotated[
        Literal["requester", "material", "third_party", "authority", "weather"],
        typer.Option(help="What is awaited."),
    ],
    by: By = "",
    note: Note = "",
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Hold both clocks for an allowed reason."""
    _act(code, number, "paused", at, as_json, staff_ref=by, note=note, reason=reason)


@request_app.command("resume", epilog="Example: steward request resume JC-2027 R-00001")
def request_resume(
    code: Code, number: Number, by: By = "", note: Note = "", at: At = None, as_json: AsJson = False
) -> None:
    """End a pause."""
    _act(code, number, "resumed", at, as_json, staff_ref=by, note=note)


@request_app.command(
    "reclassify",
    epilog="Example: steward request reclassify JC-2027 R-00001 --kind complaint --priority urgent",
)
def request_reclassify(
    code: Code,
    number: Number,
    kind: Annotated[Kind | None, typer.Option(help="What it is; a repair becomes a work order.")] = None,
    priority: Annotated[Urgency | None, typer.Option(help="How urgent it is.")] = None,
    place: Annotated[str, typer.Option(help="Code of the place.")] = "",
    asset: Annotated[str, typer.Option(help="Tag of the asset it is about; its place is taken.")] = "",
    note: Note = "",
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Put right what a request is, how urgent and where; another promise judges its whole log."""
    from models.rules.service_levels import Priority, RequestKind
    from tasks.request_class import SaidClass, reclassify_request
    from tasks.request_views import request_thread

    moment = done_at(code, at)
    said = SaidClass(
        RequestKind(kind) if kind else None,
        Priority(priority) if priority else None,
        place.strip(),
        asset.strip(),
    )
    with acting_here():
        new = reclassify_request(code, number, moment, said, note)
    if not as_json:
        typer.echo(f"{number} of {code}: {'put right' if new else 'is so already'}.")
    _show_thread(request_thread(code, number, moment), as_json)


@request_app.command("resolve", epilog="Example: steward request resolve JC-2027 R-00001 --by staff-1")
def request_resolve(
    code: Code, number: Number, by: By = "", note: Note = "", at: At = None, as_json: AsJson = False
) -> None:
    """Record a request as settled: the clock stops."""
    _act(code, number, "resolved", at, as_json, staff_ref=by, note=note)


@request_app.command("close", epilog="Example: steward request close JC-2027 R-00001")
def request_close(
    code: Code, number: Number, by: By = "", note: Note = "", at: At = None, as_json: AsJson = False
) -> None:
    """Close a request; one that was not settled before is settled by it."""
    _act(code, number, "closed", at, as_json, staff_ref=by, note=note)


@request_app.command("reopen", epilog='Example: steward request reopen JC-2027 R-00001 --note "drips again"')
def request_reopen(
    code: Code, number: Number, by: By = "", note: Note = "", at: At = None, as_json: AsJson = False
) -> None:
    """Open a settled request again: the same clock goes on, the reopening is counted, and a new work order follows a done one."""
    _act(code, number, "reopened", at, as_json, staff_ref=by, note=note)


@request_app.command("convert", epilog="Example: steward request convert JC-2027 R-00001 --post technician")
def request_convert(
    code: Code,
    number: Number,
    post: Annotated[str, typer.Option(help="Code of the post that does the work.")] = "technician",
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Make a work order of a request and keep both in one thread; doing so again makes no second one."""
    from tasks.request_views import request_thread
    from tasks.service_desk import convert_request

    moment = done_at(code, at)
    with acting_here():
        made = convert_request(code, number, moment, post)
    if not as_json:
        typer.echo(
            f"{number} of {code}: {'a work order was made' if made else 'there is a work order already'}."
        )
    _show_thread(request_thread(code, number, moment), as_json)


@request_app.command("levels", epilog="Example: steward request levels JC-2027 --out levels.yaml")
def request_levels(
    code: Code,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Also write them to this YAML, to be changed and agreed."),
    ] = None,
    agree: Annotated[
        Path | None, typer.Option(help="Take this YAML in: from now on it judges every request of the desk.")
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Show what the desk promises: its hours, and by when each kind of request is answered and settled."""
    from tasks.service_agreements import agree_levels, levels_of, write_levels

    with acting_here():
        if agree is not None:
            new, moved = agree_levels(code, agree)
            said = f"taken in; due times of {moved} requests moved" if new else "says what is agreed already"
            typer.echo(f"{agree.name}: {said}.", err=as_json)
        found = levels_of(code)
        if out is not None:
            refuse_to_replace(out, force=force)
            typer.echo(f"{write_levels(code, out).name}: written.", err=as_json)
    if as_json:
        print_json(found)
        return
    show([{"day": day, "open": hours or "closed"} for day, hours in found["desk"].items()], False, "Desk")
    show(found["targets"], False, f"What the desk of {code} promises")


@request_app.command("rate", epilog="Example: steward request rate JC-2027 R-00001 5")
def request_rate(
    code: Code,
    number: Number,
    rating: Annotated[int, typer.Argument(min=1, max=5, help="1 (bad) to 5 (good), as the requester said.")],
    as_json: AsJson = False,
) -> None:
    """Record how the requester rated the handling."""
    from tasks.request_views import request_thread
    from tasks.service_desk import rate_request

    with acting_here():
        rate_request(code, number, rating)
    _show_thread(request_thread(code, number, moment_of(code, None)), as_json)


@request_app.command("call-back", epilog="Example: steward request call-back JC-2027 R-00001 --by staff-1")
def request_call_back(
    code: Code, number: Number, by: By = "", note: Note = "", at: At = None, as_json: AsJson = False
) -> None:
    """Record that the requester was asked afterwards whether it is settled (回访)."""
    _act(code, number, "called_back", at, as_json, staff_ref=by, note=note)


@request_app.command("mail", epilog="Example: steward request mail JC-2027 inbox")
def request_mail(
    code: Code,
    path: Annotated[
        Path, typer.Argument(help="A mail file (.eml), a file of many (mbox), or a folder of .eml files.")
    ],
    as_json: AsJson = False,
) -> None:
    """Take mails as requests, or into the thread they answer; automatic answers and bounces are not requests."""
    from tasks.request_mail import take_mails

    with acting_here():
        taken = take_mails(code, path)
    show([mail.as_json() for mail in taken], as_json, f"Mails for {code}")
    if any(mail.outcome == "refused" for mail in taken):
        raise typer.Exit(1)


def _act(
    code: str,
    number: str,
    event: str,
    at: datetime | None,
    as_json: bool,
    *,
    staff_ref: str = "",
    note: str = "",
    reason: str = "",
) -> None:
    from tasks.request_views import request_thread
    from tasks.service_desk import record_request_event

    moment = done_at(code, at)
    with acting_here():
        new = record_request_event(code, number, event, moment, staff_ref, reason=reason, note=note)
    thread = request_thread(code, number, moment)
    if as_json:
        print_json(thread)
        return
    said = f"{number} of {code}: {event}" if new else f"{number} of {code} was recorded so before"
    typer.echo(f"{said}; it is {thread['state']}. {_clock_words(thread)}")


def _clock_words(thread: dict[str, Any]) -> str:
    words = []
    for name, label in (("response", "Answer"), ("resolution", "Settling")):
        clock = thread[name]
        if clock["target_hours"] is None:
            words.append(f"{label}: nothing promised.")
            continue
        due = f", due {clock['due']}" if clock["due"] else ", held"
        words.append(f"{label}: {clock['verdict']}, {clock['used_hours']} of {clock['target_hours']} h{due}.")
    return " ".join(words)


def _show_thread(thread: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(thread)
        return
    plain = (
        "number",
        "kind",
        "priority",
        "state",
        "received",
        "place",
        "asset",
        "requester",
        "assigned_to",
        "rating",
        "text",
    )
    for name in plain:
        if thread[name] not in ("", None):
            typer.echo(f"{name.replace('_', ' '):<12} {thread[name]}")
    typer.echo(_clock_words(thread))
    show(thread["events"], False, "Events")
    orders = [{**order, "records": "; ".join(order["records"])} for order in thread["work_orders"]]
    show(orders, False, "Work orders")
    if thread["mails"]:
        show(thread["mails"], False, "Mails")
    show(thread["likely_duplicates"], False, "Likely duplicates")
