"""Of which chapters and tables, shared by several reports, are the packs of an engagement built?"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from models.emergency import Incident
from models.engagement import Engagement
from models.review import ImprovementAction
from models.rules.questionnaire import ALL_ITEMS
from models.rules.survey_action_refs import survey_action
from reports.indicator_sections import indicator_name
from reports.pack import Column, Pack, Section, Table
from reports.words import (
    ACTION_STATES,
    EMERGENCIES,
    NOTHING,
    POSTS,
    PROPERTY_TYPES,
    SUBJECTS,
    Voice,
    voice_of,
)


def pack_of(
    engagement: Engagement,
    *,
    title: str,
    subtitle: str,
    period: str,
    on: date,
    sections: Iterable[Section | None],
    period_name: str = "",
) -> Pack:
    """A pack about an engagement; chapters that are None are left out.

    Args:
        engagement: whose parties, property, code and language stand on the cover.
        title: of the document.
        subtitle: what it is measured against.
        period: the period in words.
        on: the day it is issued.
        sections: its chapters in order.
        period_name: what the period is called on the cover; empty for a report's.
    """
    voice = voice_of(engagement)
    return Pack(
        title=title,
        subtitle=subtitle,
        engagement_code=engagement.code,
        property_name=engagement.property_name,
        client=engagement.client_name,
        custodian=engagement.custodian_name,
        period_label=period,
        period_name=period_name,
        issued_on=on,
        sections=tuple(section for section in sections if section is not None),
        language=voice.language,
        footer_note=voice("Every figure can be traced to its records.", "各项数据均可追溯至原始记录。"),
    )


def action_subject(action: ImprovementAction, voice: Voice, texts: Mapping[str, str] | None = None) -> str:
    """The indicator, survey item (named by `texts`) and group, meeting or incident an action is about, from its key."""
    source, _, rest = action.ref.partition(":")
    if source == "meeting":
        return voice("Owner meeting ", "业主沟通会 ") + rest.rpartition(":")[0]
    if source == "renewal":
        return voice("From the term before: ", "上一托管期转入：") + rest.partition(":")[2]
    if source == "incident":
        return voice("Emergency or drill ", "应急与演练 ") + rest
    kind, _, named = rest.partition(":")[2].partition(":")
    if source == "review" and kind == "work":
        return voice("Work not done: ", "未完成工作：") + voice.word(SUBJECTS, named)
    if source == "review" and kind == "incident":
        return voice("Emergency or drill ", "应急与演练 ") + named
    about = survey_action(action.ref)
    code = about.item if about else rest.rpartition(":")[2]
    item = next((item for item in ALL_ITEMS if item.code == code), None)
    asked = voice(item.text_en, item.text_zh) if item else ""
    subject = (texts or {}).get(code) or asked or indicator_name(code, voice)
    group = voice.word(PROPERTY_TYPES, about.group) if about and about.group else ""
    return subject + (voice(f" ({group})", f"（{group}）") if group else "")


def actions_table(
    actions: Iterable[ImprovementAction],
    voice: Voice,
    texts: Mapping[str, str] | None = None,
    on: date | None = None,
) -> Table:
    """Improvement actions by due date: what, who, until when, and whether it worked.

    Args:
        actions: in any order.
        voice: of the report.
        texts: wording of survey items by code, for actions that a survey led to.
        on: the day of the report, by which an open action may be overdue.
    """
    return Table(
        voice("Improvement actions", "改进措施"),
        (
            Column(voice("About", "针对"), width=1.4),
            Column(voice("What is done", "措施"), width=2.8),
            Column(voice("By", "责任岗位"), width=1.1),
            Column(voice("Due", "期限"), "center", 1.1),
            Column(voice("State", "状态"), width=1.3),
        ),
        tuple(
            (
                action_subject(action, voice, texts),
                action.text,
                voice.word(POSTS, action.post_code),
                action.due_on.isoformat(),
                _action_state(action, voice, on)
                + (
                    voice(f" ({action.verified_in})", f"（{action.verified_in}）")
                    if action.verified_in
                    else ""
                ),
            )
            for action in sorted(actions, key=lambda a: (a.due_on, a.ref))
        ),
    )


def _action_state(action: ImprovementAction, voice: Voice, on: date | None) -> str:
    """A resolution without a target is simply done: there is no effect to wait for."""
    if action.state == "open" and on is not None and action.due_on < on:
        return voice("overdue", "已逾期")
    if action.state == "done" and action.target is None:
        return voice("done", "已完成")
    return voice.word(ACTION_STATES, action.state)


def incidents_table(incidents: Iterable[Incident], voice: Voice, caption: str) -> Table:
    """Emergencies or drills: when, what, how long, how well, what was lost and learned."""
    rows = []
    for incident in sorted(incidents, key=lambda i: i.activated_at):
        ended = incident.stood_down_at
        minutes = None if ended is None else int((ended - incident.activated_at).total_seconds() // 60)
        rows.append(
            (
                voice.instant(incident.activated_at),
                cell_lines(voice.word(EMERGENCIES, incident.plan_kind), incident.place_code),
                cell_lines(
                    incident.summary, incident.lesson and voice("Lesson: ", "改进：") + incident.lesson
                ),
                voice("still open", "尚未解除") if minutes is None else f"{minutes:,}",
                voice.share(incident.score),
                NOTHING
                if incident.is_drill and incident.loss_amount is None
                else voice.cell(incident.loss_amount),
            )
        )
    return Table(
        caption,
        (
            Column(voice("Alarm", "启动时间"), width=1.3),
            Column(voice("Kind, place", "类型、地点"), width=1.2),
            Column(voice("What happened", "经过"), width=3),
            Column(voice("Minutes", "历时（分钟）"), "right", 0.9),
            Column(voice("Steps in time", "步骤按时率"), "right", 1),
            Column(voice(f"Loss ({voice.currency})", f"损失（{voice.money_unit}）"), "right", 1),
        ),
        tuple(rows),
    )


def signature_table(parties: Sequence[tuple[str, str]], voice: Voice, signed_on: date | None = None) -> Table:
    """Room for each party's signature, side by side; `signed_on` where the record already holds it.

    One row for all parties: a row is kept whole on its page, so nobody signs a page without the other's place.

    Args:
        parties: (role, name) in order.
        voice: of the report.
        signed_on: the day of signature.
    """
    colon = voice(":", "：")
    day = "" if signed_on is None else voice(f" {signed_on.isoformat()}", signed_on.isoformat())

    def place(name: str) -> str:
        labels = (voice("Name and position", "签字人及职务"), voice("Signature and seal", "签字（盖章）"))
        return "\n".join(
            (name, "", *(f"{label}{colon}\n\n\n" for label in labels), voice("Date", "日期") + colon + day)
        )

    return Table(
        voice("Signatures", "签署"),
        tuple(Column(role) for role, _ in parties),
        (tuple(place(name) for _, name in parties),),
    )


def both_sides(engagement: Engagement, voice: Voice) -> tuple[tuple[str, str], ...]:
    """The two parties of an engagement as (role, name)."""
    return (
        (voice("Client", "委托方"), engagement.client_name),
        (voice("Custodian", "托管方"), engagement.custodian_name),
    )


def cell_lines(*texts: str) -> str:
    """Texts below one another in a cell; empty ones are left out."""
    return "\n".join(text for text in texts if text)
