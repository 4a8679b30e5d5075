"""What does a test start from? A small engagement with valid defaults, brought forward by the product's own steps."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from sqlmodel import update

from models.db import writing
from models.engagement import IntakeVersion
from models.intake import DemandForm, IntakeForm, PersonForm
from models.rules.condition import Severity
from models.rules.cycles import ONCE, CycleKind
from models.rules.elements import ElementClass
from models.rules.periods import Period
from tasks.condition_survey import FindingForm, record_condition_survey
from tasks.contracts import draw_up_contract, offer_contract
from tasks.cycles import CycleRef, begin_cycle, finish_cycle
from tasks.decisions import BOTH_SIDES, open_decisions, take_decision
from tasks.documents import list_expected_documents, receive_document
from tasks.engagements import set_simulated_date
from tasks.intake import record_intake, record_people, send_intake_sheet
from tasks.mobilisation import (
    assign_staff,
    call_for_staff,
    commence_if_ready,
    record_training,
    training_programme,
    vacancies,
)
from tasks.packs import IssuedPack
from tasks.planning import draft_plan, issue_survey_report, submit_plan
from tasks.register_import import take_in_register
from tasks.work_months import release_month

CODE = "TG-2027"
DEMAND = DemandForm(ref="D1", text="Safe lifts", priority=1, measure="maintenance on time")
FIRST_CONTACT = date(2026, 10, 12)
SURVEYED_ON = date(2026, 10, 24)
TERM_START, TERM_END = date(2027, 1, 1), date(2027, 12, 31)
RESIDENTS = 12

Sheet = tuple[tuple[str, ...], ...]

REGISTER: dict[str, Sheet] = {
    "Contact": (("Email", "Company", "Phone"), ("maker@lifts.example.com", "Lifts Ltd", "1")),
    "Facility": (
        ("Name", "Category", "SiteName", "CurrencyUnit", "AreaUnits"),
        ("Test Garden", "Mixed residential and commercial", "Test Garden", "CNY", "squaremeters"),
    ),
    "Floor": (("Name", "Category", "Elevation"), ("B1", "Floor", "-4"), ("1F", "Floor", "0")),
    "Space": (
        ("Name", "Category", "FloorName", "Description"),
        ("B1-PUMP", "Plant room", "B1", "Pump room"),
        ("B1-CAR", "Car park", "B1", "Car park"),
        ("1F-LOBBY", "Lobby", "1F", "Entrance lobby"),
        ("1F-GARDEN", "Garden", "1F", "Garden with lawn and trees"),
    ),
    "Type": (
        ("Name", "Category", "Description", "Manufacturer", "ReplacementCost", "ExpectedLife", "DurationUnit"),
        ("Passenger lift", "Lifts", "Passenger lift", "maker@lifts.example.com", "420000", "15", "year"),
        ("Domestic pump", "Water supply", "Domestic water pump", "maker@lifts.example.com", "9000", "12", "year"),
        ("Fire alarm panel", "Fire alarm", "Fire alarm control panel", "maker@lifts.example.com", "30000", "10", "year"),
        ("CCTV camera", "Security", "Video surveillance camera", "maker@lifts.example.com", "1500", "6", "year"),
        ("Distribution board", "Low-voltage electricity", "LV board", "maker@lifts.example.com", "8000", "20", "year"),
    ),
    "Component": (
        ("Name", "TypeName", "Space", "Description", "SerialNumber", "InstallationDate"),
        ("LIFT-1", "Passenger lift", "1F-LOBBY", "Lift of tower 1", "L1", "2021-11-16"),
        ("LIFT-2", "Passenger lift", "1F-LOBBY", "Lift of tower 2", "L2", "2016-09-09"),
        ("PUMP-1", "Domestic pump", "B1-PUMP", "Domestic pump 1", "P1", "2020-05-01"),
        ("FIRE-1", "Fire alarm panel", "1F-LOBBY", "Fire alarm panel", "F1", "2021-06-01"),
        ("CAM-1", "CCTV camera", "1F-LOBBY", "Camera at the gate", "C1", "2022-03-01"),
        ("CAM-2", "CCTV camera", "B1-CAR", "Camera in the car park", "C2", "2022-03-01"),
        ("DB-1", "Distribution board", "B1-PUMP", "Distribution board", "D1", "2019-01-15"),
    ),
    "Job": (
        ("Name", "Category", "TypeName", "Description", "Duration", "DurationUnit", "Start", "Frequency", "FrequencyUnit", "TaskNumber"),
        ("Lift service", "PM", "Passenger lift", "Check by the rules", "90", "minute", "2024-01-01", "15", "day", "1"),
        ("Pump service", "PM", "Domestic pump", "Grease and check", "1", "hour", "2024-01-01", "3", "month", "1"),
    ),
    "Spare": (("Name", "Category", "TypeName", "PartNumber"), ("Hoist rope", "Part", "Passenger lift", "R-13")),
    "Document": (
        ("Name", "Category", "SheetName", "RowName", "Directory", "File"),
        ("Lift manual", "Technical", "Type", "Passenger lift", "docs", "lift.pdf"),
    ),
}  # fmt: skip
"""A register of seven assets, small enough to be read and to run a whole year of work in a second."""


def write_register(path: Path, **sheets: Sheet) -> Path:
    """Write the small register as a COBie workbook; `sheets` replaces or adds sheets by name."""
    with xlsxwriter.Workbook(path, {"strings_to_numbers": False, "strings_to_formulas": False}) as workbook:
        for name, rows in (REGISTER | sheets).items():
            sheet = workbook.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, text in enumerate(row):
                    sheet.write_string(number, column, text)
    return path


def intake_form(code: str = CODE, **changes: Any) -> IntakeForm:
    """What was agreed at first contact."""
    agreed: dict[str, Any] = {
        "code": code,
        "property_name": "Test Garden",
        "property_type": "mixed",
        "client_name": "Owners of Test Garden",
        "custodian_name": "Custody Ltd",
        "scope": "Common parts, systems and grounds",
        "service_standard": "As the confirmed plan says",
        "term_start": TERM_START,
        "term_end": TERM_END,
        "language": "en",
        "floor_area": Decimal(4200),
        "unit_count": 40,
        "demands": [DEMAND],
    }
    return IntakeForm(**(agreed | changes))


def people(residents: int = RESIDENTS) -> tuple[PersonForm, ...]:
    """Client, custodian, and owners and users; every third unit is a shop."""
    return (
        PersonForm(ref="client-1", role="client", name="Alex Client", email="client@client.example.com"),
        PersonForm(ref="custodian-1", role="custodian", name="Robin", email="manager@custodian.example.com"),
        *(
            PersonForm(
                ref=f"unit-{number:03d}",
                role="tenant" if number % 3 == 0 else "owner",
                name=f"Resident {number}",
                email=f"unit-{number:03d}@residents.example.com",
                unit=f"U{number:03d}",
                property_type="commercial" if number % 3 == 0 else "residential",
            )
            for number in range(1, residents + 1)
        ),
    )


def create_engagement(code: str = CODE, *, residents: int = RESIDENTS, **changes: Any) -> str:
    """An engagement at first contact, its people recorded and the intake record queued for both sides."""
    record_intake.fn(intake_form(code, **changes), FIRST_CONTACT)
    record_people(code, people(residents))
    send_intake_sheet.fn(code, FIRST_CONTACT)
    return code


def survey_the_building(code: str, folder: Path) -> None:
    """The register is taken in, papers are handed over, and the condition survey is recorded."""
    take_in_register(code, write_register(folder / "register.xlsx"))
    list_expected_documents.fn(code)
    receive_document(code, "register-2", "received", "client-1", "box 1", SURVEYED_ON)
    record_condition_survey(code, "entry", [finding()], SURVEYED_ON)
    set_simulated_date(code, SURVEYED_ON)


def finding(ref: str = "F-001", **changes: Any) -> FindingForm:
    """A defect of the lift, bad enough to be repaired first."""
    seen: dict[str, Any] = {
        "ref": ref,
        "element_class": ElementClass.LIFT,
        "asset_tag": "LIFT-2",
        "severity": Severity.SERIOUS,
        "intensity": 3,
        "extent": 5,
        "text": "door closes with a jerk",
        "repair_cost": Decimal("1200.00"),
    }
    return FindingForm(**(seen | changes))


def claim(code: str, kind: CycleKind, period: str = ONCE, as_of: date | None = None) -> CycleRef:
    """Take hold of a cycle as a flow run would."""
    cycle = begin_cycle.fn(code, kind, period, as_of, None, "")
    assert cycle is not None, f"{kind} {period} is done or in other hands"
    return cycle


def confirm_the_record() -> None:
    """Both sides hold the same record; how they are asked is tested elsewhere."""
    with writing() as session:
        session.exec(update(IntakeVersion).values(state="confirmed"))


def propose_plan(code: str, version: int = 1) -> IssuedPack:
    """Compute a version of the plan and put it to both sides."""
    confirm_the_record()
    cycle = claim(code, CycleKind.DUE_DILIGENCE, f"plan-{version}", SURVEYED_ON)
    issue_survey_report.fn(cycle, "entry")
    drafted = draft_plan.fn(cycle)
    pack = submit_plan.fn(cycle, drafted["version"])
    finish_cycle.fn(cycle)
    return pack


def answer(
    code: str,
    subject: str,
    verdict: str = "accepted",
    parties: Sequence[str] = BOTH_SIDES,
    on: date = SURVEYED_ON,
    remark: str = "",
) -> int:
    """The parties answer every open question about a subject; returns how many decisions were new."""
    return sum(
        take_decision(
            code,
            subject,
            question.reference,
            question.party,
            verdict,
            declared_by=f"{question.party}-1",
            authenticated_by="scenario",
            document_sha256=question.document_sha256,
            on=on,
            remark=remark,
        )
        for question in open_decisions(code)
        if question.subject == subject and question.party in parties
    )


def offer(code: str) -> IssuedPack:
    """Draw up the contract of the confirmed plan and offer it to both sides."""
    cycle = claim(code, CycleKind.CONTRACT, "contract-1", SURVEYED_ON)
    draw_up_contract.fn(cycle)
    pack = offer_contract.fn(cycle)
    finish_cycle.fn(cycle)
    return pack


def fill_the_posts(code: str, on: date = date(2026, 12, 15)) -> list[str]:
    """Put people on every post and train them; returns their references."""
    assigned: list[tuple[str, str]] = []
    for post in vacancies(code):
        for number in range(1, _people(post.heads) + 1):
            ref = f"staff-{post.post_code}-{number}"
            expiry = on + timedelta(days=700) if post.certificate else None
            assign_staff(code, ref, post.post_code, post.certificate, expiry, on)
            assigned.append((ref, post.post_code))
    record_training(
        code,
        [
            (ref, module, Decimal(100))
            for module, posts, _mark in training_programme(code)
            for ref, post in assigned
            if post in posts
        ],
        on,
    )
    return [ref for ref, _post in assigned]


def _people(heads: Decimal) -> int:
    return max(1, int(heads.to_integral_value(rounding="ROUND_CEILING")))


def commence(code: str) -> list[str]:
    """Check readiness and commence; returns what is missing."""
    cycle = claim(code, CycleKind.COMMENCEMENT, ONCE, TERM_START)
    missing = commence_if_ready.fn(cycle)
    if not missing:
        finish_cycle.fn(cycle)
    return missing


def bring_into_service(code: str) -> None:
    """From the recorded survey to the first day of service: plan, contract, people, training."""
    propose_plan(code)
    answer(code, "plan")
    offer(code)
    answer(code, "contract")
    mobilisation = claim(code, CycleKind.MOBILISATION, ONCE, date(2026, 12, 11))
    call_for_staff.fn(mobilisation)
    finish_cycle.fn(mobilisation)
    fill_the_posts(code)
    assert commence(code) == []
    set_simulated_date(code, TERM_START)


def open_the_month(code: str, period: str = "2027-01") -> dict[str, int]:
    """Release a month's work orders as the flow does."""
    cycle = claim(code, CycleKind.MONTH_OPEN, period, Period.parse(period).first)
    released = release_month.fn(cycle)
    finish_cycle.fn(cycle)
    return released


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """An instant in UTC."""
    return datetime.combine(day, time(hour, minute), UTC)
