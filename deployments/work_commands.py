"""How is work seen, begun, recorded, sent back and put right at the command line? `steward work` (B2-B5)."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.text import Text

from deployments.acts import acting_here
from deployments.output import AsJson, Code, DryRun, Force, print_json, refuse_to_replace, show
from models.errors import Terminal

if TYPE_CHECKING:
    from tasks.work_records import FieldNote

work_app = typer.Typer(no_args_is_help=True, help="Work orders: what is open, and the records of the field.")

Order = Annotated[int, typer.Argument(help="Number of the order, as `steward work list` shows it.")]
By = Annotated[str, typer.Option("--by", help="Reference of the person who did it, never a name.")]
At = Annotated[
    str,
    typer.Option(
        help="When it was done, in the engagement's time zone: 2027-01-05 or 2027-01-05 09:30; now by default."
    ),
]
Note = Annotated[str, typer.Option(help="What was seen or done; no names.")]
Where = Annotated[str, typer.Option("--where", help="The place; by default the target of the order.")]
Photos = Annotated[
    list[Path] | None, typer.Option("--photo", help="A picture, JPEG or PNG; may be given several times.")
]
Hours = Annotated[str, typer.Option(help="Hours of work, such as 1.5.")]
Material = Annotated[str, typer.Option(help="Cost of material, such as 120.00.")]
Reading = Annotated[str, typer.Option(help="What an instrument showed, with its unit.")]
Checks = Annotated[
    list[str] | None,
    typer.Option(
        "--check",
        help="What a round saw: ASSET:ITEM=passed, failed or a number, as `steward work route` lists them.",
    ),
]
Result = Annotated[
    Literal["done", "passed", "failed"], typer.Option(help="done; or passed or failed for a check.")
]


@work_app.command("list", epilog="Example: steward work list JC-2027 --post technician --overdue")
def work_list(
    code: Code,
    post: Annotated[str, typer.Option(help="Only the orders of this post.")] = "",
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Due up to this day; today by default."),
    ] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is past its last day.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many.")] = 200,
    as_json: AsJson = False,
) -> None:
    """List the open orders, those due first at the top, with what was begun or sent back."""
    from models.migrate import require_current_schema
    from tasks.work_views import listed_work

    require_current_schema()
    day = None if until is None else until.date()
    rows = listed_work(code, post, day, overdue=overdue, limit=limit)
    if rows and not as_json:  # a screen is narrow: what is the same or empty in every row is left out
        hidden = {"series", "post" if post else "", *(n for n in rows[0] if not any(row[n] for row in rows))}
        rows = [{name: value for name, value in row.items() if name not in hidden} for row in rows]
    show(rows, as_json, f"Open work of {code}")


@work_app.command("tell", epilog="Example: steward work tell JC-2027")
def work_tell(code: Code, as_json: AsJson = False) -> None:
    """Mail what is overdue, repairs nobody has begun in time, permits nobody signed off: once, as the clockwork does."""
    from tasks.overdue_work import tell_overdue_work
    from tasks.permit_alerts import tell_overdue_permits

    with acting_here():
        permits = tell_overdue_permits(code)
        told = tell_overdue_work(code) | ({"permits": len(permits)} if permits else {})
    if as_json:
        print_json(told)
        return
    words = {
        "overdue": "orders past their last day",
        "not_begun": "repairs not begun in time",
        "permits": "permits nobody signed off",
    }
    said = "; ".join(f"{words[late]}: {count}" for late, count in told.items())
    typer.echo(f"Told of {said}." if said else "Nothing new to tell.")


@work_app.command("show", epilog="Example: steward work show JC-2027 118")
def work_show(code: Code, order: Order, as_json: AsJson = False) -> None:
    """Show one order with its whole history: every record, its photos by hash, and which one holds."""
    from models.migrate import require_current_schema
    from tasks.work_views import shown_order

    require_current_schema()
    found = shown_order(code, order)
    if as_json:
        print_json(found)
        return
    console = Console()
    for label, value in found.items():
        if label not in ("records", "request") and value:
            console.print(Text(f"{label.replace('_', ' '):<12} {value}"), soft_wrap=True)
    if request := found["request"]:
        console.print(Text(f"{'request':<12} {request['number']}: {request['text']}"), soft_wrap=True)
        for label in ("thread", "files"):
            for line in request[label]:
                console.print(Text(f"  {label:<10} {line}"), soft_wrap=True)
    if not found["records"]:
        typer.echo("Nothing was recorded yet.")
    for record in found["records"]:
        said = [f"{name} {value}" for name, value in record.items() if value and name != "no"]
        console.print(Text(f"record {record['no']:<5} {' · '.join(said)}"), soft_wrap=True)


@work_app.command("start", epilog="Example: steward work start JC-2027 118 --by staff-technician-1")
def work_start(code: Code, order: Order, by: By, at: At = "", note: Note = "") -> None:
    """Record that somebody has begun."""
    from tasks.work_records import FieldNote, start_work

    with acting_here():
        new = start_work(code, order, FieldNote(by, note=note, **_when(at)))
    typer.echo(f"Order {order} {'is begun' if new else 'was begun before'}.")


@work_app.command(
    "complete",
    epilog='Example: steward work complete JC-2027 118 --by staff-technician-1 --result failed --note "Brake worn" --photo b.jpg',
)
def work_complete(
    code: Code,
    order: Order,
    by: By,
    result: Result = "done",
    at: At = "",
    reading: Reading = "",
    note: Note = "",
    hours: Hours = "0",
    material: Material = "0",
    where: Where = "",
    check: Checks = None,
    photo: Photos = None,
    settle: Annotated[
        bool,
        typer.Option("--settle", help="Settle the request it was made of as well; --at then needs a time."),
    ] = False,
) -> None:
    """Record what was done; a failed check becomes corrective work at once."""
    from tasks.request_orders import open_though_done
    from tasks.work_records import complete_work

    said = _result(by, result, at, reading, note, hours, material, where, check, photo)
    if settle and (said.on is not None or result == "failed"):
        raise Terminal(
            "--settle says when the request was settled: expected --at with a time, such as 2027-01-05 09:30, or none "
            "for now; and a result that is not failed."
        )
    with acting_here():
        new = complete_work(code, order, said)
        typer.echo(f"Order {order} {f'is recorded as {result}' if new else 'was recorded so before'}.")
        for number in open_though_done(code, order):
            if settle:
                _settle(code, number, said)
            else:
                when = f' --at "{at}"' if said.at else ""
                typer.echo(
                    f"The request it was made of, {number}, is still open; once it is settled for who asked: "
                    f"steward request resolve {code} {number} --by {by}{when}"
                )


def _settle(code: str, number: str, said: "FieldNote") -> None:
    from tasks.engagements import instant_done_of
    from tasks.service_desk import record_request_event

    record_request_event(code, number, "resolved", instant_done_of(code, said.at), said.staff_ref)
    typer.echo(f"The request it was made of, {number}, is settled.")


@work_app.command(
    "reject",
    epilog='Example: steward work reject JC-2027 118 --by staff-technician-1 --reason "No access to the pump room"',
)
def work_reject(
    code: Code,
    order: Order,
    by: By,
    reason: Annotated[str, typer.Option(help="Why it cannot be done; it stays in the record.")],
    at: At = "",
    note: Note = "",
    photo: Photos = None,
) -> None:
    """Send an order back because it cannot be done now; it stays open and shows why."""
    from tasks.work_records import FieldNote, reject_work, taken_photos

    said = FieldNote(by, note=note, reason=reason, photos=taken_photos(photo or []), **_when(at))
    with acting_here():
        new = reject_work(code, order, said)
    typer.echo(f"Order {order} {'was sent back and stays open' if new else 'was sent back so before'}.")


@work_app.command(
    "correct",
    epilog='Example: steward work correct JC-2027 118 --by staff-technician-1 --result passed --at 2027-01-05 --reason "Wrong lift"',
)
def work_correct(
    code: Code,
    order: Order,
    by: By,
    reason: Annotated[str, typer.Option(help="Why the record is corrected; both stay in the history.")],
    result: Result = "done",
    at: At = "",
    reading: Reading = "",
    note: Note = "",
    hours: Hours = "0",
    material: Material = "0",
    where: Where = "",
    check: Checks = None,
    photo: Photos = None,
) -> None:
    """Add a record that takes the place of the one that holds; say all of it anew, nothing is overwritten."""
    from tasks.work_records import correct_work

    said = _result(by, result, at, reading, note, hours, material, where, check, photo, reason)
    with acting_here():
        new = correct_work(code, order, said)
    typer.echo(f"Order {order} {'is corrected' if new else 'stands so already'}.")


@work_app.command(
    "sheet",
    epilog="Example: steward work sheet JC-2027 --post technician --month 2027-03 --out march.xlsx",
)
def work_sheet_command(
    code: Code,
    post: Annotated[str, typer.Option(help="The post whose open orders it holds.")],
    month: Annotated[str, typer.Option(help="Orders due up to the end of this month, such as 2027-03.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The workbook to write; the PDF beside it has its name.")
    ],
    force: Force = False,
) -> None:
    """Write the sheet that goes into the field: a workbook to fill in offline, and the same as a PDF on paper."""
    from models.migrate import require_current_schema
    from reports.pdf import render_pdf
    from tasks.exported_files import write_whole
    from tasks.work_sheets import work_sheet

    require_current_schema()
    if out.suffix.lower() != ".xlsx":
        raise Terminal(f"--out is {out.name!r}; expected the name of a workbook, such as march.xlsx.")
    paper = out.with_suffix(".pdf")
    refuse_to_replace(out, paper, force=force)
    workbook, pack, orders = work_sheet(code, post, month)
    write_whole(out, workbook)
    write_whole(paper, render_pdf(pack))
    typer.echo(f"{out.name}, {paper.name}: {orders} orders.")


@work_app.command(
    "import", epilog="Example: steward work import JC-2027 march.xlsx --photos pictures --dry-run"
)
def work_import(
    code: Code,
    file: Annotated[Path, typer.Argument(help="The filled sheet, .xlsx or .csv.")],
    photos: Annotated[
        Path | None, typer.Option(help="The folder with the pictures named in the sheet.")
    ] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in a filled sheet: good rows are recorded, bad ones named; the same sheet again changes nothing."""
    from dataclasses import asdict

    from tasks.request_orders import open_though_done
    from tasks.work_sheets import import_work

    with acting_here():
        found = import_work(code, file, photos, dry_run=dry_run)
    if as_json:
        print_json(found.as_json())
        return
    typer.echo(
        f"{'Dry run, nothing written. ' if dry_run else ''}{found.file}: {found.rows} rows: {found.recorded} recorded, "
        f"{found.sent_back} sent back, {found.as_before} as before, {found.empty} empty, {found.not_taken} not taken; "
        f"{found.photos} photos."
    )
    show([asdict(doubt) for doubt in found.doubts], False, "Rows and cells in doubt")
    if found.recorded and (waiting := open_though_done(code)):
        typer.echo(
            f"Done, but their requests are still open: {', '.join(waiting[:10])}"
            f"{' …' if len(waiting) > 10 else ''}; `steward request resolve {code} NUMBER` settles one."
        )


@work_app.command("route", epilog="Example: steward work route JC-2027 --post technician")
def work_route(
    code: Code,
    post: Annotated[str, typer.Option(help="Only the rounds of this post.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show the rounds of the plan as routes: check points in order, what is looked at, within which limits."""
    from models.migrate import require_current_schema
    from tasks.routes import routes_of

    require_current_schema()
    show(routes_of(code, post), as_json, f"Routes of {code}", less=("post", "place", "limits"))


def _result(
    by: str,
    outcome: str,
    at: str,
    reading: str,
    note: str,
    hours: str,
    material: str,
    where: str,
    check: list[str] | None,
    photo: list[Path] | None,
    reason: str = "",
) -> "FieldNote":
    """What a result says, first or corrected, from the options of the command."""
    from tasks.work_records import FieldNote, taken_photos

    return FieldNote(
        by,
        outcome=outcome,
        reading=reading,
        note=note,
        hours=_figure("--hours", hours),
        material_cost=_figure("--material", material),
        place=where,
        photos=taken_photos(photo or []),
        reason=reason,
        checks=_said(check or []),
        **_when(at),
    )


def _said(texts: list[str]) -> tuple[Any, ...]:
    from tasks.check_readings import SaidCheck

    said = []
    for text in texts:
        place, equals, answer = text.partition("=")
        tag, colon, item = place.rpartition(":")
        if not (equals and colon and tag and item and answer):
            raise Terminal(
                f"--check is {text[:60]!r}; expected ASSET:ITEM=answer, such as PUMP-1:WS-PRESS=0.35."
            )
        said.append(SaidCheck(tag.strip(), item.strip(), answer.strip()))
    return tuple(said)


def _when(text: str) -> dict[str, Any]:
    """The day of the work, and the instant where a time was said too; midnight is a time."""
    if not text:
        return {}
    for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"):
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007 - the engagement's zone is not known here
        except ValueError:
            continue
        return {"on": found.date()} if form == "%Y-%m-%d" else {"at": found}
    raise Terminal(f"--at is {text[:30]!r}; expected a day such as 2027-01-05, or 2027-01-05 09:30.")


def _figure(option: str, text: str) -> Decimal:
    try:
        figure = Decimal(text)
    except InvalidOperation:
        figure = Decimal("NaN")
    if not figure.is_finite() or figure != round(figure, 2) or abs(figure) > 10**9:
        raise Terminal(f"{option} is {text[:30]!r}; expected a figure such as 1.5, at most two decimals.")
    return figure
