"""Which questionnaires are there, and how do they leave and come in? `steward survey instrument` (D1, D2, D4)."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.text import Text

from deployments.output import AsJson, Force, print_json, refuse_to_replace, show

instrument_app = typer.Typer(
    no_args_is_help=True,
    help="Questionnaires: codebook, templates, XLSForm, SurveyJS, LimeSurvey, paper, telephone script.",
)

Named = Annotated[
    str,
    typer.Argument(help="Code such as overall-residential, special-office or risk-mixed, or a YAML file."),
]


@instrument_app.command("list", epilog="Example: steward survey instrument list")
def instrument_list(as_json: AsJson = False) -> None:
    """List the templates by purpose and type of property."""
    from tasks.survey_instruments import listed_instruments

    rows = listed_instruments()
    if not as_json:  # a screen is narrow, and the code says purpose and type
        rows = [
            {name: value for name, value in row.items() if name not in ("purpose", "type")} for row in rows
        ]
    show(rows, as_json, "Instruments")


@instrument_app.command("show", epilog="Example: steward survey instrument show overall-residential")
def instrument_show(instrument: Named, as_json: AsJson = False) -> None:
    """Show the questions of an instrument in both languages."""
    from tasks.survey_instruments import instrument_of, instrument_rows

    show(instrument_rows(instrument_of(instrument)), as_json, instrument)


@instrument_app.command("check", epilog="Example: steward survey instrument check my_survey.yaml --json")
def instrument_check(instrument: Named, as_json: AsJson = False) -> None:
    """Check that an instrument can be used and that every released code still says what it said."""
    from tasks.survey_instruments import checked_instrument

    found = checked_instrument(instrument)
    if as_json:
        print_json(found)
        return
    new = ", ".join(found["new_codes"]) or "none"
    typer.echo(
        f"{found['instrument']}: {found['questions']} questions, {found['ratings']} ratings; new codes: {new}."
    )
    for line in found["advice"]:
        typer.echo(f"Note: {line}.")


@instrument_app.command(
    "export",
    epilog="Example: steward survey instrument export overall-office --as paper --language zh --copies 20 --out forms.pdf",
)
def instrument_export(
    instrument: Named,
    out: Annotated[Path, typer.Option(help="The file to write.")],
    form: Annotated[
        Literal["xlsform", "surveyjs", "limesurvey", "paper", "script", "yaml"],
        typer.Option(
            "--as",
            help="XLSForm workbook, SurveyJS JSON, LimeSurvey structure (.txt), paper form PDF, telephone script, or YAML.",
        ),
    ] = "xlsform",
    language: Annotated[Literal["zh", "en"], typer.Option(help="Of paper and script.")] = "zh",
    copies: Annotated[int, typer.Option(min=1, max=2_000, help="Blank paper forms.")] = 1,
    first: Annotated[int, typer.Option(min=1, help="Their first running number.")] = 1,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of issue; today.")] = None,
    force: Force = False,
) -> None:
    """Write an instrument as a file: for ODK and Kobo, for a web form, on paper, for interviewers, or to edit."""
    from models.clock import utc_now
    from tasks.exported_files import write_whole
    from tasks.survey_instruments import exported, instrument_of, instrument_yaml

    found = instrument_of(instrument)
    refuse_to_replace(out, force=force)
    day = utc_now().date() if on is None else on.date()
    content = (
        instrument_yaml(found) if form == "yaml" else exported(found, form, language, day, copies, first)
    )
    write_whole(out, content)
    typer.echo(f"Written: {out.name}")


@instrument_app.command(
    "import", epilog="Example: steward survey instrument import my_form.xlsx --out my_survey.yaml"
)
def instrument_import(
    file: Annotated[Path, typer.Argument(help="XLSForm workbook (.xlsx).")],
    out: Annotated[
        Path | None, typer.Option(help="YAML to write; without it the form is only checked.")
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Take in an XLSForm; every fault is named by sheet, row, column, value and what was expected."""
    from tasks.exported_files import write_whole
    from tasks.survey_instruments import import_xlsform, instrument_rows, instrument_yaml

    found = import_xlsform(file)
    if out is not None:
        refuse_to_replace(out, force=force)
        write_whole(out, instrument_yaml(found))
    if as_json:
        print_json({"instrument": found.code, "questions": instrument_rows(found)})
        return
    said = f"{file.name}: instrument {found.code}, {len(found.asked)} questions"
    Console().print(
        Text(f"{said}; written: {out.name}" if out else f"{said}; nothing written."), soft_wrap=True
    )
