"""Which single answers are told within a day, however good the average? Dangers, and low marks where risks are asked about (D6)."""

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any

from models.rules.survey_signals import HAZARD_DAYS, HAZARD_ITEMS, WEAK_DAYS, good_values

RISK = "risk"
"""The purpose of a wave that looks for risks."""
LOW_MARK = 2
"""Of five; so low a mark is told of a wave about risks (own rule)."""
DIGEST_AT = time(9)
"""When the day's digest is put together, by the property's clock: never as an answer comes in (own rule)."""
STILL_TOLD = timedelta(days=7)
"""So long after a wave closed its last answers are told, if nobody looked before (own rule)."""


def alarming_values(purpose: str, item: Mapping[str, Any]) -> frozenset[int]:
    """The answers to an item each of which is told; none of most items."""
    if item["code"] in HAZARD_ITEMS:
        return frozenset(item.get("values", (0, 1))) - good_values(item)
    if purpose == RISK and item.get("kind", "rating") == "rating":
        return frozenset(range(1, LOW_MARK + 1))
    return frozenset()


def days_to_act(item: Mapping[str, Any]) -> int:
    """Time for the action that an answer opens."""
    return HAZARD_DAYS if item["code"] in HAZARD_ITEMS else WEAK_DAYS


def news_since(before: Mapping[str, int], now: Mapping[str, int]) -> dict[str, int]:
    """How many more such answers there are than were told, by item."""
    return {item: count - before.get(item, 0) for item, count in now.items() if count > before.get(item, 0)}
