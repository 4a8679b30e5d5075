"""Which papers were handed over, and which are missing? (A3)"""

import re
from dataclasses import asdict, dataclass
from datetime import date
from difflib import get_close_matches

from sqlmodel import Session, col, select

from models.audit import record_event
from models.catalogue_files import load_catalogue
from models.db import reading, writing
from models.diligence import DocumentItem
from models.errors import Terminal
from models.register import Asset, RegisterImport
from models.rules.documents import CONDITION_LABELS, POOR_CONDITIONS, expected_documents
from models.rules.elements import ElementClass
from models.upsert import insert_if_absent
from tasks.engagements import business_today, engagement_id, find_engagement
from tasks.steps import step

STATES = ("missing", "partial", "received", "waived")

_NUMBER = re.compile(r"(\d+)")


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
                    "listed_on": business_today(engagement),
                }
                for document in expected
            ],
        )
        if new:
            record_event(session, key, "documents.listed", code, {"expected": len(expected)})
        take_in_ledger(session, code)
        return new


LEDGER = "equipment-ledger"


def take_in_ledger(session: Session, code: str) -> None:
    """The register that was imported is the equipment ledger: it is not asked for as if it were not here.

    What a person recorded of the ledger stays as it is.
    """
    engagement = find_engagement(session, code)
    key = engagement_id(engagement)
    imported = session.exec(
        select(RegisterImport)
        .where(RegisterImport.engagement_id == key)
        .order_by(col(RegisterImport.imported_at), col(RegisterImport.id))
    ).first()
    listed = session.exec(
        select(DocumentItem).where(DocumentItem.engagement_id == key, DocumentItem.ref == LEDGER)
    ).one_or_none()
    if imported is None or listed is None or listed.state != "missing":
        return
    receipt = Receipt("received", evidence=imported.sha256, file_name=imported.file_name)
    take_in_document(session, code, LEDGER, receipt, business_today(engagement))


@dataclass(frozen=True)
class Receipt:
    """How one paper came in; a value of None or "" is not stated, and what was recorded before stays."""

    state: str
    received_from: str = ""
    evidence: str = ""
    received_by: str = ""
    signature_ref: str = ""
    condition: str = ""
    pages: int | None = None
    originals: int | None = None
    copies: int | None = None
    file_name: str = ""
    note: str = ""


def receive_document(
    code: str,
    ref: str,
    state: str,
    received_from: str,
    evidence: str,
    on: date,
    **stated: str | int | None,
) -> bool:
    """Record that a listed document came in, in part or whole, or is waived; False if it was so before.

    Args:
        code: the engagement.
        ref: of the document on the list.
        state: missing, partial, received or waived.
        received_from: a role or the reference of a person, never a name.
        evidence: hash of the file, or where the paper lies.
        on: the day of the receipt.
        stated: what else is known of it, as the fields of `Receipt`.

    Raises:
        Terminal: no such document is on the list, or no such state or condition.
    """
    receipt = Receipt(state, received_from, evidence, **stated)  # type: ignore[arg-type]
    with writing() as session:
        return take_in_document(session, code, ref, receipt, on)


def take_in_document(session: Session, code: str, ref: str, receipt: Receipt, on: date) -> bool:
    """As `receive_document`, in the caller's transaction.

    Raises:
        Terminal: as `receive_document`.
    """
    if receipt.state not in STATES:
        raise Terminal(f"{receipt.state!r} is no state of a document; expected one of {', '.join(STATES)}.")
    if receipt.condition and receipt.condition not in CONDITION_LABELS:
        raise Terminal(
            f"{receipt.condition!r} is no condition of a document; expected one of {', '.join(CONDITION_LABELS)}."
        )
    key = engagement_id(find_engagement(session, code))
    item = listed_document(session, code, key, ref)
    before = item.state
    new = changes(item, receipt)
    if not new:
        return False
    for name, value in new.items():
        setattr(item, name, value)
    item.received_on = on
    session.add(item)
    detail = {"evidence": item.evidence, "pages": item.pages, "condition": item.condition}
    record_event(
        session,
        key,
        f"document.{item.state}" if item.state != before else "document.corrected",
        ref,
        {name: value for name, value in detail.items() if value or name == "evidence"},
    )
    return True


def changes(item: DocumentItem, receipt: Receipt) -> dict[str, str | int]:
    """What a receipt would change of a listed document: column to new value; empty if nothing."""
    return {
        name: value
        for name, value in asdict(receipt).items()
        if value not in (None, "") and getattr(item, name) != value
    }


def listed_document(session: Session, code: str, key: int, ref: str) -> DocumentItem:
    """The document with this reference on the list of an engagement.

    Raises:
        Terminal: there is none; the message shows the nearest references.
    """
    items = documents_of(session, key)
    for item in items:
        if item.ref == ref:
            return item
    near = get_close_matches(ref, [item.ref for item in items], n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(near)}?" if near else f" See `steward document list {code}`."
    raise Terminal(f"No document {ref!r} is on the list of {code}.{hint}")


def poor_documents(session: Session, key: int) -> tuple[tuple[str, str], ...]:
    """Title and condition of the papers that came in damaged, illegible or incomplete."""
    return tuple(
        (item.title, item.condition)
        for item in documents_of(session, key)
        if item.state in ("received", "partial") and item.condition in POOR_CONDITIONS
    )


def listed_documents(code: str) -> list[tuple[str, str, str]]:
    """Reference, title and state of every document on the list."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        return [(item.ref, item.title, item.state) for item in documents_of(session, key)]


def documents_of(session: Session, key: int) -> list[DocumentItem]:
    """The document list of an engagement, in order: the second paper of the register before the tenth."""
    items = session.exec(select(DocumentItem).where(DocumentItem.engagement_id == key)).all()
    return sorted(items, key=lambda item: [p.zfill(9) if p.isdigit() else p for p in _NUMBER.split(item.ref)])
