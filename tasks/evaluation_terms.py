"""What was agreed of the joint evaluation: how the dimensions weigh, and how often it is held? (C3)"""

from collections.abc import Mapping

from sqlmodel import select

from models.audit import record_event
from models.contract import Contract
from models.db import writing
from models.errors import Terminal
from models.review import Review
from models.rules.evaluation import DIMENSIONS, terms_of, weight_problem
from tasks.engagements import engagement_id, lock_engagement
from tasks.evaluation_differences import marks_of


def agree_on_evaluation(
    code: str, weights: Mapping[str, int], *, yearly: bool | None = None, agreed_in: str = ""
) -> bool:
    """Record the weights and the cycle that were agreed; False if they are those already.

    Before a contract is offered it takes them in. Afterwards they change by a paper of both sides, which is named.

    Args:
        code: the engagement.
        weights: per cent by dimension; all four, or none to leave them as they are.
        yearly: whether both sides evaluate in each year before the last too; None leaves it.
        agreed_in: the paper it stands in.

    Raises:
        Terminal: nothing said, weights that are not 100 together, no paper, or marks were given by the old weights.
    """
    if not weights and yearly is None:
        raise Terminal("Nothing said: expected the four weights, --yearly or --once.")
    if weights:
        problem = weight_problem(weights) or (
            "" if len(weights) == len(DIMENSIONS) else "Expected all four weights."
        )
        if problem:
            raise Terminal(problem)
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, before = engagement_id(engagement), terms_of(engagement.evaluation_terms)
        said = {
            "weights": dict(weights) or dict(before.weights),
            "yearly": before.yearly if yearly is None else yearly,
            "agreed_in": agreed_in.strip() or before.agreed_in,
        }
        if {**said, "agreed_in": ""} == {
            "weights": dict(before.weights),
            "yearly": before.yearly,
            "agreed_in": "",
        }:
            return False
        offered = session.exec(
            select(Contract.number).where(Contract.engagement_id == key, Contract.state != "returned")
        ).first()
        if offered is not None and not agreed_in.strip():
            raise Terminal(
                f"{offered} is with both sides or signed: what it says of the evaluation changes by a paper of both; "
                "expected its name as --agreed-in."
            )
        if offered is None and not agreed_in.strip():
            said["agreed_in"] = "合同" if engagement.language == "zh" else "the contract"
        for review in session.exec(
            select(Review).where(Review.engagement_id == key, Review.kind == "joint")
        ).all():
            marks = marks_of(session, review)
            if any(marks.values()) and not all(len(one) == len(DIMENSIONS) for one in marks.values()):
                raise Terminal(
                    f"The evaluation {review.period} is being marked by the weights agreed before; change them after it."
                )
        engagement.evaluation_terms = said
        session.add(engagement)
        record_event(session, key, "evaluation.agreed", code, said)
        return True
