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
from models.rules.survey_closure import NEAR_DAYS, closure
from models.rules.survey_signals import USUAL_TARGET, Signal, SignalKind, good_values, signals
from models.survey import SurveyWave
from tasks.engagements import engagement_id
from tasks.improvements import actions_in_state, open_action, settle_action
from tasks.promises import targets_for
from tasks.survey_waves import WaveFigures, answered_by_mode, item_scores, scores_by_response

AWAITS_A_WAVE = ("done", "insufficient_n", "not_comparable")
"""States in which the next wave that asks the item judges: too few answers or another mode mix end no loop."""


def promised_share(session: Session, wave: SurveyWave) -> Decimal:
    """The share satisfied that the plan in force promised when the wave opened; the usual one where it promises none."""
    promised = targets_for(session, wave.engagement_id, month_of(wave.opened_on))
    return promised.get("satisfaction_share", USUAL_TARGET)


def open_actions(session: Session, engagement: Engagement, wave: SurveyWave, on: date) -> int:
    """Open an action for each weak spot and each risk of the wave; returns how many are new."""
    items = {str(item["code"]): item for item in wave.items}
    found = signals(wave.items, item_scores(session, wave), promised_share(session, wave))
    return sum(
        open_action(
            session,
            engagement,
            ref=f"survey:{wave.period}:{signal.item}",
            text=_said(signal, items[signal.item], engagement.language == "zh"),
            post_code=items[signal.item].get("post") or item_post(signal.item),
            on=on,
            due_on=on + timedelta(days=signal.days),
            target=signal.target,
        )
        for signal in found
    )


def _said(signal: Signal, item: Mapping[str, Any], zh: bool) -> str:
    asked = str(item["text_zh" if zh else "text_en"])
    if signal.kind is SignalKind.WEAK:
        return (
            f"{asked}满意率{signal.share:.0%}，低于目标{signal.target:.0%}：查明原因，定出措施"
            if zh
            else f"{asked} {signal.share:.0%} satisfied, below {signal.target:.0%}: find out why and agree what to do"
        )
    if signal.kind is SignalKind.HAZARD:
        return (
            f"{asked}{signal.n}份答卷中{signal.share:.0%}答“是”：逐项核查并消除隐患"
            if zh
            else f"{asked} {signal.share:.0%} of {signal.n} said yes: look into each report and remove the danger"
        )
    return (
        f"{asked}净推荐值{100 * signal.share:.0f}：不愿推荐者多于推荐者，查明原因"
        if zh
        else f"{asked} Net score {100 * signal.share:.0f}: more advise against than recommend; find out why"
    )


def settle_actions(session: Session, engagement: Engagement, wave: SurveyWave, on: date) -> int:
    """Judge what earlier waves led to and was carried out before this wave opened; returns how many."""
    settled = 0
    asked = {str(item["code"]): item for item in wave.items}
    for action in actions_in_state(session, engagement_id(engagement), *AWAITS_A_WAVE):
        source = _source_wave(session, action)
        if source is None or source.id == wave.id or action.target is None:
            continue
        if action.verified_in == wave.period:
            continue  # judged by an earlier run
        if action.done_on is None or action.done_on > wave.opened_on:
            continue  # these answers were given before the work was done
        item = asked.get(action.ref.rpartition(":")[2])
        if item is None:
            continue  # a wave that does not ask of it shows nothing; a later one will
        found = closure(
            wave_share(session, source, item),
            wave_share(session, wave, item),
            float(action.target),
            untouched_sites(session, engagement, source, wave, item),
        )
        action.evidence = found.as_record()
        settle_action(session, action, found.verdict.value, wave.period, on)
        settled += 1
    return settled


def _source_wave(session: Session, action: ImprovementAction) -> SurveyWave | None:
    kind, _, rest = action.ref.partition(":")
    if kind != "survey":
        return None
    return session.exec(
        select(SurveyWave).where(
            SurveyWave.engagement_id == action.engagement_id, SurveyWave.period == rest.rpartition(":")[0]
        )
    ).one_or_none()


def wave_share(session: Session, wave: SurveyWave, item: Mapping[str, Any]) -> WaveShare:
    """The share of good answers to an item of a wave, weighted as its figures are, with its mode mix."""
    code = str(item["code"])
    given = scores_by_response(session, wave, code)
    modes = answered_by_mode(session, wave)
    total = sum(modes.values())
    found = WaveFigures(session, wave, "").share(item, given, good_values(item))
    return WaveShare(
        item_code=code,
        satisfied=0.0 if found is None else round(found.share * len(given), 9),
        n=len(given),
        mode_mix={mode: count / total for mode, count in modes.items()} if total else {},
        # With the correction for a finite population; of a complete census nothing is left of it.
        deff=1.0 if found is None else max(1e-9, len(given) / found.effective),
    )


def untouched_sites(
    session: Session, engagement: Engagement, before: SurveyWave, after: SurveyWave, item: Mapping[str, Any]
) -> list[tuple[WaveShare, WaveShare]]:
    """The same item at other sites in the custodian's care, before and after, where nothing was done about it.

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
        if not _acted(session, other, str(item["code"]), first, second):
            found.append((wave_share(session, first, item), wave_share(session, second, item)))
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


def _acted(session: Session, other: Engagement, code: str, first: SurveyWave, second: SurveyWave) -> bool:
    """Whether an action on the item was open or done there between its two waves."""
    return (
        session.exec(
            select(ImprovementAction.id).where(
                ImprovementAction.engagement_id == other.id,
                col(ImprovementAction.ref).startswith("survey:"),
                col(ImprovementAction.ref).endswith(f":{code}", autoescape=True),
                ImprovementAction.opened_on <= second.opened_on,
                or_(
                    col(ImprovementAction.done_on).is_(None),
                    col(ImprovementAction.done_on) >= first.opened_on,
                ),
            )
        ).first()
        is not None
    )
