"""Who learns within a day that somebody has seen something unsafe? The manager, by one digest a day that names nobody (D6)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, and_, col, func, or_, select

from models.audit import record_event
from models.db import reading, writing
from models.engagement import Engagement
from models.rules.questionnaire import item_post
from models.rules.survey_action_refs import SurveyActionRef
from models.rules.survey_alarms import DIGEST_AT, STILL_TOLD, alarming_values, days_to_act, news_since
from models.rules.survey_signals import HAZARD_ITEMS
from models.survey import SurveyAnswer, SurveyDigest, SurveyResponse, SurveyWave
from models.upsert import insert_if_absent
from reports.words import Voice, period_words, voice_of
from tasks.engagements import (
    business_today,
    codes_by_the_clock,
    engagement_id,
    find_engagement,
    lock_engagement,
    now_of,
)
from tasks.improvements import open_action
from tasks.outbox import Letter, people_on_posts, people_with_role, queue_letters
from tasks.steps import step


def tell_survey_alarms(code: str, now: datetime | None = None) -> int:
    """Put the day's digest of each wave together, once a day, and open an action for each item it names.

    An answer is never told as it comes in: whoever has just typed a sheet would know whose it is.

    Args:
        code: the engagement.
        now: the instant; that of the engagement by default.

    Returns:
        How many answers were told of now.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        if not _waves_to_look_at(session, engagement, _digest_day(engagement, now)):
            return 0
    with writing() as session:
        engagement = lock_engagement(session, code)
        day = _digest_day(engagement, now)
        return sum(
            _look(session, engagement, wave, day) for wave in _waves_to_look_at(session, engagement, day)
        )


@step("Tell of single answers that do not wait")
def tell_survey_alarms_everywhere() -> list[tuple[str, int]]:
    """The same for every engagement in service; a demonstration has no clock of its own. Code and answers."""
    return [(code, told) for code in codes_by_the_clock() if (told := tell_survey_alarms(code))]


def _digest_day(engagement: Engagement, now: datetime | None) -> date:
    """The day whose digest has come: today's from `DIGEST_AT` on, before that yesterday's."""
    zone = ZoneInfo(engagement.timezone)
    today = business_today(engagement) if now is None else now.astimezone(zone).date()
    come = (now or now_of(engagement)) >= datetime.combine(today, DIGEST_AT, zone)
    return today if come else today - timedelta(days=1)


def _waves_to_look_at(session: Session, engagement: Engagement, day: date) -> list[SurveyWave]:
    """Waves in the field or just closed that ask such an item, and whose digest of the day was not made."""
    waves = session.exec(
        select(SurveyWave)
        .where(
            SurveyWave.engagement_id == engagement_id(engagement),
            SurveyWave.opened_on <= day,
            or_(col(SurveyWave.closed_on).is_(None), col(SurveyWave.closed_on) >= day - STILL_TOLD),
            ~select(SurveyDigest.id)
            .where(SurveyDigest.wave_id == SurveyWave.id, SurveyDigest.day >= day)
            .correlate(SurveyWave)
            .exists(),
        )
        .order_by(SurveyWave.period)
    ).all()
    return [wave for wave in waves if any(alarming_values(wave.purpose, item) for item in wave.items)]


def _look(session: Session, engagement: Engagement, wave: SurveyWave, day: date) -> int:
    """Make the digest of a day, empty or not: what comes in later is told the next day."""
    key, voice = engagement_id(engagement), voice_of(engagement)
    items = {str(item["code"]): item for item in wave.items}
    counts, before = _counts(session, wave), _told_before(session, wave)
    news = news_since(before, counts)
    for item in news:
        hazard = item in HAZARD_ITEMS
        asked = str(items[item][voice("text_en", "text_zh")])
        open_action(
            session,
            engagement,
            ref=str(SurveyActionRef(wave.period, item)),
            text=voice(
                f"{asked} Somebody said yes: look for it and remove the danger"
                if hazard
                else f"{asked} Somebody gave a very low mark: find out why and agree what to do",
                f"{asked}有答卷反映安全隐患：排查并消除"
                if hazard
                else f"{asked}有答卷评分很低：查明原因，定出措施",
            ),
            post_code=items[item].get("post") or item_post(item),
            on=day,
            due_on=day + timedelta(days=days_to_act(items[item])),
            target=None,
        )
    in_charge = people_on_posts(session, key).get("manager") or people_with_role(
        session, engagement, "custodian"
    )
    if news and in_charge:
        texts = {code: str(item[voice("text_en", "text_zh")]) for code, item in items.items()}
        letter = _letter(engagement, wave, day, {texts[code]: count for code, count in news.items()}, voice)
        queue_letters(session, engagement, in_charge, letter, day)
        record_event(session, key, "survey.alarms", f"{wave.period}:{day}", {"answers": news})
    told = counts if in_charge else before  # where nobody could be told, the next day tells
    insert_if_absent(session, SurveyDigest, [{"wave_id": wave.id, "day": day, "counts": dict(told)}])
    return sum(news.values()) if in_charge else 0


def _counts(session: Session, wave: SurveyWave) -> dict[str, int]:
    """Item to such answers so far."""
    values = {str(item["code"]): alarming_values(wave.purpose, item) for item in wave.items}
    bad = [
        and_(SurveyAnswer.item_code == code, col(SurveyAnswer.score).in_(sorted(scores)))
        for code, scores in values.items()
        if scores
    ]
    found: Sequence[tuple[str, int]] = session.exec(
        select(SurveyAnswer.item_code, func.count())
        .join(SurveyResponse, col(SurveyResponse.id) == col(SurveyAnswer.response_id))
        .where(SurveyResponse.wave_id == wave.id, or_(*bad))
        .group_by(col(SurveyAnswer.item_code))
    ).all()
    counts = dict(found)
    return {code: counts[code] for code in values if code in counts}


def _told_before(session: Session, wave: SurveyWave) -> Mapping[str, int]:
    last = session.exec(
        select(SurveyDigest.counts)
        .where(SurveyDigest.wave_id == wave.id)
        .order_by(col(SurveyDigest.day).desc())
        .limit(1)
    ).first()
    return last or {}


def _letter(
    engagement: Engagement, wave: SurveyWave, day: date, news: Mapping[str, int], voice: Voice
) -> Letter:
    called, total = period_words(wave.period, voice.language), sum(news.values())
    return Letter(
        kind="survey-alarm",
        period=f"{wave.period}:{day}",
        title=voice(
            f"{engagement.property_name}: answers in a survey that do not wait: {total}",
            f"{engagement.property_name}：调查中须即时处理的答复：{total}条",
        ),
        paragraphs=(
            voice(
                f"Since the last digest of the survey {called} the answers below came in. Each item has an action "
                "(`steward action list`). Who gave them, where and when is not told, and nobody is to be asked: look at the "
                "property instead.",
                f"自上次汇总以来，本次调查（{called}）新收到以下答复，各题项均已建立改进措施（steward action list）。"
                "答复人、群体与时间不予告知，也请勿打听，应直接排查现场。",
            ),
        ),
        facts=tuple(
            (text, voice.counted(count, "answer", "answers", "条")) for text, count in sorted(news.items())
        ),
        may_repeat=True,
    )
