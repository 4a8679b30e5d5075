"""How fast does a city, or this desk, settle what it is asked? `steward requests`: files of service requests (B6)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from deployments.output import AsJson, Code, print_json, show

requests_app = typer.Typer(
    no_args_is_help=True, help="Files and the mailbox of service requests: analyse, take into an engagement."
)


@requests_app.command("presets", epilog="Example: steward requests presets --json")
def requests_presets(as_json: AsJson = False) -> None:
    """List the publishers' forms that can be read, with their columns."""
    from models.request_presets import load_request_presets

    rows = [
        {
            "name": preset.name,
            "label": preset.label.en,
            "time zone": preset.timezone,
            "date order": preset.date_order or "as the file shows",
            "columns": "; ".join(f"{field}: {' / '.join(names)}" for field, names in preset.columns.items()),
            "source": preset.source,
        }
        for preset in load_request_presets().values()
    ]
    show(rows, as_json, "Presets")


@requests_app.command(
    "import", epilog="Example: steward requests import 311.csv --preset boston311 --report 311.xlsx"
)
def requests_import(
    file: Annotated[Path, typer.Argument(help="CSV file or workbook of requests.")],
    preset: Annotated[str, typer.Option(help="Whose form it has; `steward requests presets` lists them.")],
    engagement: Annotated[
        str | None,
        typer.Option(help="Record the requests in this engagement; by default nothing is written."),
    ] = None,
    date_order: Annotated[
        Literal["", "dmy", "mdy"], typer.Option(help="Order of day and month where the file leaves it open.")
    ] = "",
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Judge what is open as of this day (UTC); else the file's last instant.",
        ),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Write every row and figure to this workbook (.xlsx).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read a file of service requests: what was taken, how fast it was settled, which rows are in doubt."""
    from tasks.request_analysis import analysis, reading_requests
    from tasks.request_report import write_report

    zone = _zone_of(engagement) if engagement else ""
    moment = as_of.replace(tzinfo=UTC) if as_of else None
    with reading_requests(file, preset, date_order=date_order, zone=zone, as_of=moment) as read:
        found = analysis(read)
        if engagement:
            from models.acting import acting
            from tasks.request_import import record_requests

            with acting("command_line"):
                found["import"] = {"engagement": engagement, **record_requests(engagement, read).as_json()}
        if report:
            write_report(report, read, found)
    if as_json:
        print_json(found)
    else:
        _print(found, report)


@requests_app.command("fetch", epilog="Example: steward requests fetch JC-2027 --json")
def requests_fetch(
    code: Code,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many mails.")] = 500,
    as_json: AsJson = False,
) -> None:
    """Take the mails of the engagement's mailboxes as requests, each once; nothing in them is deleted.

    They are those of STEWARD_IMAP_* and STEWARD_MAILBOXES. A mailbox that refused us is tried all the same.
    """
    from deployments.acts import acting_here
    from tasks.request_fetch import fetch_mails

    with acting_here():
        taken = fetch_mails(code, limit)
    show([mail.as_json() for mail in taken], as_json, f"New mails for {code}")
    if any(mail.outcome == "refused" for mail in taken):
        raise typer.Exit(1)


def _zone_of(code: str) -> str:
    from models.db import reading
    from models.migrate import require_current_schema
    from tasks.engagements import find_engagement

    require_current_schema()
    with reading() as session:
        return find_engagement(session, code).timezone


def _print(found: dict[str, Any], report: Path | None) -> None:
    from tasks.request_report import share_words

    typer.echo(
        f"{found['file']}: {found['rows']:,} rows, {found['taken']:,} taken, {found['duplicates']:,} duplicates, "
        f"{found['later_states']:,} later states, {found['quarantined']:,} not taken.\n"
        f"Read as {found['encoding']}, dates {found['date_order']}, time zone {found['timezone']}, "
        f"as of {found['as_of']}.\n"
        f"Open {found['open']:,}, closed {found['closed']:,}, of these {found['measurable']:,} with times of day on "
        f"both ends.\n"
        f"Hours from opening to closing: median {_or_none(found['median_hours'])}, "
        f"90th percentile {_or_none(found['p90_hours'])} ({found['percentile']})."
    )
    for hours, shares in found["closed_within"].items():
        typer.echo(
            f"Closed within {hours}: {share_words(shares['of_closed'])} of the closed; "
            f"{share_words(shares['of_due'])} of those whose time was up."
        )
    on_time = found["on_time"]
    typer.echo(
        f"On time: {share_words(on_time)} of those with a due time that is decided "
        f"({on_time['without_due_time']:,} have none, {on_time['not_decided']:,} are not decided yet); "
        f"as published: {share_words(found['on_time_as_published'])}."
    )
    for note, words in _NOTES.items():
        if found["notes"][note]:
            typer.echo(words.format(count=int(found["notes"][note])))
    types = [
        {
            "type": entry["type"],
            "requests": entry["requests"],
            "open": entry["open"],
            "median h": _or_none(entry["median_hours"]),
            "p90 h": _or_none(entry["p90_hours"]),
            "on time": share_words(entry["on_time"]),
        }
        for entry in found["by_type"][:20]
    ]
    show(types, False, f"By type ({len(found['by_type'])}; the most frequent)")
    show(found["not_taken"][:50], False, "Rows not taken")
    if found["quarantined"] > 50:
        typer.echo("More rows stand in the workbook (--report) or the output for a program (--json).")
    if "import" in found:
        done = found["import"]
        typer.echo(
            f"{done['engagement']}: {done['recorded']:,} recorded, {done['updated']:,} updated, "
            f"{done['known_before']:,} known before, {done['contradicting']:,} contradicting."
        )
        show(done["contradictions"][:50], False, "Contradicting what is recorded")
    if report:
        typer.echo(f"{report.name}: written.")


_NOTES = {
    "day_without_time": "{count:,} requests give a day without a time: they are in no hours and no share of hours.",
    "times_all_midnight": "A column has midnight in every row: it is taken as a day without a time.",
    "repeated_hour": "{count:,} requests fall into an hour that a clock change repeats; the first one was taken.",
    "skipped_hour": "{count:,} requests fall into an hour that a clock change skips.",
    "personal_data": "{count:,} requests hold personal data in their text; it was masked. Names cannot be found.",
}


def _or_none(value: float | None) -> str:
    return "no data" if value is None else f"{value:.2f}"
