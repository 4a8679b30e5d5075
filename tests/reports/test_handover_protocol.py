"""Does the protocol reconcile everything received, and keep what is open in sight?"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from models.diligence import DocumentItem
from models.handover import HandoverItem, HandoverReceiver
from models.review import JointScore
from models.rules.condition_change import Aged, ElementFacts, explain
from reports.evaluation_scores import EvaluationOutcome, PartyAnswer
from reports.handover_protocol import handover_protocol
from tests.reports.lifecycle import ON, element, engagement, foreign_words, text_of


def item(kind, ref, state, **over) -> HandoverItem:
    return HandoverItem(
        **{"engagement_id": 1, "kind": kind, "ref": ref, "title": "T", "state": state, **over}
    )


ITEMS = [
    item("asset", "A-2", "disputed", remark="R"),
    item("asset", "A-1", "returned", returned_on=ON),
    item("document", "D-1", "returned", returned_on=ON),
    item("key", "K-1", "listed"),
]


def protocol(language="zh", **over):
    rows = {
        "items": ITEMS,
        "entry": [element("lift", 4), element("fire", 2), element("fabric", 3)],
        "exit_": [
            element("lift", 2, "exit"),
            element("fire", 3, "exit"),
            element("fabric", 3, "exit", scheme="OTHER"),
        ],
    }
    return handover_protocol(engagement(language), **{**rows, **over}, on=ON)


def test_every_kind_is_reconciled_and_none_is_left_out():
    table = protocol("en").sections[0].tables[0]
    assert table.rows[0] == ("Assets", "2", "1", "0", "1")
    assert table.rows[-1] == ("key", "1", "0", "1", "0")
    assert table.total == ("Total", "4", "2", "1", "1")


def test_entry_and_exit_stand_side_by_side():
    rows = {row[0]: row[1:4] for row in protocol("en").sections[1].tables[0].rows}
    assert rows["Lifts"] == ("4 mediocre", "2 good", "better by 2")
    assert rows["Fire protection"] == ("2 good", "3 fair", "worse by 1")
    assert rows["Building fabric"][2] == "not comparable"
    assert "1 is better than at entry, 0 unchanged and 1 worse (Fire protection)" in text_of(protocol("en"))


def test_open_matters_hold_everything_not_returned():
    open_matters = protocol("en").sections[-2].tables[0]
    assert [row[0] for row in open_matters.rows] == ["A-2", "K-1"]


def test_three_parties_sign():
    (row,) = protocol("zh", receiver=NEXT).sections[-1].tables[0].rows
    assert [cell.split("\n")[0] for cell in row] == ["滨河花园业主委员会", "安居托管服务有限公司", "新安物业"]


def test_complete_handover_says_so():
    assert "清单所列1项已全部移交。" in text_of(protocol(items=[ITEMS[1]]))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_empty_lists_still_make_a_protocol(language):
    pack = protocol(language, items=[], entry=[], exit_=[])
    assert foreign_words(pack) == []
    assert "全部移交" not in text_of(pack)
    assert foreign_words(protocol("en")) == []


NEXT = HandoverReceiver(
    engagement_id=1, kind="custodian", name="新安物业", contact_ref="receiver-1", named_on=ON
)


def test_who_takes_over_is_named_with_what_holds_until_then():
    assert "接收方为新安物业（新托管方），已请其签署；截至本交接书签发之日尚未签署。" in text_of(
        protocol("zh", receiver=NEXT)
    )
    assert "No receiving party has been named. Until it takes over, the custodian goes on serving" in text_of(
        protocol("en")
    )


def test_the_archive_is_named_by_its_hash_or_said_to_be_missing():
    assert f"12 files; SHA-256 of its manifest {HASH}" in text_of(protocol("en", archive=(HASH, ON, 12)))
    assert "尚未为业主方制作托管档案" in text_of(protocol("zh"))


def test_figures_stand_with_their_unit_and_one_that_is_missing_is_named():
    items = [
        HandoverItem(
            engagement_id=1,
            kind="meter",
            ref="power",
            title="Main electricity meter",
            state="returned",
            figure=Decimal("12345.60"),
            unit="kWh",
        ),
        HandoverItem(
            engagement_id=1, kind="money", ref="deposits", title="Deposits", state="returned", unit="CNY"
        ),
    ]
    told = text_of(protocol("en", items=items))
    assert "12,345.60 kWh" in told
    assert "not stated: Deposits." in told


def test_a_loss_beyond_age_is_listed_and_one_that_age_explains_is_not():
    young = (Aged(date(2024, 1, 1), Decimal(15)),)
    facts = ElementFacts("lift", 2, 4, True, young, 1, 24, 6, 1, 0, Decimal("1200.00"))
    worse = explain(facts, date(2026, 10, 24), date(2027, 12, 31))
    told = protocol("zh", changes=[worse], items=[])
    (claims,) = [s for s in told.sections if s.heading == "可主张的损失"]
    assert claims.tables[0].rows == (("电梯", "2", "1,200.00", "1", "约定维保未完成"),)
    aged = explain(replace(facts, exit_score=2), date(2026, 10, 24), date(2027, 12, 31))
    (claims,) = [s for s in protocol("zh", changes=[aged]).sections if s.heading == "可主张的损失"]
    assert claims.paragraphs == ("无。",)
    assert foreign_words(told) == []


HASH = "ab12" * 16
PAPERS = [
    DocumentItem(
        engagement_id=1,
        ref="D-1",
        title="T",
        kind="drawings",
        state="received",
        received_on=ON,
        evidence=HASH,
    ),
    DocumentItem(engagement_id=1, ref="D-2", title="T", kind="drawings", state="missing"),
    DocumentItem(engagement_id=1, ref="D-3", title="T", kind="drawings", state="waived"),
]


def test_every_paper_stands_at_entry_and_at_exit_with_its_hash_and_those_that_never_came():
    section = next(s for s in protocol("en", papers=PAPERS).sections if s.heading == "Papers")
    rows = {row[0]: row[2:5] for row in section.tables[0].rows}
    assert rows["D-1"] == (f"received\n{ON}", f"returned\n{ON}", HASH[:16] + "…")
    assert rows["D-2"] == ("missing", "never came", "—")
    assert rows["D-3"][:2] == ("waived by both sides", "—")
    assert "1 came in, 1 was waived and 1 never came" in section.paragraphs[0]


def test_open_matters_bear_owner_and_day_and_what_was_settled_stands_last():
    matters = [
        item("order", "O-1", "settled", owner="technician", due_on=ON, returned_on=ON),
        item("order", "O-2", "listed", owner="technician", due_on=ON),
        item("instalment", "I-1", "listed", owner="client", due_on=ON),
    ]
    pack = protocol("en", items=[*ITEMS, *matters])
    section = next(s for s in pack.sections if s.heading == "Open matters")
    assert [[row[0] for row in table.rows] for table in section.tables] == [["O-2", "O-1"], ["I-1"]]
    assert section.tables[0].rows[0][2:5] == ("Maintenance technician", ON.isoformat(), "open")
    assert section.tables[0].rows[1][4] == f"settled\n{ON}"
    assert section.tables[1].rows[0][2] == "Client"
    assert "2 matters are open; 1 came to an end" in text_of(pack)
    assert pack.sections[0].tables[0].total == ("Total", "4", "2", "1", "1"), "matters are not given back"


def test_an_asset_without_a_stated_condition_bears_that_of_the_exit_survey():
    counted = [item("asset", "A-1", "returned", condition="scratched"), item("asset", "A-2", "returned")]
    pack = protocol("en", items=counted, asset_conditions={"A-1": "2 good", "A-2": "class: 3 fair"})
    section = next(s for s in pack.sections if s.heading == "Assets")
    assert [row[2] for row in section.tables[0].rows] == ["scratched", "class: 3 fair"]


@pytest.mark.parametrize(
    ("wish", "said"), [("renew", "Both sides wish the same"), ("end", "wish different things")]
)
def test_the_protocol_tells_marks_judgement_and_wishes(wish, said):
    outcome = EvaluationOutcome(
        tuple(
            JointScore(review_id=1, dimension="finance", party=p, score=n)
            for p, n in (("client", 2), ("custodian", 4))
        ),
        (
            PartyAnswer("evaluation", "client", "rejected", "R"),
            PartyAnswer("renewal", "client", "renew", ""),
            PartyAnswer("renewal", "custodian", wish, ""),
        ),
    )
    text = text_of(protocol("en", outcome=outcome, objections=[("client", ON, "Keys do not agree")]))
    assert said in text
    assert "not accepted" in text
    assert "Keys do not agree" in text
    chinese = protocol(
        "zh", items=ITEMS[:3], outcome=outcome, objections=[("client", ON, "R")], papers=PAPERS
    )
    assert foreign_words(chinese) == []
