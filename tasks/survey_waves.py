"""What do the answers of an engagement's own wave show? The wave as a plan and a table, analysed like any file (D5)."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from sqlmodel import Session, col, func, select

from models.rules.questionnaire import CODEBOOK
from models.rules.survey_analysis import SurveyAnalysis, analyse
from models.rules.survey_compare import AnswerShift, WaveChange, answer_shifts
from models.rules.survey_design import wave_design
from models.rules.survey_estimates import ItemFigure, item_figure, pomp, satisfied_mask
from models.rules.survey_instrument import TYPES
from models.rules.survey_plan import (
    ALL,
    Columns,
    ItemSet,
    PlanItem,
    Population,
    Scale,
    ScaleKind,
    SurveyPlan,
)
from models.rules.survey_rows import COMPLETE_SHARE, NO_ANSWER
from models.rules.survey_table import AnswerTable, Labels
from models.rules.survey_weights import Vector
from models.survey import Invitation, SurveyAnswer, SurveyResponse, SurveyWave

ELEVEN = Scale("recommendation", ScaleKind.RECOMMENDATION, tuple(range(11)), {})
FIVE = Scale("satisfaction", ScaleKind.RATING, (1, 2, 3, 4, 5), {}, frozenset({4, 5}))
"""The product's own scale: the two best of five count as satisfied."""
_SCALES = {"rating": FIVE, "recommendation": ELEVEN}


def wave_plan(
    wave: SurveyWave, language: str, target: float | None = None, strata: Collection[str] = ()
) -> SurveyPlan:
    """The questionnaire of a wave as a plan of analysis.

    Args:
        wave: the wave, with its items as asked.
        language: of the engagement.
        target: share satisfied that is promised.
        strata: types of space whose users were invited; what none of them was asked is left out.
    """
    items = tuple(
        _plan_item(item, target)
        for item in wave.items
        if item.get("kind", "rating") in _SCALES and asked_of_some(item, strata)
    )
    overall = CODEBOOK[0].code
    everybody = {item.code for item in CODEBOOK} - {item["code"] for item in wave.items if item.get("when")}
    # What only some were asked would leave the answers of all others out.
    services = tuple(item.code for item in items if item.code in everybody and item.code != overall)
    return SurveyPlan(
        title=wave.period,
        language="zh" if language.startswith("zh") else "en",
        items=items,
        overall=overall,
        # Of a mode of the wave; without a column for the stratum, which is a group here and no stratum of a sample.
        columns=Columns(mode="mode"),
        population=Population(households=wave.frame_count),
        groups=("stratum",),
        drivers=services,
        index=dict.fromkeys(services, 1.0),
        sets=(ItemSet("各项服务" if language.startswith("zh") else "Services", services),)
        if len(services) > 1
        else (),
        invited=wave.invited_count,
    )


def asked_of_some(item: Mapping[str, Any], strata: Collection[str]) -> bool:
    """Whether the users of one of the types of space were asked; of all where nothing says otherwise."""
    known = [stratum for stratum in strata if stratum in TYPES]
    return "strata" not in item or not known or any(stratum in item["strata"] for stratum in known)


def strata_of(session: Session, wave: SurveyWave) -> list[str]:
    """The types of space whose users were invited."""
    found = session.exec(select(Invitation.stratum).where(Invitation.wave_id == wave.id).distinct()).all()
    return sorted(found)


def _plan_item(item: Mapping[str, Any], target: float | None) -> PlanItem:
    kind = item.get("kind", "rating")
    code = str(item["code"])
    return PlanItem(
        code,
        code,
        str(item["text_en"]),
        str(item["text_zh"]),
        _SCALES[kind],
        target if kind == "rating" else None,
    )


def wave_analysis(
    session: Session, wave: SurveyWave, language: str, target: float | None = None
) -> SurveyAnalysis | None:
    """Analyse a wave; None where nobody answered."""
    plan = wave_plan(wave, language, target, strata_of(session, wave))
    table = wave_table(session, wave, plan)
    return analyse(table, plan) if len(table) else None


class WaveFigures:
    """The figures of a wave by item and stratum, reckoned as those of any survey file."""

    def __init__(self, session: Session, wave: SurveyWave, language: str) -> None:
        self._plan = wave_plan(wave, language)
        self._table = wave_table(session, wave, self._plan)
        self._design = wave_design(self._table, self._plan) if len(self._table) else None

    def of(self, code: str, stratum: str) -> tuple[int, ItemFigure]:
        """How many answers are satisfied, and the figure; share and interval are None below the minimum."""
        if self._design is None:
            return 0, ItemFigure(code, "", stratum, 0, suppressed=True)
        item = self._plan.item(code)
        place = self._plan.items.index(item)
        values = self._table.values[:, place]
        whole = stratum == ALL
        group = np.ones(len(values), dtype=bool) if whole else self._table.columns["stratum"].chosen(stratum)
        counted = group & (values != NO_ANSWER)
        satisfied = int((satisfied_mask(values, item) & counted).sum())
        column = "" if whole else "stratum"
        if int(counted.sum()) < self._plan.minimum:
            return satisfied, ItemFigure(code, column, stratum, int(counted.sum()), suppressed=True)
        return satisfied, item_figure(
            self._design, item, place, group, self._plan.confidence, column, stratum
        )


def wave_table(session: Session, wave: SurveyWave, plan: SurveyPlan) -> AnswerTable:
    """The answers of a wave; without comments, which the report shows on its own terms."""
    responses = session.exec(
        select(SurveyResponse.id, SurveyResponse.stratum, SurveyResponse.mode)
        .where(SurveyResponse.wave_id == wave.id)
        .order_by(col(SurveyResponse.id))
    ).all()
    row_of = {key: at for at, (key, _, _) in enumerate(responses)}
    column_of = {item.code: at for at, item in enumerate(plan.items)}
    values = np.full((len(responses), len(plan.items)), NO_ANSWER, dtype=np.int16)
    answers = session.exec(
        select(SurveyAnswer.response_id, SurveyAnswer.item_code, SurveyAnswer.score)
        .join(SurveyResponse, col(SurveyResponse.id) == col(SurveyAnswer.response_id))
        .where(SurveyResponse.wave_id == wave.id)
    ).all()
    for key, code, score in answers:
        if code in column_of:
            values[row_of[key], column_of[code]] = score
    nothing = Labels(("",), np.zeros(len(responses), dtype=np.int64))
    return AnswerTable(
        values,
        (values != NO_ANSWER).mean(axis=1) >= COMPLETE_SHARE if len(responses) else np.zeros(0, dtype=bool),
        _labels([mode for _, _, mode in responses]),
        nothing,
        nothing,
        nothing,
        np.ones(len(responses)),
        {"stratum": _labels([stratum for _, stratum, _ in responses])},
        np.zeros(len(responses), dtype=np.int64),
        (),
    )


def wave_shifts(
    session: Session, wave: SurveyWave, before: SurveyWave, changes: Sequence[WaveChange], language: str
) -> tuple[AnswerShift, ...]:
    """All answers of the items whose change is shown, in the wave and in the one before."""
    plan = wave_plan(wave, language)
    now, earlier = item_scores(session, wave), item_scores(session, before)

    def index_of(scores: Sequence[int], code: str) -> Vector:
        return pomp(np.array(scores, dtype=np.int16), plan.item(code))

    sides = [
        (one.item, index_of(now[one.item], one.item), index_of(earlier[one.item], one.item))
        for one in changes
    ]
    return answer_shifts(sides, plan.confidence)


def answered_by_mode(session: Session, wave: SurveyWave) -> dict[str, int]:
    """Answered questionnaires by mode."""
    return dict(
        session.exec(
            select(SurveyResponse.mode, func.count())
            .where(SurveyResponse.wave_id == wave.id)
            .group_by(col(SurveyResponse.mode))
            .order_by(SurveyResponse.mode)
        ).all()
    )


def item_scores(session: Session, wave: SurveyWave, code: str = "") -> dict[str, list[int]]:
    """Item to the valid answers of a wave, in no order that says anything; of one item alone where it is named."""
    query = (
        select(SurveyAnswer.item_code, SurveyAnswer.score)
        .join(SurveyResponse, col(SurveyResponse.id) == col(SurveyAnswer.response_id))
        .where(SurveyResponse.wave_id == wave.id)
    )
    if code:
        query = query.where(SurveyAnswer.item_code == code)
    found: dict[str, list[int]] = {}
    for item, score in session.exec(query):
        found.setdefault(item, []).append(score)
    return found


def _labels(names: list[str]) -> Labels:
    known = {name: code for code, name in enumerate(sorted(set(names)))}
    return Labels(tuple(known), np.array([known[name] for name in names], dtype=np.int64))
