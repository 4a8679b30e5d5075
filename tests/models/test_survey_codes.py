"""Is a survey code hard to guess, easy to dictate, and kept nowhere?"""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.survey_codes import code_hash, survey_code
from tests.databases import environment

CROCKFORD = set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def test_the_same_invitation_has_the_same_code_and_every_other_one_another(home: Path) -> None:
    assert survey_code("TG", "2027-Q1", "unit-1") == survey_code("TG", "2027-Q1", "unit-1")
    codes = {
        survey_code(engagement, period, f"unit-{number}")
        for engagement in ("TG", "JC")
        for period in ("2027-Q1", "2027-Q2")
        for number in range(500)
    }
    assert len(codes) == 2000


def test_a_code_uses_letters_that_cannot_be_mistaken_for_digits(home: Path) -> None:
    for number in range(200):
        code = survey_code("TG", "2027-Q1", f"unit-{number}")
        assert len(code) == 13
        assert set(code) <= CROCKFORD


def test_without_the_key_a_code_cannot_be_computed(home: Path) -> None:
    ours = survey_code("TG", "2027-Q1", "unit-1")
    with environment(STEWARD_AUDIT_KEY="another key"):
        assert survey_code("TG", "2027-Q1", "unit-1") != ours
        assert code_hash(ours) != ours


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(0, 10**6), st.randoms())
def test_a_code_is_recognised_however_it_is_written_down(home: Path, number: int, chance: object) -> None:
    code = survey_code("TG", "2027-Q1", f"unit-{number}")
    confused = {"0": "0Oo", "1": "1IiLl"}
    written = "".join(
        chance.choice(confused.get(letter, letter + letter.lower()))  # type: ignore[attr-defined]
        + chance.choice(["", "", "-", " "])  # type: ignore[attr-defined]
        for letter in code
    )
    assert code_hash(written) == code_hash(code)


def test_the_key_is_made_once_and_is_readable_by_its_owner_alone(home: Path) -> None:
    survey_code("TG", "2027-Q1", "unit-1")
    key = home / "audit.key"
    kept = key.read_text()
    survey_code("TG", "2027-Q1", "unit-2")
    assert key.read_text() == kept
    assert key.stat().st_mode & 0o077 == 0
    assert [path.name for path in home.iterdir()] == ["audit.key"], "no half-made key is left behind"
