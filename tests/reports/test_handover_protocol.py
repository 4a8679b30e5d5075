"""Does the protocol reconcile everything received, and keep what is open in sight?"""

import pytest

from models.handover import HandoverItem
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
    (row,) = protocol("zh", receiver="新安物业").sections[-1].tables[0].rows
    assert [cell.split("\n")[0] for cell in row] == ["滨河花园业主委员会", "安居托管服务有限公司", "新安物业"]


def test_complete_handover_says_so():
    assert "清单所列1项已全部移交。" in text_of(protocol(items=[ITEMS[1]]))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_empty_lists_still_make_a_protocol(language):
    pack = protocol(language, items=[], entry=[], exit_=[])
    assert foreign_words(pack) == []
    assert "全部移交" not in text_of(pack)
    assert foreign_words(protocol("en")) == []
