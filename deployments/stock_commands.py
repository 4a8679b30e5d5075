"""What is on the shelf, what came and went, what must be ordered? `steward stock` (B2)."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from deployments.acts import acting_here
from deployments.output import AsJson, Code, show
from models.errors import Terminal
from models.rules.spare_stock import Movement

stock_app = typer.Typer(
    no_args_is_help=True, help="Spare parts: receipts, issues to orders, counts, reorder points."
)

Part = Annotated[str, typer.Argument(help="Code of the part; a wear part of the plan has the plan's code.")]
Quantity = Annotated[str, typer.Argument(help="How many.")]
Reference = Annotated[str, typer.Option(help="Delivery note or number of the count; once each.")]
By = Annotated[str, typer.Option("--by", help="Reference of the person, never a name.")]
Note = Annotated[str, typer.Option(help="A remark; no names.")]
On = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; the business date by default.")
]


@stock_app.command(
    "part",
    epilog='Example: steward stock part JC-2027 lift-rope --name "Hoist rope" --unit m --lead-days 30 --safety 10',
)
def stock_part(
    code: Code,
    part: Part,
    name: Annotated[str, typer.Option(help="What it is.")],
    unit: Annotated[str, typer.Option(help="Piece, m, l, kg.")] = "piece",
    lead_days: Annotated[int, typer.Option(help="Days from the order to the shelf.")] = 14,
    safety: Annotated[str, typer.Option(help="Kept for what nobody foresaw.")] = "0",
) -> None:
    """Take up a part, or change its lead time or safety stock."""
    from tasks.spare_stock import keep_part

    with acting_here():
        state = keep_part(code, part, name, unit, lead_days, _figure("--safety", safety))
    typer.echo(f"{part}: {state}.")


@stock_app.command("receive", epilog="Example: steward stock receive JC-2027 lift-rope 60 --reference DN-118")
def stock_receive(
    code: Code, part: Part, quantity: Quantity, reference: Reference, by: By = "", on: On = None, note: Note = ""
) -> None:  # fmt: skip
    """Record what came in."""
    _move(code, part, Movement.RECEIPT, quantity, reference=reference, by=by, on=on, note=note)


@stock_app.command(
    "issue", epilog="Example: steward stock issue JC-2027 lift-rope 12 --order 118 --by staff-technician-1"
)
def stock_issue(
    code: Code,
    part: Part,
    quantity: Quantity,
    order: Annotated[int | None, typer.Option(help="The work order it goes into.")] = None,
    reference: Reference = "",
    by: By = "",
    on: On = None,
    note: Note = "",
) -> None:
    """Record what went into a work order; never more than there is."""
    _move(code, part, Movement.ISSUE, quantity, order=order, reference=reference, by=by, on=on, note=note)


@stock_app.command(
    "count", epilog="Example: steward stock count JC-2027 lift-rope 46 --reference COUNT-2027-03"
)
def stock_count(
    code: Code, part: Part, quantity: Quantity, reference: Reference, by: By = "", on: On = None, note: Note = ""
) -> None:  # fmt: skip
    """Record what was counted: from then on the ledger stands there, and the difference stays in it."""
    _move(code, part, Movement.COUNT, quantity, reference=reference, by=by, on=on, note=note)


@stock_app.command("list", epilog="Example: steward stock list JC-2027 --low")
def stock_list(
    code: Code,
    low: Annotated[bool, typer.Option("--low", help="Only what must be ordered now.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the parts with level, reorder point and what forecast replacements will take."""
    from models.migrate import require_current_schema
    from tasks.spare_stock import listed_stock

    require_current_schema()
    show(listed_stock(code, low=low), as_json, "Spare parts")


@stock_app.command("show", epilog="Example: steward stock show JC-2027 lift-rope")
def stock_show(code: Code, part: Part, as_json: AsJson = False) -> None:
    """Show every movement of a part with the level after it."""
    from models.migrate import require_current_schema
    from tasks.spare_stock import stock_ledger

    require_current_schema()
    show(stock_ledger(code, part), as_json, f"Stock of {part}")


def _move(
    code: str,
    part: str,
    kind: Movement,
    quantity: str,
    *,
    reference: str,
    by: str,
    on: datetime | None,
    note: str,
    order: int | None = None,
) -> None:
    from tasks.spare_stock import NewMovement, move_stock

    new = NewMovement(
        kind,
        _figure("The quantity", quantity),
        reference,
        order,
        by,
        note,
        None if on is None else on.date(),
    )
    with acting_here():
        fresh, level = move_stock(code, part, new)
    typer.echo(f"{part}: {'recorded' if fresh else 'was recorded before'}; {level} on the shelf.")


def _figure(what: str, text: str) -> Decimal:
    try:
        figure = Decimal(text)
    except InvalidOperation:
        figure = Decimal("NaN")
    if not figure.is_finite() or len(text) > 20:
        raise Terminal(f"{what} is {text[:30]!r}; expected a number such as 12 or 2.5.")
    return figure
