"""Expected papers follow property and equipment; what came in is held against them."""

import pytest

from models.catalogue_files import load_catalogue
from models.rules.documents import DocumentStatus, ReceivedDocument, expected_documents, reconcile
from models.rules.elements import ElementClass

CATALOGUE = load_catalogue()


def codes(property_type: str, *classes: ElementClass) -> set[str]:
    return {document.code for document in expected_documents(property_type, classes, CATALOGUE)}


def test_lift_papers_are_expected_only_where_there_is_a_lift() -> None:
    assert "lift-registration" not in codes("residential", ElementClass.FIRE)
    assert "lift-registration" in codes("residential", ElementClass.FIRE, ElementClass.LIFT)


@pytest.mark.parametrize(
    ("property_type", "expected", "not_expected"),
    [("residential", "owner-register", "tenant-register"), ("office", "tenant-register", "owner-register")],
)
def test_owner_papers_follow_the_property_type(property_type: str, expected: str, not_expected: str) -> None:
    assert expected in codes(property_type)
    assert not_expected not in codes(property_type)


def test_owner_registers_are_personal_data() -> None:
    documents = expected_documents("mixed", ElementClass, CATALOGUE)
    personal = {document.code for document in documents if document.personal_data}
    assert {"owner-register", "tenant-register"} <= personal
    assert "as-built-site" not in personal


def test_an_unknown_property_type_is_refused() -> None:
    with pytest.raises(ValueError, match="castle"):
        expected_documents("castle", (), CATALOGUE)


def test_received_partial_missing_and_unexpected_are_told_apart() -> None:
    expected = expected_documents("residential", (), CATALOGUE)
    result = reconcile(
        expected,
        [
            ReceivedDocument("as-built-site", "Site plan"),
            ReceivedDocument("as-built-building", "Plans", complete=False, note="sheet 3 torn"),
            ReceivedDocument("party-photos", "Photographs"),
        ],
    )
    found = {line.expected.code: line.status for line in result.lines}
    assert found["as-built-site"] is DocumentStatus.RECEIVED
    assert found["as-built-building"] is DocumentStatus.PARTIAL
    assert found["keys"] is DocumentStatus.MISSING
    assert [document.code for document in result.unexpected] == ["party-photos"]
    assert [line.note for line in result.lines if line.status is DocumentStatus.PARTIAL] == ["sheet 3 torn"]
    assert not result.complete


def test_one_complete_copy_is_enough() -> None:
    expected = expected_documents("residential", (), CATALOGUE)[:1]
    code = expected[0].code
    copies = [ReceivedDocument(code, "copy 1", complete=False), ReceivedDocument(code, "copy 2")]
    assert reconcile(expected, copies).complete


def test_nothing_expected_is_complete_and_everything_received_is_unexpected() -> None:
    result = reconcile((), [ReceivedDocument("x", "X")])
    assert result.complete
    assert len(result.unexpected) == 1
