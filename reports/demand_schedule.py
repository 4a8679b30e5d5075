"""What did the client ask for, how is it measured, and what in the plan answers it? (A1, A4, A5)"""

from collections.abc import Mapping, Sequence

from models.engagement import Demand
from reports.pack import Column, Table
from reports.words import Voice

_MOST_TITLES = 4


def demands_table(demands: Sequence[Demand], answered: Mapping[str, Sequence[str]], voice: Voice) -> Table:
    """The core demands, the most important first; one that nothing answers says so.

    Args:
        demands: of the engagement.
        answered: titles of the commitments that answer a demand, by its reference.
        voice: of the document.
    """
    return Table(
        voice("Core demands, the most important first", "核心诉求（按优先级）"),
        (
            Column(voice("No.", "编号"), width=0.6),
            Column(voice("Demand", "诉求"), width=2.2),
            Column(voice("Measured by", "衡量方式"), width=2),
            Column(voice("Priority", "优先级"), "center", 0.8),
            Column(voice("Answered by", "对应服务"), width=3),
        ),
        tuple(
            (d.ref, d.text, d.measure, str(d.priority), _answers(answered.get(d.ref, ()), voice))
            for d in sorted(demands, key=lambda d: (d.priority, d.ref))
        ),
    )


def _answers(titles: Sequence[str], voice: Voice) -> str:
    if not titles:
        return voice("Not answered by the plan: to be agreed.", "方案中尚无对应服务，需双方商定。")
    rest = len(titles) - _MOST_TITLES
    shown = voice("; ", "；").join(titles[:_MOST_TITLES])
    return shown + (voice(f"; and {rest} more", f"等共{len(titles)}项") if rest > 0 else "")
