"""What did a review find, what became of it, and what does the custodian say? `steward review`."""

from typing import Annotated

import typer

from deployments.acts import By, Day, acting_here, day_of
from deployments.output import AsJson, Code, print_json, show

review_app = typer.Typer(
    no_args_is_help=True, help="The self-reviews: own words, problems found, actions or reasons."
)
Period = Annotated[str, typer.Argument(help="A month, quarter or year: 2027-03, 2027-Q1, 2027.")]


@review_app.command(
    "write",
    epilog='Example: steward review write JC-2027 2027-Q1 --text "Two lifts were renewed" --by custodian-1',
)
def review_write(
    code: Code,
    period: Period,
    text: Annotated[str, typer.Option(help="What the custodian says of the period; no names.")],
    by: By,
) -> None:
    """Add the custodian's own words to a review before it is issued; new words replace the old ones."""
    from tasks.review_problems import write_words

    with acting_here():
        new = write_words(code, period, text, by)
    typer.echo(f"{period}: {'kept for its review' if new else 'kept before'}.")


@review_app.command("show", epilog="Example: steward review show JC-2027 2027-Q1")
def review_show(code: Code, period: Period, as_json: AsJson = False) -> None:
    """Show what a review found wanting, the action or reason for each, and what became of the last one's actions."""
    from models.migrate import require_current_schema
    from tasks.review_problems import shown_review

    require_current_schema()
    found = shown_review(code, period)
    if as_json:
        print_json(found)
        return
    typer.echo(
        f"Review of {found['period']}, held on {found['held_on']}: {found['met']} met, {found['missed']} missed, "
        f"{found['no_data']} without data. {found['summary']}"
    )
    if found["own_words"]:
        typer.echo(f"In the custodian's own words ({found['written_by']}): {found['own_words']}")
    show(found["problems"], False, "Problems", less=("action",))
    title = f"Actions open at the review of {found['review_before'] or 'none before'}"
    show(found["actions_of_it"], False, title)


@review_app.command(
    "answer",
    epilog='Example: steward review answer JC-2027 2027-03 work:round --reason "The car park was closed" --by custodian-1',
)
def review_answer(
    code: Code,
    period: Period,
    problem: Annotated[str, typer.Argument(help="Its reference, as `steward review show` lists it.")],
    by: By,
    reason: Annotated[str, typer.Option(help="Why no action follows.")] = "",
    action: Annotated[str, typer.Option(help="What is done about it.")] = "",
    post: Annotated[str, typer.Option(help="Code of the post that does it.")] = "manager",
    due: Day = None,
) -> None:
    """Answer a problem by an action, or by the reason why none follows."""
    from tasks.review_problems import answer_problem

    with acting_here():
        new = answer_problem(
            code, period, problem, by, reason=reason, action=action, post=post, due_on=day_of(due)
        )
    typer.echo(f"{problem}: {'answered' if new else 'was answered so before'}.")
