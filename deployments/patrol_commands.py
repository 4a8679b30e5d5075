"""How are patrol routes kept, scans recorded and rounds checked? `steward patrol` (B5)."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from deployments.acts import By, acting_here, day_of
from deployments.output import AsJson, Code, DryRun, print_json, show, show_import

patrol_app = typer.Typer(no_args_is_help=True, help="Patrols: routes, scans, missed points.")

Since = Annotated[
    datetime | None,
    typer.Option("--from", formats=["%Y-%m-%d"], help="The day from which it holds; tomorrow by default."),
]


@patrol_app.command("routes", epilog="Example: steward patrol routes JC-2027 routes.csv --from 2027-03-01")
def patrol_routes(
    code: Code,
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV or .xlsx: Route, Point, Windows; also Name, Order, Place, Minutes, Planned work."
        ),
    ],
    since: Since = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in routes, one point a row; a changed route is a new version, what was walked is judged as before."""
    from tasks.patrol_routes import import_routes

    with acting_here():
        found = import_routes(code, file, day_of(since), dry_run=dry_run)
    if as_json:
        print_json({**found.__dict__, "doubts": [doubt.__dict__ for doubt in found.doubts]})
        return
    typer.echo(
        f"{'Dry run, nothing written. ' if dry_run else ''}{found.file}: {len(found.new)} routes "
        f"{'would be ' if dry_run else ''}taken, {len(found.as_before)} as before, {len(found.doubts)} rows in doubt."
    )
    show([doubt.__dict__ for doubt in found.doubts], False, "Rows in doubt")


@patrol_app.command("end", epilog="Example: steward patrol end JC-2027 NIGHT --from 2027-06-01")
def patrol_end(
    code: Code, route: Annotated[str, typer.Argument(help="Code of the route.")], since: Since = None
) -> None:
    """Walk a route no more from a day on; its past rounds stay as they were."""
    from tasks.patrol_routes import end_route

    with acting_here():
        new = end_route(code, route, day_of(since))
    typer.echo(f"{route}: {'ends' if new else 'was ended before'}.")


@patrol_app.command("list", epilog="Example: steward patrol list JC-2027")
def patrol_list(
    code: Code,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="As it holds on this day; the business date by default."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the routes: windows, and the points in the order of the walk with their allowed minutes."""
    from models.migrate import require_current_schema
    from tasks.patrol_routes import listed_routes

    require_current_schema()
    show(listed_routes(code, day_of(on)), as_json, f"Patrol routes of {code}")


@patrol_app.command(
    "scan", epilog='Example: steward patrol scan JC-2027 P1 --by staff-patrol_guard-1 --at "2027-01-05 22:04"'
)
def patrol_scan(
    code: Code,
    point: Annotated[str, typer.Argument(help="Code of the point.")],
    by: By,
    at: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"],
            help="When, in the engagement's time zone; now by default.",
        ),
    ] = None,
    note: Annotated[str, typer.Option(help="What was seen; no names.")] = "",
) -> None:
    """Record that somebody was at a point; the same scan again is one."""
    from tasks.patrols import record_scan

    with acting_here():
        new = record_scan(code, point, by, at, note)
    typer.echo(f"{point}: {'recorded' if new else 'was recorded before'}.")


@patrol_app.command("import", epilog="Example: steward patrol import JC-2027 reader.csv --dry-run")
def patrol_import(
    code: Code,
    file: Annotated[
        Path, typer.Argument(help="What the reader stored, CSV or .xlsx: Point, Time, Person; also Note.")
    ],
    date_order: Annotated[
        Literal["dmy", "mdy"] | None,
        typer.Option(help="For dates that end with their year, where the file does not decide it."),
    ] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in the scans of a reader; good rows are kept once, bad ones named and quarantined."""
    from tasks.patrols import import_scans

    with acting_here():
        found = import_scans(code, file, date_order=date_order or "", dry_run=dry_run)
    show_import(
        found.as_json(),
        as_json,
        f"{found.file}: {found.rows} rows: {found.recorded} recorded, "
        f"{found.as_before} as before, {len(found.doubts)} not taken; {found.settled} planned patrols done.",
        dry_run=dry_run,
    )


@patrol_app.command(
    "check", epilog="Example: steward patrol check JC-2027 --from 2027-01-01 --to 2027-01-31 --missed"
)
def patrol_check(
    code: Code,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--from", formats=["%Y-%m-%d"], help="The first day; the day before the last by default."
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="The last day; the business date by default."),
    ] = None,
    route: Annotated[str, typer.Option(help="Only this route.")] = "",
    missed: Annotated[bool, typer.Option("--missed", help="Only rounds with missed points.")] = False,
    tell: Annotated[
        bool,
        typer.Option("--tell", help="Also mail the manager what the clockwork would, once for each round."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say of each round: complete, incomplete, missed, out of its window; which points were missed, late, out of order."""
    from models.migrate import require_current_schema
    from tasks.patrol_alerts import tell_missed_patrols
    from tasks.patrols import checked_rounds

    require_current_schema()
    rows = checked_rounds(code, day_of(since), day_of(until), route, missed=missed)
    if not as_json:  # a screen is narrow: who was where stands in the JSON
        rows = [
            {
                name.replace("_", " "): ", ".join(value) if isinstance(value, list) else value
                for name, value in row.items()
                if name not in ("scans", "repeats")
            }
            for row in rows
        ]
    show(rows, as_json, f"Patrol rounds of {code}")
    if tell:
        with acting_here():
            told = tell_missed_patrols(code)
        typer.echo(f"{len(told)} rounds told to the manager.", err=as_json)
