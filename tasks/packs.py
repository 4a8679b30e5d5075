"""How does a pack leave the house? Rendered, kept under its hash, and queued for its readers (E4)."""

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, select

from models.audit import record_event
from models.db import reading, writing
from models.engagement import Engagement
from models.review import Pack as PackRow
from models.rules.periods import Period
from reports.pack import Pack, pack_file_name
from reports.pdf import render_pdf
from reports.workbook import render_xlsx
from tasks.cycles import CycleRef, cycle_transaction
from tasks.engagements import engagement_of
from tasks.files import keep_file
from tasks.outbox import Letter, people_with_role, queue_letters

PDF = "application/pdf"
PNG = "image/png"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class IssuedPack:
    """A pack as it was kept: the PDF's hash is what decisions are taken on."""

    kind: str
    period: str
    title: str
    sha256: str
    files: tuple[tuple[str, str, str], ...]
    """(file name, media type, sha256) of the PDF and the workbook."""


def issue_pack(cycle: CycleRef, kind: str, pack: Pack, on: date) -> IssuedPack:
    """Render and keep a pack; a pack issued before for the same period is returned as it was.

    Rendering happens outside the transaction, so that no other writer waits for it.
    """
    before = issued_pack(cycle.engagement_id, kind, cycle.period)
    if before is not None:
        return before
    contents = _rendered(pack)
    with cycle_transaction(cycle) as session:
        return _keep_pack(session, cycle.engagement_id, kind, cycle.period, pack, contents, on)


def issue_picture(cycle: CycleRef, kind: str, pack: Pack, content: bytes, on: date) -> None:
    """Keep a PNG that belongs to a pack, for the screen; one kept before stays as it was.

    Args:
        cycle: whose run keeps it.
        kind: another than the pack's own, for it is no attachment of its mails.
        pack: what it is a picture of.
        content: of the PNG.
        on: the day of issue.
    """
    if issued_pack(cycle.engagement_id, kind, cycle.period) is None:
        with cycle_transaction(cycle) as session:
            _keep_pack(session, cycle.engagement_id, kind, cycle.period, pack, ((content, "png", PNG),), on)


def issue_loose_pack(key: int, kind: str, period: str, pack: Pack, on: date) -> IssuedPack:
    """As `issue_pack`, for a document that belongs to no cycle; of two issuers at once, the first wins."""
    before = issued_pack(key, kind, period)
    if before is not None:
        return before
    contents = _rendered(pack)
    with writing() as session:
        session.exec(select(Engagement).where(Engagement.id == key).with_for_update()).one()
        meanwhile = found_pack(session, key, kind, period)
        return meanwhile or _keep_pack(session, key, kind, period, pack, contents, on)


def _rendered(pack: Pack) -> tuple[tuple[bytes, str, str], ...]:
    return ((render_pdf(pack), "pdf", PDF), (render_xlsx(pack), "xlsx", XLSX))


def _keep_pack(
    session: Session,
    key: int,
    kind: str,
    period: str,
    pack: Pack,
    contents: tuple[tuple[bytes, str, str], ...],
    on: date,
) -> IssuedPack:
    files = []
    for content, extension, media_type in contents:
        name = pack_file_name(pack, extension, _calendar_label(period))
        sha256 = keep_file(session, content, name, media_type)
        session.add(
            PackRow(
                engagement_id=key,
                kind=kind,
                period=period,
                title=pack.title,
                file_name=name,
                media_type=media_type,
                sha256=sha256,
                issued_on=on,
            )
        )
        files.append((name, media_type, sha256))
    record_event(session, key, "pack.issued", f"{kind}:{period}", {"sha256": files[0][2]})
    return IssuedPack(kind, period, pack.title, files[0][2], tuple(files))


def _calendar_label(period: str) -> str | None:
    """The period where it is one of the calendar: files of a folder then stand in their order."""
    try:
        return Period.parse(period).label
    except ValueError:
        return None


def issued_pack(key: int, kind: str, period: str) -> IssuedPack | None:
    """The pack of this kind and period, if it was issued."""
    with reading() as session:
        return found_pack(session, key, kind, period)


def found_pack(session: Session, key: int, kind: str, period: str) -> IssuedPack | None:
    """As `issued_pack`, in the caller's transaction."""
    rows = session.exec(
        select(PackRow)
        .where(PackRow.engagement_id == key, PackRow.kind == kind, PackRow.period == period)
        .order_by(PackRow.media_type)
    ).all()
    if not rows:
        return None
    files = tuple((row.file_name, row.media_type, row.sha256) for row in rows)
    return IssuedPack(kind, period, rows[0].title, files[0][2], files)


def mail_pack(
    cycle: CycleRef,
    pack: IssuedPack,
    roles: tuple[str, ...],
    paragraphs: tuple[str, ...],
    facts: tuple[tuple[str, str], ...],
    on: date,
) -> int:
    """Queue the pack for the people with these roles; returns how many mails are new."""
    with cycle_transaction(cycle) as session:
        return queue_pack(
            session, engagement_of(session, cycle.engagement_id), pack, roles, paragraphs, facts, on
        )


def queue_pack(
    session: Session,
    engagement: Engagement,
    pack: IssuedPack,
    roles: tuple[str, ...],
    paragraphs: tuple[str, ...],
    facts: tuple[tuple[str, str], ...],
    on: date,
) -> int:
    """As `mail_pack`, in the caller's transaction."""
    return queue_letters(
        session,
        engagement,
        people_with_role(session, engagement, *roles),
        Letter(
            kind=f"pack-{pack.kind}",
            period=pack.period,
            title=" ".join(
                (f"{engagement.property_name} · {pack.title}", _period_words(pack.period))
            ).strip(),
            paragraphs=paragraphs,
            facts=facts,
            attachments=pack.files,
        ),
        on,
    )


def _period_words(period: str) -> str:
    """The period as it stands in a subject line; a pack of which there is only one needs none."""
    return period if period[:1].isdigit() else ""
