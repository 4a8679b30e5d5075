"""What do respondents write, and may it be shown? Comments by theme, only where enough people wrote."""

import re
from dataclasses import dataclass

from models.rules.survey_plan import SurveyPlan
from models.rules.survey_table import AnswerTable

SHOWN_OF_A_THEME = 12
_TELLING = re.compile(r"[\w.+-]+@[\w.-]+|\d{2,}[A-Za-z]?|\d+(?=\s*(?:室|号|栋|幢|单元|楼|#))")
OTHER = "other"


@dataclass(frozen=True)
class ThemeFigure:
    """One theme: how many comments, and some of them."""

    theme: str
    comments: int | None
    """None where fewer than the minimum wrote of it."""
    share: float | None
    """Of all comments; a comment may belong to several themes."""
    texts: tuple[str, ...]


@dataclass(frozen=True)
class CommentFigures:
    """All comments of a wave."""

    comments: int | None
    """None where fewer than the minimum wrote at all; then no theme is shown."""
    themes: tuple[ThemeFigure, ...]


def comment_figures(table: AnswerTable, plan: SurveyPlan) -> CommentFigures | None:
    """Comments by theme in the plan's order, then those of no theme; None where the plan names no column."""
    if not plan.columns.comment:
        return None
    commented = table.commented()
    count = int(commented.sum())
    if count < plan.minimum:
        return CommentFigures(None if count else 0, ())
    texts = dict(table.comments)
    themes, none_of_them = [], commented.copy()
    for number, name in enumerate(plan.themes):
        inside = table.in_theme(number)
        none_of_them &= ~inside
        themes.append((name, inside))
    if none_of_them.any():
        themes.append((OTHER, none_of_them))
    figures = []
    for name, inside in themes:
        n = int(inside.sum())
        if n < plan.minimum:
            figures.append(ThemeFigure(name, None if n else 0, None, ()))
            continue
        written = sorted({veiled(text) for row, text in texts.items() if inside[row]})
        figures.append(ThemeFigure(name, n, n / count, tuple(written[:SHOWN_OF_A_THEME])))
    return CommentFigures(count, tuple(figures))


def veiled(text: str) -> str:
    """A comment without addresses, room and telephone numbers; names a person must still look for."""
    return _TELLING.sub("…", " ".join(text.split()))
