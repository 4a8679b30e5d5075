"""Whose is what is left over, and what may the custodian draw? (C2)

物业服务收费管理办法 (发改价格[2003]1864): under 包干制 (lump sum) profit and loss are the custodian's; under 酬金制 (cost plus
fee) the money paid in advance is held for the payers, the custodian draws the agreed share or sum, and surplus or
shortfall is the owners' (certainty memory). The share is one of cost, as in the plan's budget and the contract.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from models.rules.account_items import OWN_SHARE
from models.rules.statement import NOTHING, BookedLine

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class FeeResult:
    """The result of the service money under its fee form; all amounts in the engagement's currency."""

    income: Decimal
    cost: Decimal
    """The nine cost items, and what stands under no known one."""
    tax: Decimal
    drawn: Decimal
    """What the custodian booked for itself."""
    share: Decimal | None
    """Of cost; None under a lump sum or a fixed sum."""
    due: Decimal | None
    """What the custodian may draw; None under a lump sum, where it bears the result."""

    @property
    def result(self) -> Decimal:
        """Income less cost and tax: under a lump sum the custodian's profit (or loss)."""
        return self.income - self.cost - self.tax

    @property
    def owners(self) -> Decimal:
        """Surplus (or shortfall) of the owners once the custodian has drawn exactly what is due."""
        return self.result - (self.due or NOTHING)

    @property
    def overdrawn(self) -> Decimal:
        """Drawn beyond what is due; below 0: still to be drawn."""
        return self.drawn - (self.due or NOTHING)


def fee_result(
    lines: Sequence[BookedLine],
    fee_model: str,
    share: Decimal,
    fixed: Decimal | None,
    cost_before: Decimal = NOTHING,
) -> FeeResult:
    """The result of a period.

    Args:
        lines: of the service money.
        fee_model: lump_sum or cost_plus_fee.
        share: of cost, as agreed.
        fixed: the agreed sum for this period, instead of a share.
        cost_before: of the same year before the period; the period's share is the difference of two running
            shares, so that the quarters' shares are the year's to the cent.
    """
    income = sum((line.actual for line in lines if line.kind == "income"), NOTHING)
    spent = {line.cost_item: line.actual for line in lines if line.kind == "expense"}
    cost = cost_of(lines)
    held = fee_model == "cost_plus_fee"
    by_share = held and fixed is None
    of_cost = _running(cost_before + cost, share) - _running(cost_before, share)
    due = None if not held else of_cost if by_share else fixed
    return FeeResult(
        income,
        cost,
        spent.get("tax", NOTHING),
        spent.get(OWN_SHARE, NOTHING),
        share if by_share else None,
        due,
    )


def cost_of(lines: Sequence[BookedLine]) -> Decimal:
    """What the service cost: all spending but tax and what the custodian booked for itself."""
    apart = (OWN_SHARE, "tax")
    return sum(
        (line.actual for line in lines if line.kind == "expense" and line.cost_item not in apart), NOTHING
    )


def _running(cost: Decimal, share: Decimal) -> Decimal:
    return (cost * share).quantize(_CENT, ROUND_HALF_EVEN)
