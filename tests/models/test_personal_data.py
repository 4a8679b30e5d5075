"""Are telephone numbers and addresses found however people write them, and is nothing else taken for one?"""

import pytest

from models.rules.personal_data import masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电话:13812345678", "电话:[telephone]"),
        ("Tel:617-555-1234", "Tel:[telephone]"),
        ("１３８１２３４５６７８ 请回电", "[telephone] 请回电"),
        ("call 617\u2013555\u20131234", "call [telephone]"),
        ("（010）12345678", "[telephone]"),
        ("010 12345678, 07700 900123", "[telephone], [telephone]"),
        ("unit-001＠example.com", "[email]"),
        ("rooms 301 302 1203", "rooms 301 302 1203"),
        ("at 10:15:00 on 2022-01-31, case 101004113302", "at 10:15:00 on 2022-01-31, case 101004113302"),
        ("from 2027-01-05 08:00 to 2027-01-06 08:00", "from 2027-01-05 08:00 to 2027-01-06 08:00"),
    ],
)
def test_what_belongs_to_a_person_is_masked_and_nothing_else(text: str, shown: str) -> None:
    assert masked(text) == shown
