"""How far is a wave, and how do sheets of paper and calls come in? `steward survey fieldwork` and its neighbours (D4)."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from deployments.acts import Day, acting_here, day_of
from deployments.output import (
    AsJson,
    Code,
    DryRun,
    Force,
    not_taken,
    print_json,
    refuse_to_replace,
    show,
    show_import,
)
from deployments.survey_desk_commands import take_at_desk
from models.rules.survey_outcomes import OUTCOMES

Wave = Annotated[str, typer.Argument(help="Period of the wave, for example 2027-Q1.")]


def add_fieldwork_commands(app: typer.Typer) -> None:
    """Hang the commands of the fieldwork under `steward survey`."""
    app.command(
        "call-list", epilog="Example: steward survey call-list JC-2027 2027-Q1 --out calls.xlsx --all-modes"
    )(write_call_list)
    app.command("calls", epilog="Example: steward survey calls JC-2027 2027-Q1 outcomes.csv --dry-run")(
        take_calls
    )
    app.command(
        "interviews", epilog="Example: steward survey interviews JC-2027 2027-Q1 interviews.xlsx --dry-run"
    )(take_interviews)
    app.command("answer", epilog="Example: steward survey answer JC-2027 2027-Q1")(take_at_desk)
    app.command("fieldwork", epilog="Example: steward survey fieldwork JC-2027 2027-Q1 --json")(
        show_fieldwork
    )


def show_fieldwork(code: Code, wave: Wave, as_json: AsJson = False) -> None:
    """Show how far a wave is: modes, dispositions, response rates, quotas, and whether all counts agree.

    Ends with exit code 1 where an equation is broken: something was lost or counted twice.
    """
    from models.migrate import require_current_schema
    from tasks.survey_fieldwork import fieldwork

    require_current_schema()
    found = fieldwork(code, wave)
    if as_json:
        print_json(found)
    else:
        _show(found)
    if not found["reconciled"]:
        raise typer.Exit(1)


def write_call_list(
    code: Code,
    wave: Wave,
    out: Annotated[Path, typer.Option(help="The workbook to write, .xlsx; it holds telephone numbers.")],
    attempts: Annotated[int, typer.Option(min=1, max=20, help="Most calls to one respondent.")] = 6,
    all_modes: Annotated[
        bool, typer.Option("--all-modes", help="Also those asked by mail or on paper who have a number.")
    ] = False,
    answers: Annotated[
        bool, typer.Option("--answers", help="With a column for each item, to come back by `interviews`.")
    ] = False,
    on: Day = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write whom to call, by case reference; the file holds telephone numbers: personal data.

    Who refused or was called often enough is not on it; of a full cell nobody is called any more. In a confidential
    wave who has answered is left out; in an anonymous one nobody is, for the list would tell who has.
    """
    from reports.survey_field_sheets import field_workbook
    from tasks.exported_files import write_whole
    from tasks.survey_calls import call_list
    from tasks.survey_paper_forms import typing_columns

    refuse_to_replace(out, force=force)
    with acting_here():
        cases = call_list(code, wave, day_of(on), attempts=attempts, all_modes=all_modes)
    heads = (
        *(name.replace("call_again_at", "agreed") for name in _CALL_HEADS),
        "Called at",
        "Outcome",
        "Call again at",
        *(("Interviewer", *typing_columns(code, wave)[1:]) if answers else ()),
    )
    rows = [[*(getattr(case, name) for name in _CALL_HEADS)] for case in cases]
    outcomes = [(one.code, one.disposition, one.en, one.zh) for one in OUTCOMES]
    write_whole(
        out,
        field_workbook(
            [
                ("calls", _PERSONAL, heads, rows),
                ("outcomes", "", ("code", "AAPOR", "English", "中文"), outcomes),
            ]
        ),
    )
    if as_json:  # without the numbers: they stand in the file alone
        print_json({"file": out.name, "cases": len(cases)})
    else:
        typer.echo(
            f"Written: {out.name}, {len(cases)} respondents. It holds telephone numbers: personal data."
        )


_CALL_HEADS = (
    *("case", "building", "stratum", "language", "attempts", "last_outcome", "call_again_at", "window"),
    "telephone",
)
_PERSONAL = (
    "Personal data: telephone numbers. For the interviewers alone; delete after the fieldwork. / "
    "含电话号码等个人信息，仅供访问员使用，调查结束后删除。"
)


def take_calls(
    code: Code,
    wave: Wave,
    file: Annotated[
        Path, typer.Argument(help="CSV or XLSX, a row a call: Case, Called at, Outcome; Call again at.")
    ],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in how calls ended, each once; a doubtful row is named and kept apart."""
    from tasks.survey_calls import import_calls

    with acting_here():
        found = import_calls(code, wave, file, dry_run=dry_run)
    show_import(
        found.as_json(),
        as_json,
        f"{found.file}: {found.rows} rows: {found.new} calls new, {found.as_before} as before, "
        f"{len(found.doubts)} not taken.",
        dry_run=dry_run,
    )


def take_interviews(
    code: Code,
    wave: Wave,
    file: Annotated[
        Path,
        typer.Argument(help="CSV or XLSX: Case, Called at, Interviewer, Outcome and a column for each item."),
    ],
    on: Day = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in interviews by telephone, each code once; a doubtful row is named and kept apart."""
    from tasks.survey_answer_files import import_interviews

    with acting_here():
        found = import_interviews(code, wave, file, day_of(on), dry_run=dry_run)
    show_import(
        found.as_json(),
        as_json,
        f"{found.file}: {found.rows} rows: {found.taken} answers taken, {found.as_before} as before, {found.calls_only} "
        f"calls without answers, {not_taken(found.not_taken, found.reasons)}.",
        dry_run=dry_run,
    )


def _show(found: dict[str, Any]) -> None:
    def say(line: str) -> None:
        Console().print(Text(line), soft_wrap=True)

    until = f"closed on {found['closed_on']}" if found["closed_on"] else f"closes on {found['closes_on']}"
    say(
        f"{found['engagement']} {found['wave']}: {found['purpose']}, {found['answers_are']}; opened on "
        f"{found['opened_on']}, {until}. Invited {found['invited']} of {found['frame']}, answers {found['answers']}."
    )
    show(found["modes"], False, "Modes")
    show(found["dispositions"], False, "Dispositions (AAPOR)")
    show(
        [
            row | {"value": "none" if row["value"] is None else f"{row['value']:.1%}"}
            for row in found["rates"]
            if row["rate"].startswith(("RR", "COOP1", "REF1", "CON1"))
        ],
        False,
        f"Rates, e = {found['eligible_share']:.3f}",
    )
    if found["quota_full"]:
        rate = found["rr1_with_quota_full_in_the_base"]
        say(
            f"{found['quota_full']} left because the quota of their cell was full: not eligible, no answers. With them "
            f"in the base RR1 is {'none' if rate is None else f'{rate:.1%}'}."
        )
    show(found["cells"], False, "Cells")
    show(found["strata"], False, "Types of space")
    paper, calls = found["paper"], found["calls"]
    say(
        f"Paper: {paper['forms']} forms, {paper['taken']} taken, {paper['typed_once']} typed once, "
        f"{paper['differing']} differing."
    )
    outcomes = ", ".join(f"{name} {count}" for name, count in calls["outcomes"].items()) or "none"
    say(f"Calls: {calls['made']} made; outcomes: {outcomes}.")
    if calls["interviewers"]:
        show(calls["interviewers"], False, "Interviewers")
    if calls["answers_missing"]:
        say(f"{calls['answers_missing']} interviews are said to be held, but their answers have not come in.")
    if found["superseded_interviews"]:
        say(
            f"{found['superseded_interviews']} interviews were held with respondents who had answered before: "
            "the first answer counts."
        )
    if found["reminders"]:
        show(found["reminders"], False, "Reminders")
    batches = [
        row | {"reasons": ", ".join(f"{kind} {count:,}" for kind, count in row["reasons"].items())}
        for row in found["batches"]
    ]
    show(batches, False, "Batches of sheets")
    for check in found["checks"]:
        sign = "=" if check["holds"] else "IS NOT"
        say(
            f"{'ok    ' if check['holds'] else 'BROKEN'} {check['equation']}: {check['left']} {sign} {check['right']}"
        )
