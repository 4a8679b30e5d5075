"""How is the log of the cameras kept and read? `steward cctv` (B5)."""

from pathlib import Path
from typing import Annotated

import typer

from deployments.acts import By, Day, acting_here, day_of
from deployments.output import AsJson, Code, DryRun, show, show_import

cctv_app = typer.Typer(
    no_args_is_help=True, help="Cameras: daily state, faults that become repairs, what nobody looked at."
)
Camera = Annotated[str, typer.Argument(help="Tag of the camera in the register.")]


@cctv_app.command(
    "record",
    epilog="Example: steward cctv record JC-2027 CAM-1 --by staff-fire_operator-1 --no-picture --drift 12 --retained 31",
)
def cctv_record(
    code: Code,
    camera: Camera,
    by: By,
    recording: Annotated[bool, typer.Option(help="Whether it records.")] = True,
    picture: Annotated[bool, typer.Option(help="Whether its picture can be used.")] = True,
    drift: Annotated[
        int | None,
        typer.Option(min=-10_000_000, max=10_000_000, help="Seconds its clock is off, where compared."),
    ] = None,
    retained: Annotated[
        int | None, typer.Option(min=0, max=3650, help="Days back to the oldest recording, where looked at.")
    ] = None,
    on: Day = None,
    note: Annotated[str, typer.Option(help="What was seen; no names.")] = "",
) -> None:
    """Record how a camera was found; a fault becomes a repair, of which there is one until it is done."""
    from models.rules.cameras import CameraState
    from tasks.camera_log import SaidCamera, record_camera

    said = SaidCamera(camera, CameraState(recording, picture, drift, retained), by, day_of(on), note)
    with acting_here():
        found = record_camera(code, said)
    state = f"fault: {', '.join(found.faults)}" if found.faults else "healthy"
    typer.echo(f"{camera}: {state}; {'recorded' if found.new else 'was recorded so before'}.")
    if found.settled:
        typer.echo("Every camera was looked at: the planned check of the day is done.")
    if found.raised:
        typer.echo(f"Repairs asked for: {', '.join(found.raised)}")


@cctv_app.command("import", epilog="Example: steward cctv import JC-2027 cameras.csv --dry-run")
def cctv_import(
    code: Code,
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV or .xlsx: Camera, Day, Recording, Picture, Person; also Drift s, Days retained, Note."
        ),
    ],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in checks of cameras; good rows are kept once, bad ones named and quarantined."""
    from tasks.camera_log import import_cameras

    with acting_here():
        found = import_cameras(code, file, dry_run=dry_run)
    show_import(
        found.as_json(),
        as_json,
        f"{found.file}: {found.rows} rows: {found.recorded} recorded "
        f"({found.faulty} with a fault), {found.as_before} as before, {len(found.doubts)} not taken; "
        f"{found.settled} planned checks done.",
        dry_run=dry_run,
    )


@cctv_app.command("list", epilog="Example: steward cctv list JC-2027 --on 2027-03-04 --faulty")
def cctv_list(
    code: Code,
    on: Day = None,
    faulty: Annotated[
        bool, typer.Option("--faulty", help="Only cameras with a fault, or that nobody looked at.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List every camera of the register as found on a day: healthy, fault, not checked; and its open repairs."""
    from models.migrate import require_current_schema
    from tasks.camera_log import camera_states

    require_current_schema()
    show(camera_states(code, day_of(on), faulty=faulty), as_json, f"Cameras of {code}")


@cctv_app.command("log", epilog="Example: steward cctv log JC-2027 CAM-1")
def cctv_log(code: Code, camera: Camera, as_json: AsJson = False) -> None:
    """Show every entry about a camera, newest first; of a day the last one counts."""
    from models.migrate import require_current_schema
    from tasks.camera_log import camera_history

    require_current_schema()
    show(camera_history(code, camera), as_json, f"Log of {camera}")
