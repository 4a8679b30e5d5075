"""How do both sides judge the custody, where do they differ, and what follows? `steward evaluation`."""

from typing import Annotated, Literal

import typer

from deployments.acts import By, Day, acting_here, day_of
from deployments.output import AsJson, Code, show

evaluation_app = typer.Typer(
    no_args_is_help=True,
    help="Marks, judgement and wishes of both sides at the joint evaluation; differences, and what follows.",
)
Mark = Annotated[
    int | None, typer.Option(min=1, max=5, help="1 (far below what was agreed) to 5 (far above).")
]
Why = Annotated[str, typer.Option(help="The reason for this mark; needed below 3.")]
Weight = Annotated[int | None, typer.Option(min=0, max=100, help="Its weight in per cent.")]
Which = Annotated[
    str,
    typer.Option(
        "--evaluation", help="Which one: once, evaluation-2, a year or a day; the newest by default."
    ),
]
About = Annotated[
    str, typer.Argument(help="A dimension or judgement, as `steward evaluation differences` shows it.")
]


@evaluation_app.command(
    "agree",
    epilog='Example: steward evaluation agree JC-2027 --service 40 --equipment 20 --finance 20 --owners 20 --yearly --agreed-in "Supplement of 2027-05-02"',
)
def evaluation_agree(
    code: Code,
    service: Weight = None,
    equipment: Weight = None,
    finance: Weight = None,
    owners: Weight = None,
    yearly: Annotated[
        bool | None,
        typer.Option("--yearly/--once", help="Also in each year before the last, or only before the end."),
    ] = None,
    agreed_in: Annotated[
        str, typer.Option(help="The paper it stands in; needed once the contract is signed.")
    ] = "",
) -> None:
    """Record how the four dimensions weigh and whether both sides evaluate each year; before the contract it enters it."""
    from models.rules.evaluation import DIMENSIONS
    from tasks.evaluation_terms import agree_on_evaluation

    given = dict(zip(DIMENSIONS, (service, equipment, finance, owners), strict=True))
    weights = {name: weight for name, weight in given.items() if weight is not None}
    with acting_here():
        new = agree_on_evaluation(code, weights, yearly=yearly, agreed_in=agreed_in)
    typer.echo(f"{code}: {'recorded' if new else 'agreed so already'}.")


@evaluation_app.command("open", epilog="Example: steward evaluation open JC-2027 --on 2027-06-30")
def evaluation_open(code: Code, on: Day = None) -> None:
    """Call a joint evaluation in the course of the term; its dossier goes to both sides on the day."""
    from deployments.following import find_server, start_what_follows

    server_known = find_server()
    from tasks.evaluation import call_evaluation

    with acting_here():
        new = call_evaluation(code, day_of(on))
    follows = start_what_follows(code, server_known) if new else "It was called before."
    typer.echo(f"Joint evaluation of {code} called. {follows}".rstrip())


@evaluation_app.command(
    "mark",
    epilog='Example: steward evaluation mark JC-2027 client --service 4 --equipment 2 --equipment-why "lift 2 stood still" --finance 5 --owners 3',
)
def evaluation_mark(
    code: Code,
    party: Annotated[Literal["client", "custodian"], typer.Argument(help="Whose marks.")],
    service: Mark = None,
    service_why: Why = "",
    equipment: Mark = None,
    equipment_why: Why = "",
    finance: Mark = None,
    finance_why: Why = "",
    owners: Mark = None,
    owners_why: Why = "",
    remark: Annotated[
        str, typer.Option(help="A word on the marks given without a reason of their own.")
    ] = "",
    evaluation: Which = "",
) -> None:
    """Record one side's marks; each side marks for itself, a mark that was given stands, and a low one says why."""
    from models.errors import Terminal
    from models.rules.evaluation import DIMENSIONS
    from tasks.evaluation import PartyScore, record_joint_scores

    given = zip(
        DIMENSIONS,
        (service, equipment, finance, owners),
        (service_why, equipment_why, finance_why, owners_why),
        strict=True,
    )
    marks = [PartyScore(name, mark, why or remark) for name, mark, why in given if mark is not None]
    if not marks:
        raise Terminal("No mark given: expected --service, --equipment, --finance or --owners with 1 to 5.")
    with acting_here():
        new = record_joint_scores(code, party, marks, evaluation)
    typer.echo(f"{party}: {new} marks recorded, {len(marks) - new} given before, which stand.")


@evaluation_app.command("show", epilog="Example: steward evaluation show JC-2027")
def evaluation_show(code: Code, evaluation: Which = "", as_json: AsJson = False) -> None:
    """Show what both sides said: marks (once both have marked), judgement, and whether they go on."""
    from models.migrate import require_current_schema
    from tasks.evaluation import joint_scores

    require_current_schema()
    show(joint_scores(code, evaluation), as_json, "Joint evaluation")


@evaluation_app.command("differences", epilog="Example: steward evaluation differences JC-2027")
def evaluation_differences(code: Code, evaluation: Which = "", as_json: AsJson = False) -> None:
    """List where the sides differ: what both said and why, who settles it by when, and what was agreed."""
    from models.migrate import require_current_schema
    from tasks.evaluation_differences import listed_differences

    require_current_schema()
    less = ("evaluation", "client_why", "custodian_why")
    show(listed_differences(code, evaluation), as_json, f"Differences of {code}", less=less)


@evaluation_app.command(
    "settle",
    epilog='Example: steward evaluation settle JC-2027 finance --outcome "Accounts by the fifth from now on" --by client-1',
)
def evaluation_settle(
    code: Code,
    about: About,
    outcome: Annotated[str, typer.Option(help="What both sides agreed on; no names.")],
    by: By,
    on: Day = None,
    evaluation: Which = "",
) -> None:
    """Record how a difference was settled; the marks stay as they were given."""
    from tasks.evaluation import issue_results
    from tasks.evaluation_differences import settle_difference

    with acting_here():
        new = settle_difference(code, about, outcome, by, period=evaluation, on=day_of(on))
        issue_results(code)
    typer.echo(f"{about}: {'settled' if new else 'was settled so before'}.")


@evaluation_app.command(
    "assign", epilog="Example: steward evaluation assign JC-2027 finance --owner manager --until 2027-12-20"
)
def evaluation_assign(
    code: Code,
    about: About,
    owner: Annotated[str, typer.Option(help="Code of the post that brings both sides together.")] = "",
    until: Day = None,
    evaluation: Which = "",
) -> None:
    """Give an open difference another post or another day."""
    from tasks.evaluation_differences import assign_difference

    with acting_here():
        new = assign_difference(code, about, owner=owner, until=day_of(until), period=evaluation)
    typer.echo(f"{about}: {'assigned' if new else 'is so already'}.")


@evaluation_app.command("tasks", epilog="Example: steward evaluation tasks JC-2027")
def evaluation_tasks(code: Code, as_json: AsJson = False) -> None:
    """List what follows once both sides have said how they go on: who does what by when, and what is done."""
    from models.migrate import require_current_schema
    from tasks.follow_ups import listed_follow_ups

    require_current_schema()
    show(listed_follow_ups(code), as_json, f"What follows for {code}")


@evaluation_app.command(
    "done", epilog="Example: steward evaluation done JC-2027 people_told --by custodian-1"
)
def evaluation_done(
    code: Code,
    task: Annotated[str, typer.Argument(help="Its code, as `steward evaluation tasks` shows it.")],
    by: By,
    on: Day = None,
    note: Annotated[str, typer.Option(help="What was done; no names.")] = "",
) -> None:
    """Say that a task is done which the records do not show by themselves."""
    from tasks.follow_ups import complete_follow_up

    with acting_here():
        new = complete_follow_up(code, task, by, on=day_of(on), note=note)
    typer.echo(f"{task}: {'done' if new else 'was done before'}.")
