"""What were owners told, did it arrive, and was it read? `steward bulletin` (B7)."""

from pathlib import Path
from typing import Annotated

import typer

from deployments.acts import At, By, Day, acting_here, day_of, done_at
from deployments.output import AsJson, Code, Force, print_json, refuse_to_replace, show

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
    by: By = "",
    at: At = None,
) -> None:
    """Record that a bulletin was put up on a notice board, and by whom."""
    from tasks.bulletins import post_bulletin

    with acting_here():
        new = post_bulletin(code, ref, place, done_at(code, at), by)
    typer.echo(f"{ref}: {'put up' if new else 'was put up before'} at {place}.")


@bulletin_app.command(
    "taken-down", epilog="Example: steward bulletin taken-down JC-2027 2027-03 1F-LOBBY --by staff-1"
)
def bulletin_taken_down(
    code: Code,
    ref: Ref,
    place: Annotated[str, typer.Argument(help="Code of the place of the notice board.")],
    by: By = "",
    at: At = None,
) -> None:
    """Record that a bulletin was taken off a notice board, and by whom."""
    from tasks.bulletins import take_down_bulletin

    with acting_here():
        new = take_down_bulletin(code, ref, place, done_at(code, at), by)
    typer.echo(f"{ref}: {'taken down' if new else 'was taken down before'} at {place}.")


@bulletin_app.command("poster", epilog="Example: steward bulletin poster JC-2027 2027-03 --out notice.pdf")
def bulletin_poster_command(
    code: Code,
    ref: Ref,
    out: Annotated[Path, typer.Option(help="Where the PDF is written.")],
    force: Force = False,
) -> None:
    """Write a bulletin as one sheet of A4 for the notice board, with a square code that names nobody."""
    from models.migrate import require_current_schema
    from tasks.bulletin_poster import bulletin_poster

    require_current_schema()
    refuse_to_replace(out, force=force)
    out.write_bytes(bulletin_poster(code, ref))
    typer.echo(f"{out.name}: written.")


@bulletin_app.command("board", epilog="Example: steward bulletin board JC-2027 1F-LOBBY")
def bulletin_board(
    code: Code,
    place: Annotated[str, typer.Argument(help="Code of the place where it hangs.")],
    gone: Annotated[bool, typer.Option("--gone", help="It was taken away.")] = False,
    on: Day = None,
) -> None:
    """Record a notice board: every bulletin issued from then on is to be put up there."""
    from tasks.notice_boards import keep_board

    with acting_here():
        new = keep_board(code, place, day_of(on), gone=gone)
    what = "gone" if gone else "recorded"
    typer.echo(f"{place}: notice board {what if new else f'was {what} before'}.")


@bulletin_app.command("boards", epilog="Example: steward bulletin boards JC-2027 --json")
def bulletin_boards(code: Code, as_json: AsJson = False) -> None:
    """List the notice boards: what hangs on each, who put it up when, and what is still to be put up."""
    from models.migrate import require_current_schema
    from tasks.notice_boards import boards_of

    require_current_schema()
    show(boards_of(code), as_json, f"Notice boards of {code}")


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
        new = mark_read(code, ref, person, done_at(code, at))
    typer.echo(f"{ref}: {person} {'has read it' if new else 'had read it before'}.")
