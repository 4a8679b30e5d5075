"""Is everything given back? `steward handover`."""

from pathlib import Path
from typing import Annotated

import typer

from deployments.acts import Day, acting_here, day_of
from deployments.output import AsJson, Code, DryRun, Force, refuse_to_replace, show, show_import

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
    show(rows, as_json, "Handover list", less=("condition", "returned", "remark", "due", "owed_by"))


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
