"""Does a client understand how often something is done?"""

import re
from importlib.resources import files

import pytest

from models.rules.rhythm import frequency_words


@pytest.mark.parametrize(
    ("rule", "zh", "en"),
    [
        ("FREQ=DAILY", "每天", "every day"),
        ("FREQ=DAILY;INTERVAL=15", "每15天", "every 15 days"),
        ("FREQ=WEEKLY;BYDAY=MO,TH", "每周一、周四", "every week on Monday and Thursday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "每2周（周五）", "every 2 weeks on Friday"),
        ("FREQ=MONTHLY;INTERVAL=3", "每3个月", "every 3 months"),
        ("FREQ=MONTHLY;BYDAY=2TU", "每月第二个周二", "every month on the second Tuesday"),
        (
            "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR",
            "每3个月最后一个周五",
            "every 3 months on the last Friday",
        ),
        ("FREQ=YEARLY;BYMONTH=4,10", "每年4月、10月", "every year in April and October"),
        ("FREQ=WEEKLY;BYMONTH=5,6,7,8,9", "5月至9月期间每周", "every week, May to September"),
        ("FREQ=MONTHLY;BYMONTH=11,12,1,2", "11月至2月期间每月", "every month, November to February"),
        ("FREQ=DAILY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12", "每天", "every day"),
        ("FREQ=HOURLY", "FREQ=HOURLY", "FREQ=HOURLY"),
    ],
)
def test_recurrence_is_written_in_words(rule, zh, en):
    assert (frequency_words(rule, "zh"), frequency_words(rule, "en")) == (zh, en)


def test_every_rule_of_the_catalogue_has_words():
    texts = [
        f.read_text(encoding="utf-8") for f in files("models.catalogue").iterdir() if f.name.endswith(".yaml")
    ]
    rules = {rule for text in texts for rule in re.findall(r'rrule: "(FREQ[^"]+)"', text)}
    assert len(rules) > 5
    assert not [rule for rule in rules if "FREQ" in frequency_words(rule, "zh") + frequency_words(rule, "en")]
