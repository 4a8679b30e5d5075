"""What does an intake form hold? The typed form of clause A1, for the UI, the command line and files."""

from datetime import date
from decimal import Decimal
from typing import Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class DemandForm(BaseModel):
    """A core demand (核心诉求) and how both sides will see whether it is met."""

    model_config = ConfigDict(extra="forbid")

    ref: str = Field(max_length=20, description="Short reference such as D1")
    text: str = Field(min_length=1, description="What the client wants")
    priority: int = Field(ge=1, le=5, description="1 is the most important")
    measure: str = Field(min_length=1, description="How it will be measured")


class IntakeForm(BaseModel):
    """What is agreed with the client at first contact. It holds no personal data: runs are kept in clear."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(
        pattern=r"^[A-Z0-9][A-Z0-9-]{1,30}$", description="Code of the engagement, e.g. JC-2027"
    )
    property_name: str = Field(min_length=1)
    property_type: Literal["residential", "commercial", "office", "mixed"]
    client_name: str = Field(min_length=1, description="The organisation, not a person")
    custodian_name: str = Field(min_length=1)
    scope: str = Field(min_length=1, description="托管范围")
    service_standard: str = Field(min_length=1, description="服务标准")
    term_start: date
    term_end: date
    fee_model: Literal["lump_sum", "cost_plus_fee"] = "lump_sum"
    currency: Literal["CNY", "USD", "GBP", "EUR"] = "CNY"
    timezone: str = "Asia/Shanghai"
    language: Literal["zh", "en"] = "zh"
    jurisdiction: str = Field(default="CN", pattern="^[A-Z]{2}$", description="ISO country code")
    floor_area: Decimal | None = Field(default=None, gt=0, description="Square metres")
    unit_count: int | None = Field(default=None, gt=0)
    demands: list[DemandForm] = Field(default_factory=list)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value!r} is not a time zone such as Asia/Shanghai")
        return value

    @model_validator(mode="after")
    def _term_runs_forward(self) -> "IntakeForm":
        if self.term_end <= self.term_start:
            raise ValueError(f"the term ends on {self.term_end}, not after it starts on {self.term_start}")
        refs = [demand.ref for demand in self.demands]
        if len(set(refs)) != len(refs):
            raise ValueError("two demands have the same reference")
        return self


class PersonForm(BaseModel):
    """A person of the engagement, as read from a file: personal data, never a flow parameter."""

    model_config = ConfigDict(extra="forbid")

    ref: str = Field(min_length=1, max_length=40)
    role: Literal["client", "custodian", "owner", "tenant", "staff", "contact"]
    name: str = Field(min_length=1, max_length=200)
    email: str = Field(default="", max_length=254)
    phone: str = Field(default="", max_length=40)
    unit: str = ""
    property_type: str = ""
