"""How is the weather kept, and the work it forbids left out or moved? `steward weather` (B3, B4)."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from deployments.acts import acting_here, day_of
from deployments.output import AsJson, Code, DryRun, print_json, show, show_import

weather_app = typer.Typer(
    no_args_is_help=True, help="Weather, and the greening and outdoor cleaning that it leaves out or moves."
)

Since = Annotated[
    datetime | None,
    typer.Option("--from", formats=["%Y-%m-%d"], help="The first day; the business date by default."),
]
Until = Annotated[
    datetime | None,
    typer.Option("--to", formats=["%Y-%m-%d"], help="The last day; by default the first."),
]


@weather_app.command(
    "record",
    epilog='Example: steward weather record JC-2027 2027-05-12 --rain 12.5 --wind 6 --source "gauge at the gate"',
)
def weather_record(
    code: Code,
    day: Annotated[
        datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day; up to 15 days ahead for a forecast.")
    ],
    rain: Annotated[str, typer.Option(help="Rain of the day in millimetres; 0 for none.")],
    source: Annotated[str, typer.Option(help="Who measured or forecast it.")],
    wind: Annotated[str, typer.Option(help="The strongest gust in metres a second.")] = "",
    frost: Annotated[bool, typer.Option("--frost", help="It froze.")] = False,
) -> None:
    """Record the weather of a day; a correction is a further entry, the newest counts."""
    from tasks.weather import SaidWeather, figure, record_weather

    said = SaidWeather(day.date(), figure(rain), figure(wind) if wind else None, frost, source)
    with acting_here():
        new = record_weather(code, said)
    typer.echo(f"{day.date()}: {'recorded' if new else 'was recorded so before'}.")


@weather_app.command("import", epilog="Example: steward weather import JC-2027 may.csv --dry-run")
def weather_import(
    code: Code,
    file: Annotated[
        Path, typer.Argument(help="CSV or .xlsx: Day, Rain mm, Source; also Wind m/s and Frost.")
    ],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in days of weather; good rows are kept once, bad ones named and quarantined."""
    from tasks.weather import import_weather

    with acting_here():
        found = import_weather(code, file, dry_run=dry_run)
    show_import(
        found.as_json(),
        as_json,
        f"{found.file}: {found.rows} rows: {found.recorded} recorded, "
        f"{found.as_before} as before, {len(found.doubts)} not taken.",
        dry_run=dry_run,
    )


@weather_app.command("list", epilog="Example: steward weather list JC-2027 --from 2027-05-01 --to 2027-05-31")
def weather_list(
    code: Code,
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="The first day; thirty days ago by default."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--to", formats=["%Y-%m-%d"], help="The last day; by default all that is forecast."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the weather day by day."""
    from models.migrate import require_current_schema
    from tasks.weather import listed_weather

    require_current_schema()
    show(listed_weather(code, day_of(since), day_of(until)), as_json, f"Weather at {code}")


@weather_app.command(
    "apply", epilog="Example: steward weather apply JC-2027 --from 2027-05-12 --to 2027-05-14 --dry-run"
)
def weather_apply(
    code: Code, since: Since = None, until: Until = None, dry_run: DryRun = False, as_json: AsJson = False
) -> None:
    """Leave out watering after rain, move what wind, rain or frost forbid within its window; each with its reason."""
    from tasks.weather_changes import apply_weather

    with acting_here():
        changes = apply_weather(code, day_of(since), day_of(until), dry_run=dry_run)
    if dry_run and not as_json:
        typer.echo("Dry run, nothing written.")
    show([change.as_json() for change in changes], as_json, f"Changed by the weather at {code}")


@weather_app.command("undo", epilog="Example: steward weather undo JC-2027 --from 2027-05-12 --dry-run")
def weather_undo(
    code: Code,
    since: Since = None,
    until: Until = None,
    series: Annotated[str, typer.Option(help="Only this series, for example GREEN-LAWN-WATER/LAWN-1.")] = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Put back what the weather had changed, as far as nobody has worked on it and its window is open."""
    from tasks.weather_changes import undo_weather

    with acting_here():
        undone, left = undo_weather(code, day_of(since), day_of(until), series, dry_run=dry_run)
    if as_json:
        print_json({"undone": [change.as_json() for change in undone], "left": left})
        return
    if dry_run:
        typer.echo("Dry run, nothing written.")
    show([change.as_json() for change in undone], False, f"Taken back at {code}")
    for sentence in left:
        typer.echo(f"Not taken back: {sentence}")


@weather_app.command("changes", epilog="Example: steward weather changes JC-2027")
def weather_changes(code: Code, as_json: AsJson = False) -> None:
    """List everything the weather left out or moved, and what was taken back."""
    from models.migrate import require_current_schema
    from tasks.weather_changes import listed_changes

    require_current_schema()
    show(listed_changes(code), as_json, f"Changed by the weather at {code}")
