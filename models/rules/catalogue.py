"""What does one entry of the trade's catalogue say: a job plan, an activity, a post, a document, a clause?"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from models.rules.elements import ElementClass
from models.rules.planning import FIXED_SERIES, Planning


class PropertyType(StrEnum):
    """The kinds of property of clause D2, and the mix of them."""

    RESIDENTIAL = "residential"
    COMMERCIAL = "commercial"
    OFFICE = "office"
    MIXED = "mixed"


class Scale(StrEnum):
    """Whether a team lives on the site or comes to it."""

    STAFFED = "staffed"
    VISITING = "visiting"


class Certainty(StrEnum):
    """How sure the source of a legal or trade figure is."""

    VERIFIED = "verified"
    """Read in a source."""
    SECONDARY = "secondary"
    """Read as quoted by others."""
    MEMORY = "memory"
    """Confirm before relying on it."""


class Subject(StrEnum):
    """What kind of work a commitment promises; the executing code branches on it."""

    PREVENTIVE_MAINTENANCE = "preventive_maintenance"
    ROUND = "round"
    CLEANING = "cleaning"
    GREENING = "greening"
    SECURITY_POST = "security_post"
    SECURITY_PATROL = "security_patrol"
    CCTV_CHECK = "cctv_check"
    FIRE_CHECK = "fire_check"
    SERVICE_DESK = "service_desk"
    TRAINING = "training"
    DRILL = "drill"
    EMERGENCY = "emergency"
    MEETING = "meeting"
    BULLETIN = "bulletin"
    SURVEY = "survey"
    REVIEW = "review"
    REPORT = "report"
    CORRECTIVE = "corrective"


class Grouping(StrEnum):
    """Whether many assets of one job make one visit or a work order each."""

    ASSET = "asset"
    SITE = "site"


class Engaged(StrEnum):
    """Whether a post is on the payroll or bought by the hour."""

    EMPLOYED = "employed"
    CONTRACTED = "contracted"


class OverheadBasis(StrEnum):
    """What an overhead is multiplied by."""

    PER_HEAD_MONTH = "per_head_month"
    PER_M2_YEAR = "per_m2_year"
    PER_ASSET_YEAR = "per_asset_year"
    SITE_YEAR = "site_year"


@dataclass(frozen=True)
class Label:
    """One text in both languages."""

    en: str
    zh: str

    def in_language(self, language: str) -> str:
        """The Chinese text for `zh`, `zh-CN`, ...; else the English one."""
        return self.zh if language.lower().startswith("zh") else self.en


@dataclass(frozen=True)
class Statutory:
    """The legal basis of a duty."""

    longest_interval_days: int
    source: str
    certainty: Certainty

    def __str__(self) -> str:
        return f"{self.source} [{self.certainty}]"


@dataclass(frozen=True)
class WearPart:
    """A part that is replaced before it fails."""

    code: str
    label: Label
    life_months: int
    lead_days: int


@dataclass(frozen=True)
class JobPlan:
    """A maintenance job of one element class."""

    code: str
    element_class: ElementClass
    label: Label
    rrule: str
    post: str
    hours: Decimal
    materials: Decimal
    cost_item: str
    standard: Label
    evidence: Label
    metric: str
    grouping: Grouping = Grouping.ASSET
    matches: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    fallback: bool = False
    independent: bool = False
    jurisdictions: tuple[str, ...] = ()
    except_jurisdictions: tuple[str, ...] = ()
    statutory: Statutory | None = None
    wear_parts: tuple[WearPart, ...] = ()
    planning: Planning = FIXED_SERIES

    def applies_in(self, jurisdiction: str) -> bool:
        """Whether the plan belongs to this country's catalogue."""
        if self.jurisdictions and jurisdiction not in self.jurisdictions:
            return False
        return jurisdiction not in self.except_jurisdictions


@dataclass(frozen=True)
class When:
    """To which properties an activity belongs; an empty condition is always met."""

    scales: tuple[Scale, ...] = ()
    property_types: tuple[PropertyType, ...] = ()
    element_classes: tuple[ElementClass, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    requires_place: bool = False
    plants: tuple[str, ...] = ()
    general: bool = False
    unless_matched: tuple[str, ...] = ()


@dataclass(frozen=True)
class Activity:
    """A service that is not bound to one asset: a round, a cleaning zone, a post, a meeting, a review."""

    code: str
    subject: Subject
    clause: str
    label: Label
    rrule: str
    post: str
    hours: Decimal
    materials: Decimal
    cost_item: str
    standard: Label
    evidence: Label
    metric: str
    hours_per_1000_m2: Decimal = Decimal(0)
    hours_per_place: Decimal = Decimal(0)
    when: When = field(default_factory=When)
    statutory: Statutory | None = None
    first_after_days: int | None = None
    before_end_days: int | None = None
    on_demand: bool = False
    expected_per_asset_year: Decimal = Decimal(0)


@dataclass(frozen=True)
class TrainingModule:
    """One subject of the pre-job training."""

    code: str
    key: str
    label: Label
    hours: Decimal
    rrule: str
    pass_mark: Decimal
    statutory: Statutory | None = None


@dataclass(frozen=True)
class Certificate:
    """What a person must hold before being dispatched to a post."""

    code: str
    label: Label


@dataclass(frozen=True)
class Post:
    """A post with its duties, skills and cost."""

    code: str
    label: Label
    duties_en: tuple[str, ...]
    duties_zh: tuple[str, ...]
    skills_en: tuple[str, ...]
    skills_zh: tuple[str, ...]
    certificate: Certificate | None
    hours_per_month: Decimal
    productive_share: Decimal
    head_step: Decimal
    monthly_cost: dict[str, Decimal]
    engaged: Engaged = Engaged.EMPLOYED
    round_the_clock_persons: int = 0


@dataclass(frozen=True)
class CostItem:
    """One line head of the budget."""

    code: str
    label: Label


@dataclass(frozen=True)
class Overhead:
    """A cost that no single commitment causes."""

    code: str
    cost_item: str
    label: Label
    basis: OverheadBasis
    amount: Decimal


@dataclass(frozen=True)
class FirstRepair:
    """What the first repair of a survey finding of one score is planned with."""

    within_days: int
    hours: Decimal
    materials: Decimal


@dataclass(frozen=True)
class Prices:
    """Cost items, factors and limits of prices.yaml."""

    money_unit: dict[str, Decimal]
    cost_items: tuple[CostItem, ...]
    overheads: tuple[Overhead, ...]
    contingency_share: Decimal
    remuneration_share: Decimal
    tax_share: dict[str, Decimal]
    visiting_units: int
    visiting_floor_area_m2: Decimal
    visiting_spaces: int
    max_zone_targets: int
    batch_size: int
    visiting_hours_share: Decimal
    first_repairs: dict[int, FirstRepair]
    """By score of the finding."""


@dataclass(frozen=True)
class EmergencyStep:
    """Who does what by which minute after the alarm."""

    minute: int
    role: str
    action: Label


@dataclass(frozen=True)
class EmergencyPlan:
    """The timed steps for one kind of event."""

    type: str
    label: Label
    on_site_minutes: int
    steps: tuple[EmergencyStep, ...]
    always: bool = False
    element_classes: tuple[ElementClass, ...] = ()
    property_types: tuple[PropertyType, ...] = ()


@dataclass(frozen=True)
class Indicator:
    """A measure of the service and its default target."""

    code: str
    clause: str
    label: Label
    unit: str
    direction: str
    target: Decimal
    certainty: Certainty


@dataclass(frozen=True)
class DemandTopic:
    """Words by which a client's demand is known, and the commitments that answer it."""

    code: str
    words: tuple[str, ...]
    weak_words: tuple[str, ...]
    """They name the topic only where no topic is named by its other words."""
    subjects: tuple[Subject, ...]
    code_prefixes: tuple[str, ...]
    elements: tuple[ElementClass, ...]
    type_words: tuple[str, ...] = ()
    """Words that the type or the name of an asset holds if work on it answers."""
    adjectives: tuple[str, ...] = ()
    """How the topic's own things shall be: right beside one of its words they name no other topic."""

    @property
    def is_narrow(self) -> bool:
        """Answered by some of the work of its subjects only."""
        return bool(self.code_prefixes or self.elements or self.type_words)


@dataclass(frozen=True)
class DocumentKind:
    """A paper that should be handed over."""

    code: str
    group: str
    label: Label
    required: bool
    source: str
    certainty: Certainty
    personal_data: bool = False
    property_types: tuple[PropertyType, ...] = ()
    element_classes: tuple[ElementClass, ...] = ()


@dataclass(frozen=True)
class ClauseTemplate:
    """One clause of the contract library; `text` holds $placeholders of the closed list only."""

    head: str
    title: Label
    text: Label


@dataclass(frozen=True)
class ClassWork:
    """Post and cost item for a job that came from the building's register."""

    post: str
    cost_item: str


@dataclass(frozen=True)
class Catalogue:
    """Everything the trade knows before it has seen the building."""

    edition: str
    class_work: dict[ElementClass, ClassWork]
    job_plans: tuple[JobPlan, ...]
    activities: tuple[Activity, ...]
    training: tuple[TrainingModule, ...]
    posts: dict[str, Post]
    prices: Prices
    emergency_plans: tuple[EmergencyPlan, ...]
    visiting_roles: dict[str, str]
    indicators: dict[str, Indicator]
    demand_topics: tuple[DemandTopic, ...]
    documents: tuple[DocumentKind, ...]
    clauses: tuple[ClauseTemplate, ...]
    fee_models: dict[str, tuple[Label, Label]]
    """Fee model to (its name, its sentence in the contract)."""
    property_labels: dict[str, Label]
    service_fields: dict[str, Label]
    """Clause id (B1 ... D6) to what the contract calls it."""


def words_in(words: tuple[str, ...], *texts: str) -> bool:
    """Whether any of the words stands in any of the texts, in any case."""
    haystack = "\n".join(texts).casefold()
    return any(word.casefold() in haystack for word in words)
