"""How are people recorded, listed and put right? `steward people` (A3)."""

import json
import re
from pathlib import Path
from typing import Annotated, Literal

import typer

from deployments.acts import acting_here
from deployments.output import AsJson, Code, DryRun, Force, print_json, refuse_to_replace, show, show_import

people_app = typer.Typer(no_args_is_help=True, help="People of an engagement.")


@people_app.command(
    "import", epilog="Example: steward people import people.csv --engagement JC-2027 --dry-run"
)
def people_import(
    file: Annotated[
        Path,
        typer.Argument(help="CSV or .xlsx: Ref, Role, Name; also Email, Phone, Unit, Property_type."),
    ],
    engagement: Annotated[str, typer.Option(help="Code of the engagement.")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Record the people of both sides, owners, tenants and contacts; good rows are kept, bad ones named.

    A client or custodian gets the agreed record by mail, and is asked to confirm it.
    """
    from deployments.following import find_server, start_what_follows

    server_known = find_server()
    from tasks.people_file import import_people

    with acting_here():
        found = import_people(engagement, file, dry_run=dry_run)
    show_import(
        found.as_json(),
        as_json,
        f"{found.file}: {found.rows} rows: {found.recorded} recorded, {found.known_before} known before, "
        f"{len(found.doubts)} not taken.",
        dry_run=dry_run,
    )
    if found.asked and not as_json:
        follows = start_what_follows(engagement, server_known)
        typer.echo(
            f"Who is new of client and custodian gets the record by mail and is asked to confirm it. {follows}".rstrip()
        )


@people_app.command("list", epilog="Example: steward people list JC-2027 --role client")
def people_list(
    code: Code,
    role: Annotated[
        Literal["client", "custodian", "receiver", "owner", "tenant", "staff", "contact"] | None,
        typer.Option(help="Only people of this role."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the people by reference; names are not shown, and of addresses only enough to recognise them."""
    from models.migrate import require_current_schema
    from tasks.people_records import listed_people

    require_current_schema()
    show(listed_people(code, role or ""), as_json, f"People of {code}")


@people_app.command(
    "correct", epilog="Example: steward people correct JC-2027 client-1 --email office@example.com"
)
def people_correct(
    code: Code,
    ref: Annotated[str, typer.Argument(help="Reference of the person.")],
    name: Annotated[str | None, typer.Option(help="How the person is to be addressed.")] = None,
    email: Annotated[str | None, typer.Option(help="The address; empty takes it away.")] = None,
    phone: Annotated[str | None, typer.Option(help="The number; empty takes it away.")] = None,
    unit: Annotated[str | None, typer.Option(help="The unit; empty takes it away.")] = None,
) -> None:
    """Put right how a person is reached; mails that wait go to the new address, failed ones by `mail retry`."""
    from tasks.people_records import correct_person

    with acting_here():
        changed = correct_person(code, ref, name=name, email=email, phone=phone, unit=unit)
    typer.echo(f"{ref}: {', '.join(changed)} changed." if changed else f"{ref}: nothing to change.")


@people_app.command(
    "export", epilog="Example: steward people export JC-2027 owner-17 --out copy-for-owner-17"
)
def people_export(
    code: Code,
    ref: Annotated[str, typer.Argument(help="Reference of the person.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A folder for JSON, workbook and the files the person sent."),
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Give a person a copy of all that is held of them (PIPL art. 45); the audit trail notes that it was made."""
    from reports.workbook import render_xlsx
    from tasks.exported_files import write_whole
    from tasks.people_rights import file_of, held_of

    with acting_here():
        held, pack = held_of(code, ref)
    if out is not None:
        # Called by their hash: what the sender named them becomes no path, and stands in the list.
        files = {f"{sha256[:12]}{_suffix(name)}": file_of(sha256) for name, sha256 in held.files}
        files["held.json"] = json.dumps(held.as_json(), ensure_ascii=False, indent=2).encode()
        files["held.xlsx"] = render_xlsx(pack)
        out.mkdir(parents=True, exist_ok=True)
        refuse_to_replace(*(out / name for name in files), force=force)
        for name, content in files.items():
            if content is not None:
                write_whole(out / name, content)
    if as_json:
        print_json(held.as_json())
        return
    rows = [{"what": name, "rows": len(found)} for name, found in held.records.items()]
    show(rows, False, f"Held of {ref}, beside role, name and how to reach them")
    typer.echo(f"{len(held.files)} files." + ("" if out is None else f" Written to {out}."))


@people_app.command("erase", epilog="Example: steward people erase JC-2027 owner-17 --dry-run")
def people_erase(
    code: Code,
    ref: Annotated[str, typer.Argument(help="Reference of the person.")],
    dry_run: DryRun = False,
    confirm: Annotated[bool, typer.Option("--yes", help="Erase; it cannot be undone.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase who a reference is (PIPL art. 47): name, addresses, what waits, mails sent; say what is kept and why.

    Without --yes nothing is written, as with --dry-run.
    """
    from tasks.people_rights import erase_person

    only_said = dry_run or not confirm
    with acting_here():
        erased = erase_person(code, ref, dry_run=only_said)
    if as_json:
        print_json({**erased.as_json(), "dry_run": only_said})
        return
    if erased.before:
        typer.echo(f"{ref} was erased on {erased.before}.")
    show(
        [{"what": name, "count": count} for name, count in erased.taken.items() if count], False, "Taken away"
    )
    show(list(erased.kept), False, "Kept under the reference alone")
    if only_said:
        typer.echo("Dry run, nothing written. To erase: the same with --yes; it cannot be undone.")


def _suffix(name: str) -> str:
    """The suffix of a file's name, if it is a plain one."""
    suffix = Path(name).suffix.lower()
    return suffix if re.fullmatch(r"\.[a-z0-9]{1,5}", suffix) else ""
