"""What does the maintenance history change in a plan: first due dates, ages of parts, intervals to talk about?

A date is continued, never a promise changed: where the records suggest a shorter interval it stands among the
risks for both sides to decide.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from models.rules.history import (
    HistoryFact,
    HistoryKind,
    Reliability,
    asset_reliability,
    history_kind,
    type_reliability,
    window_of,
)
from models.rules.plan_types import (
    AssetFact,
    CommitmentDraft,
    Explanation,
    PlanInputs,
    Risk,
    TargetKind,
)
from models.rules.recurrence import Recurrence, interval_days

LEAST_FAILURES = 2
"""One failure is no rate: with fewer of an asset no shorter interval is put up for discussion."""
STEPS = (7, 14, 30, 61, 91, 182, 365)
"""Intervals in days that people plan by: week, fortnight, month, two months, quarter, half-year, year."""
_WHOLE = ("整机", "整台", "整体更换", "unit replaced", "whole unit", "complete unit")
_MOST_LISTED = 12


def past_facts(inputs: PlanInputs) -> tuple[HistoryFact, ...]:
    """The records of the register's assets from before the term; later ones are the custody's own work."""
    tags = {asset.tag for asset in inputs.assets}
    return tuple(
        sorted(
            (f for f in inputs.history if f.asset_tag in tags and f.done_on < inputs.term_start),
            key=lambda f: (f.asset_tag, f.done_on, f.kind, f.text),
        )
    )


def part_renewed_on(asset_tag: str, labels: Sequence[str], facts: Iterable[HistoryFact]) -> date | None:
    """When the part was last replaced by the records; None where no record says so.

    A record counts if it names the part and says that it was replaced, or if the whole unit was replaced.
    """
    words = tuple(label.casefold() for label in labels if label)
    dates = [
        fact.done_on
        for fact in facts
        if fact.asset_tag == asset_tag
        and history_kind(fact.kind) in (HistoryKind.REPLACEMENT, HistoryKind.CORRECTIVE)
        and (
            (any(word in fact.text.casefold() for word in words) and _says_replaced(fact))
            or (
                history_kind(fact.kind) is HistoryKind.REPLACEMENT
                and any(word in fact.text.casefold() for word in _WHOLE)
            )
        )
    ]
    return max(dates, default=None)


def _says_replaced(fact: HistoryFact) -> bool:
    """A repair of a part leaves it its age; a replacement does not."""
    return history_kind(fact.kind) is HistoryKind.REPLACEMENT or any(
        word in fact.text.casefold() for word in ("更换", "换新", "replac", "renew", "changed")
    )


def continue_dates(
    drafts: Sequence[CommitmentDraft], inputs: PlanInputs
) -> tuple[list[CommitmentDraft], tuple[Explanation, ...]]:
    """Let repeating work go on from the last recorded preventive date of its assets.

    A record speaks for the work whose title it names; else for the asset's work whose interval is nearest the one
    observed; else for its most frequent work, the least that was surely done. Last date + interval is the next one;
    what is overdue falls due on the first day of the term. Where a batch's records are incomplete, or the work
    is a legal duty, its date only moves forward, and never beyond last date + longest legal interval.
    """
    facts = past_facts(inputs)
    last = _last_dates(drafts, facts)
    moved, listed = [], []
    for draft in drafts:
        known = [last[key] for t in draft.targets if (key := (t.code, draft.code)) in last]
        start = _next_start(draft, known, inputs) if known else None
        if start is None or start == draft.start_on:
            moved.append(draft)
            continue
        source = f"{draft.source}; history: last done {min(known).isoformat()}"
        moved.append(replace(draft, start_on=start, source=source))
        listed.append((draft.code, min(known), start))
    if not listed:
        return moved, ()
    shown = listed[:_MOST_LISTED]
    en = "; ".join(f"{code} last {before}, next {start}" for code, before, start in shown)
    zh = "；".join(f"{code}上次{before}，下次{start}" for code, before, start in shown)
    more = len(listed) - len(shown)
    return moved, (
        Explanation(
            "history dates",
            f"{len(listed)} recurring jobs go on from their last recorded date: {en}"
            f"{f'; and {more} more' if more else ''}.",
            f"{len(listed)}项周期作业按历史记录的上次日期接续：{zh}{f'；另有{more}项' if more else ''}。",
        ),
    )


def _next_start(draft: CommitmentDraft, known: Sequence[date], inputs: PlanInputs) -> date | None:
    gap = _gap(draft)
    if gap is None:
        return None
    allowed = gap if draft.longest_interval_days is None else min(gap, draft.longest_interval_days)
    start = max(inputs.term_start, min(known) + timedelta(days=allowed))
    # Work on a legal duty or on assets without a record is not put off on the word of a record.
    if len(known) < len(draft.targets) or draft.longest_interval_days is not None:
        start = min(start, draft.start_on)
    return start if start <= inputs.term_end else None


def _gap(draft: CommitmentDraft) -> int | None:
    """The interval in days; None for work that does not repeat evenly: a season sets its own dates."""
    if not draft.rrule:
        return None
    rule = Recurrence.parse(draft.rrule)
    return None if rule.months or rule.weekdays or rule.nth_weekday else interval_days(rule)


def _recurring(drafts: Iterable[CommitmentDraft]) -> dict[str, list[tuple[int, CommitmentDraft]]]:
    """Asset to its repeating work with the intervals, the most frequent first."""
    found: dict[str, list[tuple[int, CommitmentDraft]]] = defaultdict(list)
    for draft in drafts:
        gap = _gap(draft)
        if gap is None:
            continue
        for target in draft.targets:
            if target.kind is TargetKind.ASSET:
                found[target.code].append((gap, draft))
    return {tag: sorted(work, key=lambda pair: (pair[0], pair[1].code)) for tag, work in found.items()}


def _last_dates(
    drafts: Sequence[CommitmentDraft], facts: Sequence[HistoryFact]
) -> dict[tuple[str, str], date]:
    """(asset, code of the work) to the last day the records show it done."""
    work = _recurring(drafts)
    window = window_of(facts)
    found: dict[tuple[str, str], date] = {}
    if window is None:
        return found
    for tag in sorted({fact.asset_tag for fact in facts} & set(work)):
        own = [f for f in facts if f.asset_tag == tag]
        observed = asset_reliability(tag, own, window, None).observed_interval_days
        for fact in own:
            kind = history_kind(fact.kind)
            named = [draft for _, draft in work[tag] if _names(fact.text, draft)]
            if kind not in (HistoryKind.PREVENTIVE, HistoryKind.INSPECTION):
                continue
            if not named and kind is HistoryKind.PREVENTIVE:
                wanted = work[tag][0][0] if observed is None else max(1, observed)
                # Nearest by ratio: a fortnight is as far from a week as from a month.
                nearest = min(
                    work[tag], key=lambda pair: (max(pair[0], wanted) / min(pair[0], wanted), pair[1].code)
                )
                named = [nearest[1]]
            for draft in named:
                key = (tag, draft.code)
                found[key] = max(found.get(key, fact.done_on), fact.done_on)
    return found


def _names(text: str, draft: CommitmentDraft) -> bool:
    said = text.casefold()
    return any(len(title) > 3 and title.casefold() in said for title in (draft.title_en, draft.title_zh))


def reliability_table(
    assets: Sequence[AssetFact], facts: Sequence[HistoryFact]
) -> tuple[tuple[Reliability, ...], tuple[Reliability, ...]]:
    """Reliability of each asset with a record, and of each type that has such an asset; the worst first."""
    window = window_of(facts)
    if window is None:
        return (), ()
    by_type: dict[str, list[Reliability]] = defaultdict(list)
    own: dict[str, list[HistoryFact]] = defaultdict(list)
    for fact in facts:
        own[fact.asset_tag].append(fact)
    for asset in assets:
        installed = asset.installed_on if asset.installed_on and asset.installed_on <= window.last else None
        by_type[asset.type_name].append(asset_reliability(asset.tag, own[asset.tag], window, installed))
    recorded = [figure for figures in by_type.values() for figure in figures if own[figure.subject]]
    types = [
        type_reliability(name, figures, [fact for figure in figures for fact in own[figure.subject]])
        for name, figures in by_type.items()
        if any(own[figure.subject] for figure in figures)
    ]
    return _worst_first(recorded), _worst_first(types)


def _worst_first(figures: Iterable[Reliability]) -> tuple[Reliability, ...]:
    far = Decimal(10) ** 9
    return tuple(sorted(figures, key=lambda f: (far if f.mtbf_days is None else f.mtbf_days, f.subject)))


def interval_risks(drafts: Sequence[CommitmentDraft], inputs: PlanInputs) -> tuple[Risk, ...]:
    """Assets and types that failed more often than they are serviced: a shorter interval to decide on.

    The proposal is the longest usual step within half the mean time between failures (rule of thumb, certainty:
    memory); the plan itself keeps the interval it has.
    """
    facts = past_facts(inputs)
    work = _recurring(drafts)
    risks = []
    by_asset, by_type = reliability_table(inputs.assets, facts)
    tags_of = defaultdict(list)
    for asset in inputs.assets:
        tags_of[asset.type_name].append(asset.tag)
    subjects = [(figure, [figure.subject]) for figure in by_asset]
    subjects += [(figure, tags_of[figure.subject]) for figure in by_type if figure.assets > 1]
    for figure, tags in subjects:
        planned = [work[tag][0] for tag in tags if tag in work]
        if figure.mtbf_days is None or figure.failures < LEAST_FAILURES or not planned:
            continue
        gap, draft = max(planned, key=lambda pair: (pair[0], pair[1].code))
        if figure.mtbf_days >= gap:
            continue
        shorter = max((step for step in STEPS if step <= figure.mtbf_days / 2), default=STEPS[0])
        if shorter >= gap:
            continue
        few_en = " (few failures: an indication only)" if figure.label == "few" else ""
        few_zh = "（故障次数少，仅供参考）" if figure.label == "few" else ""
        risks.append(
            Risk(
                f"HISTORY-{figure.subject}",
                f"{figure.subject} failed {figure.failures} times in {figure.operating_days} days of operation, "
                f"every {figure.mtbf_days} days on average{few_en}; {draft.code} is planned every {gap} days. "
                f"Decide whether to shorten it to {shorter} days.",
                f"{figure.subject}在{figure.operating_days}个运行日内故障{figure.failures}次，平均间隔"
                f"{figure.mtbf_days}天{few_zh}；{draft.code}计划间隔{gap}天，请商定是否缩短为{shorter}天。",
                f"maintenance history: {figure.failures} failures, MTBF {figure.mtbf_days} days",
            )
        )
    return tuple(risks)
