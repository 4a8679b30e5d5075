"""What does a notice say that the custody ends before its term? (A5, C3, C4)"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from models.engagement import Engagement
from models.evaluation import EarlyEnd
from models.rules.early_end import Milestone
from reports.pack import Column, Pack, Section, Table
from reports.sections import both_sides, pack_of, signature_table
from reports.words import GROUNDS, PARTIES, Vocabulary, Voice, voice_of

MILESTONES: Vocabulary = {
    "year_review": ("Last annual review", "最后一次年度评估"),
    "joint_evaluation": ("Joint evaluation", "联合评估"),
    "handover_list": ("Handover list", "编制移交清单"),
    "last_day": ("Last day of service", "服务截止日"),
    "protocol": ("Handover protocol", "物业交接书"),
}


def early_end_notice(
    engagement: Engagement,
    notice: EarlyEnd,
    *,
    falls_due: Sequence[Milestone],
    owed: Decimal,
    orders: int,
    on: date,
) -> Pack:
    """The notice both sides decide on.

    Args:
        engagement: whose custody it is.
        notice: what was said.
        falls_due: what comes by when against the new end.
        owed: the fee of the shortened term.
        orders: how many orders given out, or occurrences planned, lie after the new end.
        on: the day it is issued.
    """
    voice = voice_of(engagement)
    party = voice.word(PARTIES, notice.party)
    return pack_of(
        engagement,
        title=voice("Notice of early end", "提前终止托管通知书"),
        subtitle=f"{party}{voice(', ', '，')}{voice.word(GROUNDS, notice.ground)}",
        period=f"{engagement.term_start.isoformat()} – {notice.ends_on.isoformat()}",
        on=on,
        sections=(
            Section(
                voice("What is asked", "通知事项"),
                (
                    voice(
                        f"The {party.lower()} gives notice on {voice.day(notice.given_on)} that the custody ends on "
                        f"{voice.day(notice.ends_on)} instead of {voice.day(notice.former_end)}, "
                        f"{voice.word(GROUNDS, notice.ground)}.",
                        f"{party}于{voice.day(notice.given_on)}通知：托管由原定{voice.day(notice.former_end)}届满"
                        f"提前至{voice.day(notice.ends_on)}终止（{voice.word(GROUNDS, notice.ground)}）。",
                    ),
                    voice(f"Reason: {notice.reason}", f"理由：{notice.reason}"),
                    voice(
                        "Both sides are asked to confirm. The term is shortened only once both have; a side that does not "
                        "agree says why, and the contract's clause on disputes applies. Silence is never taken for consent. "
                        "The notice can be taken back until the last annual review is held.",
                        "请双方确认。双方均确认后托管期方予缩短；一方不同意的应说明理由，并按合同争议条款处理。逾期不视为同意。"
                        "最后一次年度评估开始前，通知可以撤回。",
                    ),
                ),
            ),
            Section(
                voice("What follows", "后续安排"),
                (
                    voice(
                        f"The fee of the shortened term is {voice.money(owed)}; instalments not paid are brought in line "
                        f"with it. {orders:,} planned {'job' if orders == 1 else 'jobs'} after the new end "
                        f"{'is' if orders == 1 else 'are'} withdrawn. All records stay.",
                        f"缩短后托管期费用为{voice.money(owed)}，未付分期款相应调整。新截止日之后的{orders:,}项计划工作取消，"
                        "全部记录保留。",
                    ),
                ),
                tables=(_due_table(falls_due, voice),),
            ),
            Section(
                voice("Signatures", "签署"), tables=(signature_table(both_sides(engagement, voice), voice),)
            ),
        ),
    )


def _due_table(falls_due: Sequence[Milestone], voice: Voice) -> Table:
    return Table(
        voice("What falls due against the new end", "按新截止日的安排"),
        (Column(voice("What", "事项"), width=3), Column(voice("By", "日期"), "center", 1.2)),
        tuple((voice.word(MILESTONES, one.code), one.on.isoformat()) for one in falls_due),
    )
