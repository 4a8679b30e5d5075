"""How does an engagement end before its time? `steward engagement end`, `end-undo`, `withdraw`."""

from datetime import datetime
from typing import Annotated, Literal

import typer

from deployments.acts import By, acting_here
from deployments.output import Code, DryRun, show


def add_ending_commands(app: typer.Typer) -> None:
    """Put the commands that end an engagement early into the group of engagements."""
    app.command(
        "end",
        epilog='Example: steward engagement end JC-2027 2027-09-30 --ground notice --party client --reason "The owners take over" --by client-1 --dry-run',
    )(engagement_end)
    app.command(
        "end-undo",
        epilog='Example: steward engagement end-undo JC-2027 --reason "Both sides go on" --by custodian-1',
    )(engagement_end_undo)
    app.command(
        "withdraw",
        epilog='Example: steward engagement withdraw JC-2027 --party client --reason "The owners decided otherwise" --by client-1',
    )(engagement_withdraw)


Side = Annotated[Literal["client", "custodian"], typer.Option(help="Which side it comes from.")]
Reason = Annotated[str, typer.Option(help="Why; no names.")]


def engagement_end(
    code: Code,
    ends_on: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The last day of service.")],
    ground: Annotated[
        Literal["agreement", "breach", "notice"],
        typer.Option(help="By agreement, for breach, or by notice in the agreed time (60 days)."),
    ],
    party: Side,
    reason: Reason,
    by: By,
    dry_run: DryRun = False,
) -> None:
    """Give notice that the custody ends early and ask both sides; the term is shortened once both confirm."""
    from deployments.following import find_server, start_what_follows

    server_known = find_server()
    from tasks.early_end import SaidNotice, give_notice, preview_early_end

    said = SaidNotice(ground=ground, party=party, ends_on=ends_on.date(), reason=reason, by=by)
    with acting_here():
        if dry_run:
            found = preview_early_end(code, said)
            typer.echo(
                f"Dry run, nothing written. The custody would end on {found.ends_on}: fee of the shortened term "
                f"{found.owed}, {found.orders} planned jobs withdrawn."
            )
            show([{"what": one.code, "by": str(one.on)} for one in found.falls_due], False, "Falls due")
            return
        issued = give_notice.fn(code, said)
    follows = start_what_follows(code, server_known)
    typer.echo(
        f"{issued.period}: both sides are asked about document {issued.sha256[:12]}. {follows}".rstrip()
    )


def engagement_end_undo(code: Code, reason: Reason, by: By) -> None:
    """Take a notice of early end back until it takes effect: term, work and instalments are as before."""
    from tasks.early_end import take_notice_back

    with acting_here():
        was = take_notice_back(code, reason, by)
    restored = " The term, its work and its instalments are as before." if was == "agreed" else ""
    typer.echo(f"{code}: the notice is taken back.{restored}")


def engagement_withdraw(code: Code, party: Side, reason: Reason, by: By, dry_run: DryRun = False) -> None:
    """Give an engagement up before its contract is signed; it cannot be taken up again, and all records stay."""
    from deployments.following import find_server, start_what_follows

    server_known = find_server()
    from tasks.withdrawal import preview_withdrawal, withdraw_engagement

    with acting_here():
        if dry_run:
            found = preview_withdrawal(code)
            typer.echo(
                f"Dry run, nothing written. {code} would be withdrawn: {found['questions']} open questions and "
                f"{found['cycles']} pieces of work end."
            )
            return
        new = withdraw_engagement(code, party, reason, by)
    if new:
        start_what_follows(code, server_known)
    typer.echo(f"{code}: {'withdrawn; both sides are told' if new else 'was withdrawn before'}.")
