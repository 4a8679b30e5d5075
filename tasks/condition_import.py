"""How is a surveyors' form taken in, so that good rows are kept and doing it twice changes nothing? (A2)"""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from models.audit import record_event
from models.checklist_files import load_checklists
from models.condition import ConditionImport, ConditionInspection, ConditionPhoto, ConditionRejection
from models.db import reading, writing
from models.diligence import ConditionFinding, ElementCondition
from models.engagement import Engagement
from models.errors import Terminal
from models.people import Person
from models.rules.condition import Defect
from models.rules.condition_checks import CheckLine
from models.service_plan import ServicePlan
from models.upsert import insert_if_absent
from tasks.condition_facts import BuildingFacts, building_facts, by_ref, findings_of
from tasks.condition_file import ConditionFormRefused, FilledForm, RowProblem, SeenLine, read_form
from tasks.condition_form import check_visit, form_lines, inspections_of
from tasks.condition_photos import PhotoRefused, read_photo
from tasks.engagements import business_today, find_engagement
from tasks.files import keep_file
from tasks.workbook import file_sha256

_COMPARED = ("severity", "intensity", "extent", "text", "repair_cost", "priority", "payer")


class SurveyFixed(Terminal):
    """The survey of this visit is the basis of something agreed and may not be changed any more."""


@dataclass(frozen=True)
class FormImport:
    """What became of a form; with `dry_run` what would become of it."""

    file: str
    sha256: str
    visit: str
    dry_run: bool
    rows: int
    register_changed: bool
    """The form was written when the register stood otherwise: what came since counts as not inspected."""
    looked: int
    not_applicable: int
    not_inspected: dict[str, int]
    """Lines that nobody looked at yet, by element class: their condition is unknown."""
    added: list[str]
    replaced: list[dict[str, Any]]
    removed: list[str]
    photos: int
    scores: dict[str, int]
    rejections: list[dict[str, Any]]


@dataclass
class _Changes:
    added: list[ConditionFinding] = field(default_factory=list)
    replaced: list[tuple[ConditionFinding, ConditionFinding, dict[str, list[str]]]] = field(
        default_factory=list
    )
    removed: list[ConditionFinding] = field(default_factory=list)
    inspections: dict[str, ConditionInspection] = field(default_factory=dict)
    new_inspections: int = 0

    @property
    def any(self) -> bool:
        """Whether the form says anything new."""
        return bool(self.added or self.replaced or self.removed or self.new_inspections)


def import_form(
    code: str,
    path: Path,
    visit: str,
    on: date,
    photos: Path | None = None,
    inspector: str = "",
    *,
    dry_run: bool = False,
) -> FormImport:
    """Take in a filled form: good rows are kept, bad ones are named; the same form again changes nothing.

    Args:
        code: the engagement.
        path: the form, XLSX or CSV.
        visit: `entry` or `exit`.
        on: the day of the survey.
        photos: the folder that holds the pictures named in the form.
        inspector: reference of the person who looked.
        dry_run: say what would change, and write nothing.

    Raises:
        ConditionFormRefused: no form of this register and visit.
        SurveyFixed: the plan was drafted from the entry survey, or the engagement is closed.
    """
    check_visit(visit)
    if photos is not None and not photos.is_dir():
        raise ConditionFormRefused(f"{photos.name}: there is no such folder of photos.")
    with reading() as session:
        engagement = find_engagement(session, code)
        if on > business_today(engagement):
            raise ConditionFormRefused(
                f"--on is {on}, which is after the business date {business_today(engagement)}; expected the day of the survey."
            )
        facts = building_facts(session, engagement)
        _check_person(session, facts.key, inspector)
    lines, mark = form_lines(engagement, facts, visit)
    filled = read_form(path, mark, {line.ref: line for line in lines})
    good, photo_problems = _photos(filled, photos)
    problems = [*filled.problems, *photo_problems]
    digest = file_sha256(path)
    with reading() if dry_run else writing() as session:
        changes = _changes(session, facts, filled, visit, on, inspector)
        grades = _grades(session, facts, lines, changes, visit)
        if not dry_run:
            if changes.any:
                _refuse_if_fixed(session, engagement, facts.key, visit)
                _store(session, changes, grades)
            kept = _keep_photos(session, engagement, facts.key, visit, good, photos)
            _note(session, code, facts.key, visit, path.name, digest, problems, changes, kept)
    looked = {ref: i.state for ref, i in changes.inspections.items()}
    missing: dict[str, int] = {}
    for line in lines:
        if line.ref not in looked:
            missing[line.element_class.value] = missing.get(line.element_class.value, 0) + 1
    return FormImport(
        file=path.name,
        sha256=digest,
        visit=visit,
        dry_run=dry_run,
        rows=filled.rows,
        register_changed=filled.register_changed,
        looked=sum(state == "looked" for state in looked.values()),
        not_applicable=sum(state == "not_applicable" for state in looked.values()),
        not_inspected=missing,
        added=[f.ref for f in changes.added],
        replaced=[{"ref": old.ref, "changes": diff} for old, _new, diff in changes.replaced],
        removed=[f.ref for f in changes.removed],
        photos=len(good),
        scores={g.element_class: g.score for g in grades},
        rejections=[p.__dict__ for p in problems],
    )


def _check_person(session: Session, key: int, ref: str) -> None:
    known = select(Person.id).where(Person.engagement_id == key, Person.ref == ref)
    if ref and session.exec(known).first() is None:
        raise Terminal(f"{ref[:40]!r} is not the reference of a person of this engagement.")


def _photos(filled: FilledForm, folder: Path | None) -> tuple[list[tuple[str, str]], list[RowProblem]]:
    """The photos that may be kept as (finding, name), and what is wrong with the others."""
    good: list[tuple[str, str]] = []
    problems: list[RowProblem] = []
    for seen in filled.seen:
        bad: dict[str, str] = {}
        for name in seen.defect.photos if seen.defect else ():
            try:
                if folder is None:
                    raise PhotoRefused("the option --photos with the folder of this file")
                read_photo(folder, name)
                good.append((seen.ref, name))
            except PhotoRefused as refused:
                bad[name] = str(refused)
        if bad:
            expected = "; ".join(dict.fromkeys(bad.values())) + " (the finding itself was kept)"
            problems.append(
                RowProblem(filled.sheet, seen.row, "Photo files / 照片文件名", "; ".join(bad)[:120], expected)
            )
    return good, problems


def _changes(
    session: Session, facts: BuildingFacts, filled: FilledForm, visit: str, on: date, inspector: str
) -> _Changes:
    changes = _Changes(inspections=inspections_of(session, facts.key, visit))
    before = by_ref(findings_of(session, facts.key, visit))
    at_entry = set(inspections_of(session, facts.key, "entry")) if visit == "exit" else set()
    edition = load_checklists().edition
    said: dict[str, set[str]] = {}
    for seen in filled.seen:
        known = changes.inspections.get(seen.line.ref)
        if known is None or known.state != seen.state:
            changes.new_inspections += 1
            changes.inspections[seen.line.ref] = ConditionInspection(
                id=None if known is None else known.id,
                engagement_id=facts.key,
                visit=visit,
                ref=seen.line.ref,
                element_class=seen.line.element_class.value,
                item_code=seen.line.item.code,
                asset_tag=seen.line.tag,
                state=seen.state,
                inspector=inspector,
                inspected_on=on,
                edition=edition,
            )
        refs = said.setdefault(seen.line.ref, set())
        if seen.defect is None:
            continue
        refs.add(seen.ref)
        new = _finding(facts, seen, visit, on, seen.line.ref in at_entry)
        old = before.get(seen.ref)
        if old is None:
            changes.added.append(new)
            continue
        diff = {
            name: [str(getattr(old, name)), str(getattr(new, name))]
            for name in _COMPARED
            if getattr(old, name) != getattr(new, name)
        }
        if diff:
            changes.replaced.append((old, new, diff))
    if not filled.problems:
        # A row that was not taken says nothing, so only a form without one may take a finding back.
        kept = {ref for refs in said.values() for ref in refs}
        changes.removed = [
            f for f in before.values() if f.item_code and f.ref not in kept and _line_of(f.ref, said) in said
        ]
    return changes


def _line_of(ref: str, lines: Container[str]) -> str:
    return ref if ref in lines else ref.rpartition("-")[0]


def _finding(
    facts: BuildingFacts, seen: SeenLine, visit: str, on: date, entry_known: bool
) -> ConditionFinding:
    defect = seen.defect
    if defect is None:
        raise ValueError("the row describes no defect")
    found = facts.finding(
        Defect(defect.severity, defect.intensity, defect.extent),
        seen.line.element_class,
        seen.line.tag,
        seen.ref,
        visit,
        on,
        entry_known=entry_known,
        text=defect.text,
        repair_cost=defect.repair_cost,
    )
    found.item_code = seen.line.item.code
    found.priority = defect.priority or found.priority
    if defect.payer:
        found.payer, found.payer_basis = defect.payer, "stated"
    return found


def _grades(
    session: Session, facts: BuildingFacts, lines: Sequence[CheckLine], changes: _Changes, visit: str
) -> list[ElementCondition]:
    """The grades of the classes of which something was looked at; the others keep what they have, or nothing."""
    after = by_ref(findings_of(session, facts.key, visit))
    after |= by_ref(changes.added) | by_ref(new for _old, new, _diff in changes.replaced)
    for gone in changes.removed:
        after.pop(gone.ref, None)
    grades = []
    for element_class in dict.fromkeys(line.element_class for line in lines):
        own = [line for line in lines if line.element_class is element_class]
        done = [line for line in own if line.ref in changes.inspections]
        if not any(changes.inspections[line.ref].state == "looked" for line in done):
            continue
        findings = [f for f in after.values() if f.element_class == element_class]
        grades.append(facts.grade(visit, element_class.value, findings, complete=len(done) == len(own)))
    return grades


def _refuse_if_fixed(session: Session, engagement: Engagement, key: int, visit: str) -> None:
    drafted = session.exec(select(ServicePlan.id).where(ServicePlan.engagement_id == key)).first()
    if visit == "entry" and drafted is not None:
        raise SurveyFixed(
            f"{engagement.code}: the service plan was drafted from the entry survey, which is therefore fixed; nothing "
            "was changed. Report later defects at the service desk or at the exit survey."
        )
    if engagement.stage == "closed":
        raise SurveyFixed(f"{engagement.code} is closed; its surveys are fixed and nothing was changed.")


def _store(session: Session, changes: _Changes, grades: Sequence[ElementCondition]) -> None:
    for old, new, _diff in changes.replaced:
        for name in type(new).model_fields:
            if name != "id":
                setattr(old, name, getattr(new, name))
        session.add(old)
    for gone in changes.removed:
        session.delete(gone)
    session.add_all(changes.added)
    for inspection in changes.inspections.values():
        session.merge(inspection)
    for grade in grades:
        known = session.exec(
            select(ElementCondition).where(
                ElementCondition.engagement_id == grade.engagement_id,
                ElementCondition.visit == grade.visit,
                ElementCondition.element_class == grade.element_class,
            )
        ).first()
        grade.id = None if known is None else known.id
        session.merge(grade)
    session.flush()


def _keep_photos(
    session: Session,
    engagement: Engagement,
    key: int,
    visit: str,
    good: Sequence[tuple[str, str]],
    folder: Path | None,
) -> int:
    """Keep the photos; another picture under a known name takes its place, the old bytes stay in the store."""
    kept = 0
    for ref, name in good:
        if folder is None:
            continue
        content, media_type = read_photo(folder, name)
        sha256 = keep_file(session, content, name, media_type)
        row = {"engagement_id": key, "visit": visit, "finding_ref": ref, "file_name": name, "sha256": sha256}
        if insert_if_absent(session, ConditionPhoto, [row]):
            kept += 1
            continue
        natural = {name: value for name, value in row.items() if name != "sha256"}
        known = session.exec(select(ConditionPhoto).filter_by(**natural)).one()
        if known.sha256 != sha256:
            _refuse_if_fixed(session, engagement, key, visit)
            detail = {"visit": visit, "before": known.sha256, "after": sha256}
            record_event(session, key, "survey.photo_replaced", ref, detail)
            known.sha256 = sha256
            session.add(known)
            kept += 1
    return kept


def _note(
    session: Session,
    code: str,
    key: int,
    visit: str,
    file: str,
    digest: str,
    problems: Sequence[RowProblem],
    changes: _Changes,
    kept: int,
) -> None:
    """Keep the rows that were not taken, and leave the audit entry of an import that changed something."""
    stored = session.exec(
        select(ConditionImport).where(
            ConditionImport.engagement_id == key,
            ConditionImport.visit == visit,
            ConditionImport.sha256 == digest,
        )
    ).first()
    if stored is None:
        stored = ConditionImport(
            engagement_id=key,
            visit=visit,
            sha256=digest,
            file_name=file,
            counts={"added": len(changes.added), "photos": kept, "rejected": len(problems)},
        )
        session.add(stored)
        session.flush()
    insert_if_absent(
        session, ConditionRejection, [{"condition_import_id": stored.id, **p.__dict__} for p in problems]
    )
    for old, _new, diff in changes.replaced:
        record_event(
            session, key, "survey.finding_replaced", old.ref, {"visit": visit, "fields": sorted(diff)}
        )
    for gone in changes.removed:
        record_event(session, key, "survey.finding_removed", gone.ref, {"visit": visit})
    if changes.any or kept:
        detail = {
            "sha256": digest,
            "looked": len(changes.inspections),
            "added": len(changes.added),
            "replaced": len(changes.replaced),
            "removed": len(changes.removed),
            "photos": kept,
            "rejected": len(problems),
        }
        record_event(session, key, f"survey.{visit}_form", code, detail)
