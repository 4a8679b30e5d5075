"""What do invitations and reminders of a survey say, in the language of who reads them? (D2, D4)"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from models.engagement import Engagement
from models.rules.questionnaire import asked_of
from models.rules.survey_instrument import TYPES
from models.rules.survey_reminders import INVITATION, REMINDER, reminder_period
from models.rules.survey_special import PREFIX, ChangeKind, is_special
from models.survey import SurveyWave
from tasks.outbox import Letter

_KEPT_ZH = "答复予以保密：与您的编号分开保存，仅用于本调查及您要求的回访，不向物业服务人员公开。"
_KEPT_EN = (
    "Your answer is confidential: it is kept apart from your reference, used for this survey alone and not shown to "
    "the staff of the property."
)


def invitation_letter(
    engagement: Engagement, wave: SurveyWave, stratum: str, language: str, *, online: bool = False
) -> Letter:
    """What an invitation says; the single-use code, and a link with it where there is one, is put in as it leaves."""
    zh = language.startswith("zh")
    text = "text_zh" if zh else "text_en"
    return Letter(
        kind=INVITATION,
        period=wave.period,
        title=_title(engagement, wave, zh),
        paragraphs=(
            (
                "请对下列各项按 1（很不满意）至 5（很满意）打分，不适用的可留空。"
                + ("您可点击按钮在线答复，也可" if online else "您可")
                + "凭下方一次性答题码，致电或到服务窗口、交回纸质问卷答复。"
                + (_KEPT_ZH if wave.confidential else "答复不记名，也不与答题码一并保存。")
                if zh
                else "Please score each item from 1 (very dissatisfied) to 5 (very satisfied) and leave out what does "
                "not apply. Answer "
                + ("online by the button, or " if online else "")
                + "by telephone, at the desk or on paper, naming the single-use code below. "
                + (
                    _KEPT_EN
                    if wave.confidential
                    else "Your answer is kept without your name and without the code."
                )
            ),
            *_other_scales(wave, zh),
        ),
        facts=(
            *((item["code"], item[text]) for item in wave.items if was_asked(item, stratum)),
            ("截止" if zh else "Closes on", str(wave.closes_on)),
        ),
        may_repeat=True,
        language="zh" if zh else "en",
    )


def _title(engagement: Engagement, wave: SurveyWave, zh: bool) -> str:
    if is_special(wave.period):
        kind = wave.period.removeprefix(PREFIX).partition("-")[0]
        en, cn = _AFTER.get(kind, ("a change of service", "服务调整"))
        return (
            f"{engagement.property_name}：{cn}后的专项调查"
            if zh
            else f"{engagement.property_name}: survey after {en}"
        )
    return (
        f"{engagement.property_name}：{wave.period} 物业服务满意度调查"
        if zh
        else f"{engagement.property_name}: survey {wave.period}"
    )


_AFTER = {
    ChangeKind.AMENDMENT.value: ("a change of the service plan", "服务方案调整"),
    ChangeKind.STAFF.value: ("a change of staff", "服务人员变动"),
    ChangeKind.INCIDENT.value: ("an emergency", "突发事件"),
}
"""Owners read what changed, never the number the office gave it."""


def reminder_letter(
    engagement: Engagement,
    wave: SurveyWave,
    stratum: str,
    language: str,
    number: int,
    *,
    online: bool = False,
) -> Letter:
    """What a reminder says: the invitation once more, with the same single-use code.

    The reminder of an anonymous wave goes to all who were invited, so it tells nobody who has answered.
    """
    asked = invitation_letter(engagement, wave, stratum, language, online=online)
    zh = asked.language == "zh"
    if wave.confidential:
        before = (
            f"我们尚未收到您的答复；调查于 {wave.closes_on} 截止。若您已于近日答复，请忽略本邮件。"
            if zh
            else f"Your answer has not come in yet; the survey closes on {wave.closes_on}. If you have answered in "
            "these days, leave this mail aside."
        )
    else:
        before = (
            f"本提醒发给全体受邀者：本次调查不记名，不按是否答复区分。调查于 {wave.closes_on} 截止；若您已答复，谢谢，请忽略本邮件。"
            if zh
            else "This reminder goes to everybody who was invited, as answers are anonymous. The survey closes on "
            f"{wave.closes_on}; if you have answered, thank you, and leave this mail aside."
        )
    return replace(
        asked,
        kind=REMINDER,
        period=reminder_period(wave.period, number),
        title=f"{'提醒：' if zh else 'Reminder: '}{asked.title}",
        paragraphs=(before, *asked.paragraphs),
    )


def was_asked(item: Mapping[str, Any], stratum: str) -> bool:
    """Whether the users of a type of space are asked this; all types together have every item."""
    if "strata" not in item:
        return asked_of(item["code"], stratum)
    return stratum not in TYPES or stratum in item["strata"]


def _other_scales(wave: SurveyWave, zh: bool) -> tuple[str, ...]:
    if all(item.get("kind", "rating") == "rating" for item in wave.items):
        return ()
    return (
        "是否题请答“是”或“否”；推荐题按 0（完全不可能）至 10（非常可能）打分；开放题请用文字说明，勿写姓名和房号。"
        if zh
        else "Answer yes or no where that is asked; 0 (not at all likely) to 10 (extremely likely) for the recommendation; "
        "open questions in words, without names.",
    )
