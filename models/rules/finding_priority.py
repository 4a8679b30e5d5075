"""How urgent is what a check found wrong, and how soon must somebody begin? (B2)

The hours are the product's own proposal, no norm: where people may come to harm (lifts, fire protection, high
voltage) or the law asks for the check, somebody begins within four hours; everything else within a day.
"""

from datetime import timedelta
from enum import StrEnum

from models.rules.elements import ElementClass


class FindingPriority(StrEnum):
    """How urgent corrective work is."""

    URGENT = "urgent"
    NORMAL = "normal"


RESPONSE_TIME = {
    FindingPriority.URGENT: timedelta(hours=4),
    FindingPriority.NORMAL: timedelta(hours=24),
}
"""From the moment of the finding to the moment somebody has begun, by the clock on the wall."""
_DANGEROUS = (ElementClass.LIFT, ElementClass.FIRE, ElementClass.ELECTRICITY_HV)


def finding_priority(element_class: str, statutory: bool) -> FindingPriority:
    """The priority of a finding.

    Args:
        element_class: of the asset that was checked; empty for a place or the whole site.
        statutory: whether the law asks for the check that found it.
    """
    return FindingPriority.URGENT if statutory or element_class in _DANGEROUS else FindingPriority.NORMAL
