"""What goes into a service plan, and what does a computed one consist of?"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from models.rules.catalogue import Scale, Subject
from models.rules.elements import ElementClass
from models.rules.history import HistoryFact
from models.rules.planning import FIXED_SERIES, Planning


class FeeModel(StrEnum):
    """The two forms of fee in 物业服务收费管理办法 (certainty: memory)."""

    LUMP_SUM = "lump_sum"
    """包干制: a fixed price; profit or loss is the custodian's."""
    COST_PLUS_FEE = "cost_plus_fee"
    """酬金制: cost is borne by the owners, the custodian draws a remuneration."""


class TargetKind(StrEnum):
    """What a commitment is carried out on."""

    ASSET = "asset"
    PLACE = "place"
    SITE = "site"


@dataclass(frozen=True)
class AssetFact:
    """One asset of the register."""

    tag: str
    name: str
    type_name: str
    element_class: ElementClass
    place: str = ""
    installed_on: date | None = None
    expected_life_years: Decimal | None = None
    replacement_cost: Decimal | None = None


@dataclass(frozen=True)
class PlaceFact:
    """One place of the register; `kind` is site, floor, space or zone."""

    code: str
    name: str
    kind: str
    category: str = ""


@dataclass(frozen=True)
class JobFact:
    """One maintenance job of the register (a COBie Job row); an empty rule means as required."""

    type_name: str
    name: str
    task_number: str
    rrule: str
    hours: Decimal
    category: str = ""
    source_row: str = ""


@dataclass(frozen=True)
class FindingFact:
    """One finding of the condition survey, scored 1 (excellent) to 6 (very bad)."""

    ref: str
    element_class: ElementClass
    target_tag: str
    score: int
    text: str
    priority: int | None = None
    """1 at once, 2 before the service starts, 3 within the year, 4 with the next maintenance; None: not stated."""
    repair_cost: Decimal | None = None
    """What the surveyor estimated for labour and materials together; None: not estimated."""
    payer: str = ""
    """Whose money repairs it, as the survey report says; empty: not known."""


@dataclass(frozen=True)
class DemandFact:
    """One core demand of the client and how it will be measured."""

    ref: str
    text: str
    priority: str = ""
    measure: str = ""


@dataclass(frozen=True)
class PlanInputs:
    """Everything a plan is computed from; money in `currency`, floor area in square metres."""

    engagement_code: str
    property_type: str
    currency: str
    term_start: date
    term_end: date
    language: str = "en"
    floor_area: Decimal | None = None
    units: int | None = None
    assets: tuple[AssetFact, ...] = ()
    places: tuple[PlaceFact, ...] = ()
    jobs: tuple[JobFact, ...] = ()
    findings: tuple[FindingFact, ...] = ()
    demands: tuple[DemandFact, ...] = ()
    missing_documents: tuple[str, ...] = ()
    fee_model: str = FeeModel.LUMP_SUM
    remuneration_share: Decimal | None = None
    """Agreed for cost plus fee, as a share of cost; None: the catalogue's."""
    jurisdiction: str = "CN"
    """ISO country code: which statutory job plans of the catalogue apply."""
    history: tuple[HistoryFact, ...] = ()
    """What was done to the assets before the custody."""
    poor_documents: tuple[tuple[str, str], ...] = ()
    """Papers that came in, but damaged, illegible or incomplete: code or title, and condition."""


@dataclass(frozen=True, order=True)
class Target:
    """One thing a commitment is carried out on."""

    kind: TargetKind
    code: str


@dataclass(frozen=True)
class CommitmentDraft:
    """One promise of the plan: what, where, how often, to what standard, with which evidence, by whom."""

    code: str
    """Unique in the plan, and the same for the same promise when the plan is computed again."""
    clause: str
    subject: Subject
    title_en: str
    title_zh: str
    targets: tuple[Target, ...]
    rrule: str
    """iCalendar rule; empty means once on `start_on`, or when needed where `on_demand` is true."""
    start_on: date
    standard: str
    metric: str
    """Indicator code, or empty."""
    target_value: Decimal | None
    evidence: str
    post_code: str
    hours: Decimal
    """Working hours per occurrence and target."""
    material_cost: Decimal
    """Money per occurrence and target."""
    cost_item: str
    statutory: str
    """Legal basis with its certainty, or empty."""
    longest_interval_days: int | None
    source: str
    """Why it is in the plan: catalogue, COBie job row, finding, demand."""
    on_demand: bool = False
    expected_per_year: Decimal = Decimal(0)
    """How often on-demand work is expected in a year, over all targets; for staffing and budget only."""
    planning: Planning = FIXED_SERIES
    """From what its dates are reckoned, and what it contains."""

    @property
    def is_one_off(self) -> bool:
        """Due once, on `start_on`."""
        return not self.rrule and not self.on_demand


@dataclass(frozen=True)
class PostPlan:
    """One post of the plan with the heads its work needs."""

    code: str
    title_en: str
    title_zh: str
    duties_en: tuple[str, ...]
    duties_zh: tuple[str, ...]
    skills_en: tuple[str, ...]
    skills_zh: tuple[str, ...]
    certificate: str
    """Certificate code a person must hold, or empty."""
    certificate_en: str
    certificate_zh: str
    engaged: str
    """employed or contracted."""
    hours_per_month: Decimal
    """Workload of the plan in hours a month, on average over its first year."""
    productive_hours_per_year: Decimal
    """Hours one head really works in a year: contracted hours less leave, sickness and training."""
    heads: Decimal
    round_the_clock_persons: int
    """Persons that must be there at every minute; 0 for a post with working hours."""
    monthly_cost: Decimal
    """Money per head and month."""
    annual_cost: Decimal
    explanation_en: str
    explanation_zh: str


@dataclass(frozen=True)
class BudgetLine:
    """One line of the annual budget, with the calculation it came from."""

    cost_item: str
    label_en: str
    label_zh: str
    amount: Decimal
    """Money a year, two decimals."""
    explanation: str


@dataclass(frozen=True)
class Budget:
    """The annual budget: `cost` + `remuneration` + `tax` = `total` = sum of the lines = sum of the details."""

    currency: str
    fee_model: str
    lines: tuple[BudgetLine, ...]
    """One per cost item, in the order of the catalogue."""
    details: tuple[BudgetLine, ...]
    """What the lines are made of, with quantity and rate each."""
    cost: Decimal
    """Without remuneration and tax; the contingency is inside."""
    contingency: Decimal
    remuneration: Decimal
    tax: Decimal
    total: Decimal
    """The annual fee this plan needs."""


@dataclass(frozen=True)
class EmergencyStepDraft:
    """Who does what by which minute after the alarm."""

    minute: int
    role: str
    action_en: str
    action_zh: str


@dataclass(frozen=True)
class EmergencyPlanDraft:
    """The steps for one kind of event in this property."""

    type: str
    label_en: str
    label_zh: str
    on_site_minutes: int
    steps: tuple[EmergencyStepDraft, ...]


@dataclass(frozen=True)
class TrainingDraft:
    """One training module and the posts that must pass it before their first duty."""

    code: str
    key: str
    label_en: str
    label_zh: str
    hours: Decimal
    pass_mark: Decimal
    posts: tuple[str, ...]


@dataclass(frozen=True)
class WearPartDraft:
    """One part of one asset that will be reported ahead and replaced before it fails."""

    asset_tag: str
    code: str
    label_en: str
    label_zh: str
    life_months: int
    lead_days: int
    installed_on: date | None
    """When the asset was installed, or the part last replaced by the history; None where nothing says."""
    due_on: date | None
    """First end of a part's life on or after the start of the term, counted from installation."""


@dataclass(frozen=True)
class Risk:
    """Something both sides should know before they sign."""

    code: str
    text_en: str
    text_zh: str
    source: str


@dataclass(frozen=True)
class Explanation:
    """Why the plan is as it is, in one sentence about one subject."""

    about: str
    text_en: str
    text_zh: str


@dataclass(frozen=True)
class DemandAnswer:
    """Which commitments answer a demand of the client; none means that it stands among the risks."""

    ref: str
    text: str
    commitment_codes: tuple[str, ...]


@dataclass(frozen=True)
class CompiledPlan:
    """A service plan as data, in a fixed order: the same inputs give the same plan."""

    engagement_code: str
    catalogue_edition: str
    scale: Scale
    currency: str
    term_start: date
    term_end: date
    commitments: tuple[CommitmentDraft, ...]
    posts: tuple[PostPlan, ...]
    budget: Budget
    emergency_plans: tuple[EmergencyPlanDraft, ...]
    training: tuple[TrainingDraft, ...]
    wear_parts: tuple[WearPartDraft, ...]
    demand_answers: tuple[DemandAnswer, ...]
    risks: tuple[Risk, ...]
    explanations: tuple[Explanation, ...]


class PlanRefused(ValueError):
    """Inputs from which no plan can be made; the message says which one and what was expected."""
