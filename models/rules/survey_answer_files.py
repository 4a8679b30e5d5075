"""Which columns have files of answers from LimeSurvey and from interviewers, and what do their cells mean? (D4)"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from models.rules.file_values import plain_text
from models.rules.handover_sheet import SheetColumn
from models.rules.survey_calls import CALL_COLUMNS, CALL_REQUIRED
from models.rules.survey_fieldwork import RATING
from models.rules.survey_paper import COMMENT, CellDoubt, item_columns, text_columns

TOKEN = SheetColumn("token", "Access code", "答题码", ("token code", "操作代码"))
SUBMITTED = SheetColumn("submitdate", "Date submitted", "提交日期", ("submitted", "date of submission"))
INTERVIEWER = SheetColumn("interviewer", "Interviewer", "访问员", ("interviewer ref", "caller"))
NO_DATE = "1980-01-01"
"""What LimeSurvey writes as the day of submission where a survey keeps no date stamps."""
PARTICIPANT_COLUMNS = (
    *("firstname", "lastname", "email", "emailstatus", "token", "language"),
    *("validfrom", "validuntil", "usesleft"),
)
"""Of the participants of a survey; names stay empty, they are not needed."""
_ANSWER_CODE = re.compile(r"AO?0*([0-9]{1,2})")
_IN_ARRAY = re.compile(r"[^\[\]]+\[([^\[\]]+)\]")


def limesurvey_columns(
    items: Sequence[Mapping[str, Any]], headings: Sequence[str], renamed: Mapping[str, str]
) -> tuple[SheetColumn, ...]:
    """The columns of an export with question codes; a question of an array is found by the code in brackets.

    Args:
        items: as asked in the wave.
        headings: of the file.
        renamed: heading of the file to item code, where the survey calls a question otherwise.
    """
    also: dict[str, list[str]] = {}
    for heading in headings:
        inside = _IN_ARRAY.fullmatch(plain_text(heading))
        code = renamed.get(heading) or (inside and (renamed.get(inside[1]) or inside[1]))
        if code:
            also.setdefault(code, []).append(heading)
    return (
        TOKEN,
        SUBMITTED,
        *(
            SheetColumn(column.key, column.en, column.zh, tuple(also.get(column.key, ())))
            for column in (*item_columns(items), *text_columns(items))
        ),
        SheetColumn(COMMENT.key, COMMENT.en, COMMENT.zh, (*COMMENT.also, *also.get(COMMENT.key, ()))),
    )


def plain_answers(cells: Mapping[str, str], items: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Cells of scored items with LimeSurvey's answer codes (A4, AO04) read as their numbers."""
    scored = {str(item["code"]) for item in items if item.get("values", RATING)}
    return {
        name: found[1]
        if name in scored and (found := _ANSWER_CODE.fullmatch(plain_text(text).upper()))
        else text
        for name, text in cells.items()
    }


def interview_columns(items: Sequence[Mapping[str, Any]]) -> tuple[SheetColumn, ...]:
    """The columns of a file of interviews: those of a call, who held it, and the items."""
    return (*CALL_COLUMNS, INTERVIEWER, *item_columns(items), *text_columns(items), COMMENT)


INTERVIEW_REQUIRED = (*CALL_REQUIRED, INTERVIEWER.key)
HOLDS_ANSWERS = ("answered", "break_off")
"""Outcomes of calls that can have answers."""


def check_interview(outcome: str, answered: bool) -> None:
    """Whether outcome and answers of a row go together.

    Raises:
        CellDoubt: they do not.
    """
    if answered and outcome not in HOLDS_ANSWERS:
        raise CellDoubt(
            "outcome", outcome, f"expected {' or '.join(HOLDS_ANSWERS)}, as items are answered", "outcome"
        )
    if not answered and outcome == "answered":
        raise CellDoubt("", "", "expected at least one answered item of an interview that was held", "empty")


def renamed_headings(pairs: Sequence[str], items: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Heading to item code, of pairs such as Q1=OV1.

    Raises:
        ValueError: no such pair, or no such item.
    """
    known = {str(item["code"]) for item in items} | {COMMENT.key}
    found: dict[str, str] = {}
    for pair in pairs:
        heading, equals, code = (part.strip() for part in pair.rpartition("="))
        if not (equals and heading) or code not in known:
            raise ValueError(f"{pair!r}: expected HEADING=ITEM with one of {', '.join(sorted(known))}")
        if found.setdefault(heading, code) != code:
            raise ValueError(f"{heading!r} stands for two items")
    return found
