"""What do respondents write, and may it be shown? Comments by theme, only where enough people wrote."""

import re
from collections.abc import Iterable, Mapping, Sequence
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
_CHINESE_NAME = re.compile(r"[\u4e00-\u9fff·]{2,}")
_LATIN_NAME = re.compile(r"[^\W\d_][\w.'-]*(?: [^\W\d_][\w.'-]*)+")
_TITLES = "先生|女士|小姐|太太|阿姨|大爷|叔叔|师傅|经理|主任|主管|队长|老师"
_TWO_SIGNS = ("欧阳", "上官", "司马", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "司徒", "令狐", "夏侯")
"""Surnames of two signs; all others have one."""
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
    texts: Sequence[str],
    themes: Mapping[str, Sequence[str]],
    minimum: int = MINIMUM_CELL,
    names: Iterable[str] = (),
) -> CommentFigures:
    """Comments by theme in the order of the themes, then all others.

    Args:
        texts: as written; empty ones are left out.
        themes: name to the words, in lower case, that mark a comment as belonging to it.
        minimum: fewest comments that are shown together.
        names: of known people, which are taken out.
    """
    written = [" ".join(text.split()) for text in texts if text.strip()]
    known = known_names(names, "\n".join(written))
    if known is not None:
        written = [known.sub("…", text) for text in written]
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


def known_names(names: Iterable[str], texts: str) -> re.Pattern[str] | None:
    """What finds the names of known people that stand in the texts, and their surnames before a title; None without one.

    A single Latin word is left: it may be a word of any sentence. Who is not on record stays, and so do nicknames.

    Args:
        names: as recorded; Chinese ones with the surname first.
        texts: all that is looked through: of thousands of names few are written there.
    """
    lower = texts.lower()
    parts, surnames = [], set()
    for name in sorted({" ".join(name.split()) for name in names}, key=lambda name: (-len(name), name)):
        if _CHINESE_NAME.fullmatch(name):
            surnames.add(name[:2] if name.startswith(_TWO_SIGNS) else name[0])
            if name in texts:
                parts.append(re.escape(name))
        elif _LATIN_NAME.fullmatch(name) and name.lower() in lower:
            parts.append(rf"(?<!\w){re.escape(name)}(?!\w)")
    if surnames:
        # the surname alone is taken out: whom the title fits is no longer told
        parts.append(f"(?:{'|'.join(sorted(surnames))})(?=(?:{_TITLES}))")
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None


def veiled(text: str) -> str:
    """A comment without addresses, room and telephone numbers; names a person must still look for."""
    return _TELLING.sub("…", " ".join(text.split()))
