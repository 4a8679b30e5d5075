"""What follows from an edit of a plan: which hours, heads and money, and may the result be signed?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from models.rules.catalogue import Catalogue, Engaged
from models.rules.plan_budget import budget_of
from models.rules.plan_checks import PlanProblem, missing_duties, validate_plan
from models.rules.plan_figures import due_dates, money
from models.rules.plan_scope import scope_of
from models.rules.plan_sources import BY_HAND_EN, BY_HAND_ZH, SET_BY_HAND, marked_by_hand
from models.rules.plan_staffing import staff
from models.rules.plan_types import CommitmentDraft, CompiledPlan, EmergencyStepDraft, PlanInputs, PostPlan

DAILY = ("FREQ=DAILY", "FREQ=DAILY;INTERVAL=1")


@dataclass(frozen=True)
class PostEdit:
    """What may be set for a post; everything else about it is computed or stands in the catalogue."""

    code: str
    heads: Decimal | None
    """Heads set by hand; None where they follow from the work."""
    round_the_clock_persons: int
    certificate: str
    skills_en: tuple[str, ...]
    skills_zh: tuple[str, ...]


@dataclass(frozen=True)
class PlanEdit:
    """The editable part of a plan, whole: what is not here any more was taken out."""

    commitments: tuple[CommitmentDraft, ...]
    posts: tuple[PostEdit, ...]
    steps: tuple[tuple[str, EmergencyStepDraft], ...]
    """Kind of event and step, in order."""


def is_by_hand(post: PostPlan) -> bool:
    """Whether somebody set the heads of this post instead of leaving them to the sum."""
    return post.explanation_en.startswith(BY_HAND_EN)


def edit_of(plan: CompiledPlan) -> PlanEdit:
    """The edit that changes nothing."""
    return PlanEdit(
        commitments=plan.commitments,
        posts=tuple(
            PostEdit(
                post.code,
                post.heads if is_by_hand(post) else None,
                post.round_the_clock_persons,
                post.certificate,
                post.skills_en,
                post.skills_zh,
            )
            for post in plan.posts
        ),
        steps=tuple((event.type, step) for event in plan.emergency_plans for step in event.steps),
    )


def apply_edit(base: CompiledPlan, edit: PlanEdit, inputs: PlanInputs, catalogue: Catalogue) -> CompiledPlan:
    """The plan after the edit, with hours, heads and budget computed anew; no change gives `base` itself.

    Args:
        base: the version that was edited.
        edit: what it shall hold now.
        inputs: the facts of the property, for what is priced by area or asset.
        catalogue: posts and rates.
    """
    if edit == edit_of(base):
        return base
    scope = replace(scope_of(inputs, catalogue), scale=base.scale)
    before = {commitment.code: commitment for commitment in base.commitments}
    commitments = tuple(
        sorted(
            (_marked(commitment, before.get(commitment.code)) for commitment in edit.commitments),
            key=lambda commitment: (commitment.clause, commitment.code),
        )
    )
    wanted = {post.code: post for post in edit.posts}
    posts = tuple(
        _set_by_hand(post, wanted.get(post.code), catalogue)
        for post in staff([c for c in commitments if c.post_code in catalogue.posts], scope, catalogue)
    )
    known = {commitment.code for commitment in commitments}
    return replace(
        base,
        commitments=commitments,
        posts=posts,
        budget=budget_of(commitments, posts, scope, catalogue),
        emergency_plans=tuple(
            replace(event, steps=tuple(step for kind, step in edit.steps if kind == event.type))
            for event in base.emergency_plans
        ),
        demand_answers=tuple(
            replace(answer, commitment_codes=tuple(code for code in answer.commitment_codes if code in known))
            for answer in base.demand_answers
        ),
    )


def _marked(commitment: CommitmentDraft, before: CommitmentDraft | None) -> CommitmentDraft:
    """With what the edit set by hand in its source: its rates are no longer the catalogue's."""
    if before is None:
        return commitment
    changed = [name for name in SET_BY_HAND if getattr(commitment, name) != getattr(before, name)]
    return replace(commitment, source=marked_by_hand(commitment.source, changed))


def _set_by_hand(post: PostPlan, wanted: PostEdit | None, catalogue: Catalogue) -> PostPlan:
    if wanted is None:
        return post
    known = catalogue.posts[post.code].certificate
    kept = wanted.certificate == post.certificate
    certificate = next(
        (
            p.certificate
            for p in catalogue.posts.values()
            if p.certificate and p.certificate.code == wanted.certificate
        ),
        known if kept else None,
    )
    post = replace(
        post,
        round_the_clock_persons=wanted.round_the_clock_persons,
        certificate=wanted.certificate,
        certificate_en="" if certificate is None else certificate.label.en,
        certificate_zh="" if certificate is None else certificate.label.zh,
        skills_en=wanted.skills_en,
        skills_zh=wanted.skills_zh,
    )
    if wanted.heads is None:
        return post
    heads = f"{wanted.heads.normalize():f}"
    computed = f"{post.heads.normalize():f}"
    return replace(
        post,
        heads=wanted.heads,
        # A contracted post costs what it works, however many people the firm sends.
        annual_cost=post.annual_cost
        if post.engaged == Engaged.CONTRACTED
        else money(wanted.heads * post.monthly_cost * 12),
        explanation_en=f"{BY_HAND_EN}{heads} heads; the work alone gives {computed}: {post.explanation_en}",
        explanation_zh=f"{BY_HAND_ZH}{heads}人；按工作量计算为{computed}人：{post.explanation_zh}",
    )


def problems_of_edit(
    base: CompiledPlan, plan: CompiledPlan, inputs: PlanInputs, catalogue: Catalogue
) -> tuple[PlanProblem, ...]:
    """Every reason why the edited plan must not be put to the parties; empty means that it may."""
    return (
        *validate_plan(plan),
        *missing_duties(plan, inputs, catalogue),
        *_weakened_law(base, plan),
        *_gaps(base, plan),
        *_unknown_skills(plan, catalogue),
        *_unknown_targets(base, plan, inputs),
    )


def gaps_at_change(base: CompiledPlan, plan: CompiledPlan, effective_on: date) -> tuple[PlanProblem, ...]:
    """Duties of the law whose last day by the old version and first by the new one lie too far apart."""
    before = {commitment.code: commitment for commitment in base.commitments}
    problems = []
    for now in plan.commitments:
        old, longest = before.get(now.code), now.longest_interval_days
        if old is None or longest is None or (old.rrule, old.start_on) == (now.rrule, now.start_on):
            continue
        reach = timedelta(days=2 * longest)
        last = due_dates(old, max(base.term_start, effective_on - reach), effective_on - timedelta(days=1))
        first = due_dates(now, effective_on, effective_on + reach)
        since = last[-1] if last else base.term_start
        until = first[0] if first else None
        # At the end of the term nothing falls due any more: then only the old limit counts.
        if until is None and (plan.term_end - since).days <= longest:
            continue
        if until is None or (until - since).days > longest:
            text = (
                f"{now.code}: between {since} (old version) and {until or 'never'} (new version) lie more than the "
                f"{longest} days that {now.statutory} allows."
            )
            problems.append(PlanProblem("statutory_gap", now.code, text))
    return tuple(problems)


def _weakened_law(base: CompiledPlan, plan: CompiledPlan) -> list[PlanProblem]:
    """Duties of the law may be done more often or better, never left out: also those without an asset."""
    kept = {commitment.code: commitment for commitment in plan.commitments}
    problems = []
    for duty in base.commitments:
        if not duty.statutory:
            continue
        now = kept.get(duty.code)
        if now is None:
            text = f"{duty.code} {duty.title_en} is a duty by {duty.statutory}: it may not be taken out."
            problems.append(PlanProblem("statutory_duty", duty.code, text))
        elif lost := sorted(target.code for target in set(duty.targets) - set(now.targets)):
            text = f"{duty.code} is a duty by {duty.statutory}: {', '.join(lost[:5])} may not be taken out of it."
            problems.append(PlanProblem("statutory_target", duty.code, text))
        elif now.on_demand and not duty.on_demand:
            text = f"{duty.code} is a duty by {duty.statutory}: it may not wait until somebody asks."
            problems.append(PlanProblem("statutory_interval", duty.code, text))
    return problems


def _gaps(base: CompiledPlan, plan: CompiledPlan) -> list[PlanProblem]:
    """Posts manned day and night stay so: 24 hours of every day for every person (B5)."""
    posts = {post.code: post for post in plan.posts}
    problems = []
    for before in base.posts:
        persons = before.round_the_clock_persons
        if not persons:
            continue
        now = posts.get(before.code)
        hours = sum(
            (
                c.hours * len(c.targets)
                for c in plan.commitments
                if c.post_code == before.code and _every_day(c)
            ),
            Decimal(0),
        )
        if now is None or now.round_the_clock_persons < persons:
            left = 0 if now is None else now.round_the_clock_persons
            text = f"{before.title_en} must be manned by {persons} at every minute; the plan now has {left}."
            problems.append(PlanProblem("round_the_clock", before.code, text))
        elif hours < 24 * now.round_the_clock_persons:
            text = (
                f"{before.title_en} has a gap: {hours.normalize():f} hours a day are planned, "
                f"{24 * now.round_the_clock_persons} are needed for {now.round_the_clock_persons} at every minute."
            )
            problems.append(PlanProblem("round_the_clock", before.code, text))
    return problems


def _every_day(commitment: CommitmentDraft) -> bool:
    return commitment.rrule.upper().removeprefix("RRULE:") in DAILY and not commitment.on_demand


def _unknown_skills(plan: CompiledPlan, catalogue: Catalogue) -> list[PlanProblem]:
    certificates = {post.certificate.code for post in catalogue.posts.values() if post.certificate}
    skills = {skill for post in catalogue.posts.values() for skill in (*post.skills_en, *post.skills_zh)}
    problems = []
    for post in plan.posts:
        required = catalogue.posts[post.code].certificate
        if post.certificate and post.certificate not in certificates:
            text = f"{post.code}: certificate {post.certificate!r} is not known; expected one of {_some(certificates)}."
            problems.append(PlanProblem("certificate", post.code, text))
        elif required is not None and post.certificate != required.code:
            text = f"{post.code} needs the certificate {required.code!r}; the plan says {post.certificate or 'none'!r}."
            problems.append(PlanProblem("certificate", post.code, text))
        problems += [
            PlanProblem("skill", post.code, f"{post.code}: the catalogue knows no skill {skill!r}.")
            for skill in (*post.skills_en, *post.skills_zh)
            if skill not in skills
        ]
        if not post.skills_en or not post.skills_zh:
            problems.append(
                PlanProblem("skill", post.code, f"{post.code}: a post without skills cannot be filled.")
            )
    return problems


def _unknown_targets(base: CompiledPlan, plan: CompiledPlan, inputs: PlanInputs) -> list[PlanProblem]:
    known = {target.code for commitment in base.commitments for target in commitment.targets}
    known |= {asset.tag for asset in inputs.assets} | {place.code for place in inputs.places}
    return [
        PlanProblem("target", commitment.code, f"{commitment.code}: the register holds no {target.code!r}.")
        for commitment in plan.commitments
        for target in commitment.targets
        if target.code not in known
    ]


def _some(codes: Iterable[str]) -> str:
    return ", ".join(sorted(codes))


def texts_of(problems: Sequence[PlanProblem]) -> tuple[str, ...]:
    """The sentences, each once, in order."""
    return tuple(dict.fromkeys(problem.text for problem in problems))
