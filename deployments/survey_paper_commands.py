"""How do paper forms go out and come in, typed by two clerks? `steward survey paper` (D4)."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

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

if TYPE_CHECKING:
    from tasks.survey_paper_desk import PaperResult

paper_app = typer.Typer(no_args_is_help=True, help="Paper forms: print, type twice, compare, settle.")
Wave = Annotated[str, typer.Argument(help="Period of the wave, for example 2027-Q1.")]


@paper_app.command("print", epilog="Example: steward survey paper print JC-2027 2027-Q1 --out forms.pdf")
def paper_print(
    code: Code,
    wave: Wave,
    out: Annotated[Path, typer.Option(help="The file to write, .pdf.")],
    language: Annotated[Literal["zh", "en"], typer.Option(help="Only the forms in this language.")] = "zh",
    on: Day = None,
    force: Force = False,
) -> None:
    """Print a form for each who is asked on paper; its serial is the single-use code. Again, an anonymous wave has them all."""
    from models.migrate import require_current_schema
    from tasks.exported_files import write_whole
    from tasks.survey_paper_forms import paper_forms

    require_current_schema()
    refuse_to_replace(out, force=force)
    content, forms, others = paper_forms(code, wave, language, day_of(on))
    write_whole(out, content)
    typer.echo(f"Written: {out.name}, {forms} forms in {language}; {others} in the other language.")


@paper_app.command("sheet", epilog="Example: steward survey paper sheet JC-2027 2027-Q1 --out typing.xlsx")
def paper_sheet(
    code: Code,
    wave: Wave,
    out: Annotated[Path, typer.Option(help="The workbook to write, .xlsx.")],
    force: Force = False,
) -> None:
    """Write an empty sheet to type forms into: one row a form, one copy for each clerk."""
    from models.migrate import require_current_schema
    from reports.survey_field_sheets import field_workbook
    from tasks.exported_files import write_whole
    from tasks.survey_paper_forms import typing_columns

    require_current_schema()
    refuse_to_replace(out, force=force)
    write_whole(out, field_workbook([("forms", "", typing_columns(code, wave), ())]))
    typer.echo(f"Written: {out.name}")


@paper_app.command(
    "enter", epilog="Example: steward survey paper enter JC-2027 2027-Q1 typed_by_a.xlsx --clerk A --dry-run"
)
def paper_enter(
    code: Code,
    wave: Wave,
    file: Annotated[Path, typer.Argument(help="CSV or XLSX: serial and a column for each item code.")],
    clerk: Annotated[str, typer.Option(help="Reference of who typed it, never a name.")],
    on: Day = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in what one clerk typed; forms that a second clerk typed alike become answers, once."""
    from tasks.survey_paper_entry import enter_paper

    found = _take_in(
        enter_paper,
        code,
        wave,
        file,
        clerk,
        on,
        dry_run,
        as_json,
        "{0.entered} forms typed now, {0.as_before} as before",
    )
    if found.same_file_as and not as_json:
        typer.echo(
            f"Note: clerk {found.same_file_as} entered this very file; a second entry is typed from the paper again."
        )


@paper_app.command(
    "discrepancies",
    epilog="Example: steward survey paper discrepancies JC-2027 2027-Q1 --out differing.xlsx",
)
def paper_discrepancies(
    code: Code,
    wave: Wave,
    out: Annotated[
        Path | None, typer.Option(help="The workbook to write, .xlsx; the screen by default.")
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """List the cells two clerks typed differently; the list holds codes beside answers, so keep it with the forms."""
    from models.migrate import require_current_schema
    from reports.survey_field_sheets import field_workbook
    from tasks.exported_files import write_whole
    from tasks.survey_paper_settling import discrepancies

    require_current_schema()
    rows = discrepancies(code, wave)
    if out is not None:
        refuse_to_replace(out, force=force)
        headings = (
            *("serial", "item", "first", "second", "settled"),
            *("first_clerk", "second_clerk", "question"),
        )
        write_whole(
            out,
            field_workbook(
                [("discrepancies", _NOTE, headings, ([row[name] for name in headings] for row in rows))]
            ),
        )
    if as_json:
        print_json(rows)
    elif out is None:
        show(rows, False, "Differing cells")
    else:
        typer.echo(f"Written: {out.name}, {len(rows)} cells; fill in `settled`, - for not answered.")


_NOTE = "Codes beside answers: keep with the paper forms, delete once settled. / 含答题码与答案：与纸质问卷一并保管，裁定后删除。"


@paper_app.command(
    "settle", epilog="Example: steward survey paper settle JC-2027 2027-Q1 differing.xlsx --by C"
)
def paper_settle(
    code: Code,
    wave: Wave,
    file: Annotated[Path, typer.Argument(help="The list of discrepancies with `settled` filled in.")],
    by: Annotated[str, typer.Option(help="Reference of who looked at the paper; neither of the clerks.")],
    on: Day = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take in what a third person read on the paper; a form whose cells are all settled becomes an answer."""
    from tasks.survey_paper_settling import settle_paper

    _take_in(
        settle_paper,
        code,
        wave,
        file,
        by,
        on,
        dry_run,
        as_json,
        "{0.entered} cells settled now, {0.as_before} as before, {0.left_open} left open",
    )


def _take_in(
    act: "Callable[..., PaperResult]",
    code: str,
    wave: str,
    file: Path,
    who: str,
    on: datetime | None,
    dry_run: bool,
    as_json: bool,
    counts: str,
) -> "PaperResult":
    """Take in a file of typed or settled forms, and say what became of it."""
    with acting_here():
        found = act(code, wave, file, who, day_of(on), dry_run=dry_run)
    compared = (
        f" Cells compared: {found.cells_compared}, differing: {found.cells_differing}."
        if found.cells_compared
        else ""
    )
    show_import(
        found.as_json(),
        as_json,
        f"{found.file}: {found.rows} rows: {counts.format(found)}, {not_taken(len(found.doubts), found.reasons)}. Answers taken: "
        f"{found.taken}; forms typed once: {found.typed_once}, differing: {found.differing}.{compared}",
        dry_run=dry_run,
    )
    return found
