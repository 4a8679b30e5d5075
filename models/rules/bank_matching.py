"""Which movement of the bank is which voucher, and what has no counterpart? (C2)

Nothing is guessed twice: a movement belongs to one voucher, or to all lines of one voucher, and the same movements and
vouchers are matched alike each time. What is left over on both sides explains the difference to the cent.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

MATCH_DAYS = 5
"""So far apart may a booking and its movement be where only the amount tells; a long weekend lies in it."""
NO_CASH = ("depreciation",)
"""Items that never reach a bank."""
_TOKENS = re.compile(r"[^\s,;:，；：。()（）\[\]]+")


@dataclass(frozen=True)
class BankMovement:
    """One line of the bank's statement; into the account above 0."""

    id: int
    booked_on: date
    amount: Decimal
    reference: str
    text: str


@dataclass(frozen=True)
class BookMovement:
    """One voucher that moves money; income above 0."""

    voucher: str
    """With the number of its line after a stroke, where it has several."""
    booked_on: date
    amount: Decimal
    text: str


@dataclass(frozen=True)
class Matching:
    """Movements with their vouchers, and what is left over."""

    pairs: tuple[tuple[BankMovement, tuple[BookMovement, ...]], ...]
    bank_only: tuple[BankMovement, ...]
    books_only: tuple[BookMovement, ...]


def match_movements(bank: Sequence[BankMovement], books: Sequence[BookMovement]) -> Matching:
    """Match by the voucher's number in the bank's reference or text, then by amount and nearest day."""
    open_books = {movement.voucher: movement for movement in books}
    pairs: dict[int, tuple[BookMovement, ...]] = {}
    by_number = _by_number(books)
    for line in sorted(bank, key=_bank_order):
        for number in _TOKENS.findall(f"{line.reference} {line.text}"):
            group = by_number.get(number, ())
            if group and all(one.voucher in open_books for one in group) and _sum(group) == line.amount:
                pairs[line.id] = group
                for one in group:
                    del open_books[one.voucher]
                break
    by_amount: dict[Decimal, list[BookMovement]] = defaultdict(list)
    for movement in open_books.values():
        by_amount[movement.amount].append(movement)
    candidates = sorted(
        (
            abs((movement.booked_on - line.booked_on).days),
            _bank_order(line),
            movement.booked_on,
            movement.voucher,
        )
        for line in bank
        if line.id not in pairs
        for movement in by_amount.get(line.amount, ())
        if abs((movement.booked_on - line.booked_on).days) <= MATCH_DAYS
    )
    for _days, (_day, line_id), _booked_on, voucher in candidates:
        if line_id not in pairs and voucher in open_books:
            pairs[line_id] = (open_books.pop(voucher),)
    ordered = sorted(bank, key=_bank_order)
    return Matching(
        tuple((line, pairs[line.id]) for line in ordered if line.id in pairs),
        tuple(line for line in ordered if line.id not in pairs),
        tuple(sorted(open_books.values(), key=lambda one: (one.booked_on, one.voucher))),
    )


def _by_number(books: Sequence[BookMovement]) -> dict[str, tuple[BookMovement, ...]]:
    groups: dict[str, list[BookMovement]] = defaultdict(list)
    for movement in books:
        for number in {movement.voucher, movement.voucher.rpartition("/")[0]} - {""}:
            groups[number].append(movement)
    return {number: tuple(group) for number, group in groups.items()}


def _bank_order(line: BankMovement) -> tuple[date, int]:
    return line.booked_on, line.id


def _sum(movements: Iterable[BookMovement]) -> Decimal:
    return sum((movement.amount for movement in movements), Decimal("0.00"))


@dataclass(frozen=True)
class BankComparison:
    """A period on both sides: bank - books = open at the bank - open in the books."""

    first: date
    last: date
    bank_total: Decimal
    books_total: Decimal
    """Without what never reaches a bank."""
    no_cash: Decimal
    matched: int
    bank_open: tuple[tuple[BankMovement, date | None], ...]
    """Movements of the period without a voucher in it; the day of the voucher where it is booked outside."""
    books_open: tuple[tuple[BookMovement, date | None], ...]
    """Vouchers of the period without a movement in it; the day of the movement where it came outside."""


def compare_period(
    bank: Sequence[BankMovement], books: Sequence[BookMovement], no_cash: Decimal, first: date, last: date
) -> BankComparison:
    """Set a period's movements beside its vouchers.

    Args:
        bank: movements of the period and of the days around it.
        books: vouchers of the same days.
        no_cash: what was booked in the period and never reaches a bank.
        first: of the period.
        last: of the period, included.
    """
    found = match_movements(bank, books)

    def inside(day: date) -> bool:
        return first <= day <= last

    bank_open: list[tuple[BankMovement, date | None]] = [
        (line, None) for line in found.bank_only if inside(line.booked_on)
    ]
    books_open: list[tuple[BookMovement, date | None]] = [
        (one, None) for one in found.books_only if inside(one.booked_on)
    ]
    matched = 0
    for line, group in found.pairs:
        if inside(line.booked_on) and all(inside(one.booked_on) for one in group):
            matched += 1
            continue
        if inside(line.booked_on):
            bank_open.append((line, group[0].booked_on))
        books_open += [(one, line.booked_on) for one in group if inside(one.booked_on)]
    return BankComparison(
        first,
        last,
        sum((line.amount for line in bank if inside(line.booked_on)), Decimal("0.00")),
        _sum(one for one in books if inside(one.booked_on)),
        no_cash,
        matched,
        tuple(sorted(bank_open, key=lambda pair: _bank_order(pair[0]))),
        tuple(sorted(books_open, key=lambda pair: (pair[0].booked_on, pair[0].voucher))),
    )
