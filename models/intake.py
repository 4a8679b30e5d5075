"""What does an intake form hold? The typed form of clause A1, for the UI, the command line and files."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from models.rules.service_levels import WEEKDAYS, ServiceCalendar, Window, windows_of

OFFICE_HOURS = "08:30-12:00, 13:30-17:30"


class DemandForm(BaseModel):
    """A core demand (核心诉求) and how both sides will see whether it is met."""

    model_config = ConfigDict(extra="forbid")

    ref: str = Field(max_length=20, description="Short reference such as D1 · 编号，如D1")
    text: str = Field(min_length=1, description="What the client wants · 诉求内容")
    priority: int = Field(ge=1, le=5, description="1 is the most important · 优先级，1为最高")
    measure: str = Field(min_length=1, description="How it will be measured · 衡量方式")


class WorkingCalendarForm(BaseModel):
    """When the custodian's office works: hours of each weekday, holidays, and make-up workdays (调休)."""

    model_config = ConfigDict(extra="forbid")

    monday: str = Field(
        default=OFFICE_HOURS,
        description="Hours on Monday; empty for a day of rest · 周一办公时间，休息日留空",
    )
    tuesday: str = Field(default=OFFICE_HOURS, description="Hours on Tuesday · 周二")
    wednesday: str = Field(default=OFFICE_HOURS, description="Hours on Wednesday · 周三")
    thursday: str = Field(default=OFFICE_HOURS, description="Hours on Thursday · 周四")
    friday: str = Field(default=OFFICE_HOURS, description="Hours on Friday · 周五")
    saturday: str = Field(default="", description="Hours on Saturday · 周六")
    sunday: str = Field(default="", description="Hours on Sunday · 周日")
    holidays: list[date] = Field(default_factory=list, max_length=400, description="Holidays · 节假日")
    makeup_workdays: list[date] = Field(
        default_factory=list, max_length=400, description="Make-up workdays · 调休工作日"
    )

    @field_validator(*WEEKDAYS)
    @classmethod
    def _are_hours(cls, value: str) -> str:
        windows_of(value)
        return value.strip()

    @model_validator(mode="after")
    def _has_a_clock(self) -> "WorkingCalendarForm":
        self.service_calendar("UTC")
        return self

    def overnight(self) -> tuple[tuple[str, Window], ...]:
        """The hours that run past midnight, with their weekday: a slip of the pen looks the same."""
        return tuple(
            (day, window)
            for day in WEEKDAYS
            for window in windows_of(str(getattr(self, day)))
            if window.past_midnight
        )

    def service_calendar(self, zone: str) -> ServiceCalendar:
        """The calendar on which a service clock can run, in the engagement's time zone."""
        return ServiceCalendar(
            ZoneInfo(zone),
            tuple(windows_of(str(getattr(self, day))) for day in WEEKDAYS),
            frozenset(self.holidays),
            frozenset(self.makeup_workdays),
        )


_SAID: Mapping[str, Mapping[str, str]] = {
    "property_type": {"住宅": "residential", "商业": "commercial", "写字楼": "office", "综合体": "mixed"},
    "fee_model": {
        "包干制": "lump_sum",
        "酬金制": "cost_plus_fee",
        "lump sum": "lump_sum",
        "cost plus fee": "cost_plus_fee",
    },
    "language": {"中文": "zh", "英文": "en", "chinese": "zh", "english": "en"},
    "currency": {"人民币": "CNY"},
}
"""How a choice is written in the documents and on the form itself, to its code."""


def code_of(field: str, said: str) -> str:
    """The code of a choice as it was said, such as `cost_plus_fee` for 酬金制; other texts as they are, trimmed."""
    text = said.strip()
    return _SAID.get(field, {}).get(text.casefold(), text)


LONGEST_TERM_YEARS = 30
"""Not a rule of law: a longer term is taken for a slip of the pen in a year."""


class IntakeForm(BaseModel):
    """What is agreed with the client at first contact. It holds no personal data: runs are kept in clear."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(
        pattern=r"^[A-Z0-9][A-Z0-9-]{1,30}$", description="Code of the engagement, e.g. JC-2027 · 项目编号"
    )
    property_name: str = Field(min_length=1, description="Name of the property · 物业名称")
    property_type: Literal["residential", "commercial", "office", "mixed"] = Field(
        description="Kind of property · 物业类型：residential 住宅, commercial 商业, office 写字楼, mixed 综合体"
    )
    client_name: str = Field(
        min_length=1, description="Client: the organisation, not a person · 委托方（单位名称，不填个人）"
    )
    custodian_name: str = Field(min_length=1, description="Custodian · 托管方")
    scope: str = Field(min_length=1, description="Scope of the custody · 托管范围")
    service_standard: str = Field(min_length=1, description="Service standard · 服务标准")
    term_start: date = Field(description="First day of the term · 托管期限起")
    term_end: date = Field(description="Last day of the term · 托管期限止")
    fee_model: Literal["lump_sum", "cost_plus_fee"] = Field(
        default="lump_sum", description="Fee model · 收费模式：lump_sum 包干制, cost_plus_fee 酬金制"
    )
    remuneration_share: Decimal | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="Share of cost such as 8%; cost plus fee only; else the catalogue's · 酬金比例，如8%，仅酬金制，留空按目录取值",
    )
    currency: Literal["CNY", "USD", "GBP", "EUR"] = Field(default="CNY", description="Currency · 币种")
    timezone: str = Field(default="Asia/Shanghai", description="Time zone of the property · 物业所在时区")
    language: Literal["zh", "en"] = Field(
        default="zh", description="Language of documents and mails · 文件语言：zh 中文, en 英文"
    )
    jurisdiction: str = Field(
        default="CN", pattern="^[A-Z]{2}$", description="ISO country code · 适用法域（国家代码）"
    )
    floor_area: Decimal | None = Field(
        default=None, gt=0, description="Floor area in square metres · 建筑面积（平方米）"
    )
    unit_count: int | None = Field(default=None, gt=0, description="Units · 户数")
    working_calendar: WorkingCalendarForm = Field(
        default_factory=WorkingCalendarForm, description="Office hours and holidays · 办公时间与节假日"
    )
    demands: list[DemandForm] = Field(
        default_factory=list, description="Core demands and how they are measured · 核心诉求及其衡量方式"
    )

    @field_validator(*_SAID, mode="before")
    @classmethod
    def _in_words(cls, value: Any, info: ValidationInfo) -> Any:
        return code_of(str(info.field_name), value) if isinstance(value, str) else value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value!r} is not a time zone such as Asia/Shanghai")
        return value

    # Two fields that contradict each other are a fault of the later one: so it is told with all others,
    # while a check of the whole form would wait until every field by itself is right.
    @field_validator("term_end")
    @classmethod
    def _term_runs_forward(cls, value: date, info: ValidationInfo) -> date:
        start = info.data.get("term_start")
        if start is not None and value <= start:
            raise ValueError(f"the term ends on {value}, not after it starts on {start}")
        if start is not None and value.year - start.year > LONGEST_TERM_YEARS:
            raise ValueError(f"the term from {start} to {value} is longer than {LONGEST_TERM_YEARS} years")
        return value

    @field_validator("remuneration_share", mode="before")
    @classmethod
    def _percent_is_a_share(cls, value: Any) -> Any:
        if not isinstance(value, str) or not value.strip().endswith(("%", "％")):
            return value
        try:
            return Decimal(value.strip()[:-1].strip()) / 100
        except InvalidOperation:
            return value

    @field_validator("remuneration_share")
    @classmethod
    def _lump_sum_has_none(cls, value: Decimal | None, info: ValidationInfo) -> Decimal | None:
        if value is not None and info.data.get("fee_model") == "lump_sum":
            raise ValueError(
                "a lump sum has no remuneration; expected nothing here, or cost_plus_fee as the fee model"
            )
        return value

    @field_validator("demands")
    @classmethod
    def _demands_can_be_told_apart(cls, value: list[DemandForm]) -> list[DemandForm]:
        refs = [demand.ref for demand in value]
        repeated = sorted({ref for ref in refs if refs.count(ref) > 1})
        if repeated:
            raise ValueError(f"two demands have the same reference: {', '.join(repeated)}")
        return value

    def content_sha256(self) -> str:
        """The hash of the record's content, by which a version is known again."""
        content = self.model_dump(mode="json")
        if self.remuneration_share is None:  # versions from before there was the field keep their hash
            del content["remuneration_share"]
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


class PersonForm(BaseModel):
    """A person of the engagement, as read from a file: personal data, never a flow parameter."""

    model_config = ConfigDict(extra="forbid")

    ref: str = Field(min_length=1, max_length=40)
    role: Literal["client", "custodian", "receiver", "owner", "tenant", "staff", "contact"]
    name: str = Field(min_length=1, max_length=200)
    email: str = Field(default="", max_length=254)
    phone: str = Field(default="", max_length=40)
    unit: str = ""
    property_type: str = ""
