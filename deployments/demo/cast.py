"""Which property, which people? The engagement of the demonstration, for the sample or for any register."""

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal, cast

from deployments.sample.workbook import HISTORY_FILE, OWNERS_FILE, WORKBOOK_NAME, build_workbook
from models.intake import DemandForm, IntakeForm, PersonForm
from models.rules.cobie import read_register
from models.rules.cobie_rows import RegisterReading
from tasks.workbook import read_workbook

FIRST_CONTACT = date(2026, 10, 12)
TERM = (date(2027, 1, 1), date(2027, 12, 31))
HistoryEntry = tuple[str, date, str, str, Decimal | None]
Currency = Literal["CNY", "USD", "GBP", "EUR"]
_COUNTRY = {"CNY": "CN", "USD": "US", "GBP": "GB", "EUR": "DE"}
_ZONE = {"CNY": "Asia/Shanghai", "USD": "America/New_York", "GBP": "Europe/London", "EUR": "Europe/Berlin"}


@dataclass(frozen=True)
class Cast:
    """Everything the scenario starts from."""

    form: IntakeForm
    workbook: Path
    people: tuple[PersonForm, ...]
    history: tuple[HistoryEntry, ...]


def sample_cast(folder: Path) -> Cast:
    """The bundled sample: 锦程花园, a mixed residential and commercial property. All of it is invented."""
    folder.mkdir(parents=True, exist_ok=True)
    form = IntakeForm(
        code="JC-2027",
        property_name="锦程花园",
        property_type="mixed",
        client_name="锦程花园业主委员会",
        custodian_name="安居物业托管有限公司",
        scope="三栋住宅塔楼、商业裙房、地下车库的共用部位、共用设施设备、绿化与公共秩序",
        service_standard="以双方确认的服务方案为准，不低于当地住宅物业服务三级标准",
        term_start=TERM[0],
        term_end=TERM[1],
        currency="CNY",
        timezone="Asia/Shanghai",
        language="zh",
        floor_area=Decimal(42000),
        unit_count=320,
        demands=[
            DemandForm(ref="D1", text="电梯安全，困人及时救援", priority=1, measure="电梯维保按期率 100 %"),
            DemandForm(ref="D2", text="公共区域清洁明显改善", priority=2, measure="保洁合格率与满意率"),
            DemandForm(ref="D3", text="财务公开透明", priority=2, measure="季度财务报告按时审核"),
            DemandForm(ref="D4", text="报修及时", priority=1, measure="维修及时率 95 %"),
        ],
    )
    return Cast(
        form, build_workbook(folder / WORKBOOK_NAME), (*_parties("zh"), *_sample_owners()), _sample_history()
    )


def register_cast(workbook: Path) -> Cast:
    """An engagement for any COBie workbook: the building is real, the parties and residents are invented.

    Raises:
        WorkbookRefused: the file is not safe to open.
        NotARegister: it is no COBie register.
    """
    register = read_register(read_workbook(workbook), workbook.name)
    name = register.facility.name if register.facility else workbook.stem
    language: Literal["zh", "en"] = "zh" if any("一" <= letter <= "鿿" for letter in name) else "en"
    currency = _currency(register)
    code = (
        "".join(letter for letter in name.upper() if letter.isascii() and letter.isalnum())[:16] or "PROPERTY"
    )
    form = IntakeForm(
        code=f"{code}-2027",
        property_name=name,
        property_type=_property_type(register),
        client_name="业主委员会（虚构）" if language == "zh" else "Owners of the building (invented)",
        custodian_name="安居物业托管有限公司（虚构）"
        if language == "zh"
        else "Anju Property Custody (invented)",
        scope="共用部位与共用设施设备"
        if language == "zh"
        else "Common parts, systems, grounds and services of the building",
        service_standard="以服务方案为准" if language == "zh" else "As the confirmed service plan says",
        term_start=TERM[0],
        term_end=TERM[1],
        currency=currency,
        timezone=_ZONE[currency],
        language=language,
        jurisdiction=_COUNTRY[currency],
        demands=[
            DemandForm(
                ref="D1",
                text="维修及时" if language == "zh" else "Repairs are done in time",
                priority=1,
                measure="维修及时率" if language == "zh" else "share of repairs on time",
            )
        ],
    )
    return Cast(form, workbook, (*_parties(language), *_invented_residents(register, language)), ())


def _property_type(register: RegisterReading) -> Literal["residential", "commercial", "office", "mixed"]:
    text = (
        f"{register.facility.category} {register.facility.description}".lower() if register.facility else ""
    )
    for words, kind in (
        (("duplex", "apartment", "residen", "housing", "dwelling", "住宅"), "residential"),
        (("office", "写字楼", "办公"), "office"),
    ):
        if any(word in text for word in words):
            return cast(Literal["residential", "office"], kind)
    return "commercial"


def _currency(register: RegisterReading) -> Currency:
    text = register.facility.currency.lower() if register.facility else ""
    for words, currency in (
        (("cny", "rmb", "yuan", "人民币"), "CNY"),
        (("gbp", "pound"), "GBP"),
        (("eur",), "EUR"),
    ):
        if any(word in text for word in words):
            return cast(Currency, currency)
    return "USD"


def _parties(language: str) -> tuple[PersonForm, ...]:
    zh = language == "zh"
    return (
        PersonForm(
            ref="client-1",
            role="client",
            name="郑文博（虚构）" if zh else "Alex Client (invented)",
            email="client@client.example.com",
        ),
        PersonForm(
            ref="custodian-1",
            role="custodian",
            name="沈佳宁（虚构）" if zh else "Robin Manager (invented)",
            email="manager@custodian.example.com",
        ),
    )


def _invented_residents(register: RegisterReading, language: str) -> tuple[PersonForm, ...]:
    households = min(120, max(2, len(register.spaces) // 10))
    kind = _property_type(register)
    return tuple(
        PersonForm(
            ref=f"resident-{number:03d}",
            role="owner" if number % 4 else "tenant",
            name=f"住户 {number}（虚构）" if language == "zh" else f"Resident {number} (invented)",
            email=f"resident-{number:03d}@residents.example.com",
            unit=f"U{number:03d}",
            property_type="residential" if kind == "mixed" else kind,
        )
        for number in range(1, households + 1)
    )


def _sample_owners() -> tuple[PersonForm, ...]:
    with OWNERS_FILE.open(encoding="utf-8", newline="") as source:
        return tuple(
            PersonForm(
                ref=row["unit"],
                role=cast(Literal["owner", "tenant"], row["role"]),
                name=row["name"],
                email=row["email"],
                phone=row["phone"],
                unit=row["unit"],
                property_type=row["property_type"],
            )
            for row in csv.DictReader(source)
        )


def _sample_history() -> tuple[HistoryEntry, ...]:
    with HISTORY_FILE.open(encoding="utf-8", newline="") as source:
        return tuple(
            (
                row["asset_tag"],
                date.fromisoformat(row["date"]),
                row["kind"],
                row["what"],
                Decimal(row["cost_cny"]) if row["cost_cny"] else None,
            )
            for row in csv.DictReader(source)
        )
