"""How is a service plan looked at, explained, edited and amended at the command line? `steward plan`."""

import json
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

import typer

from deployments.output import AsJson, Code, Force, print_json, refuse_to_replace
from deployments.output import show as show_rows

plan_app = typer.Typer(no_args_is_help=True, help="Look at, explain, edit and amend service plans.")

_MOST_NAMED = 10
Version = Annotated[int | None, typer.Option(help="Version; by default the newest that counts.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check and show the changes, write nothing.")]
PlanFile = Annotated[Path, typer.Argument(help="The edited .xlsx or .yaml file.")]


@plan_app.command("show", epilog="Example: steward plan show JC-2027 --version 1")
def show(code: Code, version: Version = None, as_json: AsJson = False) -> None:
    """Show a version: its commitments, posts and budget."""
    from models.rules.plan import plan_json
    from models.rules.rhythm import frequency_words
    from tasks.plan_edits import load_version

    _ready()
    row, plan = load_version(code, version)
    if as_json:
        print_json({"version": row.version, "state": row.state, "effective_on": row.effective_on,
                "sha256": row.content_sha256, "plan": json.loads(plan_json(plan))})  # fmt: skip
        return
    typer.echo(f"Version {row.version}, {row.state}, from {row.effective_on}, hash {row.content_sha256}")
    show_rows(
        [
            {
                "code": p.code,
                "post": p.title_en,
                "heads": f"{p.heads.normalize():f}",
                "h a month": p.hours_per_month,
                "cost a year": f"{p.annual_cost:,.2f}",
            }
            for p in plan.posts
        ],
        False,
        "Posts",
    )
    show_rows(
        [{"item": b.cost_item, "line": b.label_en, "amount": f"{b.amount:,.2f}"} for b in plan.budget.lines],
        False,
        "Budget",
    )
    show_rows(
        [
            {
                "code": c.code,
                "what": c.title_en,
                "rhythm": frequency_words(c.rrule, "en")
                if c.rrule
                else ("on demand" if c.on_demand else f"once {c.start_on}"),
                "post": c.post_code,
                "hours": f"{c.hours.normalize():f}",
            }
            for c in plan.commitments
        ],
        False,
        "Commitments",
        less=("hours", "post"),
    )
    typer.echo(f"Yearly fee {plan.budget.total:,.2f} {plan.currency}, {len(plan.commitments)} commitments")


@plan_app.command("explain", epilog="Example: steward plan explain JC-2027 cleaning")
def explain(
    code: Code,
    about: Annotated[str, typer.Argument(help="A cost item, post or commitment by its code, or total.")],
    version: Version = None,
    language: Annotated[
        Literal["zh", "en"] | None, typer.Option(help="By default that of the engagement's documents.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say why a figure is what it is: the lines, quantities and rates that add up to it."""
    from models.errors import Terminal
    from models.rules.plan_explain import codes_to_explain, nearest_codes
    from tasks.plan_figures import explained_figure

    _ready()
    plan, told = explained_figure(code, about, version, language)
    if told is None:
        known = codes_to_explain(plan)
        near = nearest_codes(about, known)
        shown = near[:_MOST_NAMED] or known[:_MOST_NAMED]
        raise Terminal(
            f"The plan has no cost item, post or commitment {about!r}. "
            f"{'Nearest' if near else 'The first'} {len(shown)} of {len(known)}: {', '.join(shown)}. "
            f"All of them: `steward plan show {code}`."
        )
    if as_json:
        print_json(asdict(told))
        return
    show_rows(
        [
            {
                "code": line.code,
                "what": line.title,
                "quantity x rate": line.how,
                "amount": f"{line.amount:,.2f}",
            }
            for line in told.lines
        ],
        False,
        told.title,
    )
    for note in told.notes:
        typer.echo(note)
    typer.echo(f"Sum: {told.figure:,.2f} {told.unit}")


@plan_app.command("export", epilog="Example: steward plan export JC-2027 --out plan.xlsx")
def export(
    code: Code,
    out: Annotated[Path, typer.Option(help="The file to write: .xlsx or .yaml.")],
    version: Version = None,
    force: Force = False,
) -> None:
    """Write a version as a workbook or YAML file for editing; grey columns are computed and not read back."""
    from tasks.plan_edits import export_plan

    _ready()
    refuse_to_replace(out, force=force)
    number, sha256 = export_plan(code, out, version)
    typer.echo(f"Version {number} (hash {sha256[:12]}) written to {out.name}.")


@plan_app.command("import", epilog="Example: steward plan import JC-2027 plan.xlsx --dry-run")
def import_(code: Code, file: PlanFile, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Take in an edited plan as the next version and put it to both sides; refused whole if anything is wrong."""
    _take_in(code, file, None, dry_run, as_json)


@plan_app.command(
    "amend",
    epilog='Example: steward plan amend JC-2027 plan.xlsx --effective 2027-07-01 --reason "second gate"',
)
def amend(
    code: Code,
    file: PlanFile,
    effective: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="From which day it shall govern.")
    ],
    reason: Annotated[str, typer.Option(help="Why, as both sides shall read it.")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Put an amendment of the confirmed plan to both sides; it governs from its day once both accept."""
    _take_in(code, file, (effective.date(), reason), dry_run, as_json)


@plan_app.command("reopen", epilog='Example: steward plan reopen JC-2027 --reason "second gate" --yes')
def reopen(
    code: Code,
    reason: Annotated[str, typer.Option(help="Why, as both sides shall read it.")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without, only what would happen is said.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make a confirmed plan editable again before the contract is signed; an offered contract becomes void."""
    from deployments.following import find_server, start_what_follows

    server_known = find_server()
    from models.acting import acting
    from tasks.plan_reopening import reopen_plan

    _ready()
    with acting("command_line"):
        result = reopen_plan(code, reason, carry_out=yes)
    follows = start_what_follows(code, server_known) if result.state == "reopened" else ""
    if as_json:
        print_json(asdict(result))
        return
    void = ", ".join(result.contracts) or "none was offered"
    typer.echo(
        {
            "open": f"The plan is open already; an edit starts from version {result.version}.",
            "would_reopen": f"Version {result.version} would be opened again; contracts that become void: {void}. "
            "Nothing was written; add --yes to do it.",
            "reopened": f"Version {result.version} is open again; contracts now void: {void}. Both sides are told. "
            f"Edit it with `steward plan export {code}` and `steward plan import {code}`.",
        }[result.state]
    )
    if follows:
        typer.echo(follows)


@plan_app.command("versions", epilog="Example: steward plan versions JC-2027 --json")
def versions(code: Code, as_json: AsJson = False) -> None:
    """List the versions: state, from when each applies, fee, and who decided when."""
    from tasks.plan_history import plan_versions

    _ready()
    rows = plan_versions(code)
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    show_rows(
        [
            {
                "version": row.version,
                "state": row.state,
                "from": row.effective_on,
                "in force": "yes" if row.in_force else "",
                "fee a year": f"{Decimal(row.annual_fee):,.2f}",
                "edited from": row.based_on or "",
                "reason": row.reason,
                "decisions": "; ".join(row.decisions),
            }
            for row in rows
        ],
        False,
        "Versions of the plan",
        less=("edited from",),
    )


def _take_in(code: str, file: Path, amended: tuple[date, str] | None, dry_run: bool, as_json: bool) -> None:
    from deployments.following import find_server, start_what_follows

    server_known = find_server()
    from models.acting import acting
    from tasks.plan_edits import Amendment, PlanEditRefused, import_plan

    _ready()
    try:
        with acting("command_line"):
            amendment = Amendment(*amended) if amended else None
            result = import_plan(code, file, amendment, dry_run=dry_run)
    except PlanEditRefused as refused:
        if not as_json:
            raise
        print_json(
            {"state": "refused", "cells": [asdict(c) for c in refused.cells], "reasons": refused.reasons}
        )
        raise typer.Exit(1) from refused
    follows = start_what_follows(code, server_known) if result.state in ("submitted", "known") else ""
    if as_json:
        print_json(asdict(result))
        return
    for change in result.changes:
        typer.echo(f"- {change.text_en} / {change.text_zh}")
    typer.echo(
        f"{len(result.changes)} change{'' if len(result.changes) == 1 else 's'} against version {result.base_version}; fee {result.old_fee} -> {result.new_fee}."
    )
    typer.echo(
        {
            "unchanged": "The file asks for no change: nothing was written.",
            "checked": "Everything is in order; nothing was written (dry run).",
            "known": f"Taken in before, as version {result.version}: nothing was written.",
            "submitted": f"Version {result.version} was put to both sides; it binds nobody before both accept.",
        }[result.state]
    )
    if follows:
        typer.echo(follows)


def _ready() -> None:
    from models.migrate import require_current_schema

    require_current_schema()
