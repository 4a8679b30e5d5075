"""How does the command line show what it found? One table, one JSON, and the arguments every command takes."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

Code = Annotated[str, typer.Argument(help="Code of the engagement, for example JC-2027.")]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


def print_json(value: object) -> None:
    """Print a value for a program; dates and amounts as text."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def show(rows: list[dict[str, Any]], as_json: bool, title: str) -> None:
    """Print rows as a table, or for a program; no rows are said to be none.

    Args:
        rows: the same keys in each; they are the headings.
        as_json: print for a program.
        title: of the table.
    """
    if as_json:
        print_json(rows)
        return
    if not rows:
        typer.echo(f"{title}: none.")
        return
    table = Table(title=title, title_justify="left")
    for name in rows[0]:
        table.add_column(name.replace("_", " "), overflow="fold")  # keys and hashes are copied from here
    for row in rows:
        # Text from files and people is shown as it is: a "[red]" in it is no markup.
        table.add_row(*(Text(str(value)) for value in row.values()))
    Console().print(table)
