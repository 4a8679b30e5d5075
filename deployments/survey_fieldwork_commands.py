"""How far is a wave, and how do sheets of paper and calls come in? `steward survey fieldwork` and its neighbours (D4)."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from deployments.output import AsJson, Code, print_json, show

Wave = Annotated[str, typer.Argument(help="Period of the wave, for example 2027-Q1.")]


def add_fieldwork_commands(app: typer.Typer) -> None:
    """Hang the commands of the fieldwork under `steward survey`."""
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
    if calls["answers_missing"]:
        say(f"{calls['answers_missing']} interviews are said to be held, but their answers have not come in.")
    if found["reminders"]:
        show(found["reminders"], False, "Reminders")
    show(found["batches"], False, "Batches of sheets")
    for check in found["checks"]:
        sign = "=" if check["holds"] else "IS NOT"
        say(
            f"{'ok    ' if check['holds'] else 'BROKEN'} {check['equation']}: {check['left']} {sign} {check['right']}"
        )
