"""What would it be like to live with this plan? `steward plan rehearse` (A4)."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from deployments.output import AsJson, Code, Force, print_json, progress_bar, refuse_to_replace
from deployments.terminal_table import print_table
from models.errors import FileInTheWay

if TYPE_CHECKING:
    from tasks.rehearsing import Rehearsed


def register_rehearsal(group: typer.Typer) -> None:
    """Add `rehearse` to the group of plan commands."""
    group.command(
        "rehearse",
        epilog="Example: steward plan rehearse JC-2027 --less technician --interval PPM-WS-TEST-3M=x2 --out rehearsal",
    )(rehearse_plan)


def rehearse_plan(
    code: Code,
    version: Annotated[int | None, typer.Option(help="Version of the plan; the newest by default.")] = None,
    less: Annotated[
        list[str] | None, typer.Option(help="POST or POST=HEADS: one head less, or so many. May be repeated.")
    ] = None,
    interval: Annotated[
        list[str] | None,
        typer.Option(help="COMMITMENT=RRULE, or COMMITMENT=x2 for twice the interval. May be repeated."),
    ] = None,
    inflation: Annotated[str, typer.Option(help="Per cent a year by which costs grow.")] = "0",
    fee_late: Annotated[int, typer.Option(help="Days every instalment comes in late.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for the workbook and the PDF.")] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Run the whole term of a plan in simulation, signed or not; nothing is stored.

    Workload of each post against its heads, statutory dates, cash flow, and what a change does. Each change is
    compared with the plan as it stands, several also all together.
    """
    from tasks.rehearsing import rehearse_version

    try:
        percent = Decimal(inflation.removesuffix("%").strip())
    except InvalidOperation:
        raise typer.BadParameter("expected a number, for example 3.5", param_hint="--inflation") from None
    if not percent.is_finite():
        raise typer.BadParameter("expected a number, for example 3.5", param_hint="--inflation")
    with progress_bar(quiet=as_json) as bar:
        task = bar.add_task("rehearse")

        def progress(_what: str, done: int, steps: int) -> None:
            bar.update(task, total=steps + (1 if out else 0), completed=done)

        run = rehearse_version(
            code,
            version,
            less=less or (),
            intervals=interval or (),
            inflation=percent,
            fee_late_days=fee_late,
            progress=progress,
        )
        written = _write(run, out, force=force) if out else []
        bar.advance(task)
    if as_json:
        print_json(_as_json(run, written))
    else:
        _show(run, written)


def _write(run: "Rehearsed", folder: Path, *, force: bool) -> list[Path]:
    """Write the files whole, or none where one is in the way."""
    from tasks.rehearsing import rehearsal_files

    if folder.exists() and not folder.is_dir():
        raise FileInTheWay(f"{folder} is a file: --out names a folder.")
    stem = f"rehearsal-plan-{run.version}"
    refuse_to_replace(folder / f"{stem}.xlsx", folder / f"{stem}.pdf", force=force)
    files = rehearsal_files(run)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = []
        for name, content in files.items():
            partial = folder / f".{name}.part"
            partial.write_bytes(content)
            written.append((partial, folder / name))
        for partial, target in written:
            partial.replace(target)
    except OSError as error:
        raise FileInTheWay(f"The files cannot be written to {folder}: {error.strerror}.") from error
    return [target for _, target in written]


def _show(run: "Rehearsed", written: list[Path]) -> None:
    from models.rules.rehearsal import compare
    from reports.rehearsal_words import FIGURES, assumptions, change_name, figure_shown
    from reports.words import Voice

    voice = Voice("en", run.base.plan.currency, run.engagement.timezone)
    console = Console()
    plan = run.base.plan
    console.print(
        f"Plan version {run.version} ({run.state}) of {run.engagement.code}, {plan.term_start} to {plan.term_end}; "
        f"money in {plan.currency}",
        highlight=False,
        soft_wrap=True,
    )
    heads = ["Figure", "as planned", *(change_name(entry.change, voice) for entry in run.changed)]
    rows = [
        [
            voice.word(FIGURES, row.figure),
            *(figure_shown(row.figure, value) for value in (row.base, *row.changed)),
        ]
        for row in compare(run.base, run.changed)
    ]
    print_table(heads, rows, "Rehearsal", right=range(1, len(heads)), console=console)
    _say_overloads(run, console.print)
    for entry in {unlawful: None for each in (run.base, *run.changed) for unlawful in each.unlawful}:
        console.print(
            f"UNLAWFUL: {entry.code} every {entry.interval_days or '?'} days, the law allows {entry.longest_days}.",
            style="red",
            highlight=False,
            soft_wrap=True,
        )
    console.print("Assumed:", style="dim")
    for text in assumptions(run.base, voice):
        console.print(f"- {text}", style="dim", highlight=False, markup=False, soft_wrap=True)
    for path in written:
        console.print(f"Written: {path}", highlight=False, markup=False, soft_wrap=True)


def _say_overloads(run: "Rehearsed", say: Callable[..., None]) -> None:
    over = [entry for entry in run.base.workload if entry.overloaded]
    for entry in over[:5]:
        say(
            f"{entry.month.label} {entry.post}: {entry.needed:,.1f} h of {entry.available:,.1f} h; "
            f"raised most by {', '.join(entry.causes)}",
            highlight=False,
            soft_wrap=True,
        )
    if len(over) > 5:
        say(f"... and {len(over) - 5} more overloaded months in the workbook (--out).", highlight=False)


def _as_json(run: "Rehearsed", written: list[Path]) -> dict[str, Any]:
    from models.rules.rehearsal import compare
    from reports.rehearsal_words import assumptions, change_name
    from reports.words import Voice

    voice = Voice("en", run.base.plan.currency, run.engagement.timezone)
    base = run.base
    return {
        "engagement": run.engagement.code,
        "version": run.version,
        "state": run.state,
        "currency": base.plan.currency,
        "scenarios": [change_name(entry.change, voice) for entry in run.changed],
        "figures": {
            row.figure: {"as_planned": row.base, "scenarios": row.changed}
            for row in compare(base, run.changed)
        },
        "workload": [
            {
                "month": entry.month.label,
                "post": entry.post,
                "needed_hours": entry.needed,
                "available_hours": entry.available,
                "carried_on_hours": entry.carried_out,
                "lapsed_hours": entry.lapsed,
                "uncovered_hours": entry.uncovered,
                "overloaded": entry.overloaded,
                "causes": entry.causes,
            }
            for entry in base.workload
        ],
        "cash": [
            {"month": month.label, "paid": month.paid, "received": month.received, "balance": month.balance}
            for month in base.cash.months
        ],
        "statutory": [
            {
                "commitment": row.code,
                "due_on": row.due_on,
                "last_on": row.last_on,
                "times": row.count,
                "targets": row.targets,
                "slack_days": row.slack_days,
            }
            for row in base.statutory
        ],
        "unlawful": [
            {"commitment": entry.code, "rrule": entry.rrule, "longest_days": entry.longest_days}
            for entry in {u: None for each in (base, *run.changed) for u in each.unlawful}
        ],
        "assumptions": assumptions(base, voice),
        "written": written,
    }
