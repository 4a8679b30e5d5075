"""How is dangerous work allowed and signed off at the command line? `steward permit` (B2)."""

from typing import Annotated

import typer

from deployments.acts import At, By, acting_here, moment_of
from deployments.output import AsJson, Code, show

permit_app = typer.Typer(
    no_args_is_help=True,
    help="Permits to work: hot work, confined spaces, heights, lift pits, live electrical.",
)


@permit_app.command(
    "issue",
    epilog="Example: steward permit issue JC-2027 118 confined_space --holder staff-technician-1 --by custodian-1 --all-checked",
)
def permit_issue(
    code: Code,
    order: Annotated[int, typer.Argument(help="Number of the work order.")],
    kind: Annotated[str, typer.Argument(help="Kind of danger, as `steward permit kinds` lists them.")],
    holder: Annotated[str, typer.Option(help="Reference of the person who does the work.")],
    by: By,
    at: At = None,
    hours: Annotated[
        int | None, typer.Option(min=1, help="For so many hours; by default as long as the kind allows.")
    ] = None,
    all_checked: Annotated[
        bool, typer.Option("--all-checked", help="Every precaution of the kind was checked on the spot.")
    ] = False,
) -> None:
    """Allow one kind of dangerous work on an order; the holder cannot allow the own work."""
    from tasks.permits import PermitWish, issue_permit

    with acting_here():
        since = None if at is None else moment_of(code, at)
        wish = PermitWish(kind, holder, by, since, hours, all_checked)
        number, new = issue_permit(code, order, wish)
    typer.echo(f"Permit {number} {'is issued' if new else 'was issued before'}: {kind}, order {order}.")


@permit_app.command(
    "close", epilog='Example: steward permit close JC-2027 7 --by staff-technician-2 --note "Cover is back"'
)
def permit_close(
    code: Code,
    permit: Annotated[int, typer.Argument(help="Number of the permit.")],
    by: By,
    at: At = None,
    note: Annotated[str, typer.Option(help="What was seen; no names.")] = "",
) -> None:
    """Sign a permit off as the second person: the work is over and the place is safe."""
    from tasks.permits import close_permit

    with acting_here():
        moment = None if at is None else moment_of(code, at)
        new = close_permit(code, permit, by, note=note, at=moment)
    typer.echo(f"Permit {permit} {'is signed off' if new else 'was signed off before'}.")


@permit_app.command("list", epilog="Example: steward permit list JC-2027 --needed")
def permit_list(
    code: Code,
    open_only: Annotated[bool, typer.Option("--open", help="Only those not signed off.")] = False,
    needed: Annotated[bool, typer.Option("--needed", help="The open orders that need a permit.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the permits, or the open orders that need one."""
    from models.migrate import require_current_schema
    from tasks.permits import listed_permits, orders_in_need

    require_current_schema()
    if needed:
        show(orders_in_need(code), as_json, "Orders that need a permit")
    else:
        show(listed_permits(code, open_only=open_only), as_json, "Permits")


@permit_app.command("kinds", epilog="Example: steward permit kinds --zh")
def permit_kinds_command(
    zh: Annotated[bool, typer.Option("--zh", help="In Chinese.")] = False, as_json: AsJson = False
) -> None:
    """List the kinds of danger, with what is checked before a permit is issued."""
    from tasks.permits import permit_kinds

    show(permit_kinds("zh" if zh else "en"), as_json, "Kinds of permit")
