"""How does the command line show what it found? One table, one JSON, and the arguments every command takes."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from deployments.terminal_table import print_table
from models.errors import FileInTheWay

Code = Annotated[str, typer.Argument(help="Code of the engagement, for example JC-2027.")]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change; write nothing.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there already.")]


def refuse_to_replace(*paths: Path | None, force: bool) -> None:
    """Leave files alone that are there already: a form may be filled in, a plan edited.

    Raises:
        FileInTheWay: some are there, and nobody said --force.
    """
    taken = [path.name for path in paths if path is not None and path.exists()]
    if taken and not force:
        raise FileInTheWay(
            f"{', '.join(taken)} is there already: name another place, or say --force to replace it."
        )


def print_json(value: object) -> None:
    """Print a value for a program; dates and amounts as text."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def show(rows: list[dict[str, Any]], as_json: bool, title: str, less: Sequence[str] = ()) -> None:
    """Print rows as a table, or for a program; no rows are said to be none.

    Args:
        rows: the same keys in each; they are the headings.
        as_json: print for a program.
        title: of the table.
        less: keys that a narrow terminal leaves out before it gives up the table, the least important first.
    """
    if as_json:
        print_json(rows)
        return
    if not rows:
        typer.echo(f"{title}: none.")
        return
    heads = [name.replace("_", " ") for name in rows[0]]
    cells = [[_cell(value) for value in row.values()] for row in rows]
    print_table(heads, cells, title, less=[name.replace("_", " ") for name in less])


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:,}"
    if isinstance(value, dict):
        return "; ".join(f"{name} {_cell(part)}".rstrip() for name, part in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_cell(part) for part in value)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def not_taken(count: int, reasons: Mapping[str, int]) -> str:
    """How many rows of a file were not taken, by reason in one word."""
    by_reason = ", ".join(f"{kind} {number:,}" for kind, number in sorted(reasons.items()))
    return f"{count:,} not taken" + (f" ({by_reason})" if by_reason else "")


def show_import(
    found: dict[str, Any], as_json: bool, sentence: str, doubts: str = "Rows not taken", *, dry_run: bool
) -> None:
    """Say what became of a file that was taken in.

    Args:
        found: plain values for a program; `doubts` are the rows that were not taken.
        as_json: print for a program.
        sentence: the counts, for a person.
        doubts: title of the rows that were not taken.
        dry_run: nothing was written.
    """
    if as_json:
        print_json(found)
        return
    typer.echo(f"{'Dry run, nothing written. ' if dry_run else ''}{sentence}")
    rows = found["doubts"]
    if not any(row.get("taken") for row in rows):  # where no row was taken the column says so of each
        rows = [{name: value for name, value in row.items() if name != "taken"} for row in rows]
    show(rows, False, doubts)


def progress_bar(*, quiet: bool) -> Progress:
    """A bar on a terminal, and nothing anywhere else."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=quiet or not console.is_terminal,
    )


def show_status(found: dict[str, Any]) -> None:
    """Print where an engagement stands, what is waited for one line an item."""
    console = Console()
    intake, gates = found["intake"], found["gates"]
    record = f"version {intake['version'] or '-'}, {intake['state']}  {intake['record'][:12]}"
    for label, value in (*((name, found[name]) for name in _HEADLINES), ("record", record)):
        _line(console, label, value)
    for side in intake["sides"]:
        who = " ".join(str(side[name]) for name in ("answer", "on", "by", "how") if side[name])
        _line(console, f"  {side['party']}", f"{who}  {side['document'][:12]}".rstrip())
    for number, item in enumerate(found["waiting"]):
        _line(console, "" if number else "waiting for", f"{item['from']}: {item['for']}")
    if not gates:
        none = "not known: no Prefect server answers here" if gates is None else "none"
        _line(console, "gates", none)
    for number, gate in enumerate(gates or ()):
        about = f"{gate['party']} on {gate['subject']} {gate['reference']}, {gate['state'].lower()}"
        _line(console, "" if number else "gates", f"{about}: {gate['page']}")
    for label, value in found.items():
        if isinstance(value, list) and label not in ("waiting", "gates", "indicators"):
            show(value, False, label.replace("_", " "))
    periods = {figure["period"] for figure in found["indicators"]}
    show(_figures_in_words(found["indicators"]), False, f"indicators {' '.join(periods)}".rstrip())


def _figures_in_words(figures: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """The indicators of a period as a person reads them: names, units, and no verdict without a target."""
    from reports.indicator_sections import indicator_name, indicator_value
    from reports.words import Voice

    voice = Voice("en", "CNY", "UTC")  # no indicator is an amount of money
    rows = []
    for figure in figures:
        value, target = (Decimal(figure[name]) if figure[name] else None for name in ("value", "target"))
        rows.append(
            {
                "indicator": indicator_name(figure["indicator"], voice),
                "value": indicator_value(figure["indicator"], value, voice, target),
                "target": "" if target is None else indicator_value(figure["indicator"], target, voice),
                "result": "" if target is None else figure["state"].replace("_", " "),
            }
        )
    return rows


_HEADLINES = ("code", "property", "stage", "today")


def _line(console: Console, label: str, value: object) -> None:
    # Text from files and people is shown as it is, and whole, so that it can be copied.
    console.print(Text(f"{label:<18} {value}"), soft_wrap=True)
