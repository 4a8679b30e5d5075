"""Which papers should the custodian receive, and which of them are still missing?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from models.rules.catalogue import Catalogue, Certainty, Label, PropertyType
from models.rules.elements import ElementClass

CONDITION_LABELS = {
    "good": ("good", "完好"),
    "damaged": ("damaged", "破损"),
    "illegible": ("illegible", "字迹不清"),
    "incomplete": ("incomplete", "不完整"),
}
"""Condition of a paper as it came in: code to its English and Chinese words."""
POOR_CONDITIONS = frozenset({"damaged", "illegible", "incomplete"})
"""Conditions in which a paper that came in is a risk all the same."""


@dataclass(frozen=True)
class ExpectedDocument:
    """One paper that this property should come with, and why."""

    code: str
    group: str
    label: Label
    required: bool
    personal_data: bool
    source: str
    certainty: Certainty


@dataclass(frozen=True)
class ReceivedDocument:
    """One paper as it came in; `code` is that of the expected list, or the giver's own."""

    code: str
    title: str
    complete: bool = True
    """False where pages, signatures or parts are missing or unreadable."""
    note: str = ""


class DocumentStatus(StrEnum):
    """What became of an expected paper."""

    RECEIVED = "received"
    PARTIAL = "partial"
    MISSING = "missing"


@dataclass(frozen=True)
class DocumentLine:
    """One expected paper and what was received of it."""

    expected: ExpectedDocument
    status: DocumentStatus
    titles: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class DocumentReconciliation:
    """Expected against received."""

    lines: tuple[DocumentLine, ...]
    unexpected: tuple[ReceivedDocument, ...]
    """Received, but on no expected list: kept and catalogued all the same."""

    @property
    def complete(self) -> bool:
        """Whether every required paper is there in full."""
        return all(line.status is DocumentStatus.RECEIVED for line in self.lines if line.expected.required)


def expected_documents(
    property_type: str, element_classes: Iterable[ElementClass], catalogue: Catalogue
) -> tuple[ExpectedDocument, ...]:
    """The papers by property type and by the equipment present, in the catalogue's order.

    Source: 物业承接查验办法 (建房[2010]165) Art. 14 and the lists for a change of manager; each entry says how
    sure it is.

    Raises:
        ValueError: the property type is not known.
    """
    kind = PropertyType(property_type)
    present = set(element_classes)
    return tuple(
        ExpectedDocument(
            code=document.code,
            group=document.group,
            label=document.label,
            required=document.required,
            personal_data=document.personal_data,
            source=document.source,
            certainty=document.certainty,
        )
        for document in catalogue.documents
        if (not document.property_types or kind in document.property_types)
        and (not document.element_classes or bool(present & set(document.element_classes)))
    )


def reconcile(
    expected: Sequence[ExpectedDocument], received: Sequence[ReceivedDocument]
) -> DocumentReconciliation:
    """Compare the lists; one complete copy is enough, only damaged ones make it partial."""
    by_code: dict[str, list[ReceivedDocument]] = {}
    for document in received:
        by_code.setdefault(document.code, []).append(document)
    lines = []
    for wanted in expected:
        copies = by_code.pop(wanted.code, [])
        status = DocumentStatus.MISSING
        if copies:
            status = (
                DocumentStatus.RECEIVED if any(copy.complete for copy in copies) else DocumentStatus.PARTIAL
            )
        lines.append(
            DocumentLine(
                expected=wanted,
                status=status,
                titles=tuple(copy.title for copy in copies),
                note="; ".join(copy.note for copy in copies if copy.note),
            )
        )
    return DocumentReconciliation(
        lines=tuple(lines),
        unexpected=tuple(document for copies in by_code.values() for document in copies),
    )
