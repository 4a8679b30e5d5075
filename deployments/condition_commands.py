"""How are the surveyors' forms written and taken in at the command line? `steward condition`."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from deployments.output import AsJson, Code, DryRun, Force, print_json, refuse_to_replace, show

condition_app = typer.Typer(no_args_is_help=True, help="The condition survey at entry and at exit.")
Visit = Annotated[str, typer.Option(help="entry or exit: the same lines on both.")]


@condition_app.command(
    "form", epilog="Example: steward condition form JC-2027 --visit entry --out survey.xlsx"
)
def condition_form(
    code: Code,
    visit: Visit,
    out: Annotated[Path, typer.Option(help="The file to write: .xlsx, or .csv.")],
    force: Force = False,
) -> None:
    """Write the form of this register for the surveyors, with one row for each thing to look at."""
    from models.migrate import require_current_schema
    from tasks.condition_form import write_form

    require_current_schema()
    refuse_to_replace(out, force=force)
    typer.echo(f"{out.name}: {write_form(code, visit, out)} lines to look at.")


@condition_app.command(
    "import",
    epilog="Example: steward condition import JC-2027 survey.xlsx --visit entry --on 2026-10-24 --photos pictures --dry-run",
)
def condition_import(
    code: Code,
    file: Annotated[Path, typer.Argument(help="The filled form, .xlsx or .csv.")],
    visit: Visit,
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day of the survey.")],
    photos: Annotated[
        Path | None, typer.Option(help="The folder with the pictures named in the form.")
    ] = None,
    inspector: Annotated[str, typer.Option(help="Reference of the person who looked.")] = "",
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in a filled form: good rows are kept, bad ones named with row, column, value and what was expected."""
    from deployments.following import find_server, start_what_follows

    server_known = find_server()
    from models.acting import acting
    from models.migrate import require_current_schema
    from tasks.condition_import import import_form

    require_current_schema()
    with acting("command_line"):
        found = import_form(code, file, visit, on.date(), photos, inspector, dry_run=dry_run)
    # With the survey in, the plan can be computed; the clockwork would see it at its next round only.
    follows = "" if dry_run else start_what_follows(code, server_known)
    if as_json:
        print_json(found.__dict__)
        return
    typer.echo("Nothing was written; this would change:" if dry_run else f"{found.file} was taken in.")
    typer.echo(
        f"looked at {found.looked}, n/a {found.not_applicable}, findings new {len(found.added)}, "
        f"replaced {len(found.replaced)}, removed {len(found.removed)}, photos {found.photos}"
    )
    if not (found.looked or found.not_applicable):
        typer.echo("No line of the form is marked as looked at: is it the filled one?")
    for change in found.replaced:
        for name, (old, new) in change["changes"].items():
            typer.echo(f"  {change['ref']} {name}: {old!r} -> {new!r}")
    for ref in found.removed:
        typer.echo(f"  {ref}: removed")
    if found.register_changed:
        typer.echo(
            "The form was written when the register stood otherwise: write a new one for what came since."
        )
    missing = ", ".join(f"{name} {count}" for name, count in found.not_inspected.items())
    typer.echo(f"Not inspected, condition unknown: {missing or 'nothing'}")
    for bad in found.rejections:
        typer.echo(
            f"  sheet {bad['sheet']}, row {bad['row']}, {bad['column']}: {bad['value']!r}; expected {bad['expected']}"
        )
    if follows:
        typer.echo(follows)


@condition_app.command("show", epilog="Example: steward condition show JC-2027 --visit entry --json")
def condition_show(
    code: Code,
    visit: Visit,
    as_json: AsJson = False,
) -> None:
    """Show the findings of a visit, most urgent first: score, cost, priority and who pays."""
    from models.migrate import require_current_schema
    from reports.condition_detail import PAYER_BASES
    from reports.condition_form import PAYERS
    from reports.condition_sections import ELEMENTS
    from tasks.condition_detail import listed_findings

    require_current_schema()
    rows = listed_findings(code, visit)
    if as_json:
        print_json(rows)
        return
    show(
        [
            {
                "priority / score": f"{row['priority'] or 'none'} / {row['score']}",
                "finding": row["ref"],
                "asset": row["asset_tag"] or f"whole: {ELEMENTS[row['element_class']][0].lower()}",
                "defect": row["text"],
                "repair cost": "not priced" if row["repair_cost"] is None else row["repair_cost"],
                "who pays": f"{PAYERS[row['payer'] or 'unknown'][0]}"
                + (f": {PAYER_BASES[row['payer_basis']][0]}" if row["payer_basis"] else ""),
            }
            for row in rows
        ],
        False,
        f"Findings at {visit}, most urgent first",
    )
