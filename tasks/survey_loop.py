"""What follows from a wave, and did what followed from earlier ones work? Actions opened and judged (D6)."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, or_, select

from models.engagement import Engagement
from models.review import ImprovementAction
from models.rules.periods import month_of
from models.rules.questionnaire import item_post
from models.rules.satisfaction import WaveShare
from models.rules.survey_action_refs import SurveyActionRef, survey_action
from models.rules.survey_closure import NEAR_DAYS, closure
from models.rules.survey_estimates import ItemFigure
from models.rules.survey_signals import (
    USUAL_TARGET,
    Signal,
    SignalKind,
    signals,
    weak_groups,
)
from models.survey import SurveyWave
from reports.survey_sections import withheld
from reports.words import PROPERTY_TYPES, Voice, voice_of
from tasks.engagements import engagement_id
from tasks.improvements import actions_in_state, aim_action, open_action, settle_action
from tasks.promises import targets_for
from tasks.survey_figures import figures_of_wave
from tasks.survey_waves import WaveFigures, answered_by_mode, scores_by_response, strata_of

AWAITS_A_WAVE = ("done", "insufficient_n", "not_comparable")
"""States in which the next wave that asks the item judges: too few answers or another mode mix end no loop."""


def promised_share(session: Session, wave: SurveyWave) -> Decimal:
    """The share satisfied that the plan in force promised when the wave opened; the usual one where it promises none."""
    promised = targets_for(session, wave.engagement_id, month_of(wave.opened_on))
    return promised.get("satisfaction_share", USUAL_TARGET)


def open_actions(
    session: Session,
    engagement: Engagement,
    wave: SurveyWave,
    found: WaveFigures,
    figures: Sequence[ItemFigure],
    on: date,
) -> int:
    """Open an action for each weak spot and each risk of the wave; returns how many are new.

    Where an earlier wave's action on the same item is still going on there is no second one.

    Args:
        session: the writing session.
        engagement: whose wave it is.
        wave: with its answers.
        found: the wave's answers, weighted.
        figures: of the rating items, over all answers and by group.
        on: the day it closes.
    """
    items = {str(item["code"]): item for item in wave.items}
    promised = promised_share(session, wave)
    answered = {
        code: share
        for code, item in items.items()
        if (share := found.answered(item, scores_by_response(session, wave, code))) is not None
    }
    overall = signals(wave.items, answered, promised)
    weak = {signal.item for signal in overall if signal.kind is SignalKind.WEAK}
    opened, going_on = 0, _going_on(session, engagement, wave)
    for signal in (*overall, *weak_groups(figures, promised, weak)):
        if signal.kind is not SignalKind.HAZARD and (signal.item, signal.group) in going_on:
            continue
        ref = str(SurveyActionRef(wave.period, signal.item, signal.group))
        new = open_action(
            session,
            engagement,
            ref=ref,
            text=_said(signal, items[signal.item], voice_of(engagement)),
            post_code=items[signal.item].get("post") or item_post(signal.item),
            on=on,
            due_on=on + timedelta(days=signal.days),
            target=signal.target,
        )
        opened += new
        if not new and signal.target is not None:
            aim_action(session, engagement, ref, signal.target)
    return opened


def _going_on(session: Session, engagement: Engagement, wave: SurveyWave) -> frozenset[tuple[str, str]]:
    """Items and groups with an action of an earlier wave that is not done yet, or not judged: a second would say the same.

    Not so of dangers: what was seen this time may be another.
    """
    found = set()
    for action in actions_in_state(session, engagement_id(engagement), "open", *AWAITS_A_WAVE):
        about = survey_action(action.ref)
        if about is not None and about.period != wave.period:
            found.add((about.item, about.group))
    return frozenset(found)


def _said(signal: Signal, item: Mapping[str, Any], voice: Voice) -> str:
    asked = str(item[voice("text_en", "text_zh")])
    if signal.kind is SignalKind.WEAK:
        group = voice.word(PROPERTY_TYPES, signal.group)
        return voice(
            f"{asked} {f'{group}: ' if group else ''}{signal.share:.0%} satisfied, below {signal.target:.0%}: find out why "
            "and agree what to do",
            f"{asked}{f'（{group}）' if group else ''}满意率{signal.share:.0%}，低于目标{signal.target:.0%}：查明原因，定出措施",
        )
    if signal.kind is SignalKind.HAZARD:
        return voice(
            f"{asked} {signal.share:.0%} of {signal.n} said yes: look into each report and remove the danger",
            f"{asked}{signal.n}份答卷中{signal.share:.0%}答“是”：逐项核查并消除隐患",
        )
    return voice(
        f"{asked} Net score {100 * signal.share:.0f}: more advise against than recommend; find out why",
        f"{asked}净推荐值{100 * signal.share:.0f}：不愿推荐者多于推荐者，查明原因",
    )


def settle_actions(session: Session, engagement: Engagement, wave: SurveyWave, on: date) -> int:
    """Judge what earlier waves led to and was carried out before this wave opened; returns how many."""
    settled = 0
    asked = {str(item["code"]): item for item in wave.items}
    for action in actions_in_state(session, engagement_id(engagement), *AWAITS_A_WAVE):
        about = survey_action(action.ref)
        source = None if about is None else _source_wave(session, action, about.period)
        if about is None or source is None or source.id == wave.id or action.target is None:
            continue
        if action.verified_in == wave.period:
            continue  # judged by an earlier run
        if action.done_on is None or action.done_on > wave.opened_on:
            continue  # these answers were given before the work was done
        item = asked.get(about.item)
        if item is None:
            continue  # a wave that does not ask of it shows nothing; a later one will
        found = closure(
            wave_share(session, source, item, about.group),
            wave_share(session, wave, item, about.group),
            float(action.target),
            untouched_sites(session, engagement, source, wave, item, about.group),
        )
        action.evidence = found.as_record()
        settle_action(session, action, found.verdict.value, wave.period, on)
        settled += 1
    return settled


def _source_wave(session: Session, action: ImprovementAction, period: str) -> SurveyWave | None:
    return session.exec(
        select(SurveyWave).where(
            SurveyWave.engagement_id == action.engagement_id, SurveyWave.period == period
        )
    ).one_or_none()


def wave_share(session: Session, wave: SurveyWave, item: Mapping[str, Any], group: str = "") -> WaveShare:
    """The share of good answers to an item, weighted as the wave's figures are, with its mode mix; of a group if one is named.

    A group that is not shown has no answers here: what became of it must not be read from a verdict either.
    """
    code = str(item["code"])
    if group and set(strata_of(session, wave)) == {group}:
        group = ""  # all who were asked belong to it, and its figures are those of all
    if group:
        figures = figures_of_wave(session, wave)
        if (code, group) not in {(one.item_code, one.stratum) for one in figures} - withheld(figures):
            return WaveShare(code, 0, 0)
    found = WaveFigures(session, wave, "").share(item, scores_by_response(session, wave, code), group)
    if found is None:
        return WaveShare(code, 0, 0)
    modes = answered_by_mode(session, wave, group)
    return WaveShare(
        item_code=code,
        satisfied=round(found.share * found.n, 9),
        n=found.n,
        mode_mix={mode: count / sum(modes.values()) for mode, count in modes.items()},
        # With the correction for a finite population; of a complete census nothing is left of it.
        deff=max(1e-9, found.n / found.effective),
    )


def untouched_sites(
    session: Session,
    engagement: Engagement,
    before: SurveyWave,
    after: SurveyWave,
    item: Mapping[str, Any],
    group: str,
) -> list[tuple[WaveShare, WaveShare]]:
    """The same item, and group if one is named, at other sites in the custodian's care where nothing was done about it.

    Sites of a demonstration are set beside such sites alone. No report names a site.
    """
    others = session.exec(
        select(Engagement)
        .where(
            Engagement.id != engagement.id,
            col(Engagement.simulated_on).is_(None)
            if engagement.simulated_on is None
            else col(Engagement.simulated_on).is_not(None),
        )
        .order_by(Engagement.code)
    ).all()
    found = []
    for other in others:
        first, second = (_nearest(session, other, wave, item) for wave in (before, after))
        if first is None or second is None or first.id == second.id:
            continue
        if not _acted(session, other, (str(item["code"]), group), first, second):
            found.append((wave_share(session, first, item, group), wave_share(session, second, item, group)))
    return found


def _nearest(
    session: Session, other: Engagement, wave: SurveyWave, item: Mapping[str, Any]
) -> SurveyWave | None:
    """The closed wave of another site that opened nearest to ours and asks the very item."""
    near = timedelta(days=NEAR_DAYS)
    waves = session.exec(
        select(SurveyWave)
        .where(
            SurveyWave.engagement_id == other.id,
            SurveyWave.opened_on >= wave.opened_on - near,
            SurveyWave.opened_on <= wave.opened_on + near,
            col(SurveyWave.closed_on).is_not(None),
        )
        .order_by(col(SurveyWave.opened_on))
    ).all()
    asking = [one for one in waves if _asks(one.items, item)]
    return min(asking, key=lambda one: abs(one.opened_on - wave.opened_on), default=None)


def _asks(items: Sequence[Mapping[str, Any]], item: Mapping[str, Any]) -> bool:
    return any((one["code"], one["text_zh"]) == (item["code"], item["text_zh"]) for one in items)


def _acted(
    session: Session, other: Engagement, cell: tuple[str, str], first: SurveyWave, second: SurveyWave
) -> bool:
    """Whether an action on the item and group was open or done there between its two waves."""
    refs = session.exec(
        select(ImprovementAction.ref).where(
            ImprovementAction.engagement_id == other.id,
            ImprovementAction.opened_on <= second.opened_on,
            or_(
                col(ImprovementAction.done_on).is_(None),
                col(ImprovementAction.done_on) >= first.opened_on,
            ),
        )
    ).all()
    return any(about.touches(*cell) for ref in refs if (about := survey_action(ref)) is not None)
