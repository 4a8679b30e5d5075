"""How is it shown whether what was done about a weakness worked? Both waves, the change, and untouched sites (D6)."""

from collections.abc import Iterable, Mapping
from typing import Any

from models.review import ImprovementAction
from reports.pack import Column, Section, Table
from reports.sections import action_subject
from reports.survey_numbers import between, percent
from reports.words import ACTION_STATES, NOTHING, Voice


def loop_section(
    actions: Iterable[ImprovementAction], voice: Voice, texts: Mapping[str, str] | None = None
) -> Section | None:
    """What later waves showed of the actions that earlier ones led to; None where none was judged.

    Args:
        actions: in any order; those that no wave has judged are left out.
        voice: of the report.
        texts: wording of survey items by code.
    """
    judged = sorted((one for one in actions if one.evidence), key=lambda one: (one.verified_in, one.ref))
    if not judged:
        return None
    alone = any(not one.evidence["sites"] and one.evidence["change"] is not None for one in judged)
    return Section(
        voice("Did it work?", "整改验证"),
        (
            voice(
                "Shown to have worked: the same question in a comparable mode mix, the target set beforehand reached, and "
                "the whole interval of the change above zero, also of what is left after the change at sites where nothing "
                "was done about it.",
                "“已验证有效”须同时满足：同一题项且调查方式构成可比；达到事先设定的目标；变化的置信区间全部大于零，"
                "扣除未整改项目同期变化后亦然。",
            ),
            voice(
                "Where no other site was asked the same at about the same time, part of a change may be chance: a weak "
                "spot is looked at because it was weak, and such figures rise by themselves.",
                "无同期可比项目时，部分变化可能出于偶然：短板因偏低而被关注，此类数值会自行回升（趋均值回归）。",
            )
            if alone
            else "",
        ),
        tables=(
            Table(
                voice("Before and after", "整改前后对比"),
                (
                    Column(voice("About", "针对"), width=2.2),
                    Column(voice("Before (n)", "整改前（份）"), "right", 1.1),
                    Column(voice("After (n)", "整改后（份）"), "right", 1.1),
                    Column(voice("Change, interval", "变化区间"), "center", 1.4),
                    Column(voice("Mode shift", "方式变动"), "right", 0.8),
                    Column(voice("Target", "目标"), "right", 0.8),
                    Column(voice("Other sites", "其他项目"), "center", 1.4),
                    Column(voice("Beyond them", "净变化"), "center", 1.4),
                    Column(voice("Result", "结论"), width=1.5),
                ),
                tuple(_row(action, voice, texts) for action in judged),
            ),
        ),
    )


def _row(action: ImprovementAction, voice: Voice, texts: Mapping[str, str] | None) -> tuple[str, ...]:
    found: Mapping[str, Any] = action.evidence
    sites = found["sites"]
    beside = NOTHING
    if sites:
        beside = f"{between(found['untouched_low'], found['untouched_high'])} ({sites})"
    elif found["change"] is not None:
        beside = voice("none", "无")
    return (
        action_subject(action, voice, texts),
        _share(found["before"], found["before_n"]),
        _share(found["after"], found["after_n"]),
        between(found["low"], found["high"]),
        percent(found["mode_shift"]),
        percent(found["target"]),
        beside,
        between(found["net_low"], found["net_high"]),
        f"{voice.word(ACTION_STATES, action.state)} ({action.verified_in})"
        if voice.language == "en"
        else f"{voice.word(ACTION_STATES, action.state)}（{action.verified_in}）",
    )


def _share(share: float | None, n: int) -> str:
    return NOTHING if share is None else f"{percent(share)} ({n:,})"
