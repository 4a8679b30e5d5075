"""Who is told that a drill falls due? The post that commands, a month ahead and once it is late (B8)."""

from datetime import date

from models.db import reading, writing
from models.engagement import Engagement
from models.rules.drills import DrillStanding, DrillState
from reports.words import EMERGENCIES, voice_of
from tasks.call_tree import COMMAND, contacts
from tasks.drill_schedule import standings_on
from tasks.engagements import business_today, codes_by_the_clock, find_engagement, lock_engagement
from tasks.outbox import Letter, queue_letters
from tasks.steps import step


def remind_drills(code: str, day: date | None = None) -> list[str]:
    """Announce the drills that fall due within a month or are late; each due day and state is announced once.

    Args:
        code: the engagement.
        day: the business date by default.

    Returns:
        The kinds of plan that were announced now.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        on = day or business_today(engagement)
        pressing = [
            one
            for one in standings_on(session, engagement, on)
            if one.state in (DrillState.DUE, DrillState.OVERDUE)
        ]
    if not pressing:
        return []
    told = []
    with writing() as session:
        engagement = lock_engagement(session, code)
        people = contacts(session, engagement, COMMAND)
        for one in pressing:
            first = [contact.person_ref for contact in people if contact.because == people[0].because]
            if queue_letters(session, engagement, first, _letter(engagement, one), on):
                told.append(one.kind)
    return told


@step("Announce drills that fall due")
def remind_drills_everywhere() -> list[tuple[str, str]]:
    """The same for every engagement in service; a demonstration has no clock of its own. Code and kind."""
    return [(code, kind) for code in codes_by_the_clock() for kind in remind_drills(code)]


def _letter(engagement: Engagement, one: DrillStanding) -> Letter:
    voice = voice_of(engagement)
    plan = voice.word(EMERGENCIES, one.kind)
    late = one.state is DrillState.OVERDUE
    never = voice("never", "从未演练")
    return Letter(
        kind="drill-due",
        period=f"{one.kind}:{one.due_on}:{one.state.value}",
        title=voice(
            f"Drill {'overdue' if late else 'due'}: {plan}",
            f"演练{'已逾期' if late else '即将到期'}：{plan}",
        ),
        paragraphs=(
            voice(
                "Please hold the drill and have its steps timed (`steward emergency drill`).",
                "请组织演练并记录各步骤用时（steward emergency drill）。",
            ),
        ),
        facts=(
            (voice("Last held", "上次演练"), never if one.last_on is None else one.last_on.isoformat()),
            (voice("To be held by", "最迟日期"), one.due_on.isoformat()),
            (voice("Rule", "依据"), f"{one.rule.source} ({one.rule.certainty.value})"),
        ),
        may_repeat=True,
    )
