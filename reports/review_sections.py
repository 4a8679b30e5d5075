"""What did a review find wanting, what became of the last one's actions, and was the whole plan carried out? (C1)"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from models.review import ImprovementAction, ReviewWords
from models.rules.action_outcomes import ActionOutcome, Effect, Kept
from models.rules.questionnaire import ALL_ITEMS
from reports.indicator_sections import indicator_name
from reports.pack import Column, Section, Table
from reports.sections import action_subject
from reports.words import CLAUSES, NOTHING, POSTS, PROPERTY_TYPES, SUBJECTS, Vocabulary, Voice

KEPT: Vocabulary = {
    "in_time": ("done in time", "按期完成"),
    "late": ("done late", "逾期完成"),
    "not_due": ("not due yet", "未到期"),
    "overdue": ("overdue", "已逾期未完成"),
}
EFFECTS: Vocabulary = {
    "worked": ("shown to have worked", "已验证有效"),
    "not_shown": ("no effect shown", "未能证明有效"),
    "waiting": ("not judged yet", "尚待验证"),
    "": (NOTHING, NOTHING),
}
ORIGINS: Vocabulary = {
    "request": ("asked for at the service desk", "客服报修"),
    "finding": ("found at a round or check", "巡检发现"),
    "inspection": ("after a quality inspection", "质量检查返工"),
    "cctv": ("fault of a camera", "摄像机故障"),
    "part": ("replacement of a wear part", "易损部件更换"),
}


@dataclass(frozen=True)
class ProblemLine:
    """Something a review found wanting, and what it led to."""

    ref: str
    count: int
    action: ImprovementAction | None
    reason: str


@dataclass(frozen=True)
class PastAction:
    """An action that was open at the review before, and what became of it."""

    action: ImprovementAction
    first_due: date
    outcome: ActionOutcome


@dataclass(frozen=True)
class LookBack:
    """What a review says of the one before."""

    since: date | None
    """The day of that review; None where this is the first of its kind."""
    actions: tuple[PastAction, ...] = ()
    """Those that were open then."""
    problems: tuple[ProblemLine, ...] = ()
    """What it found wanting and had no answer to as it was issued: answered since, or still owed."""


@dataclass(frozen=True)
class Coverage:
    """Promises and work of a period against each other."""

    promised: int
    """Commitments of the plan that become work."""
    worked: int
    """Of these, with at least one order in the period."""
    without_work: tuple[tuple[str, str, str, bool], ...]
    """Clause, code, title and whether it fell due in the period, of the others."""
    unasked: tuple[tuple[str, int, int], ...]
    """Origin, orders and how many were done, of work that no commitment asked for."""


def words_paragraph(words: ReviewWords | None, voice: Voice) -> str:
    """The custodian's own words, and who wrote them; empty where nobody did."""
    if words is None:
        return ""
    return voice(
        f"In the custodian's own words ({words.written_by}, {words.written_on}): {words.text}",
        f"托管方自述（{words.written_by}，{words.written_on}）：{words.text}",
    )


def problem_subject(ref: str, voice: Voice) -> str:
    """What a problem is about, from its reference."""
    kind, _, rest = ref.partition(":")
    match kind:
        case "indicator":
            return indicator_name(rest, voice)
        case "work":
            return voice(
                f"Work not done: {voice.word(SUBJECTS, rest)}", f"未完成工作：{voice.word(SUBJECTS, rest)}"
            )
        case "incident":
            return voice(f"Emergency or drill {rest}", f"应急与演练 {rest}")
        case "survey":
            code, _, group = rest.partition("@")
            item = next((one for one in ALL_ITEMS if one.code == code), None)
            asked = voice(item.text_en, item.text_zh) if item else code
            return asked + (f" ({voice.word(PROPERTY_TYPES, group)})" if group else "")
    return ref


def problems_section(
    problems: Sequence[ProblemLine], voice: Voice, further: tuple[Table, ...] = ()
) -> Section:
    """Each problem of the period with its action, or the reason why there is none, or that the answer is owed.

    Args:
        problems: what was found wanting.
        voice: of the report.
        further: tables that belong to the chapter, such as that of all actions.
    """
    owed = sum(one.action is None and not one.reason for one in problems)
    said = voice(
        f"{voice.counted(len(problems), 'problem was', 'problems were', '')} found; "
        + (
            "each has an action or a stated reason."
            if not owed
            else f"{owed} still without an action or a reason."
        ),
        f"发现问题{len(problems)}项，"
        + ("均已列明措施或不采取措施的理由。" if not owed else f"其中{owed}项尚未列明措施或理由。"),
    )
    return Section(
        voice("Problems found, and what each leads to", "发现的问题及其处理"),
        (said,) if problems else (voice("No problem was found.", "本期未发现问题。"),),
        tables=((_problems_table(problems, voice),) if problems else ()) + further,
    )


def _problems_table(problems: Sequence[ProblemLine], voice: Voice) -> Table:
    return Table(
        voice("Problems", "问题清单"),
        (
            Column(voice("Problem", "问题"), width=2.2),
            Column(voice("Cases", "数量"), "right", 0.7),
            Column(voice("Action", "改进措施"), width=2.8),
            Column(voice("Who, by when", "责任与期限"), width=1.4),
            Column(voice("Why no action", "不采取措施的理由"), width=1.9),
        ),
        tuple(
            (
                problem_subject(one.ref, voice),
                f"{one.count:,}",
                NOTHING if one.action is None else one.action.text,
                NOTHING
                if one.action is None
                else f"{voice.word(POSTS, one.action.post_code)}\n{one.action.due_on}",
                one.reason or (NOTHING if one.action is not None else voice("answer owed", "待说明")),
            )
            for one in problems
        ),
    )


def past_actions_section(back: LookBack, voice: Voice, texts: Mapping[str, str] | None = None) -> Section:
    """What became of the actions that were open at the review before this one, and of the answers it owed.

    Args:
        back: that review.
        voice: of the report.
        texts: wording of survey items by code.
    """
    heading = voice("What became of the last review's actions", "上期改进措施落实情况")
    since, past = back.since, back.actions
    if since is None:
        return Section(heading, (voice("This is the first review of its kind.", "本期为首次评估。"),))
    answers = (_answers_table(back.problems, voice),) if back.problems else ()
    if not past:
        return Section(
            heading,
            (voice(f"None was open at the review of {since}.", f"{since}评估时无未完成的改进措施。"),),
            tables=answers,
        )
    kept = Counter(one.outcome.kept for one in past)
    worked = sum(one.outcome.effect is Effect.WORKED for one in past)
    not_shown = sum(one.outcome.effect is Effect.NOT_SHOWN for one in past)
    said = voice(
        f"Of {voice.counted(len(past), 'action', 'actions', '')} open at the review of {since}, {kept[Kept.IN_TIME]} "
        f"done in time, {kept[Kept.LATE]} late, {kept[Kept.OVERDUE]} overdue, {kept[Kept.NOT_DUE]} not due yet. "
        f"{worked} shown to have worked, {not_shown} without an effect shown.",
        f"{since}评估时未完成的改进措施{len(past)}项：按期完成{kept[Kept.IN_TIME]}项，逾期完成{kept[Kept.LATE]}项，"
        f"逾期未完成{kept[Kept.OVERDUE]}项，未到期{kept[Kept.NOT_DUE]}项；已验证有效{worked}项，未能证明有效{not_shown}项。",
    )
    return Section(
        heading,
        (said,),
        tables=(
            Table(
                voice("Actions of the last review", "上期改进措施"),
                (
                    Column(voice("About", "针对"), width=1.8),
                    Column(voice("What was promised", "措施"), width=2.8),
                    Column(voice("First due", "原定期限"), "center", 1.1),
                    Column(voice("Done", "完成日期"), "center", 1.1),
                    Column(voice("Kept", "履行情况"), width=1.2),
                    Column(voice("Effect", "效果"), width=1.3),
                ),
                tuple(
                    (
                        action_subject(one.action, voice, texts),
                        one.action.text,
                        one.first_due.isoformat(),
                        NOTHING if one.outcome.effect is Effect.NONE else str(one.action.done_on),
                        voice.word(KEPT, one.outcome.kept.value),
                        voice.word(EFFECTS, one.outcome.effect.value),
                    )
                    for one in past
                ),
            ),
            *answers,
        ),
    )


def _answers_table(problems: Sequence[ProblemLine], voice: Voice) -> Table:
    return Table(
        voice("What the last review had no answer to", "上期待说明的问题及答复"),
        (
            Column(voice("Problem", "问题"), width=2.4),
            Column(voice("Cases", "数量"), "right", 0.7),
            Column(voice("Answer since", "答复"), width=5),
        ),
        tuple(
            (
                problem_subject(one.ref, voice),
                f"{one.count:,}",
                one.reason or (voice("still owed", "仍待说明") if one.action is None else one.action.text),
            )
            for one in problems
        ),
    )


def coverage_section(coverage: Coverage, voice: Voice) -> Section:
    """Commitments without any work in the period, and work that no commitment asked for."""
    due = [row for row in coverage.without_work if row[3]]
    later = len(coverage.without_work) - len(due)
    said = voice(
        f"Of {voice.counted(coverage.promised, 'commitment', 'commitments', '')} of the plan that become work, "
        f"{coverage.worked} had work in the period, {later} did not fall due in it, {len(due)} fell due and had none.",
        f"服务方案中需安排作业的承诺{coverage.promised}项，本期有作业{coverage.worked}项，未到期{later}项，"
        f"到期而无作业{len(due)}项。",
    )
    tables = []
    if coverage.without_work:
        tables.append(
            Table(
                voice("Commitments without work in the period", "本期无作业的承诺"),
                (
                    Column(voice("Clause", "条款"), width=1.6),
                    Column(voice("Commitment", "承诺编号"), width=1.8),
                    Column(voice("What was promised", "承诺内容"), width=3),
                    Column(voice("Why", "情况"), width=1.6),
                ),
                tuple(
                    (
                        f"{clause} {voice.word(CLAUSES, clause)}",
                        code,
                        title,
                        voice("fell due, no work", "到期无作业")
                        if was_due
                        else voice("not due in the period", "本期未到期"),
                    )
                    for clause, code, title, was_due in coverage.without_work
                ),
            )
        )
    if coverage.unasked:
        tables.append(
            Table(
                voice("Work that no commitment asked for", "方案承诺以外的工作"),
                (
                    Column(voice("Where it came from", "来源"), width=3),
                    Column(voice("Orders", "工单数"), "right"),
                    Column(voice("Done", "已完成"), "right"),
                ),
                tuple(
                    (voice.word(ORIGINS, origin), f"{orders:,}", f"{done:,}")
                    for origin, orders, done in coverage.unasked
                ),
            )
        )
    return Section(voice("The plan against the work", "方案与作业对照"), (said,), tables=tuple(tables))
