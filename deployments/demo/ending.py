"""How do both sides decide, mark and hand over? What the parties of the scenario say and do."""

from datetime import date
from decimal import Decimal

from deployments.demo.chance import Chance
from deployments.demo.money import sign_as_accountant
from deployments.demo.preparation import survey_condition
from models.db import reading
from models.rules.evaluation import DIMENSIONS
from models.rules.handover_items import FIGURED
from models.rules.stages import Stage
from models.rules.statement import label_and_version
from tasks.decisions import open_decisions, take_decision
from tasks.engagements import find_engagement
from tasks.evaluation import PartyScore, record_joint_scores
from tasks.handover import ReturnedItem, record_returns, uncounted_items

ANSWERS = {"renewal": "renew"}
"""What is answered to a question; everything else is accepted."""
_REASONS = {
    "service_quality": (
        "各项指标多数达标，法定检验个别逾期",
        "most figures met their target, a few statutory tests came late",
    ),
    "equipment_condition": (
        "设备完好率高，老旧配电设施仍待更新",
        "machines in good order, the old switchgear still waits for renewal",
    ),
    "finance": (
        "各期报表按时审核，支出未超预算",
        "every statement was audited in time, spending within budget",
    ),
    "owner_feedback": (
        "满意率随季度波动，样本有限",
        "the satisfied share moved from quarter to quarter, on few answers",
    ),
}
"""Why a side marks a dimension so, in Chinese and English."""
_DISPUTES = {
    True: ("缺附录页", "仅有复印件，原件未见", "与现场设备型号不符"),
    False: (
        "appendix is missing",
        "copy only, the original was not seen",
        "does not fit the equipment on site",
    ),
}
"""Over what a paper is in dispute, in Chinese or not."""


_FIGURES = ("12840.00", "36215.50", "8460.00", "150320.00")
"""What is counted of money or read at a meter."""


def decide_what_is_open(code: str, on: date, leave_to_the_gates: tuple[tuple[str, str], ...] = ()) -> int:
    """Client and custodian answer what they were asked; returns how many decisions were taken.

    Args:
        code: the engagement.
        on: the business date.
        leave_to_the_gates: subject and party of what is answered in the Prefect UI instead.
    """
    decided = 0
    for question in open_decisions(code):
        if (question.subject, question.party) in leave_to_the_gates:
            continue
        if question.subject == "evaluation":
            mark_the_custody(code, question.party)
        if (question.subject, question.party) == ("accounts", "custodian"):
            sign_as_accountant(code, label_and_version(question.reference)[0])
        decided += take_decision(
            code,
            question.subject,
            question.reference,
            question.party,
            ANSWERS.get(question.subject, "accepted"),
            declared_by=f"{question.party}-1",
            authenticated_by="scenario",
            document_sha256=question.document_sha256,
            on=on,
        )
    return decided


def mark_the_custody(code: str, party: str) -> None:
    """A party marks the four dimensions with its reasons; the two sides do not see each other's marks first."""
    chance = Chance(f"{code}:marks")
    with reading() as session:
        language = 0 if find_engagement(session, code).language == "zh" else 1
    marks = {one: chance.pick((3, 4, 4, 5), party, one) for one in DIMENSIONS}
    marks["owner_feedback"] = 3 if party == "client" else 5  # on this both sides have to talk
    record_joint_scores(
        code, party, [PartyScore(one, mark, _REASONS[one][language]) for one, mark in marks.items()]
    )


def count_the_handover_list(code: str, chance: Chance, on: date) -> int:
    """Both sides count the list and walk the building; a few items stay in dispute. Returns items counted."""
    with reading() as session:
        engagement = find_engagement(session, code)
        zh = engagement.language == "zh"
    if engagement.stage != Stage.HANDOVER:
        return 0
    survey_condition(code, "exit", chance, on)
    items = []
    for kind, ref in uncounted_items(code):
        if kind == "document" and chance.happens(0.02, "dispute", ref):
            items.append(ReturnedItem(kind, ref, "disputed", remark=chance.pick(_DISPUTES[zh], "over", ref)))
        else:
            figure = Decimal(chance.pick(_FIGURES, "figure", kind, ref)) if kind in FIGURED else None
            items.append(ReturnedItem(kind, ref, "returned", figure=figure))
    return (
        record_returns(code, items, on) if items else 0
    )  # who has counted all does not look at the list again
