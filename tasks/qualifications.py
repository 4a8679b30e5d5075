"""Which certificates do people hold, who is told when one runs out, and which posts are vacant for it? (B1)"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from models.audit import audit_key, record_event
from models.db import reading, writing
from models.engagement import Engagement
from models.rules.file_values import ValueDoubted, plain_text, read_date
from models.rules.handover_sheet import SheetColumn
from models.rules.personal_data import masked
from models.rules.qualifications import ExpiryWarning, Holding, refusal, warnings_due
from models.rules.stages import Stage
from models.service_plan import PlanPost
from models.staff import Qualification, StaffMember
from models.upsert import insert_if_absent
from tasks.engagements import (
    business_today,
    codes_by_the_clock,
    engagement_id,
    find_engagement,
    lock_engagement,
)
from tasks.outbox import Letter, people_with_role, queue_letters
from tasks.plans_in_force import plan_in_force
from tasks.row_quarantine import keep_doubts
from tasks.sheet_rows import CellDoubted, RowsTaken, judge_rows, read_table
from tasks.steps import step

QUALIFICATION_COLUMNS = (
    SheetColumn("ref", "Ref", "编号", ("staff", "staff ref", "reference", "员工编号", "人员编号")),
    SheetColumn("kind", "Certificate", "证书", ("qualification", "kind", "证书类型", "资格")),
    SheetColumn("number", "Number", "证书编号", ("certificate number", "no", "证号")),
    SheetColumn("issuer", "Issuer", "发证机关", ("issued by", "发证单位")),
    SheetColumn("expires", "Expires", "有效期至", ("expires on", "valid until", "到期日")),
)
_LATEST = date(2100, 12, 31)
_OVER = (Stage.CLOSED, Stage.WITHDRAWN)


def holdings_of(session: Session, key: int, ref: str | None = None) -> list[Holding]:
    """The certificates of one person, or of everybody; those shown on assignment count too."""
    rows = session.exec(select(Qualification).where(Qualification.engagement_id == key)).all()
    members = session.exec(select(StaffMember).where(StaffMember.engagement_id == key)).all()
    return [
        *(Holding(row.staff_ref, row.kind, row.expires_on) for row in rows if ref in (None, row.staff_ref)),
        *(
            Holding(member.ref, member.certificate, member.certificate_expires_on)
            for member in members
            if member.certificate and ref in (None, member.ref)
        ),
    ]


def import_qualifications(code: str, path: Path, *, dry_run: bool = False) -> RowsTaken:
    """Take in a sheet of certificates, one a row; the same sheet again changes nothing.

    Args:
        code: the engagement.
        path: CSV or workbook with the columns Ref, Certificate, Number, Issuer, Expires (either language).
        dry_run: look only.

    Raises:
        SheetRefused: the file cannot be read as such a sheet.
    """
    table = read_table(path, QUALIFICATION_COLUMNS, ("ref", "kind", "expires"))
    with writing() as session:
        key = engagement_id(lock_engagement(session, code))
        kinds = _kinds(session, key)
        # The number of a certificate is often an identity number, so it is never shown.
        rows, doubts = judge_rows(table, lambda row: _read(row.cells, kinds), never_shown=("number",))
        new = insert_if_absent(session, Qualification, [{"engagement_id": key, **row} for row in rows])
        if dry_run:
            session.rollback()  # tried in earnest, so that what it says is what would happen
        elif keep_doubts(session, key, "certificates", table, doubts) or new:
            detail = {"new": new, "not_taken": len(doubts)}
            record_event(session, key, "qualifications.imported", table.sha256[:16], detail)
        return RowsTaken(table.file, len(table.rows), new, len(rows) - new, tuple(doubts))


def _read(cells: dict[str, str], kinds: dict[str, str]) -> dict[str, Any]:
    ref = plain_text(cells["ref"])
    if not 1 <= len(ref) <= 64:
        raise CellDoubted("ref", "expected the reference of a person, 1 to 64 characters")
    kind = kinds.get(plain_text(cells["kind"]).casefold())
    if kind is None:
        known = ", ".join(sorted(set(kinds.values()))) or "none"
        raise CellDoubted(
            "kind", f"is no certificate the posts of the plan ask for; expected one of: {known}"
        )
    try:
        expires = read_date(cells["expires"], _LATEST)
    except ValueDoubted as error:
        raise CellDoubted("expires", str(error)) from error
    return {
        "staff_ref": ref,
        "kind": kind,
        "number_hash": _number_hash(cells.get("number", "")),
        "issuer": masked(plain_text(cells.get("issuer", "")))[:120],
        "expires_on": expires,
    }


def _number_hash(number: str) -> str:
    plain = plain_text(number).upper().replace(" ", "")
    return hmac.new(audit_key(), f"certificate:{plain}".encode(), hashlib.sha256).hexdigest() if plain else ""


def _kinds(session: Session, key: int) -> dict[str, str]:
    """Code and title of every certificate the posts ask for, to its code."""
    found: dict[str, str] = {}
    for post in session.exec(select(PlanPost).where(PlanPost.plan_id == plan_in_force(session, key))).all():
        if post.certificate:
            found[post.certificate.casefold()] = post.certificate
            found[plain_text(post.certificate_title).casefold()] = post.certificate
    return found


def listed_staff(code: str, as_of: date | None = None) -> list[dict[str, Any]]:
    """Everybody on a post: since when, trained since when, certificate, and whether the post is held on that day."""
    with reading() as session:
        engagement = find_engagement(session, code)
        key, today = engagement_id(engagement), as_of or business_today(engagement)
        asked = _asked(session, key)
        held = holdings_of(session, key)
        members = session.exec(
            select(StaffMember)
            .where(StaffMember.engagement_id == key)
            .order_by(StaffMember.post_code, StaffMember.ref)
        ).all()
        return [
            {
                "ref": member.ref,
                "post": member.post_code,
                "assigned": member.assigned_on,
                "trained": member.released_on or "",
                "certificate": asked.get(member.post_code, ""),
                "state": _state(member, held, asked, today),
            }
            for member in members
        ]


def vacant_places(code: str, as_of: date | None = None) -> list[dict[str, Any]]:
    """Posts with fewer people able to hold them on that day than the plan says, and why the others cannot."""
    with reading() as session:
        engagement = find_engagement(session, code)
        key, today = engagement_id(engagement), as_of or business_today(engagement)
        asked, held = _asked(session, key), holdings_of(session, key)
        states: dict[str, list[tuple[str, str]]] = {}
        for member in session.exec(select(StaffMember).where(StaffMember.engagement_id == key)).all():
            states.setdefault(member.post_code, []).append((member.ref, _state(member, held, asked, today)))
        found = []
        for post in session.exec(
            select(PlanPost).where(PlanPost.plan_id == plan_in_force(session, key)).order_by(PlanPost.code)
        ).all():
            people = states.get(post.code, [])
            needed = max(1, int(post.headcount.to_integral_value(rounding="ROUND_CEILING")))
            able = sum(state == "on duty" for _ref, state in people)
            if able < needed:
                why = "; ".join(f"{ref}: {state}" for ref, state in sorted(people) if state != "on duty")
                found.append({"post": post.code, "needed": needed, "able": able, "why": why})
        return found


def able_on(session: Session, key: int, day: date) -> dict[str, list[str]]:
    """Who may stand on each post on a day: assigned, trained, with the certificate in date."""
    asked, held = _asked(session, key), holdings_of(session, key)
    found: dict[str, list[str]] = {}
    for member in session.exec(
        select(StaffMember).where(StaffMember.engagement_id == key).order_by(StaffMember.ref)
    ).all():
        if _state(member, held, asked, day) == "on duty":
            found.setdefault(member.post_code, []).append(member.ref)
    return found


class Standing:
    """Who may stand on which post on which day, read once; asked for each shift of a roster or of a month worked."""

    def __init__(self, session: Session, key: int) -> None:
        self._asked, self._held = _asked(session, key), holdings_of(session, key)
        self._members = {
            member.ref: member
            for member in session.exec(select(StaffMember).where(StaffMember.engagement_id == key)).all()
        }

    def objection(self, ref: str, post: str, days: Iterable[date], lacks: Sequence[str] = ()) -> str:
        """Why the person may not stand on the post on one of the days; empty if nothing is in the way.

        Args:
            ref: the person.
            post: code of the post.
            days: every day that the shift touches; a certificate has to be good on the last of them too.
            lacks: the modules the person has still to pass, to be named.
        """
        member = self._members.get(ref)
        if member is None:
            return "is on no post"
        if member.post_code != post:
            return f"is on the post {member.post_code}, not on {post}"
        for day in sorted(set(days)):
            state = _state(member, self._held, self._asked, day)
            if state == "on duty":
                continue
            if state == "in training" and lacks:
                state = f"has not passed {', '.join(lacks)}"
            return f"{state}, so not on {day.isoformat()}"
        return ""

    def came_after(self, ref: str, day: date) -> bool:
        """Whether the person came to the present post after that day: what was before is no longer known here."""
        member = self._members.get(ref)
        return member is not None and member.assigned_on > day

    def knows(self, ref: str) -> bool:
        """Whether the person is, or was, on a post."""
        return ref in self._members


def _asked(session: Session, key: int) -> dict[str, str]:
    return dict(
        session.exec(
            select(PlanPost.code, PlanPost.certificate).where(PlanPost.plan_id == plan_in_force(session, key))
        ).all()
    )


def _state(member: StaffMember, held: list[Holding], asked: dict[str, str], on: date) -> str:
    if member.left_on is not None and member.left_on <= on:
        return f"left on {member.left_on.isoformat()}"
    mine = [holding for holding in held if holding.staff_ref == member.ref]
    if why := refusal(mine, asked.get(member.post_code, ""), on):
        return why
    if member.assigned_on > on:
        return f"comes on {member.assigned_on.isoformat()}"
    return "on duty" if member.released_on is not None and member.released_on <= on else "in training"


def warn_of_expiries(code: str, day: date | None = None) -> int:
    """Tell the custodian of certificates that run out in 90, 30 or 7 days, once each; returns the mails queued.

    Args:
        code: the engagement.
        day: the business date by default.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        on = day or business_today(engagement)
        if engagement.stage in _OVER or not _due(session, engagement, on):
            return 0
    with writing() as session:
        engagement = lock_engagement(session, code)
        people = people_with_role(session, engagement, "custodian")
        return sum(
            queue_letters(session, engagement, people, _letter(engagement, warning), on)
            for warning in _due(session, engagement, on)
        )


@step("Warn of certificates that run out")
def warn_of_expiries_everywhere() -> int:
    """The same for every engagement that is not over; a demonstration has no clock of its own."""
    return sum(warn_of_expiries(code) for code in codes_by_the_clock(serving=False))


def _due(session: Session, engagement: Engagement, on: date) -> list[ExpiryWarning]:
    key = engagement_id(engagement)
    gone = {
        member.ref
        for member in session.exec(select(StaffMember).where(StaffMember.engagement_id == key)).all()
        if member.left_on is not None and member.left_on <= on
    }
    return warnings_due([held for held in holdings_of(session, key) if held.staff_ref not in gone], on)


def _letter(engagement: Engagement, warning: ExpiryWarning) -> Letter:
    zh = engagement.language == "zh"
    until = warning.expires_on.isoformat()
    return Letter(
        kind="certificate_expiry",
        period=f"{warning.staff_ref}:{warning.kind}:{until}:{warning.days}",
        title=f"{engagement.property_name}：证书即将到期"
        if zh
        else f"{engagement.property_name}: a certificate runs out",
        paragraphs=(
            f"以下证书将在 {warning.days} 日内到期；到期后该人员不得上岗，岗位视为空缺。请及时换证或安排替补。"
            if zh
            else f"The certificate below runs out within {warning.days} days. After its last day the person may not "
            "stand on the post, which then counts as vacant. Have it renewed, or plan a substitute.",
        ),
        facts=(
            ("人员编号" if zh else "Person", warning.staff_ref),
            ("证书" if zh else "Certificate", warning.kind),
            ("有效期至" if zh else "Last valid day", until),
        ),
    )
