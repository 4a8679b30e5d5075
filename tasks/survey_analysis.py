"""What does a file of answers show by a plan? Read, analysed, and put into JSON for programs."""

import math
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from models.rules.survey_analysis import SurveyAnalysis, analyse
from models.rules.survey_plan import SurveyPlan
from reports.pack import Pack
from reports.survey_analysis_pack import survey_analysis_pack
from tasks.survey_answers import AnswersRead, read_answers
from tasks.survey_plan_file import read_survey_plan


@dataclass(frozen=True)
class SurveyResult:
    """The answers as they were read and what they show."""

    plan: SurveyPlan
    answers: AnswersRead
    analysis: SurveyAnalysis


def analyse_file(answers: Path, plan: Path, quarantine: Path | None = None) -> SurveyResult:
    """Analyse a file of answers; nothing is stored and no engagement is needed.

    Args:
        answers: CSV or XLSX, one row for each answer.
        plan: YAML, see docs/survey-analysis.md.
        quarantine: where to write the rejected rows.

    Raises:
        Terminal: plan or file cannot be used; the message says where and why.
    """
    read = read_survey_plan(plan)
    found = read_answers(answers, read, quarantine)
    return SurveyResult(read, found, analyse(found.table, read))


def result_pack(result: SurveyResult, on: date) -> Pack:
    """The result as a document; `on` is the day on its cover."""
    read = result.answers
    return survey_analysis_pack(result.analysis, read.file, (read.received, read.accepted, read.rejected), on)


def result_json(result: SurveyResult) -> dict[str, Any]:
    """The complete result for a program; what is not shown is null."""
    found, read = result.analysis, result.answers
    plan = result.plan
    value = {
        "title": plan.title,
        "file": read.file,
        "wave": found.wave or None,
        "confidence": plan.confidence,
        "suppress_below": plan.minimum,
        "wave_control": plan.wave_control.value,
        "group_control": plan.group_control.value,
        "rows": {
            "received": read.received,
            "accepted": read.accepted,
            "rejected": read.rejected,
            "reasons": read.reasons,
            "first_rejected": [asdict(row) for row in read.shown],
        },
        "n": found.n,
        "households": found.households,
        "response": asdict(found.response),
        "mode_mix": found.mode_mix,
        "weights": asdict(found.weights),
        "items": [
            {
                "code": item.code,
                "en": item.en,
                "zh": item.zh,
                "scale": item.scale.name,
                "satisfied": sorted(item.scale.satisfied),
            }
            for item in plan.items
        ],
        "figures": [_shown(asdict(figure)) for figure in found.figures],
        "promoters": [_shown(asdict(figure)) for figure in found.promoters],
        "index": None if found.index is None else asdict(found.index),
        "group_tests": [asdict(entry) for entry in found.group_tests],
        "differences": [asdict(entry) for entry in found.differences],
        "trend": [{"wave": p.wave, "mode_mix": p.mode_mix} | _shown(asdict(p.figure)) for p in found.trend],
        "changes": [asdict(change) for change in found.changes],
        "shifts": [asdict(entry) for entry in found.shifts],
        "drivers": None if found.drivers is None else asdict(found.drivers),
        "reliability": [asdict(entry) for entry in found.reliability],
        "comments": None if found.comments is None else asdict(found.comments),
        "notes": [note.en for note in found.notes],
    }
    cleaned = _finite(value)
    assert isinstance(cleaned, dict)  # noqa: S101 - it was one
    return cleaned


def _shown(figure: dict[str, Any]) -> dict[str, Any]:
    """A hidden figure has no number of answers either."""
    return figure | {"n": None} if figure["suppressed"] else figure


def _finite(value: Any) -> Any:
    """JSON knows neither nan nor infinity: null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list | tuple) else value
