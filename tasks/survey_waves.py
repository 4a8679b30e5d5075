"""What do the answers of an engagement's own wave show? The wave as a plan and a table, analysed like any file (D5)."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from models.rules.questionnaire import CODEBOOK
from models.rules.survey_analysis import SurveyAnalysis, analyse
from models.rules.survey_compare import AnswerShift, WaveChange, answer_shifts
from models.rules.survey_design import wave_design
from models.rules.survey_drivers import drivers_to_compare
from models.rules.survey_estimates import (
    ItemFigure,
    ShareEstimate,
    item_figure,
    pomp,
    satisfied_mask,
    share_estimate,
)
from models.rules.survey_fieldwork import extent
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
from models.rules.survey_signals import Answered, good_values
from models.rules.survey_strata import WeightingCell, WeightingClass, design_weight, weighting_classes
from models.rules.survey_table import AnswerTable, Labels
from models.rules.survey_weights import Vector
from models.survey import Invitation, SurveyAnswer, SurveyResponse, SurveyWave
from tasks.survey_letters import was_asked

OVERALL = CODEBOOK[0].code
BROKEN_OFF = "R"
"""The extent of an answer that counts as a refusal."""
ELEVEN = Scale("recommendation", ScaleKind.RECOMMENDATION, tuple(range(11)), {})
FIVE = Scale("satisfaction", ScaleKind.RATING, (1, 2, 3, 4, 5), {}, frozenset({4, 5}))
"""The product's own scale: the two best of five count as satisfied."""
_SCALES = {"rating": FIVE, "recommendation": ELEVEN}


def wave_plan(
    wave: SurveyWave, language: str, target: float | None = None, strata: Mapping[str, int] | None = None
) -> SurveyPlan:
    """The questionnaire of a wave as a plan of analysis.

    Args:
        wave: the wave, with its items as asked.
        language: of the engagement.
        target: share satisfied that is promised.
        strata: invitations by type of space; what none of them was asked is left out.
    """
    invited = strata or {}
    counts = _everybody(wave, invited)
    items = tuple(
        _plan_item(item, target, counts)
        for item in wave.items
        if item.get("kind", "rating") in _SCALES and asked_of_some(item, invited)
    )
    services = _core_services(wave, items)
    return SurveyPlan(
        title=wave.period,
        language="zh" if language.startswith("zh") else "en",
        items=items,
        overall=OVERALL,
        # Of a mode of the wave; the type of space is a group here and no stratum of a sample.
        columns=Columns(mode="mode"),
        population=Population(
            households=wave.frame_count, groups={("stratum", name): n for name, n in counts.items()}
        ),
        # Where all are of one type of space its figures would be those of all once more.
        groups=("stratum",) if len(invited) != 1 else (),
        drivers=services,
        index=dict.fromkeys(services, 1.0),
        sets=(ItemSet("各项服务" if language.startswith("zh") else "Services", services),)
        if len(services) > 1
        else (),
        invited=wave.invited_count,
    )


def _everybody(wave: SurveyWave, invited: Mapping[str, int]) -> Mapping[str, int]:
    """Households by type of space, which the invitations tell where the whole frame was asked; empty where it was not."""
    return invited if sum(invited.values()) == wave.frame_count else {}


def _core_services(wave: SurveyWave, items: Sequence[PlanItem]) -> tuple[str, ...]:
    """The items that every wave asks of everybody: what only some were asked would leave the answers of all others out."""
    core = {item.code for item in CODEBOOK} - {item["code"] for item in wave.items if item.get("when")}
    return tuple(item.code for item in items if item.code in core and item.code != OVERALL)


def _all_services(wave: SurveyWave, plan: SurveyPlan, strata: Mapping[str, int]) -> tuple[str, ...]:
    """Every rating of a service that everybody invited was asked, the core of all waves and what this one adds."""
    asked = {
        item["code"]
        for item in wave.items
        if not item.get("when") and all(was_asked(item, name) for name in strata)
    }
    return tuple(
        item.code
        for item in plan.items
        if item.scale is FIVE and item.code in asked and item.code != plan.overall
    )


def asked_of_some(item: Mapping[str, Any], strata: Collection[str]) -> bool:
    """Whether the users of one of the types of space were asked; of all where nothing says otherwise."""
    known = [stratum for stratum in strata if stratum in TYPES]
    return "strata" not in item or not known or any(stratum in item["strata"] for stratum in known)


def strata_of(session: Session, wave: SurveyWave) -> dict[str, int]:
    """Invitations by type of space."""
    return dict(
        session.exec(
            select(Invitation.stratum, func.count())
            .where(Invitation.wave_id == wave.id)
            .group_by(col(Invitation.stratum))
            .order_by(Invitation.stratum)
        ).all()
    )


def _plan_item(item: Mapping[str, Any], target: float | None, counts: Mapping[str, int]) -> PlanItem:
    kind = item.get("kind", "rating")
    code = str(item["code"])
    return PlanItem(
        code,
        code,
        str(item["text_en"]),
        str(item["text_zh"]),
        _SCALES[kind],
        target if kind == "rating" else None,
        households=_households(item, counts),
    )


def _households(item: Mapping[str, Any], counts: Mapping[str, int]) -> int | None:
    """How many were asked an item that was not asked of all types of space; None where all were asked, or unknown."""
    asked = [n for name, n in counts.items() if was_asked(item, name)]
    return sum(asked) if len(asked) < len(counts) else None


def wave_analysis(
    session: Session, wave: SurveyWave, language: str, target: float | None = None
) -> SurveyAnalysis | None:
    """Analyse a wave; None where nobody answered."""
    strata = strata_of(session, wave)
    plan, table, _ = _wave_answers(session, wave, language, target)
    if not len(table):
        return None
    wide = _all_services(wave, plan, strata)
    return analyse(table, replace(plan, drivers=drivers_to_compare(table, plan, wide, plan.drivers)))


def wave_classes(session: Session, wave: SurveyWave) -> tuple[WeightingClass, ...]:
    """By which parts of the frame the answers are weighted; empty where they are not."""
    return _classes(wave, _responses(session, wave))


class WaveFigures:
    """The figures of a wave by item and stratum, reckoned as those of any survey file."""

    def __init__(self, session: Session, wave: SurveyWave, language: str) -> None:
        self._plan, self._table, self._rows = _wave_answers(session, wave, language)
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

    def share(
        self, item: Mapping[str, Any], scores: Mapping[int, int], group: str = ""
    ) -> ShareEstimate | None:
        """The share of good answers to any item of the wave, as weighted as its figures; None where nobody answered it.

        Args:
            item: as asked.
            scores: answer by response, as `scores_by_response` gives them.
            group: type of space; all where empty.
        """
        values = self._placed(scores)
        domain = values != NO_ANSWER
        if group:
            domain &= self._table.columns["stratum"].chosen(group)
        n = int(domain.sum())
        if self._design is None or n == 0:
            return None
        counts = {name: size for (_, name), size in self._plan.population.groups.items()}
        asked = counts.get(group) if group else _households(item, counts)
        return share_estimate(
            self._design,
            np.isin(values, sorted(good_values(item))),
            domain,
            self._plan.confidence,
            self._design.spoken_for(asked, n, whole=not group),
        )

    def answered(self, item: Mapping[str, Any], scores: Mapping[int, int]) -> Answered | None:
        """What the answers to any item come to; None where nobody answered it. Arguments as `share`."""
        if item.get("kind") != "recommendation":
            found = self.share(item, scores)
            return None if found is None else Answered(found.n, _rounded(found.share))
        values = self._placed(scores)
        valid = values != NO_ANSWER
        if self._design is None or not valid.any():
            return None
        votes = np.where(values >= 9, 1.0, np.where(values <= 6, -1.0, 0.0))
        net = np.average(votes[valid], weights=self._design.design.weights[valid])
        return Answered(int(valid.sum()), _rounded(float(net)))

    def _placed(self, scores: Mapping[int, int]) -> npt.NDArray[np.int16]:
        """The answers to an item, in the rows of the table."""
        values = np.full(len(self._table), NO_ANSWER, dtype=np.int16)
        for response, score in scores.items():
            values[self._rows[response]] = score
        return values


def _rounded(share: float) -> Decimal:
    """So that a share of 85 of 100 does not miss 85 % by the last binary digit."""
    return Decimal(str(round(share, 9)))


@dataclass(frozen=True)
class _Response:
    id: int
    stratum: str
    mode: str
    cell: str


def _responses(session: Session, wave: SurveyWave) -> list[_Response]:
    """The answers of a wave but for those broken off: AAPOR counts them as refusals."""
    return [
        _Response(key or 0, stratum, mode, cell)
        for key, stratum, mode, cell in session.exec(
            select(SurveyResponse.id, SurveyResponse.stratum, SurveyResponse.mode, SurveyResponse.cell)
            .where(*_counted(wave))
            .order_by(col(SurveyResponse.id))
        ).all()
    ]


def _counted(wave: SurveyWave) -> tuple[ColumnElement[bool], ...]:
    """Which answers figures count."""
    return col(SurveyResponse.wave_id) == wave.id, col(SurveyResponse.extent) != BROKEN_OFF


def keep_extents(session: Session, wave: SurveyWave) -> None:
    """Tell of answers that were taken before it was kept whether they were broken off, while their wave is open."""
    for response, found in extents_not_kept(session, wave):
        response.extent = found
        session.add(response)
    session.flush()


def extents_not_kept(session: Session, wave: SurveyWave) -> list[tuple[SurveyResponse, str]]:
    """Answers that were taken before it was kept whether they were broken off, with their extent."""
    responses = session.exec(
        select(SurveyResponse).where(SurveyResponse.wave_id == wave.id, SurveyResponse.extent == "")
    ).all()
    scores: dict[int, dict[str, int]] = {}
    if responses:
        for key, item, score in session.exec(
            select(SurveyAnswer.response_id, SurveyAnswer.item_code, SurveyAnswer.score)
            .join(SurveyResponse, col(SurveyResponse.id) == col(SurveyAnswer.response_id))
            .where(SurveyResponse.wave_id == wave.id, SurveyResponse.extent == "")
        ):
            scores.setdefault(key, {})[item] = score
    return [(one, extent(wave.items, one.stratum, scores.get(one.id or 0, {}))) for one in responses]


def broken_off(session: Session, wave: SurveyWave) -> int:
    """Answers that were broken off before half of the items, which no figure counts."""
    query = select(func.count()).where(SurveyResponse.wave_id == wave.id, SurveyResponse.extent == BROKEN_OFF)
    return session.exec(query).one()


def _classes(wave: SurveyWave, responses: Sequence[_Response]) -> tuple[WeightingClass, ...]:
    """The classes of a sampled wave whose answers weigh differently; none where one weight does for all."""
    cells = [WeightingCell.of(record) for record in wave.cells]
    found = weighting_classes(cells, Counter(response.cell for response in responses))
    unequal = len({design_weight(cell) for one in found for cell in one.cells if cell.invited}) > 1
    return found if len(found) > 1 or unequal else ()


def _wave_answers(
    session: Session, wave: SurveyWave, language: str, target: float | None = None
) -> tuple[SurveyPlan, AnswerTable, dict[int, int]]:
    """The wave as a plan, its answers and the row of each response; weighted where a sample was asked.

    An answer stands for its share of the units of its class: design weight by the answers of the class (weighting-class
    adjustment; source: the project's survey notes, section 1.6).
    """
    responses = _responses(session, wave)
    classes = _classes(wave, responses)
    plan = wave_plan(wave, language, target, strata_of(session, wave))
    if classes:
        plan = replace(
            plan,
            columns=Columns(mode="mode", stratum="cell", weight="cell"),
            population=Population(strata={one.name: one.population for one in classes}),
        )
    rows = {response.id: at for at, response in enumerate(responses)}
    return plan, _table(session, wave, plan, responses, classes), rows


def _table(
    session: Session,
    wave: SurveyWave,
    plan: SurveyPlan,
    responses: Sequence[_Response],
    classes: Sequence[WeightingClass],
) -> AnswerTable:
    """The answers of a wave; without comments, which the report shows on its own terms."""
    row_of = {response.id: at for at, response in enumerate(responses)}
    column_of = {item.code: at for at, item in enumerate(plan.items)}
    values = np.full((len(responses), len(plan.items)), NO_ANSWER, dtype=np.int16)
    answers = session.exec(
        select(SurveyAnswer.response_id, SurveyAnswer.item_code, SurveyAnswer.score)
        .join(SurveyResponse, col(SurveyResponse.id) == col(SurveyAnswer.response_id))
        .where(*_counted(wave))
    ).all()
    for key, code, score in answers:
        if code in column_of:
            values[row_of[key], column_of[code]] = score
    nothing = Labels(("",), np.zeros(len(responses), dtype=np.int64))
    class_of = {cell.name: one.name for one in classes for cell in one.cells}
    weight_of = {cell.name: design_weight(cell) for one in classes for cell in one.cells}
    return AnswerTable(
        values,
        (values != NO_ANSWER).mean(axis=1) >= COMPLETE_SHARE if len(responses) else np.zeros(0, dtype=bool),
        _labels([response.mode for response in responses]),
        nothing,
        _labels([class_of.get(response.cell, "") for response in responses]),
        nothing,
        np.array([weight_of.get(response.cell, 1.0) for response in responses], dtype=np.float64),
        {"stratum": _labels([response.stratum for response in responses])},
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
    return answer_shifts(sides, plan.confidence, plan.wave_control)


def answered_by_mode(session: Session, wave: SurveyWave, group: str = "") -> dict[str, int]:
    """Answered questionnaires by mode; of one type of space if it is named."""
    query = select(SurveyResponse.mode, func.count()).where(*_counted(wave))
    if group:
        query = query.where(SurveyResponse.stratum == group)
    return dict(session.exec(query.group_by(col(SurveyResponse.mode)).order_by(SurveyResponse.mode)).all())


def scores_by_response(session: Session, wave: SurveyWave, code: str) -> dict[int, int]:
    """The valid answers of a wave to an item, by response."""
    return dict(
        session.exec(
            select(SurveyAnswer.response_id, SurveyAnswer.score)
            .join(SurveyResponse, col(SurveyResponse.id) == col(SurveyAnswer.response_id))
            .where(*_counted(wave), SurveyAnswer.item_code == code)
        ).all()
    )


def item_scores(session: Session, wave: SurveyWave) -> dict[str, list[int]]:
    """Item to the valid answers of a wave, in no order that says anything."""
    query = (
        select(SurveyAnswer.item_code, SurveyAnswer.score)
        .join(SurveyResponse, col(SurveyResponse.id) == col(SurveyAnswer.response_id))
        .where(*_counted(wave))
    )
    found: dict[str, list[int]] = {}
    for item, score in session.exec(query):
        found.setdefault(item, []).append(score)
    return found


def _labels(names: list[str]) -> Labels:
    known = {name: code for code, name in enumerate(sorted(set(names)))}
    return Labels(tuple(known), np.array([known[name] for name in names], dtype=np.int64))
