"""Is a survey held after a change of service, and which changes were there? `steward survey special` (D3)."""

from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from deployments.acts import acting_here
from deployments.output import AsJson, Code, print_json, show

special_app = typer.Typer(
    no_args_is_help=True, help="Surveys after changes of service: amended plan, staff, emergencies."
)


@special_app.command("show", epilog="Example: steward survey special show JC-2027")
def special_show(code: Code, as_json: AsJson = False) -> None:
    """Show what was decided, and each change with its survey or the reason why none follows."""
    from models.migrate import require_current_schema
    from tasks.survey_specials import special_overview

    require_current_schema()
    found = special_overview(code)
    if as_json:
        print_json(found)
        return
    decided = (
        f"{', '.join(found['kinds'])}: {found['after_days']} days after the change, at least "
        f"{found['least_gap_days']} days between two"
        if found["active"]
        else "none are held; `steward survey special set` turns them on"
    )
    Console().print(Text(f"Special surveys of {code}: {decided}."), soft_wrap=True)
    show(found["changes"], False, "Changes of service")


@special_app.command(
    "set", epilog="Example: steward survey special set JC-2027 --after 14 --gap 90 --kinds incident,amendment"
)
def special_set(
    code: Code,
    after: Annotated[
        int, typer.Option(min=1, max=45, help="Days after the change on which the wave opens.")
    ] = 14,
    gap: Annotated[int, typer.Option(min=30, max=730, help="Fewest days between two special waves.")] = 90,
    kinds: Annotated[
        str, typer.Option(help="After which changes: amendment, staff, incident.")
    ] = "amendment,staff,incident",
    off: Annotated[bool, typer.Option("--off", help="Hold none.")] = False,
    as_json: AsJson = False,
) -> None:
    """Decide whether a survey follows changes of service and when; without a decision the plan's promise holds."""
    from models.rules.survey_special import ChangeKind, SpecialRule
    from tasks.survey_changes import set_special_rule
    from tasks.survey_specials import special_overview

    wanted = [name.strip() for name in kinds.split(",") if name.strip()]
    if not wanted or not set(wanted) <= set(ChangeKind):
        raise typer.BadParameter(
            f"{kinds!r}: expected some of {', '.join(ChangeKind)}.", param_hint="--kinds"
        )
    rule = SpecialRule(not off, after, gap, tuple(kind for kind in ChangeKind if kind in wanted))
    with acting_here():
        changed = set_special_rule(code, rule)
    if as_json:
        print_json({"changed": changed, **special_overview(code)})
    else:
        typer.echo("Decided." if changed else "It was decided so before.")
