"""What if one head is missing, an interval is another one, prices rise or the fee comes late? (A4)"""

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from models.rules.catalogue import Engaged
from models.rules.plan_figures import money
from models.rules.plan_types import CommitmentDraft, CompiledPlan, PostPlan
from models.rules.recurrence import Frequency, Recurrence, RecurrenceNotSupported, first_due
from models.rules.rehearsal_types import ZERO, Change, RehearsalRefused

_FACTOR = re.compile(r"[x×*]\s*(?P<factor>\d{1,4}(?:\.\d{1,4})?)", re.IGNORECASE)
_MOST_INFLATION, _MOST_DAYS = Decimal(100), 3650


def read_change(
    plan: CompiledPlan,
    less: Sequence[str] = (),
    intervals: Sequence[str] = (),
    inflation: Decimal = ZERO,
    fee_late_days: int = 0,
) -> Change:
    """Read changes as people write them, and hold them against the plan.

    Args:
        plan: the plan they change.
        less: `POST` or `POST=HEADS`; one head where no number is given.
        intervals: `COMMITMENT=RRULE`, or `COMMITMENT=x2` for twice the interval. A code without its part
            number (`PPM-LV-PANEL-3M` for `.01`, `.02`, ...) means all parts.
        inflation: per cent a year.
        fee_late_days: days after the due day.

    Raises:
        RehearsalRefused: an unknown post or commitment, more heads than there are, an interval that cannot be
            carried out, a figure out of range.
    """
    if not -_MOST_INFLATION < inflation <= _MOST_INFLATION:
        raise RehearsalRefused(f"Inflation of {inflation} %: expected a figure above -100 and up to 100.")
    if not 0 <= fee_late_days <= _MOST_DAYS:
        raise RehearsalRefused(f"The fee {fee_late_days} days late: expected 0 to {_MOST_DAYS} days.")
    heads: dict[str, Decimal] = {}
    for text in less:
        code, number = _read_less(plan, text)
        heads[code] = heads.get(code, ZERO) + number
    for code, number in heads.items():
        have = next(post.heads for post in plan.posts if post.code == code)
        if number > have:
            raise RehearsalRefused(
                f"{code} has {have.normalize():f} heads in this plan, {number.normalize():f} cannot be taken; "
                f"write for example {code}={have.normalize():f}."
            )
    rules: dict[str, str] = {}
    for text in intervals:
        rules.update(_read_interval(plan, text))
    return Change(tuple(heads.items()), tuple(rules.items()), inflation, fee_late_days)


def changed_plan(plan: CompiledPlan, change: Change) -> CompiledPlan:
    """The plan with other heads and intervals; its budget stays what was agreed."""
    heads, rules = dict(change.less), dict(change.intervals)
    if not heads and not rules:
        return plan
    return replace(
        plan,
        posts=tuple(_with_less(post, heads.get(post.code, ZERO)) for post in plan.posts),
        commitments=tuple(
            replace(commitment, rrule=rules[commitment.code]) if commitment.code in rules else commitment
            for commitment in plan.commitments
        ),
    )


def duty_of(code: str) -> str:
    """A commitment's code without its part number: many targets are divided into parts on different days."""
    return re.sub(r"\.\d+$", "", code)


def _with_less(post: PostPlan, number: Decimal) -> PostPlan:
    if not number:
        return post
    left = post.heads - number
    return replace(post, heads=left, annual_cost=money(post.annual_cost * left / post.heads))


def _read_less(plan: CompiledPlan, text: str) -> tuple[str, Decimal]:
    code, _, written = (part.strip() for part in text.partition("="))
    post = next((post for post in plan.posts if post.code == code), None)
    if post is None:
        known = ", ".join(post.code for post in plan.posts if post.engaged == Engaged.EMPLOYED)
        raise RehearsalRefused(f"There is no post {code!r} in this plan; it has {known}.")
    if post.engaged != Engaged.EMPLOYED:
        raise RehearsalRefused(f"{code} is bought by the hour: there is no head to take away.")
    try:
        number = Decimal(written or "1")
    except InvalidOperation:
        number = ZERO
    if not number.is_finite() or number <= 0:
        raise RehearsalRefused(f"{text!r}: expected POST or POST=HEADS with a number above 0.")
    return code, number


def _read_interval(plan: CompiledPlan, text: str) -> dict[str, str]:
    code, sign, written = (part.strip() for part in text.partition("="))
    if not sign or not written:
        raise RehearsalRefused(f"{text!r}: expected COMMITMENT=RRULE or COMMITMENT=x2.")
    found = [c for c in plan.commitments if code in (c.code, duty_of(c.code))]
    if not found:
        near = [c.code for c in plan.commitments if c.rrule and c.code.startswith(code[:4])][:8]
        hint = f"; near it are {', '.join(near)}" if near and code else ""
        raise RehearsalRefused(f"There is no commitment {code!r} in this plan{hint}.")
    return {commitment.code: _new_rule(commitment, written) for commitment in found}


def _new_rule(commitment: CommitmentDraft, written: str) -> str:
    if not commitment.rrule:
        raise RehearsalRefused(f"{commitment.code} does not repeat: it has no interval to change.")
    factor = _FACTOR.fullmatch(written)
    try:
        old = Recurrence.parse(commitment.rrule)
        rule = (
            _stretched(commitment.code, old, Decimal(factor["factor"]))
            if factor
            else Recurrence.parse(written)
        )
    except RecurrenceNotSupported as error:
        raise RehearsalRefused(f"{commitment.code}: {error}") from error
    if first_due(rule, commitment.start_on) is None:
        raise RehearsalRefused(f"{commitment.code}: {rule} never falls due from {commitment.start_on}.")
    return str(rule)


def _stretched(code: str, rule: Recurrence, factor: Decimal) -> Recurrence:
    """The rule at `factor` times its interval, in smaller steps where a whole number needs them."""
    candidates = [(rule.frequency, Decimal(rule.interval))]
    if not rule.weekdays and not rule.months:
        if rule.frequency is Frequency.YEARLY:
            candidates.append((Frequency.MONTHLY, Decimal(12 * rule.interval)))
        if rule.frequency is Frequency.WEEKLY:
            candidates.append((Frequency.DAILY, Decimal(7 * rule.interval)))
    for frequency, interval in candidates:
        stretched = interval * factor
        if stretched == stretched.to_integral_value() and 1 <= stretched <= 9999:
            return replace(rule, frequency=frequency, interval=int(stretched))
    raise RehearsalRefused(
        f"{code}: {factor} times {rule} is no whole number of days, weeks, months or years; "
        "write the rule itself, for example FREQ=MONTHLY;INTERVAL=2."
    )
