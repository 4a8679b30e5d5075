"""How is a month's work and the service desk shown? (B1-B6)"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from reports.pack import Column, Section, Table
from reports.words import CLAUSES, SUBJECTS, Voice

WorkCount = tuple[str, str, int, int, int]
"""Clause, subject, done, missed, still open."""


def work_totals(work_counts: Sequence[WorkCount]) -> tuple[int, int, int]:
    """Done, missed and open work orders of all subjects."""
    return sum(c[2] for c in work_counts), sum(c[3] for c in work_counts), sum(c[4] for c in work_counts)


def work_section(work_counts: Sequence[WorkCount], absorbed: int, voice: Voice) -> Section:
    """Work orders due in the month by clause and subject, and the planned work that larger services contain."""

    def row(clause: str, subject: str, done: int, missed: int, left: int) -> tuple[str, ...]:
        # Open work is not late yet: it counts neither for nor against.
        ended = done + missed
        rate = voice.share(Decimal(done) / ended if ended else None)
        return clause, subject, f"{done:,}", f"{missed:,}", f"{left:,}", rate

    return Section(
        voice("Work done", "工作完成情况"),
        (
            voice(
                f"{voice.counted(absorbed, 'planned job has', 'planned jobs have', '')} no order of "
                f"{'its' if absorbed == 1 else 'their'} own: a larger service of the same machine contains "
                f"{'it' if absorbed == 1 else 'them'}.",
                f"另有{absorbed:,}项计划作业由同一设备的更大保养项目涵盖，不单独开单。",
            ),
        )
        if absorbed
        else (),
        tables=(
            Table(
                voice("Work orders due in the month", "本月到期工单"),
                (
                    Column(voice("Clause", "条款"), width=2.4),
                    Column(voice("Work", "工作"), width=1.6),
                    Column(voice("Done", "完成"), "right", 0.8),
                    Column(voice("Missed", "漏做"), "right", 0.8),
                    Column(voice("Open", "在办"), "right", 0.8),
                    Column(voice("Done of ended", "完成率"), "right", 1),
                ),
                tuple(
                    row(
                        f"{clause} {voice.word(CLAUSES, clause)}",
                        voice.word(SUBJECTS, subject),
                        done,
                        missed,
                        left,
                    )
                    for clause, subject, done, missed, left in sorted(work_counts)
                ),
                total=row(voice("Total", "合计"), "", *work_totals(work_counts)) if work_counts else None,
            ),
        ),
    )


def desk_section(desk: Mapping[str, int], voice: Voice) -> Section:
    """Requests, and how many were answered or settled in the promised time."""

    def row(label: str, whole: str, part: str) -> tuple[str, ...]:
        count, kept = desk.get(whole, 0), desk.get(part, 0)
        return label, f"{count:,}", f"{kept:,}", voice.share(Decimal(kept) / count if count else None)

    reopened = desk.get("reopened", 0)
    return Section(
        voice("Service desk", "客户服务"),
        (
            voice(
                f"{voice.counted(reopened, 'request was', 'requests were', '')} opened again after it was settled."
                if reopened == 1
                else f"{reopened:,} requests were opened again after they were settled.",
                f"办结后重新开启{reopened:,}件。",
            ),
        ),
        tables=(
            Table(
                voice("Requests and promised times", "受理与时限"),
                (
                    Column(voice("Requests", "类别"), width=2.4),
                    Column(voice("Number", "件数"), "right"),
                    Column(voice("In time", "按时"), "right"),
                    Column(voice("Share", "按时率"), "right"),
                ),
                (
                    row(voice("All requests: answered", "全部请求：响应"), "received", "responded_on_time"),
                    row(voice("Repairs: finished", "报修：修复"), "repairs", "repairs_on_time"),
                    row(voice("Complaints: handled", "投诉：处理"), "complaints", "complaints_on_time"),
                ),
            ),
        ),
    )
