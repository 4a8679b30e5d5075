"""Whom do the answers of a wave stand for, and how much does each count? (D2, D5)"""

from collections.abc import Sequence

from models.rules.survey_design import WeightReport
from models.rules.survey_strata import WeightingClass
from models.survey import SurveyWave
from reports.pack import Column, Section, Table
from reports.words import NOTHING, PROPERTY_TYPES, Voice

_BUILDINGS_NAMED = 4


def weighting_section(
    wave: SurveyWave,
    invited: int,
    weights: WeightReport | None,
    classes: Sequence[WeightingClass],
    voice: Voice,
) -> Section:
    """How the answers were weighted, or why they were not, and whether they resemble the frame.

    Args:
        wave: with its frame.
        invited: how many were asked.
        weights: of the analysis; None where nobody answered.
        classes: parts of the frame; empty where answers are not weighted.
        voice: the language.
    """
    heading = voice("Whom the answers stand for", "样本代表性与加权")
    if not classes or weights is None:
        return Section(heading, (_unweighted(wave, invited, voice),))
    return Section(
        heading,
        (
            voice(
                f"A sample was asked. An answer counts for {_units(weights.least)} to {_units(weights.most)} units of the frame: those of "
                "its part, over the answers from there, so that neither buildings asked more closely nor parts that answered "
                f"better weigh more than their share. What that costs in precision: design effect {weights.deff:.2f}. "
                "Shares, indices and intervals here are weighted; n counts answers.",
                f"本次为抽样调查，答卷已加权：每份答卷代表{_units(weights.least)}至{_units(weights.most)}户（单元），即所属部分的户数按该部分回收答卷分摊，"
                f"抽样较密或回收较好的部分不会占过大比重。加权带来的设计效应为{weights.deff:.2f}。"
                "满意率、指数与区间均为加权结果，n为答卷份数。",
            ),
            voice(
                f"Parts with few answers are joined with parts asked about as closely. {_least(classes)} answers at least stand behind each.",
                f"答卷较少的部分与抽样密度相近的部分合并计算，各部分至少有{_least(classes)}份答卷。",
            ),
        ),
        tables=(_table(classes, voice),),
    )


def _unweighted(wave: SurveyWave, invited: int, voice: Voice) -> str:
    if invited >= wave.frame_count:
        return voice(
            "Everybody in the frame was asked; answers are not weighted, each counts once.",
            "本次为普查，答卷未加权，每份计一次。",
        )
    if not wave.cells:
        return voice(
            "A sample was asked and the answers are not weighted: small buildings, which are asked more closely, count for "
            "somewhat more than their share.",
            "本次为抽样调查且未加权：小楼栋抽样比例较高，在结果中所占比重略大于其户数占比。",
        )
    return voice(
        "A sample was asked, everywhere about as closely; one weight does for all answers, so that each counts once.",
        "本次为抽样调查，各部分抽样比例相同，权数一致，每份答卷计一次。",
    )


def _table(classes: Sequence[WeightingClass], voice: Voice) -> Table:
    units = sum(one.population for one in classes)
    answers = sum(one.answers for one in classes)
    return Table(
        voice("Frame and answers", "总体与回收对照"),
        (
            Column(voice("Part of the frame", "总体部分"), width=2.6),
            Column(voice("Units", "户数"), "right"),
            Column(voice("Share", "占比"), "right"),
            Column(voice("Invited", "邀请"), "right"),
            Column(voice("Answers", "答卷"), "right"),
            Column(voice("Share", "占比"), "right"),
            Column(voice("Units an answer", "每份代表户数"), "right", 1.2),
        ),
        tuple(
            (
                _label(one, voice),
                f"{one.population:,}",
                f"{one.population / units:.1%}",
                f"{one.invited:,}",
                f"{one.answers:,}",
                f"{one.answers / answers:.1%}",
                _units(one.population / one.answers) if one.answers else NOTHING,
            )
            for one in classes
        ),
        total=(
            voice("All", "合计"),
            f"{units:,}",
            "100.0%",
            f"{sum(one.invited for one in classes):,}",
            f"{answers:,}",
            "100.0%",
            _units(units / answers) if answers else NOTHING,
        ),
    )


def _label(one: WeightingClass, voice: Voice) -> str:
    types = voice.listed(
        [voice.word(PROPERTY_TYPES, name) for name in sorted({cell.stratum for cell in one.cells})]
    )
    buildings = sorted({building for cell in one.cells for building in cell.buildings})
    if not buildings:
        return types
    named, more = buildings[:_BUILDINGS_NAMED], len(buildings) - _BUILDINGS_NAMED
    tail = voice(f" and {more} more", f"等{len(buildings)}处") if more > 0 else ""
    return f"{types}{voice(': ', '：')}{voice(', ', '、').join(named)}{tail}"


def _units(value: float) -> str:
    return f"{value:.1f}"


def _least(classes: Sequence[WeightingClass]) -> int:
    return min(one.answers for one in classes)
