"""What does a file of survey answers show? `steward survey`: works on any file, without an engagement (D5)."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from deployments.output import AsJson, Force, print_json, refuse_to_replace, show
from deployments.survey_fieldwork_commands import add_fieldwork_commands
from deployments.survey_instrument_commands import instrument_app
from deployments.survey_limesurvey_commands import limesurvey_app
from deployments.survey_paper_commands import paper_app
from deployments.survey_sample_commands import frame_app, sample_app
from deployments.survey_special_commands import special_app

if TYPE_CHECKING:
    from tasks.survey_analysis import SurveyResult

survey_app = typer.Typer(
    no_args_is_help=True, help="Satisfaction surveys: instruments, sample, fieldwork, analysis."
)
survey_app.add_typer(instrument_app, name="instrument")
survey_app.add_typer(frame_app, name="frame")
survey_app.add_typer(sample_app, name="sample")
survey_app.add_typer(paper_app, name="paper")
survey_app.add_typer(limesurvey_app, name="limesurvey")
survey_app.add_typer(special_app, name="special")
add_fieldwork_commands(survey_app)


@survey_app.command(
    "analyse", epilog="Example: steward survey analyse answers.csv --plan survey_plan.yaml --pdf survey.pdf"
)
def analyse_survey(
    answers: Annotated[Path, typer.Argument(help="CSV or XLSX file, one row for each answer.")],
    plan: Annotated[Path, typer.Option(help="The plan, YAML; see plan-template.")],
    report: Annotated[Path | None, typer.Option(help="Workbook to write, .xlsx.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Report with pictures to write, .pdf.")] = None,
    quarantine: Annotated[
        Path | None, typer.Option(help="CSV to write with every rejected row and its reason.")
    ] = None,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Shares with intervals, weights, response rates, groups, waves, drivers and comments of any survey file.

    Rows that cannot be taken are counted by reason and named; received = accepted + rejected.
    """
    from tasks.survey_analysis import analyse_file, result_json

    refuse_to_replace(report, pdf, quarantine, force=force)
    result = analyse_file(answers, plan, quarantine)
    _write(result, report, pdf)
    if as_json:
        print_json(result_json(result))
    else:
        _show(result)


@survey_app.command("plan-template", epilog="Example: steward survey plan-template --out survey_plan.yaml")
def plan_template(
    out: Annotated[Path | None, typer.Option(help="The file to write; the screen by default.")] = None,
    force: Force = False,
) -> None:
    """Write a plan to start from: that of the sample's survey, each key explained."""
    from importlib import resources

    from tasks.exported_files import write_whole

    text = (resources.files("deployments.sample") / "survey_plan.yaml").read_text(encoding="utf-8")
    if out is None:
        typer.echo(text, nl=False)
        return
    refuse_to_replace(out, force=force)
    write_whole(out, text.encode())
    typer.echo(f"Written: {out.name}")


def _write(result: "SurveyResult", report: Path | None, pdf: Path | None) -> None:
    if report is None and pdf is None:
        return
    from models.clock import utc_now
    from reports.pdf import render_pdf
    from reports.workbook import render_xlsx
    from tasks.exported_files import write_whole
    from tasks.survey_analysis import result_pack

    pack = result_pack(result, utc_now().date())
    if report is not None:
        write_whole(report, render_xlsx(pack))
    if pdf is not None:
        write_whole(pdf, render_pdf(pack))


def _show(result: "SurveyResult") -> None:
    console, read = Console(), result.answers
    console.print(
        f"{read.file}: {read.received:,} rows received, {read.accepted:,} accepted, {read.rejected:,} rejected",
        highlight=False,
        soft_wrap=True,
    )
    for kind, count in read.reasons.items():
        console.print(f"  {kind}: {count:,}", highlight=False)
    for row in read.shown[:5]:
        where = f"row {row.row}" + (f", column {row.column}" if row.column else "")
        value = f" {row.value!r}" if row.value else ""
        console.print(Text(f"  {where}:{value} {row.reason}"), soft_wrap=True)
    for heading, rows in _tables(result).items():
        if rows:
            show(rows, False, heading)
    drivers = result.analysis.drivers
    if drivers is not None and drivers.refused:
        console.print(Text(f"Drivers not analysed: {drivers.refused}."))
    for note in result.analysis.notes:
        console.print(Text(f"Note: {note.en}."), style="dim")


def _tables(result: "SurveyResult") -> dict[str, list[dict[str, Any]]]:
    from reports.survey_numbers import between, percent

    found = result.analysis
    return {
        f"{result.plan.title} {found.wave}".strip(): [
            {
                "answers": f"{found.n:,}",
                "invited": found.response.invited or "not told",
                "RR2": percent(found.response.rates.get("RR2")),
                "RR1": percent(found.response.rates.get("RR1")),
                "RR3": percent(found.response.rates.get("RR3")),
                "modes": ", ".join(f"{mode} {percent(part)}" for mode, part in found.mode_mix.items()),
                "weights": found.weights.method,
                "weight deff": f"{found.weights.deff:.2f}",
                "index": ""
                if found.index is None
                else f"{found.index.value:.1f} ({between(found.index.low, found.index.high, share=False)})",
            }
        ],
        "Satisfied": [
            {
                "item": f.item,
                "group": f"{f.column}: {f.group}" if f.column else "all",
                "n": "not shown" if f.suppressed else f"{f.n:,}",
                "share": percent(f.share),
                "interval": between(f.low, f.high),
                "deff": "" if f.deff is None else f"{f.deff:.2f}",
                "index": "" if f.index is None else f"{f.index:.1f}",
                "verdict": f.verdict or "",
            }
            for f in found.figures
        ],
        "Net promoter score": [
            {
                "item": f.item,
                "group": f"{f.column}: {f.group}" if f.column else "all",
                "n": "not shown" if f.suppressed else f"{f.n:,}",
                "score": "" if f.score is None else f"{f.score:.1f}",
                "interval": between(f.low, f.high, share=False),
            }
            for f in found.promoters
        ],
        "Groups that differ from all others": [
            {
                "item": d.item,
                "group": f"{d.column}: {d.group}",
                "share": percent(d.share),
                "others": percent(d.rest),
                "difference": between(d.low, d.high),
                "p adjusted": f"{d.p_adjusted:.4f}",
            }
            for d in found.differences
            if d.differs
        ],
        "Change against the wave before": [
            {
                "item": c.item,
                "before": percent(c.share_before),
                "now": percent(c.share),
                "change": between(c.low, c.high),
                "p adjusted": f"{c.p_adjusted:.4f}",
                "verdict": c.verdict,
            }
            for c in found.changes
        ],
        "Drivers of overall satisfaction": [
            {
                "item": d.item,
                "importance": percent(d.importance),
                "interval": between(d.importance_low, d.importance_high),
                "rank": f"{d.rank_low}-{d.rank_high}",
                "performance": f"{d.performance:.1f}",
                "field": d.quadrant,
                "note": "; ".join(d.flags),
            }
            for d in (found.drivers.drivers if found.drivers else ())
        ],
        "Reliability": [
            {
                "set": entry.name,
                "n": entry.figure.n,
                "alpha": f"{entry.figure.alpha:.3f}",
                "interval": f"{entry.figure.low:.3f}-{entry.figure.high:.3f}",
                "omega": "" if entry.figure.omega is None else f"{entry.figure.omega:.3f}",
                "note": entry.figure.warning,
            }
            for entry in found.reliability
            if entry.figure is not None
        ],
        "Comments": [
            {
                "theme": t.theme,
                "comments": "not shown" if t.comments is None else t.comments,
                "share": percent(t.share),
            }
            for t in (found.comments.themes if found.comments else ())
        ],
    }
