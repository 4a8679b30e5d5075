"""Do the words cover every code, and do the figures say what is true?"""

import re
from datetime import date
from decimal import Decimal
from importlib.resources import files

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from models.catalogue_files import load_catalogue
from models.rules.catalogue import PropertyType, Subject
from models.rules.condition import Severity
from models.rules.indicators import FigureState
from models.rules.stages import Stage
from models.rules.survey_closure import ClosureVerdict
from reports import words
from reports.words import Voice, day_words, money, percent, period_words, share, voice_of
from tests.reports.lifecycle import engagement


@pytest.mark.parametrize(
    ("vocabulary", "codes"),
    [
        pytest.param(words.SUBJECTS, Subject, id="subjects"),
        pytest.param(words.STAGES, Stage, id="stages"),
        pytest.param(words.STATES, FigureState, id="figure states"),
        pytest.param(words.ACTION_STATES, ClosureVerdict, id="verdicts"),
        pytest.param(words.SEVERITIES, Severity, id="severities"),
        pytest.param(words.PROPERTY_TYPES, PropertyType, id="property types"),
    ],
)
def test_vocabulary_names_every_code(vocabulary, codes):
    assert {str(code) for code in codes} <= set(vocabulary)


@pytest.mark.parametrize(
    ("file", "list_name", "key", "vocabulary"),
    [
        ("prices.yaml", "cost_items", "code", words.COST_ITEMS),
        ("posts.yaml", "posts", "code", words.POSTS),
        ("emergency.yaml", "plans", "type", words.EMERGENCIES),
    ],
)
def test_vocabulary_says_what_the_catalogue_says(file, list_name, key, vocabulary):
    entries = yaml.safe_load(files("models.catalogue").joinpath(file).read_text(encoding="utf-8"))[list_name]
    assert {entry[key]: (entry["en"], entry["zh"]) for entry in entries}.items() <= vocabulary.items()


def test_document_groups_of_the_catalogue_have_names():
    entries = yaml.safe_load(files("models.catalogue").joinpath("documents.yaml").read_text(encoding="utf-8"))
    assert {entry["group"] for entry in entries["documents"]} <= set(words.DOCUMENT_KINDS)


def test_the_basis_of_every_duty_and_paper_reads_in_chinese():
    catalogue = load_catalogue()
    duties = [*catalogue.job_plans, *catalogue.activities, *catalogue.training]
    bases = {str(duty.statutory) for duty in duties if duty.statutory}
    bases |= {f"{paper.source} [{paper.certainty}]" for paper in catalogue.documents}
    chinese, english = Voice("zh", "CNY", "Asia/Shanghai"), Voice("en", "GBP", "Europe/London")
    abroad = {"LOLER 1998 reg. 9"}  # British law keeps its own name
    assert not {
        basis
        for basis in bases
        if re.search(r"[a-z]{3,}", chinese.basis(basis)) and basis.rpartition(" [")[0] not in abroad
    }
    two = "TSG 08-2026 [verified]; MPS Order 61 Art. 25 [memory]"
    assert chinese.basis(two) == "TSG 08-2026；公安部令第61号第25条（待核实）"
    assert english.basis(two) == "TSG 08-2026; MPS Order 61 Art. 25 (to be confirmed)"


def test_unknown_code_is_printed_as_it_stands():
    assert voice_of(engagement()).word(words.SUBJECTS, "window_washing") == "window_washing"


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("1234.5", "CNY", "¥1,234.50"),
        ("-3", "USD", "-$3.00"),
        ("0", "EUR", "€0.00"),
        ("1000000", "CHF", "CHF 1,000,000.00"),
    ],
)
def test_money_carries_its_currency(amount, currency, text):
    assert money(Decimal(amount), currency) == text


@pytest.mark.parametrize(
    ("value", "language", "text"),
    [
        ("0.973", "zh", "97.3%"),
        ("1", "en", "100.0%"),
        ("0.9996", "en", "99.96%"),
        ("0.0002", "zh", "0.02%"),
        (None, "zh", "无数据"),
        (None, "en", "no data"),
    ],
)
def test_share_is_written_in_percent(value, language, text):
    assert share(None if value is None else Decimal(value), language) == text


@given(
    st.decimals("0.5", "1.5", places=5),
    st.sampled_from([Decimal("0.95"), Decimal("0.9"), Decimal(1)]),
)
def test_percent_never_lands_on_a_limit_that_was_not_reached(value, limit):
    # Beyond four decimal places nobody reads a difference; below that the printed figures must not lie.
    if abs(value - limit) >= Decimal("0.000002"):
        assert (percent(value, limit) < limit * 100) == (value < limit)


@pytest.mark.parametrize(
    ("label", "zh", "en"),
    [
        ("2027-03", "2027年3月", "March 2027"),
        ("2027-Q2", "2027年第2季度", "quarter 2 of 2027"),
        ("2027", "2027年", "2027"),
        ("special:lift", "专项调查：lift", "special survey: lift"),
        ("once", "once", "once"),
    ],
)
def test_period_is_written_in_words(label, zh, en):
    assert (period_words(label, "zh"), period_words(label, "en")) == (zh, en)


def test_day_is_written_in_words():
    assert day_words(date(2027, 3, 5), "zh") == "2027年3月5日"
    assert day_words(date(2027, 3, 5), "en") == "5 March 2027"


def test_list_of_names_reads_as_a_sentence():
    assert voice_of(engagement("en")).listed(["a", "b", "c"]) == "a, b and c"
    assert voice_of(engagement("en")).listed([]) == ""
    assert voice_of(engagement("zh")).listed(["甲", "乙"]) == "甲、乙"
