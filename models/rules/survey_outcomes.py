"""What can become of a call or an invitation, and which disposition of AAPOR is it? (D4)

Source: AAPOR, Standard Definitions, 10th edition 2023. A full quota is not eligible (4.8), never a complete answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """A way a call ends."""

    code: str
    disposition: str
    en: str
    zh: str
    final: bool = False
    """Nobody calls again."""


OUTCOMES = (
    Outcome("answered", "I", "Interview held; its answers come in a file of their own", "已完成访问（答案另行导入）", True),
    Outcome("refused", "R", "Refused, or asked not to be called again", "拒访或要求勿再来电", True),
    Outcome("break_off", "R", "Broke off before half of the questions", "未答满一半即中断", True),
    Outcome("no_answer", "NC", "Rang, nobody answered", "无人接听"),
    Outcome("busy", "NC", "Engaged", "占线"),
    Outcome("call_back", "NC", "Asked to be called later", "要求改时间再访"),
    Outcome("says_answered", "NC", "Says to have answered already", "称已作答", True),
    Outcome("language", "O", "No common language, or not able", "语言不通或无法作答", True),
    Outcome("away", "O", "Away for the whole fieldwork", "调查期内外出", True),
    Outcome("wrong_number", "UO", "The number is of somebody else or does not exist", "号码错误或空号"),
    Outcome("vacant", "NE", "The unit is vacant", "房屋空置", True),
    Outcome("moved", "NE", "Is no owner or user any more", "已非业主或使用人", True),
    Outcome("quota_full", "NE", "The quota of the group was full before the interview", "配额已满，未访问", True),
)  # fmt: skip
OUTCOME = {outcome.code: outcome for outcome in OUTCOMES}
MOST_ATTEMPTS = 6
"""Calls to one respondent, on different days and times: our assumption, AAPOR sets no number."""


def disposition_of(outcomes: Sequence[str], mail_failed: bool) -> str:
    """The disposition of an invitation that was not answered.

    A final outcome counts whatever came later; else a contact that was made outweighs a call nobody took. Of whom
    nothing is known counts as not contacted; a mail that came back is of unknown eligibility.
    """
    known = [OUTCOME[code] for code in outcomes if code in OUTCOME and code != "answered"]
    final = [outcome for outcome in known if outcome.final]
    if final:
        return final[-1].disposition
    if any(outcome.disposition == "NC" for outcome in known):
        return "NC"
    if known:
        return known[-1].disposition
    return "UO" if mail_failed else "NC"


def quota_state(target: int, answered: int) -> str:
    """Whether more answers of a group are wanted: `open`, or `full`."""
    return "full" if answered >= target > 0 else "open"


def reconciled(invited: int, dispositions: Mapping[str, int]) -> bool:
    """Whether the dispositions are all who were invited."""
    return invited == sum(dispositions.values())


DISPOSITION_WORDS = {
    "I": ("complete interview", "完成"),
    "P": ("partial interview", "部分完成"),
    "R": ("refusal or break-off", "拒访或中断"),
    "NC": ("non-contact, or no reply", "未接触或未回复"),
    "O": ("other: language, away", "其他（语言、外出）"),
    "UH": ("unknown if a household", "不明是否为住户"),
    "UO": ("unknown: mail came back, wrong number", "不明（退信、错号）"),
    "NE": ("not eligible: vacant, moved, quota full", "不合格（空置、已搬离、配额已满）"),
}
