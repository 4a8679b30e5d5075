"""What happened to a machine, and which one needs attention soon? `steward asset` (B2)."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from deployments.output import AsJson, Code, Force, print_json, refuse_to_replace, show

asset_app = typer.Typer(no_args_is_help=True, help="Single machines: their ledger, and early warnings.")


@asset_app.command("ledger", epilog="Example: steward asset ledger JC-2027 LIFT-1")
def asset_ledger_command(
    code: Code,
    asset: Annotated[str, typer.Argument(help="Tag of the asset.")],
    as_json: AsJson = False,
) -> None:
    """Show everything recorded about an asset: findings, orders, records, readings, parts, history."""
    from models.migrate import require_current_schema
    from tasks.asset_ledger import asset_ledger

    require_current_schema()
    found = asset_ledger(code, asset)
    if as_json:
        print_json(found)
        return
    console = Console()
    for label, value in found.items():
        if label != "entries":
            console.print(Text(f"{label.replace('_', ' '):<10} {value}"), soft_wrap=True)
    show(found["entries"], False, "Ledger")


@asset_app.command("labels", epilog="Example: steward asset labels JC-2027 --out labels.pdf")
def asset_labels(
    code: Code,
    out: Annotated[Path, typer.Option("--out", "-o", help="The PDF to write.")],
    force: Force = False,
) -> None:
    """Write the labels of all machines as a PDF: one QR code for each check point."""
    from models.migrate import require_current_schema
    from reports.pdf import render_pdf
    from tasks.asset_ledger import asset_labels_of
    from tasks.exported_files import write_whole

    require_current_schema()
    refuse_to_replace(out, force=force)
    pack, count = asset_labels_of(code)
    write_whole(out, render_pdf(pack))
    typer.echo(f"{out.name}: {count} labels.")


@asset_app.command("warnings", epilog="Example: steward asset warnings JC-2027 --json")
def asset_warnings(code: Code, as_json: AsJson = False) -> None:
    """Show the machines whose readings are near a limit, beyond it, or lead to one within 30 days."""
    from models.migrate import require_current_schema
    from tasks.check_readings import early_warnings

    require_current_schema()
    show(early_warnings(code), as_json, "Early warnings")


@asset_app.command("parts", epilog="Example: steward asset parts JC-2027")
def asset_parts(code: Code, as_json: AsJson = False) -> None:
    """List the wear parts reported ahead: what the client decided, and what still waits for an answer."""
    from models.migrate import require_current_schema
    from tasks.part_approvals import listed_parts

    require_current_schema()
    show(listed_parts(code), as_json, "Wear parts")
