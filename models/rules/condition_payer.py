"""How urgent is a defect, and who should pay for its repair? Proposals with their reason; a person may overrule (A2)."""

import calendar
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from models.rules.catalogue import Certainty, PropertyType
from models.rules.condition import Severity


class Payer(StrEnum):
    """Whose money repairs a defect."""

    OWNERS_FUND = "owners_fund"
    CUSTODIAN = "custodian"
    DEVELOPER_WARRANTY = "developer_warranty"
    CLIENT = "client"
    UNKNOWN = "unknown"


class PayerBasis(StrEnum):
    """Why this payer is proposed."""

    STATED = "stated"
    WARRANTY_RUNS = "warranty_runs"
    WARRANTY_UNKNOWN = "warranty_unknown"
    AROSE_IN_TERM = "arose_in_term"
    FUND_RENEWAL = "fund_renewal"
    BEFORE_TERM = "before_term"


@dataclass(frozen=True)
class DefectFacts:
    """What the proposal is made from."""

    visit: str
    score: int
    entry_score: int | None
    """Score of the same line at entry; None where nothing was found then."""
    found_on: date
    property_type: PropertyType
    installed_on: date | None
    warranty_months: int | None
    fund: bool
    outlived: bool = False
    """Whether the asset is older than it was expected to become."""
    entry_known: bool = False
    """Whether the line was looked at when the custody began."""


@dataclass(frozen=True)
class PayerProposal:
    """A proposal, its reason, and how sure the facts behind it are."""

    payer: Payer
    basis: PayerBasis
    certainty: Certainty


RENEWAL_FROM_SCORE = 4
"""From mediocre on a repair is taken for a renewal, which the maintenance fund is for (the product's own choice)."""


def repair_priority(severity: Severity, intensity: int, score: int) -> int:
    """1 at once, 2 before the service starts, 3 within the year, 4 with the next maintenance.

    The product's own order, not a standard's: what touches the element's purpose goes before what looks bad.
    """
    if severity is Severity.CRITICAL and intensity == 3:
        return 1
    if severity is Severity.CRITICAL or score >= 5:
        return 2
    return 3 if severity is Severity.SERIOUS or score >= 3 else 4


def propose_payer(facts: DefectFacts, certainty: Certainty) -> PayerProposal:
    """Who should pay, first answer wins.

    1. A warranty that still runs: the developer. Whether it runs is unknown without an installation day or period.
    2. At exit, a line looked at on entry that is worse or new, on an asset within its expected life: the custodian.
    3. A renewal of a fund-paid part of a residential or mixed property: the maintenance fund.
    4. What was there before the term: the client.

    Args:
        facts: the defect and the asset.
        certainty: how sure the warranty period and the fund rule of the class are.
    """
    if facts.installed_on is not None and facts.warranty_months is not None:
        if facts.found_on <= _months_later(facts.installed_on, facts.warranty_months):
            return PayerProposal(Payer.DEVELOPER_WARRANTY, PayerBasis.WARRANTY_RUNS, certainty)
    elif facts.visit == "entry":
        return PayerProposal(Payer.UNKNOWN, PayerBasis.WARRANTY_UNKNOWN, certainty)
    worse = facts.entry_score is None or facts.score > facts.entry_score
    if facts.visit == "exit" and facts.entry_known and worse and not facts.outlived:
        return PayerProposal(Payer.CUSTODIAN, PayerBasis.AROSE_IN_TERM, certainty)
    shared = facts.property_type in (PropertyType.RESIDENTIAL, PropertyType.MIXED)
    if facts.fund and shared and facts.score >= RENEWAL_FROM_SCORE:
        return PayerProposal(Payer.OWNERS_FUND, PayerBasis.FUND_RENEWAL, certainty)
    if facts.installed_on is None or facts.warranty_months is None:
        return PayerProposal(Payer.UNKNOWN, PayerBasis.WARRANTY_UNKNOWN, certainty)
    return PayerProposal(Payer.CLIENT, PayerBasis.BEFORE_TERM, certainty)


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
