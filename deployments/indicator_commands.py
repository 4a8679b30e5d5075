"""Where does a figure come from? `steward indicator`."""

from pathlib import Path
from typing import Annotated

import typer

from deployments.output import AsJson, Code, Force, print_json, refuse_to_replace, show

indicator_app = typer.Typer(
    no_args_is_help=True,
    help="The figures of the reviews, the records behind them, the origin of their targets.",
)


@indicator_app.command("list", epilog="Example: steward indicator list JC-2027 2027-03")
def indicator_list(
    code: Code,
    period: Annotated[
        str, typer.Argument(help="A month, quarter or year; the newest month by default.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """List the figures of a period with what they were reckoned from and their targets."""
    from models.migrate import require_current_schema
    from tasks.indicator_records import listed_figures

    require_current_schema()
    show(listed_figures(code, period), as_json, f"Indicators of {code}", less=("name", "period"))


@indicator_app.command(
    "show", epilog="Example: steward indicator show JC-2027 pm_compliance 2027-03 --counted-against"
)
def indicator_show(
    code: Code,
    indicator: Annotated[str, typer.Argument(help="Its code, as `steward indicator list` shows it.")],
    period: Annotated[str, typer.Argument(help="2027-03, 2027-Q1 or 2027.")],
    against: Annotated[
        bool, typer.Option("--counted-against", help="Only the rows that were not in order.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="Also write it as a workbook (.xlsx) there.")] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Follow a figure to its records, and its target to the plan's commitment and the contract's clause."""
    from models.migrate import require_current_schema
    from tasks.indicator_records import shown_trace, write_trace

    require_current_schema()
    refuse_to_replace(out, force=force)
    found = shown_trace(code, indicator, period)
    if against:
        found["rows"] = [row for row in found["rows"] if row["numerator"] != row["denominator"]]
    if out is not None:
        write_trace(code, indicator, period, out)
    if as_json:
        print_json(found)
        return
    kept, come_to = found["kept"], found["records_come_to"]
    typer.echo(f"{found['name']} ({found['indicator']}), {found['period']}, days {found['days']}")
    typer.echo(f"Formula: {found['formula']}")
    typer.echo(
        f"Kept: {kept['numerator']} / {kept['denominator']} = {kept['value']}, target {kept['target']}: {kept['state']}"
    )
    if not found["is_a_sum"]:
        typer.echo("The figure is the middle one of the records below.")
    elif found["agrees"]:
        typer.echo("The records below come to this figure.")
    else:
        typer.echo(
            f"What was recorded since changes it: the records now come to {come_to['numerator']} / "
            f"{come_to['denominator']}. The figure that was reported stays."
        )
    show(found["targets"], False, "Where the target comes from", less=("promise",))
    if found["contract"]:
        typer.echo(f"Contract: {found['contract']}")
    show(found["rows"], False, "Records", less=("about",))
    if out is not None:
        typer.echo(f"Written: {out}")
