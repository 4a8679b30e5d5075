"""How does a term go on as another one? `steward engagement renew`."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from deployments.acts import acting_here
from deployments.output import AsJson, Code, DryRun, print_json, show


def add_renewal_command(engagement_app: typer.Typer) -> None:
    """Put the command beside the others about whole engagements."""
    engagement_app.command(
        "renew",
        epilog="Example: steward engagement renew JC-2027 JC-2028 --from 2028-01-01 --until 2028-12-31 --dry-run",
    )(engagement_renew)


def engagement_renew(
    code: Code,
    new_code: Annotated[str, typer.Argument(help="Code of the engagement of the new term.")],
    first: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day of the new term.")
    ],
    last: Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="Its last day.")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Open the engagement of the next term with what stays true of the building; again, it adds what came since."""
    from tasks.renewal import renew_engagement

    with acting_here():
        found = renew_engagement(code, new_code, first.date(), last.date(), dry_run=dry_run)
    if as_json:
        print_json(asdict(found))
        return
    rows = [{"what": what, "rows": count} for what, count in found.carried.items()]
    show(rows, False, f"Carried from {code} to {new_code}")
    if not found.entry_survey:
        typer.echo(
            f"{code} has no exit survey yet: record it and say the same again, so that {new_code} has its entry survey."
        )
    typer.echo(
        "Dry run, nothing written."
        if dry_run
        else f"{new_code} is open; both sides are asked to confirm its record. Its plan is computed from what was carried."
    )
