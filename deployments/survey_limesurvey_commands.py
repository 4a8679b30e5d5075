"""How does a wave go out to LimeSurvey and come back? `steward survey limesurvey` (D4)."""

import csv
import io
from pathlib import Path
from typing import Annotated

import typer

from deployments.acts import Day, acting_here, day_of
from deployments.output import (
    AsJson,
    Code,
    DryRun,
    Force,
    not_taken,
    print_json,
    progress_bar,
    refuse_to_replace,
    show_import,
)

limesurvey_app = typer.Typer(
    no_args_is_help=True, help="LimeSurvey: questionnaire and participants out, responses in."
)
Wave = Annotated[str, typer.Argument(help="Period of the wave, for example 2027-Q1.")]
_ON_SCREEN = 20


@limesurvey_app.command(
    "structure",
    epilog="Example: steward survey limesurvey structure JC-2027 2027-Q1 --out survey.txt",
)
def write_structure(
    code: Code,
    wave: Wave,
    out: Annotated[Path, typer.Option(help="The file to write, .txt; LimeSurvey imports it as a survey.")],
    force: Force = False,
) -> None:
    """Write the questionnaire of a planned wave as LimeSurvey takes a survey in: groups, questions, answers, conditions.

    In both languages. Check it there before you activate it, and keep "Anonymised responses" off: codes are parted from
    answers when the responses are taken in.
    """
    from models.migrate import require_current_schema
    from tasks.exported_files import write_whole
    from tasks.survey_paper_forms import wave_structure

    require_current_schema()
    refuse_to_replace(out, force=force)
    write_whole(out, wave_structure(code, wave))
    typer.echo(f"Written: {out.name}")


@limesurvey_app.command(
    "participants",
    epilog="Example: steward survey limesurvey participants JC-2027 2027-Q1 --out participants.csv",
)
def write_participants(
    code: Code,
    wave: Wave,
    out: Annotated[Path, typer.Option(help="The file to write, .csv; it holds single-use codes.")],
    all_modes: Annotated[
        bool, typer.Option("--all-modes", help="Also those asked on paper or by telephone.")
    ] = False,
    with_addresses: Annotated[
        bool, typer.Option("--with-addresses", help="Mail addresses too: personal data leaves.")
    ] = False,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write whom to ask as LimeSurvey takes participants in: codes, languages, days; no names.

    In a confidential wave who has answered is left out; in an anonymous one nobody is.

    The file lets its reader answer for everybody in it: delete it once it is taken in there.
    """
    from models.migrate import require_current_schema
    from models.rules.survey_answer_files import PARTICIPANT_COLUMNS
    from reports.cells import safe_csv_cell
    from tasks.exported_files import write_whole
    from tasks.survey_answer_files import limesurvey_participants

    require_current_schema()
    refuse_to_replace(out, force=force)
    rows = limesurvey_participants(code, wave, all_modes=all_modes, with_addresses=with_addresses)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(PARTICIPANT_COLUMNS)
    writer.writerows([safe_csv_cell(row[name]) for name in PARTICIPANT_COLUMNS] for row in rows)
    write_whole(out, text.getvalue().encode())
    if as_json:
        print_json({"file": out.name, "participants": len(rows), "addresses": with_addresses})
    else:
        holds = "codes and mail addresses" if with_addresses else "codes"
        typer.echo(
            f"Written: {out.name}, {len(rows)} participants. It holds single-use {holds}: delete it after use."
        )


@limesurvey_app.command(
    "responses", epilog="Example: steward survey limesurvey responses JC-2027 2027-Q1 results.csv --dry-run"
)
def take_responses(
    code: Code,
    wave: Wave,
    file: Annotated[
        Path, typer.Argument(help="Export with question codes as headings and answer codes; CSV or XLSX.")
    ],
    renamed: Annotated[
        list[str] | None, typer.Option("--map", help="HEADING=ITEM, where a question has another code.")
    ] = None,
    quarantine: Annotated[
        Path | None,
        typer.Option(help="CSV to write with every row that is not taken and why; also in a dry run."),
    ] = None,
    on: Day = None,
    force: Force = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in responses, each code once; a doubtful row is named and kept apart. Delete the file afterwards.

    CSV may have a million rows. Of the rows not taken the first thousand stay in `steward engagement quarantine`, all
    are counted by reason; --quarantine writes each.
    """
    from tasks.survey_answer_files import import_limesurvey

    refuse_to_replace(quarantine, force=force)
    with acting_here(), progress_bar(quiet=as_json) as bar:
        task = bar.add_task("Reading")
        found = import_limesurvey(
            code,
            wave,
            file,
            day_of(on),
            renamed=renamed or (),
            quarantine=quarantine,
            dry_run=dry_run,
            progress=lambda what, done, steps: bar.update(
                task, description=what, completed=done, total=steps
            ),
        )
    shown = found.as_json()
    if not as_json:
        shown["doubts"] = shown["doubts"][:_ON_SCREEN]
    show_import(
        shown,
        as_json,
        f"{found.file}: {found.rows:,} rows: {found.taken:,} answers taken, {found.as_before:,} as before, "
        f"{not_taken(found.not_taken, found.reasons)}.",
        f"Rows not taken, the first {_ON_SCREEN}" if found.not_taken > _ON_SCREEN else "Rows not taken",
        dry_run=dry_run,
    )
