"""How does one entry of each catalogue file become a checked value?"""

from string import Template

from models.catalogue_reading import Entry
from models.rules.catalogue import (
    Activity,
    Certainty,
    Certificate,
    ClauseTemplate,
    CostItem,
    DemandTopic,
    DocumentKind,
    EmergencyPlan,
    EmergencyStep,
    Engaged,
    FirstRepair,
    Grouping,
    Indicator,
    JobPlan,
    Overhead,
    OverheadBasis,
    Post,
    Prices,
    PropertyType,
    Scale,
    Statutory,
    Subject,
    TrainingModule,
    WearPart,
    When,
)
from models.rules.contract import PLACEHOLDERS
from models.rules.elements import ElementClass
from models.rules.planning import Basis, Meter, Planning
from models.rules.recurrence import Recurrence, interval_days


def read_job_plan(entry: Entry) -> JobPlan:
    """One job plan; an interval longer than its law is refused."""
    element_class = entry.choice("class", ElementClass)
    code = entry.text("code")
    plan = JobPlan(
        code=code,
        element_class=element_class,
        label=entry.label(),
        rrule=entry.rrule("rrule"),
        post=entry.text("post"),
        hours=entry.number("hours"),
        materials=entry.number("materials", "0"),
        cost_item=entry.text("cost_item", "operation"),
        standard=entry.label("standard"),
        evidence=entry.label("evidence"),
        metric=entry.text("metric"),
        grouping=entry.choice("grouping", Grouping, Grouping.ASSET),
        matches=entry.texts("matches"),
        excludes=entry.texts("excludes"),
        fallback=entry.flag("fallback"),
        independent=entry.flag("independent"),
        jurisdictions=entry.texts("jurisdictions"),
        except_jurisdictions=entry.texts("except_jurisdictions"),
        statutory=entry.statutory(),
        wear_parts=tuple(_wear_part(part) for part in entry.entries("wear_parts")),
        planning=_planning(entry, code),
    )
    _within_law(entry, plan.rrule, plan.statutory)
    entry.finish()
    return plan


def _planning(entry: Entry, code: str) -> Planning:
    meters = entry.entries("meter")
    if len(meters) > 1:
        raise entry.refuse("meter", "expected one meter at most")
    planning = Planning(
        job=code,
        absorbs=entry.texts("absorbs"),
        basis=entry.choice("basis", Basis, Basis.FIXED),
        lead_days=entry.whole("order_lead_days", 0),
        meter=next((_meter(meter) for meter in meters), None),
    )
    if code in planning.absorbs:
        raise entry.refuse("absorbs", "a job plan does not contain itself")
    return planning


def _meter(entry: Entry) -> Meter:
    meter = Meter(entry.number("every", at_least="0.001"), entry.text("unit"))
    entry.finish()
    return meter


def _wear_part(entry: Entry) -> WearPart:
    part = WearPart(
        code=entry.text("code"),
        label=entry.label(),
        life_months=entry.whole("life_months", at_least=1),
        lead_days=entry.whole("lead_days"),
    )
    entry.finish()
    return part


def read_activity(entry: Entry) -> Activity:
    """One activity; it needs a rule, or says when else it happens."""
    activity = Activity(
        code=entry.text("code"),
        subject=entry.choice("subject", Subject),
        clause=entry.text("clause"),
        label=entry.label(),
        rrule=entry.rrule("rrule"),
        post=entry.text("post"),
        hours=entry.number("hours"),
        materials=entry.number("materials", "0"),
        cost_item=entry.text("cost_item"),
        standard=entry.label("standard"),
        evidence=entry.label("evidence"),
        metric=entry.text("metric", ""),
        hours_per_1000_m2=entry.number("hours_per_1000_m2", "0"),
        hours_per_place=entry.number("hours_per_place", "0"),
        when=_when(entry.entry("when")) if entry.has("when") else When(),
        statutory=entry.statutory(),
        first_after_days=entry.whole_or_none("first_after_days"),
        before_end_days=entry.whole_or_none("before_end_days"),
        on_demand=entry.flag("on_demand"),
        expected_per_asset_year=entry.number("expected_per_asset_year", "0"),
    )
    _within_law(entry, activity.rrule, activity.statutory)
    if not activity.rrule and not activity.on_demand and activity.before_end_days is None:
        raise entry.refuse("rrule", "without a rule expected on_demand: true or before_end_days")
    entry.finish()
    return activity


def _when(entry: Entry) -> When:
    when = When(
        scales=entry.choices("scales", Scale),
        property_types=entry.choices("property_types", PropertyType),
        element_classes=entry.choices("element_classes", ElementClass),
        jurisdictions=entry.texts("jurisdictions"),
        places=entry.texts("places"),
        requires_place=entry.flag("requires_place"),
        plants=entry.texts("plants"),
        general=entry.flag("general"),
        unless_matched=entry.texts("unless_matched"),
    )
    entry.finish()
    return when


def _within_law(entry: Entry, rrule: str, statutory: Statutory | None) -> None:
    if statutory is None or not rrule:
        return
    planned = interval_days(Recurrence.parse(rrule))
    if planned is None or planned > statutory.longest_interval_days:
        raise entry.refuse(
            "rrule", f"plans {planned} days where {statutory.source} allows {statutory.longest_interval_days}"
        )


def read_training_module(entry: Entry) -> TrainingModule:
    """One training module."""
    module = TrainingModule(
        code=entry.text("code"),
        key=entry.text("key"),
        label=entry.label(),
        hours=entry.number("hours"),
        rrule=entry.rrule("rrule"),
        pass_mark=entry.number("pass_mark"),
        statutory=entry.statutory(),
    )
    entry.finish()
    return module


def read_post(entry: Entry) -> Post:
    """One post."""
    duties, skills = entry.entry("duties"), entry.entry("skills")
    certificate = None
    if entry.has("certificate"):
        inner = entry.entry("certificate")
        certificate = Certificate(inner.text("code"), inner.label())
        inner.finish()
    else:
        entry.take("certificate")
    post = Post(
        code=entry.text("code"),
        label=entry.label(),
        duties_en=duties.texts("en"),
        duties_zh=duties.texts("zh"),
        skills_en=skills.texts("en"),
        skills_zh=skills.texts("zh"),
        certificate=certificate,
        hours_per_month=entry.number("hours_per_month", at_least="1"),
        productive_share=entry.number("productive_share", at_least="0.1"),
        head_step=entry.number("head_step", at_least="0.01"),
        monthly_cost=entry.amounts("monthly_cost"),
        engaged=entry.choice("engaged", Engaged, Engaged.EMPLOYED),
        round_the_clock_persons=entry.whole("round_the_clock_persons", 0),
    )
    for part in (duties, skills, entry):
        part.finish()
    return post


def read_price_list(entry: Entry) -> Prices:
    """The price file."""
    scale = entry.entry("scale")
    cost_items = []
    for item in entry.entries("cost_items"):
        cost_items.append(CostItem(item.text("code"), item.label()))
        item.finish()
    entry.choice("contingency_certainty", Certainty)
    prices = Prices(
        money_unit=entry.amounts("money_unit"),
        cost_items=tuple(cost_items),
        overheads=tuple(_overhead(item) for item in entry.entries("overheads")),
        contingency_share=entry.number("contingency_share"),
        remuneration_share=entry.number("remuneration_share"),
        tax_share=entry.amounts("tax_share"),
        visiting_units=scale.whole("visiting_units"),
        visiting_floor_area_m2=scale.number("visiting_floor_area_m2"),
        visiting_spaces=scale.whole("visiting_spaces"),
        max_zone_targets=entry.whole("max_zone_targets", at_least=1),
        batch_size=entry.whole("batch_size", at_least=1),
        visiting_hours_share=entry.number("visiting_hours_share"),
        first_repairs={int(score): repair for score, repair in entry.each("findings", _first_repair).items()},
    )
    scale.finish()
    entry.finish()
    return prices


def _first_repair(entry: Entry) -> FirstRepair:
    return FirstRepair(
        within_days=entry.whole("within_days", at_least=1),
        hours=entry.number("hours"),
        materials=entry.number("materials"),
    )


def _overhead(entry: Entry) -> Overhead:
    overhead = Overhead(
        code=entry.text("code"),
        cost_item=entry.text("cost_item"),
        label=entry.label(),
        basis=entry.choice("basis", OverheadBasis),
        amount=entry.number("amount"),
    )
    entry.finish()
    return overhead


def read_roles(entry: Entry) -> dict[str, str]:
    """Post that stands in for another in a visited property."""
    return {name: entry.text(name) for name in entry.names()}


def read_emergency_plan(entry: Entry) -> EmergencyPlan:
    """One emergency plan with its steps."""
    steps = []
    for step in entry.entries("steps"):
        steps.append(EmergencyStep(step.whole("minute"), step.text("role"), step.label()))
        step.finish()
    plan = EmergencyPlan(
        type=entry.text("type"),
        label=entry.label(),
        on_site_minutes=entry.whole("on_site_minutes", at_least=1),
        steps=tuple(steps),
        always=entry.flag("always"),
        element_classes=entry.choices("element_classes", ElementClass),
        property_types=entry.choices("property_types", PropertyType),
    )
    entry.finish()
    return plan


def read_indicator(entry: Entry) -> Indicator:
    """One indicator."""
    indicator = Indicator(
        code=entry.text("code"),
        clause=entry.text("clause"),
        label=entry.label(),
        unit=entry.text("unit"),
        direction=entry.text("direction"),
        target=entry.number("target"),
        certainty=entry.choice("certainty", Certainty),
    )
    entry.finish()
    return indicator


def read_demand_topic(entry: Entry) -> DemandTopic:
    """One topic of demands."""
    topic = DemandTopic(
        code=entry.text("code"),
        words=entry.texts("words"),
        weak_words=entry.texts("weak"),
        subjects=entry.choices("subjects", Subject),
        code_prefixes=entry.texts("codes"),
        elements=entry.choices("elements", ElementClass),
        type_words=entry.texts("types"),
        adjectives=entry.texts("adjectives"),
    )
    entry.finish()
    return topic


def read_document_kind(entry: Entry) -> DocumentKind:
    """One expected paper."""
    document = DocumentKind(
        code=entry.text("code"),
        group=entry.text("group"),
        label=entry.label(),
        required=entry.flag("required"),
        source=entry.text("source"),
        certainty=entry.choice("certainty", Certainty),
        personal_data=entry.flag("personal_data"),
        property_types=entry.choices("property_types", PropertyType),
        element_classes=entry.choices("element_classes", ElementClass),
    )
    entry.finish()
    return document


def read_clause_template(entry: Entry) -> ClauseTemplate:
    """One clause; a placeholder outside the closed list is refused."""
    clause = ClauseTemplate(head=entry.text("head"), title=entry.label("title"), text=entry.label("text"))
    for text in (clause.text.en, clause.text.zh):
        template = Template(text)
        if not template.is_valid():
            raise entry.refuse("text", f"clause {clause.head}: a $ that starts no name")
        unknown = sorted(set(template.get_identifiers()) - PLACEHOLDERS)
        if unknown:
            known = ", ".join(sorted(PLACEHOLDERS))
            raise entry.refuse(
                "text", f"clause {clause.head}: unknown placeholder {unknown}; known are {known}"
            )
    entry.finish()
    return clause
