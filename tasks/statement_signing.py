"""Who prepared the accounts, who else reviewed them, and what did the client say? Never one person twice (C2)."""

from datetime import date

from sqlmodel import Session, select

from models.accounts import Statement
from models.audit import record_event
from models.db import writing
from models.engagement import Engagement
from models.errors import DecisionNotOpen, Terminal
from models.people import Person
from models.rules.statement import label_and_version
from tasks.engagements import engagement_id, lock_engagement
from tasks.references import is_known_person, require_acting


def prepare_accounts(code: str, label: str, by: str) -> bool:
    """Record who answers for the compiled accounts of a period as the one who prepared them.

    Args:
        code: the engagement.
        label: the period.
        by: reference of the person.

    Returns:
        False if that was recorded before.

    Raises:
        Terminal: nothing is compiled, it was reviewed already, or there is no such person.
    """
    with writing() as session:
        engagement = lock_engagement(session, code)
        require_person(session, engagement, by)
        statement = statement_at(session, engagement, label)
        if statement.prepared_by == by:
            return False
        if statement.state != "compiled":
            raise Terminal(
                f"The accounts of {label} are {statement.state}: who prepared them cannot be changed any more."
            )
        statement.prepared_by = by
        session.add(statement)
        record_event(session, engagement_id(engagement), "statement.prepared", f"{label}:{statement.version}")
        return True


def require_person(session: Session, engagement: Engagement, by: str) -> None:
    """Refuse an act of accounts that nobody answers for.

    Raises:
        Terminal: no reference was given, or it is nobody's.
    """
    if not by:
        raise Terminal("Accounts need somebody who answers for them: say who, with --by REFERENCE.")
    require_acting(session, engagement, by)
    if _of_the_client(session, engagement_id(engagement), by):
        raise Terminal(f"{by} is of the client, who audits the accounts; expected a person of the custodian.")


def _of_the_client(session: Session, key: int, ref: str) -> bool:
    query = select(Person.id).where(Person.engagement_id == key, Person.ref == ref, Person.role == "client")
    return session.exec(query).first() is not None


def statement_at(session: Session, engagement: Engagement, label: str) -> Statement:
    """The statement of a period.

    Raises:
        Terminal: none is compiled; those that are, are named.
    """
    key = engagement_id(engagement)
    found = session.exec(
        select(Statement).where(Statement.engagement_id == key, Statement.period == label)
    ).one_or_none()
    if found is None:
        periods = sorted(session.exec(select(Statement.period).where(Statement.engagement_id == key)).all())
        raise Terminal(
            f"No accounts of {label[:20]!r} are compiled; there are {', '.join(periods) or 'none yet'}."
        )
    return found


def require_second_person(session: Session, engagement: Engagement, reference: str, declared_by: str) -> None:
    """Refuse a review of accounts by the person who prepared them, or by nobody who is known (four eyes).

    Raises:
        DecisionNotOpen: nobody has said who prepared them, it is the same person, or the reference is unknown.
    """
    key, code = engagement_id(engagement), engagement.code
    label, _version = label_and_version(reference)
    statement = statement_at(session, engagement, label)
    if not statement.prepared_by:
        raise DecisionNotOpen(
            f"Nobody has said who prepared the accounts of {label}; first "
            f"`steward accounts prepare {code} {label} --by REFERENCE`, by another person than the reviewer."
        )
    if not is_known_person(session, key, declared_by):
        raise DecisionNotOpen(
            "Who reviews accounts is named by reference, so that it is seen to be another person than the preparer; "
            f"`steward people list {code}` shows the references."
        )
    if _of_the_client(session, key, declared_by):
        raise DecisionNotOpen(
            f"{declared_by} is of the client; expected a person of the custodian as reviewer."
        )
    if declared_by == statement.prepared_by:
        raise DecisionNotOpen(
            f"{declared_by} prepared the accounts of {label}; expected another person of the custodian as reviewer."
        )


def settle_accounts(
    session: Session,
    engagement: Engagement,
    reference: str,
    party: str,
    declared_by: str,
    *,
    accepted: bool,
    today: date,
) -> Statement | None:
    """Bring a statement on by an answer about its version, in the caller's transaction.

    Returns:
        The statement, if it is to be put to the client now.
    """
    label, version = label_and_version(reference)
    statement = session.exec(
        select(Statement).where(
            Statement.engagement_id == engagement_id(engagement),
            Statement.period == label,
            Statement.version == version,
        )
    ).one_or_none()
    if statement is None or statement.state not in ("compiled", "reviewed"):
        return None
    asks_the_client = accepted and party == "custodian"
    if not accepted:
        statement.state = "returned"
    elif asks_the_client:
        statement.state, statement.reviewed_by, statement.issued_on = "reviewed", declared_by, today
    else:
        statement.state, statement.audited_on = "audited", today
    session.add(statement)
    session.flush()
    return statement if asks_the_client else None
