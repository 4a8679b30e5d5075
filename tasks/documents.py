"""Which papers were handed over, and which are missing? (A3)"""

from datetime import date

from sqlmodel import Session, select

from models.audit import record_event
from models.catalogue_files import load_catalogue
from models.db import reading, writing
from models.diligence import DocumentItem
from models.errors import Terminal
from models.register import Asset
from models.rules.documents import expected_documents
from models.rules.elements import ElementClass
from models.upsert import insert_if_absent
from tasks.engagements import engagement_id, find_engagement
from tasks.steps import step

STATES = ("missing", "partial", "received", "waived")


@step("List the documents to expect")
def list_expected_documents(code: str) -> int:
    """List the papers that law, property type and equipment ask for; returns how many are new on the list."""
    with writing() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        present = {
            ElementClass(value)
            for value in session.exec(
                select(Asset.element_class).where(Asset.engagement_id == key).distinct()
            ).all()
        }
        expected = expected_documents(engagement.property_type, present, load_catalogue())
        new = insert_if_absent(
            session,
            DocumentItem,
            [
                {
                    "engagement_id": key,
                    "ref": document.code,
                    "title": document.label.in_language(engagement.language),
                    "kind": document.group,
                    "basis": f"{document.source} [{document.certainty}]",
                    "state": "missing",
                    "received_from": "",
                    "evidence": "",
                }
                for document in expected
            ],
        )
        if new:
            record_event(session, key, "documents.listed", code, {"expected": len(expected)})
        return new


def receive_document(code: str, ref: str, state: str, received_from: str, evidence: str, on: date) -> bool:
    """Record that a listed document came in, in part or whole, or is waived; False if it was so before.

    Raises:
        Terminal: no such document is on the list, or no such state.
    """
    if state not in STATES:
        raise Terminal(f"{state!r} is no state of a document; expected one of {', '.join(STATES)}.")
    with writing() as session:
        key = engagement_id(find_engagement(session, code))
        item = session.exec(
            select(DocumentItem).where(DocumentItem.engagement_id == key, DocumentItem.ref == ref)
        ).one_or_none()
        if item is None:
            raise Terminal(f"No document {ref!r} is on the list of {code}.")
        if item.state == state:
            return False
        item.state, item.received_on = state, on
        item.received_from, item.evidence = received_from, evidence
        session.add(item)
        record_event(session, key, f"document.{state}", ref, {"evidence": evidence})
        return True


def listed_documents(code: str) -> list[tuple[str, str, str]]:
    """Reference, title and state of every document on the list."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        return [(item.ref, item.title, item.state) for item in documents_of(session, key)]


def documents_of(session: Session, key: int) -> list[DocumentItem]:
    """The document list of an engagement, in order."""
    return list(
        session.exec(
            select(DocumentItem).where(DocumentItem.engagement_id == key).order_by(DocumentItem.ref)
        ).all()
    )
