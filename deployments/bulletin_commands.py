"""What were owners told, did it arrive, and was it read? `steward bulletin` (B7)."""

from pathlib import Path
from typing import Annotated

import typer

from deployments.acts import At, acting_here, moment_of
from deployments.output import AsJson, Code, print_json, show

bulletin_app = typer.Typer(no_args_is_help=True, help="Bulletins: issue, delivery, notice boards, reading.")

Ref = Annotated[
    str, typer.Argument(help="The month, such as 2027-03, or the reference of one issued by hand.")
]


@bulletin_app.command("issue", epilog="Example: steward bulletin issue JC-2027 water-works.yaml")
def bulletin_issue(
    code: Code,
    path: Annotated[Path, typer.Argument(help="YAML with ref, title, text; roles and boards if wanted.")],
    as_json: AsJson = False,
) -> None:
    """Issue a bulletin by hand: a mail to each reader, a sheet for each notice board; again issues nothing new."""
    from tasks.bulletins import issue_by_hand

    with acting_here():
        issued = issue_by_hand(code, path)
    if as_json:
        print_json(vars(issued))
        return
    what = "issued" if issued.new else "was issued before"
    typer.echo(f"{issued.ref} {what}: {issued.mails} new mails, {issued.boards} new notice boards.")


@bulletin_app.command("list", epilog="Example: steward bulletin list JC-2027")
def bulletin_list(code: Code, as_json: AsJson = False) -> None:
    """List the bulletins: readers, mails sent and failed, boards, and how many are known to have read."""
    from models.migrate import require_current_schema
    from tasks.bulletins import listed_bulletins

    require_current_schema()
    show(listed_bulletins(code), as_json, f"Bulletins of {code}")


@bulletin_app.command("show", epilog="Example: steward bulletin show JC-2027 2027-03")
def bulletin_show(code: Code, ref: Ref, as_json: AsJson = False) -> None:
    """Show a bulletin and each of its deliveries."""
    from models.migrate import require_current_schema
    from tasks.bulletins import shown_bulletin

    require_current_schema()
    found = shown_bulletin(code, ref)
    if as_json:
        print_json(found)
        return
    typer.echo(f"{found['ref']}, {found['issued']}: {found['title']}")
    if found["text"]:
        typer.echo(found["text"])
    show(found["facts"], False, "Facts")
    show(found["deliveries"], False, "Deliveries")


@bulletin_app.command("posted", epilog="Example: steward bulletin posted JC-2027 2027-03 1F-LOBBY")
def bulletin_posted(
    code: Code,
    ref: Ref,
    place: Annotated[str, typer.Argument(help="Code of the place of the notice board.")],
    at: At = None,
) -> None:
    """Record that a bulletin was put up on a notice board."""
    from tasks.bulletins import post_bulletin

    with acting_here():
        new = post_bulletin(code, ref, place, moment_of(code, at))
    typer.echo(f"{ref}: {'put up' if new else 'was put up before'} at {place}.")


@bulletin_app.command("read", epilog="Example: steward bulletin read JC-2027 2027-03 unit-001")
def bulletin_read(
    code: Code,
    ref: Ref,
    person: Annotated[str, typer.Argument(help="Reference of the reader.")],
    at: At = None,
) -> None:
    """Record that a reader is known to have read a bulletin: they said so, or signed for it."""
    from tasks.bulletins import mark_read

    with acting_here():
        new = mark_read(code, ref, person, moment_of(code, at))
    typer.echo(f"{ref}: {person} {'has read it' if new else 'had read it before'}.")
