"""How is one questionnaire taken at the service desk, over the counter or on the telephone? `steward survey answer` (D4)."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from deployments.acts import Day, acting_here, day_of
from deployments.output import AsJson, Code, print_json

Wave = Annotated[str, typer.Argument(help="Period of the wave, for example 2027-Q1.")]
_SKIP = "-"


def take_at_desk(
    code: Code,
    wave: Wave,
    mode: Annotated[
        str, typer.Option(help="telephone where it is read out, paper where a form is typed, or online.")
    ] = "telephone",
    single_use_code: Annotated[
        str,
        typer.Option(
            "--code", help="The respondent's code; asked for by default, so that no shell remembers it."
        ),
    ] = "",
    answers: Annotated[
        list[str] | None,
        typer.Option("--answer", help="ITEM=VALUE; asked question by question where none is given."),
    ] = None,
    comment: Annotated[str, typer.Option(help="In the respondent's words, without names.")] = "",
    on: Day = None,
    as_json: AsJson = False,
) -> None:
    """Take one questionnaire of somebody who comes to the desk or calls, with the code of the invitation.

    Each code counts once. What was answered is neither shown again nor kept beside the code in an anonymous wave.
    """
    from tasks.surveys import AnswerSheet, asked_in_wave, desk_scores, record_answers

    with acting_here():
        items = asked_in_wave(code, wave)
        token = single_use_code or str(typer.prompt("Single-use code of the invitation", hide_input=True))
        written = _named(answers) if answers else _asked(items)
        remarks = [written.pop(str(item["code"]), "") for item in items if item.get("values") == []]
        sheet = AnswerSheet(
            token.strip().upper(),
            mode,
            desk_scores(items, written),
            "\n".join(text for text in (*remarks, comment) if text),
        )
        found = record_answers(code, wave, [sheet], day_of(on) or _today(code))
    if as_json:
        print_json({"accepted": found.accepted, "reason": found.rejected[0][1] if found.rejected else ""})
    elif found.accepted:
        typer.echo("Taken. The code is used now.")
    else:
        typer.echo(f"Not taken: {found.rejected[0][1]}.")
    if not found.accepted:
        raise typer.Exit(1)


def _today(code: str) -> Any:
    from models.db import reading
    from tasks.engagements import business_today, find_engagement

    with reading() as session:
        return business_today(find_engagement(session, code))


def _named(answers: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in answers]
    wrong = next((name for name, sign, _ in pairs if not sign), None)
    if wrong is not None:
        raise typer.BadParameter(f"{wrong!r}: expected ITEM=VALUE such as OV1=4.", param_hint="--answer")
    return {name.strip().upper(): value.strip() for name, _, value in pairs}


def _asked(items: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Put the questions one by one; what does not fit the scale is asked again."""
    from tasks.surveys import desk_scores

    typer.echo(f"Enter or {_SKIP} where it was not answered or does not apply.")
    written: dict[str, str] = {}
    for item in items:
        code, when = str(item["code"]), item.get("when", "")
        if when and desk_scores(items, {when: written.get(when, "")}).get(when) != 1:
            continue
        values = item.get("values", (1, 2, 3, 4, 5))
        scale = f" ({values[0]}-{values[-1]})" if values else ""
        while True:
            text = str(
                typer.prompt(
                    f"{code} {item['text_zh']} / {item['text_en']}{scale}", default="", show_default=False
                )
            ).strip()
            try:
                desk_scores(items, {code: "" if text == _SKIP else text} if values else {})
            except ValueError as error:
                typer.echo(str(error))
                continue
            break
        if text and text != _SKIP:
            written[code] = text
    return written
