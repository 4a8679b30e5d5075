"""Are the right people in place, qualified and trained, before the first day? (B1)"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import reading, writing
from models.engagement import Engagement
from models.errors import NotReady, Terminal
from models.rules.qualifications import Holding, refusal, valid_until
from models.rules.stages import SERVING
from models.service_plan import PlanPost, TrainingModule
from models.staff import StaffMember, TrainingRecord
from models.upsert import insert_if_absent
from tasks.cycles import CycleRef, cycle_transaction
from tasks.engagements import change_stage, engagement_id, engagement_of, find_engagement, lock_engagement
from tasks.outbox import Letter, people_with_role, queue_letters
from tasks.plans_in_force import plan_in_force
from tasks.qualifications import holdings_of
from tasks.steps import step


@dataclass(frozen=True)
class Vacancy:
    """A post of the plan and how many people it needs."""

    post_code: str
    title: str
    heads: Decimal
    round_the_clock: bool
    heads_on_duty: int
    certificate: str


@step("Call for staff and training")
def call_for_staff(cycle: CycleRef) -> int:
    """Tell the custodian which posts to fill and which modules to train; returns the number of posts."""
    with cycle_transaction(cycle) as session:
        engagement = engagement_of(session, cycle.engagement_id)
        posts = _posts(session, cycle.engagement_id)
        modules = _modules(session, cycle.engagement_id)
        queue_letters(
            session,
            engagement,
            people_with_role(session, engagement, "custodian"),
            _mobilisation_letter(engagement, posts, modules),
            cycle.as_of,
        )
        record_event(
            session,
            cycle.engagement_id,
            "mobilisation.called",
            engagement.code,
            {"posts": len(posts), "modules": len(modules)},
        )
        return len(posts)


def vacancies(code: str) -> list[Vacancy]:
    """The posts of the confirmed plan and the people each takes."""
    with reading() as session:
        engagement = find_engagement(session, code)
        zh = engagement.language == "zh"
        return [
            Vacancy(
                post.code,
                post.title_zh if zh else post.title_en,
                post.headcount,
                post.round_the_clock,
                post.heads_on_duty,
                post.certificate,
            )
            for post in _posts(session, engagement_id(engagement))
        ]


def training_programme(code: str) -> list[tuple[str, tuple[str, ...], Decimal]]:
    """Module code, the posts that must pass it, and its pass mark in per cent."""
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        return [(module.code, tuple(module.posts), module.pass_mark) for module in _modules(session, key)]


def assign_staff(
    code: str, ref: str, post_code: str, certificate: str, certificate_expires_on: date | None, on: date
) -> bool:
    """Put a person on a post; False if the person is there already. Whoever left may come back, to any post.

    Args:
        code: the engagement.
        ref: the person.
        post_code: the post of the confirmed plan.
        certificate: shown now, beside those recorded as qualifications; empty for none.
        certificate_expires_on: its last valid day.
        on: the first day on the post.

    Raises:
        NotReady: the post requires a certificate that is missing or out of date on that day.
        Terminal: the confirmed plan has no such post, or the person is on another one.
    """
    with writing() as session:
        key = engagement_id(lock_engagement(session, code))
        post = next((post for post in _posts(session, key) if post.code == post_code), None)
        if post is None:
            raise Terminal(f"The confirmed plan of {code} has no post {post_code!r}.")
        held = holdings_of(session, key, ref)
        if certificate:
            held.append(Holding(ref, certificate, certificate_expires_on or date.min))
        if why := refusal(held, post.certificate, on):
            raise NotReady(f"{ref} cannot take {post_code}: {why}.")
        shown = post.certificate or certificate
        until = valid_until(held, shown) if shown else None
        known = session.exec(
            select(StaffMember).where(StaffMember.engagement_id == key, StaffMember.ref == ref)
        ).one_or_none()
        if known is not None and known.left_on is None:
            if known.post_code != post_code:
                raise Terminal(
                    f"{ref} is on {known.post_code}: release the person from it (`steward staff release`) first."
                )
            return False
        member = known or StaffMember(engagement_id=key, ref=ref, post_code=post_code, assigned_on=on)
        member.post_code, member.assigned_on = post_code, on
        member.left_on = member.released_on = None
        member.certificate, member.certificate_expires_on = shown, until
        session.add(member)
        session.flush()
        # Whoever comes back has passed the modules before, and is on duty at once where these suffice.
        released = _release_trained(session, key, _modules(session, key), on) if known else 0
        record_event(session, key, "staff.assigned", ref, {"post": post_code, "released": released})
        return True


def leave_post(code: str, ref: str, on: date) -> bool:
    """Take a person off the post from a day on; False if that was done before.

    Raises:
        Terminal: nobody of that reference is on a post.
    """
    with writing() as session:
        key = engagement_id(lock_engagement(session, code))
        member = session.exec(
            select(StaffMember).where(StaffMember.engagement_id == key, StaffMember.ref == ref)
        ).one_or_none()
        if member is None:
            raise Terminal(f"Nobody of the reference {ref!r} is on a post of {code}.")
        if member.left_on is not None:
            return False
        member.left_on = on
        session.add(member)
        record_event(session, key, "staff.left", ref, {"post": member.post_code, "on": on.isoformat()})
        return True


def record_training(code: str, results: Sequence[tuple[str, str, Decimal]], on: date) -> int:
    """Record training results: (staff reference, module code, score in per cent).

    Whoever has passed every module of the post is released for duty that day.

    Returns:
        How many results were new.
    """
    with writing() as session:
        return keep_training(session, find_engagement(session, code), results, on)


def keep_training(
    session: Session, engagement: Engagement, results: Sequence[tuple[str, str, Decimal]], on: date
) -> int:
    """As `record_training`, in the caller's transaction."""
    key, code = engagement_id(engagement), engagement.code
    modules = {module.code: module for module in _modules(session, key)}
    unknown = sorted({module for _ref, module, _score in results} - set(modules))
    if unknown:
        raise Terminal(f"The plan of {code} has no training module {', '.join(unknown)}.")
    new = insert_if_absent(
        session,
        TrainingRecord,
        [
            {
                "engagement_id": key,
                "staff_ref": ref,
                "module_code": module,
                "held_on": on,
                "score": score,
                "passed": score >= modules[module].pass_mark,
            }
            for ref, module, score in results
        ],
    )
    released = _release_trained(session, key, list(modules.values()), on)
    if new or released:
        record_event(session, key, "training.recorded", code, {"results": new, "released": released})
    return new


def _release_trained(session: Session, key: int, modules: list[TrainingModule], on: date) -> int:
    passed: dict[str, set[str]] = {}
    for ref, module in session.exec(
        select(TrainingRecord.staff_ref, TrainingRecord.module_code).where(
            TrainingRecord.engagement_id == key, col(TrainingRecord.passed).is_(True)
        )
    ).all():
        passed.setdefault(ref, set()).add(module)
    waiting = session.exec(
        select(StaffMember).where(
            StaffMember.engagement_id == key,
            col(StaffMember.released_on).is_(None),
            col(StaffMember.left_on).is_(None),
        )
    ).all()
    released = 0
    for member in waiting:
        needed = {module.code for module in modules if member.post_code in module.posts}
        if needed <= passed.get(member.ref, set()):
            member.released_on = on
            session.add(member)
            released += 1
    return released


@step("Check readiness and commence service")
def commence_if_ready(cycle: CycleRef) -> list[str]:
    """Commence service if every post is filled with released people; returns what is still missing."""
    with cycle_transaction(cycle) as session:
        engagement = engagement_of(session, cycle.engagement_id)
        if engagement.stage in SERVING:
            return []  # an earlier run commenced it and died before it could say so
        ready: dict[str, int] = {}
        for post_code in session.exec(
            select(StaffMember.post_code).where(
                StaffMember.engagement_id == cycle.engagement_id,
                col(StaffMember.released_on).is_not(None),
                col(StaffMember.left_on).is_(None),
            )
        ).all():
            ready[post_code] = ready.get(post_code, 0) + 1
        missing = [
            f"{post.code}: {ready.get(post.code, 0)} of {_people(post)} people are released for duty"
            for post in _posts(session, cycle.engagement_id)
            if ready.get(post.code, 0) < _people(post)
        ]
        if not missing:
            change_stage(session, engagement, "commence_service")
        return missing


def _people(post: PlanPost) -> int:
    """Half a person by contract is still one person on the list."""
    return max(1, int(post.headcount.to_integral_value(rounding="ROUND_CEILING")))


def _posts(session: Session, key: int) -> list[PlanPost]:
    return list(
        session.exec(
            select(PlanPost).where(PlanPost.plan_id == plan_in_force(session, key)).order_by(PlanPost.code)
        ).all()
    )


def _modules(session: Session, key: int) -> list[TrainingModule]:
    return list(
        session.exec(
            select(TrainingModule)
            .where(TrainingModule.plan_id == plan_in_force(session, key))
            .order_by(TrainingModule.code)
        ).all()
    )


def _mobilisation_letter(
    engagement: Engagement, posts: Sequence[PlanPost], modules: Sequence[TrainingModule]
) -> Letter:
    zh = engagement.language == "zh"
    return Letter(
        kind="mobilisation",
        period="once",
        title=f"{engagement.property_name}：人员到岗与岗前培训安排"
        if zh
        else f"{engagement.property_name}: mobilisation",
        paragraphs=(
            (
                "合同已签订。请按服务方案配置下列岗位人员，核验证书，并在进场前完成全部岗前培训；未通过者不得排班。"
                if zh
                else "The contract is signed. Please fill the posts below, check the certificates and complete the "
                "pre-job training before the first day; nobody is rostered before passing it."
            ),
        ),
        facts=(
            *(
                (
                    post.title_zh if zh else post.title_en,
                    f"{post.headcount.normalize():f} {post.certificate_title}".strip(),
                )
                for post in posts
            ),
            *(
                (
                    "培训" if zh else "Training",
                    f"{module.title_zh if zh else module.title_en} ≥ {module.pass_mark} %",
                )
                for module in modules
            ),
        ),
    )
