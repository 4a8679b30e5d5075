"""What do respondents write, and may it be shown? Comments by theme, only where enough people wrote."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.rules.satisfaction import MINIMUM_CELL
from models.rules.survey_plan import SurveyPlan
from models.rules.survey_table import AnswerTable

Mask = npt.NDArray[np.bool_]

SHOWN_OF_A_THEME = 12
_TELLING = re.compile(
    r"\[(?:email|telephone|identity number|bank card)\]|[\w.+-]+@[\w.-]+|\d{2,}[A-Za-z]?|\d+(?=\s*(?:室|号|栋|幢|单元|楼|#))"
)
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
    """Comments by theme in the plan's order, then all others; None where the plan names no column."""
    if not plan.columns.comment:
        return None
    themes = [(name, table.in_theme(number)) for number, name in enumerate(plan.themes)]
    return _grouped(table.commented(), themes, dict(table.comments), plan.minimum)


def grouped_comments(
    texts: Sequence[str], themes: Mapping[str, Sequence[str]], minimum: int = MINIMUM_CELL
) -> CommentFigures:
    """Comments by theme in the order of the themes, then all others.

    Args:
        texts: as written; empty ones are left out.
        themes: name to the words, in lower case, that mark a comment as belonging to it.
        minimum: fewest comments that are shown together.
    """
    written = [text for text in texts if text.strip()]
    plain = [text.lower() for text in written]
    inside = [
        (name, np.array([any(word in text for word in words) for text in plain], dtype=bool))
        for name, words in themes.items()
    ]
    return _grouped(np.ones(len(written), dtype=bool), inside, dict(enumerate(written)), minimum)


def _grouped(
    commented: Mask, themes: Sequence[tuple[str, Mask]], texts: Mapping[int, str], minimum: int
) -> CommentFigures:
    """Themes of which enough people wrote; comments of the smaller ones are shown among the others, if those are enough."""
    count = int(commented.sum())
    if count < minimum:
        return CommentFigures(None if count else 0, ())
    figures, others = [], commented.copy()
    for name, inside in themes:
        n = int(inside.sum())
        if n < minimum:
            figures.append(ThemeFigure(name, None if n else 0, None, ()))
            continue
        others &= ~inside
        figures.append(_theme(name, inside, count, texts))
    if others.any():
        small = int(others.sum()) < minimum
        figures.append(ThemeFigure(OTHER, None, None, ()) if small else _theme(OTHER, others, count, texts))
    return CommentFigures(count, tuple(figures))


def _theme(name: str, inside: Mask, count: int, texts: Mapping[int, str]) -> ThemeFigure:
    n = int(inside.sum())
    written = sorted({veiled(text) for row, text in texts.items() if inside[row]})
    return ThemeFigure(name, n, n / count, tuple(written[:SHOWN_OF_A_THEME]))


def veiled(text: str) -> str:
    """A comment without addresses, room and telephone numbers; names a person must still look for."""
    return _TELLING.sub("…", " ".join(text.split()))
