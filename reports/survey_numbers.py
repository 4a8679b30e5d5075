"""How is a number of a survey written in a cell, and a verdict in words?"""

from models.rules.survey_analysis import SurveyAnalysis
from models.rules.survey_tests import DeclaredControl, ScreenControl
from reports.words import NOTHING, Vocabulary, Voice

_VERDICTS = {
    "met": ("met", "达标"),
    "not_met": ("not met", "未达标"),
    "undetermined": ("undetermined", "无法判定"),
    "better": ("better", "上升"),
    "worse": ("worse", "下降"),
    "not_demonstrated": ("no change shown", "未见显著变化"),
    "not_comparable": ("not comparable", "不可比"),
}


CONTROLS: Vocabulary = {
    DeclaredControl.HOLM: ("Holm", "Holm法"),
    DeclaredControl.BONFERRONI: ("Bonferroni", "Bonferroni法"),
    ScreenControl.BENJAMINI_HOCHBERG: ("Benjamini-Hochberg", "Benjamini-Hochberg法"),
    ScreenControl.TWO_STAGE: (
        "two stages by Benjamini, Krieger and Yekutieli",
        "Benjamini-Krieger-Yekutieli两阶段法",
    ),
}
"""How false alarms among many comparisons are held down."""


def percent(value: float | None) -> str:
    """A share for a cell; a dash where it is not shown."""
    return NOTHING if value is None else f"{100 * value:.1f}%"


def between(low: float | None, high: float | None, *, share: bool = True) -> str:
    """An interval for a cell."""
    if low is None or high is None:
        return NOTHING
    scale, unit = (100, "%") if share else (1, "")
    if low < 0:
        return f"{scale * low:+.1f} … {scale * high:+.1f}{unit}"
    return f"{scale * low:.1f}–{scale * high:.1f}{unit}"


def p_value(p: float) -> str:
    """A p value for a cell; a very small one is no zero."""
    return "<0.0001" if p < 0.0001 else f"{p:.4f}"


def item_names(analysis: SurveyAnalysis, voice: Voice) -> dict[str, str]:
    """Item code to its wording."""
    return {item.code: voice(item.en, item.zh) for item in analysis.plan.items}


def level_of(analysis: SurveyAnalysis) -> str:
    """The confidence of all intervals, for a heading."""
    return f"{100 * analysis.plan.confidence:g}%"


def verdict(code: str | None, voice: Voice) -> str:
    """What was judged, in words; a dash where nothing was."""
    return NOTHING if code is None else voice(*_VERDICTS.get(code, (code, code)))
