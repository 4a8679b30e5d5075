"""Is everything given back? `steward handover`."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from deployments.acts import Day, acting_here, day_of
from deployments.output import AsJson, Code, DryRun, Force, print_json, refuse_to_replace, show, show_import

handover_app = typer.Typer(
    no_args_is_help=True, help="The list of what is given back at the end of the term."
)


@handover_app.command("list", epilog="Example: steward handover list JC-2027 --open")
def handover_list_command(
    code: Code,
    open_only: Annotated[
        bool, typer.Option("--open", help="Only what is not counted or not settled yet.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List what is to be given back and what is open, and what came of it; what came up since is added."""
    from tasks.return_count import handover_list

    with acting_here():  # looking brings the list up to date
        rows = handover_list(code, open_only=open_only)
    show(rows, as_json, "Handover list", less=("condition", "figure", "returned", "remark", "due", "owed_by"))


@handover_app.command("form", epilog="Example: steward handover form JC-2027 --out count.xlsx")
def handover_form(
    code: Code,
    out: Annotated[Path, typer.Option(help="The workbook to write.")],
    force: Force = False,
) -> None:
    """Write what is not counted yet, and what is open, as a sheet to fill in on the walk."""
    from tasks.exported_files import write_whole
    from tasks.return_count import counting_sheet

    refuse_to_replace(out, force=force)
    with acting_here():
        sheet = counting_sheet(code)
    write_whole(out, sheet)
    typer.echo(f"Written: {out}")


@handover_app.command("import", epilog="Example: steward handover import JC-2027 count.xlsx --dry-run")
def handover_import(
    code: Code,
    file: Annotated[Path, typer.Argument(help="The filled-in sheet, CSV or XLSX.")],
    on: Day = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in a counted list; rows left empty wait, what was counted stands, a dispute says over what."""
    from tasks.return_count import import_count

    with acting_here():
        found = import_count(code, file, on=day_of(on), dry_run=dry_run)
    sentence = (
        f"{found.file}: {found.rows} rows: {found.recorded} counted, {found.as_before} left empty or as before, "
        f"{found.not_taken} not taken."
    )
    show_import(found.as_json(), as_json, sentence, dry_run=dry_run)


@handover_app.command(
    "receiver",
    epilog='Example: steward handover receiver JC-2027 --kind custodian --name "New Custody Ltd" --contact receiver-1',
)
def handover_receiver(
    code: Code,
    kind: Annotated[
        Literal["custodian", "committee"] | None,
        typer.Option(help="The next custodian, or the owners' committee."),
    ] = None,
    name: Annotated[str, typer.Option(help="Name of the organisation.")] = "",
    contact: Annotated[
        str, typer.Option(help="Reference of its person, recorded with the role receiver.")
    ] = "",
    on: Day = None,
    as_json: AsJson = False,
) -> None:
    """Name who takes over, which then gets the protocol and signs as third party; without options, show who signed."""
    from models.errors import Terminal
    from tasks.handover_receiver import NewReceiver, name_receiver, shown_receiver

    with acting_here():
        if kind is not None:
            new = name_receiver(code, NewReceiver(kind, name, contact), day_of(on))
            typer.echo("Named." if new else "It was named so before.", err=as_json)
        elif name or contact:
            raise Terminal(
                "Who takes over? Expected --kind custodian or --kind committee with --name and --contact."
            )
        show(shown_receiver(code), as_json, f"Parties of the handover of {code}")


@handover_app.command(
    "continue",
    epilog='Example: steward handover continue JC-2027 --until 2028-01-31 --reason "the next custodian starts later"',
)
def handover_continue(
    code: Code,
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day of service.")],
    reason: Annotated[str, typer.Option(help="Why the takeover is delayed.")],
) -> None:
    """Go on serving beyond the term until somebody takes over: rounds and months go on, the protocol follows later."""
    from tasks.handover import continue_service

    with acting_here():
        new = continue_service(code, until.date(), reason)
    typer.echo(
        f"Service of {code} goes on until {until.date()}; the fee for that time is for the parties to agree."
        if new
        else "It was said so before."
    )


@handover_app.command("archive", epilog="Example: steward handover archive JC-2027 --out JC-2027.zip")
def handover_archive(
    code: Code,
    out: Annotated[Path, typer.Option(help="The archive to write: a name ending in .zip, or a folder.")],
    with_people: Annotated[
        bool,
        typer.Option("--with-people", help="Put in the owners' register, with names, numbers and addresses."),
    ] = False,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write everything the owners are entitled to, readable without Steward; twice the same gives the same bytes."""
    from tasks.archive import make_archive

    with acting_here():
        made = make_archive(code, out, with_people=with_people, force=force)
    if as_json:
        print_json({"out": out.name, **asdict(made)})
        return
    typer.echo(f"Written: {out}, {made.files:,} files, {made.bytes:,} bytes.")
    typer.echo(f"SHA-256 of its manifest, which the protocol names: {made.manifest_sha256}")
    if made.lost:
        typer.echo(
            f"Not in it: {len(made.lost)} files that are gone from the store or were changed, see left-out.csv."
        )


@handover_app.command("verify-archive", epilog="Example: steward handover verify-archive JC-2027.zip")
def handover_verify_archive(
    path: Annotated[Path, typer.Argument(help="The archive: a folder or a ZIP file.")],
    sha256: Annotated[
        str, typer.Option(help="SHA-256 of the manifest as the protocol names it, or its first twelve signs.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Compare an archive with its manifest, file by file, and say whether it is whole; needs no database."""
    from tasks.archive_check import check_archive

    found = check_archive(path, sha256)
    if as_json:
        print_json(asdict(found))
    elif found.faults:
        show([asdict(fault) for fault in found.faults], False, "Not as the manifest says")
        typer.echo(f"{path.name} is not whole: {len(found.faults)} faults in {found.files:,} files.")
    else:
        typer.echo(f"{path.name} is whole: {found.files:,} files, {found.bytes:,} bytes.")
        typer.echo(
            f"SHA-256 of its manifest: {found.manifest_sha256}"
            + ("" if sha256 else "; compare it with the one in the handover protocol.")
        )
    if found.faults:
        raise typer.Exit(1)
