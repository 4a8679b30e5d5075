"""Why is this number so? The lines, quantities and rates whose sum is a figure of the plan."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from models.rules.catalogue import Catalogue, Engaged
from models.rules.plan_figures import money, yearly_quantity
from models.rules.plan_types import BudgetLine, CommitmentDraft, CompiledPlan, PostPlan
from models.rules.rhythm import frequency_words


@dataclass(frozen=True)
class FigureLine:
    """One part of a figure: quantity times rate is its amount."""

    code: str
    title_en: str
    title_zh: str
    quantity: Decimal | None
    """Times a year, hours a year or heads; None where the line is a share of others."""
    rate: Decimal | None
    amount: Decimal
    how: str


@dataclass(frozen=True)
class FigureExplained:
    """A figure and its lines; the amounts add up to it exactly."""

    about: str
    title_en: str
    title_zh: str
    figure: Decimal
    unit: str
    """The currency, or hours a year."""
    lines: tuple[FigureLine, ...]
    notes_en: tuple[str, ...] = ()
    notes_zh: tuple[str, ...] = ()


def explain_figure(plan: CompiledPlan, about: str, catalogue: Catalogue) -> FigureExplained | None:
    """Explain a cost item, a post or a commitment of the plan by its code; None if it has no such code."""
    line = next((line for line in plan.budget.lines if line.cost_item == about), None)
    if line is not None:
        return _cost_item(plan, line, catalogue)
    if about == "total":
        return FigureExplained(
            "total",
            "Yearly fee",
            "年费",
            plan.budget.total,
            plan.currency,
            tuple(
                FigureLine(
                    part.cost_item, part.label_en, part.label_zh, None, None, part.amount, part.explanation
                )
                for part in plan.budget.lines
            ),
        )
    post = next((post for post in plan.posts if post.code == about), None)
    if post is not None:
        return _post(plan, post)
    commitment = next((c for c in plan.commitments if c.code == about), None)
    return None if commitment is None else _commitment(plan, commitment, catalogue)


def nearest_codes(about: str, known: Sequence[str]) -> tuple[str, ...]:
    """The codes most like what was asked for: those that hold it first, then by likeness of the letters."""
    asked = about.casefold()
    holding = [code for code in known if asked and asked in code.casefold()]
    folded = {code.casefold(): code for code in known}
    like = [folded[code] for code in get_close_matches(asked, folded, 10)]
    return tuple(dict.fromkeys((*holding, *like)))


def codes_to_explain(plan: CompiledPlan) -> tuple[str, ...]:
    """Everything that may be asked about."""
    return (
        "total",
        *(line.cost_item for line in plan.budget.lines),
        *(post.code for post in plan.posts),
        *(commitment.code for commitment in plan.commitments),
    )


def _cost_item(plan: CompiledPlan, line: BudgetLine, catalogue: Catalogue) -> FigureExplained:
    lines: list[FigureLine] = []
    for detail in plan.budget.details:
        if detail.cost_item == line.cost_item:
            lines += _detail(plan, detail, catalogue)
    return FigureExplained(
        line.cost_item,
        line.label_en,
        line.label_zh,
        line.amount,
        plan.currency,
        tuple(lines),
        (line.explanation,),
    )


def _detail(plan: CompiledPlan, detail: BudgetLine, catalogue: Catalogue) -> list[FigureLine]:
    """The commitments behind a detail; a share, an overhead or a wage is one line of its own."""
    posts = {post.title_en: post for post in plan.posts}
    post = posts.get(detail.label_en)
    of_item = [c for c in plan.commitments if c.cost_item == detail.cost_item]
    if detail.label_en.startswith("Materials: "):
        subject = detail.label_en.removeprefix("Materials: ").replace(" ", "_")
        lines = [_materials_line(plan, c) for c in of_item if c.subject.value == subject and c.material_cost]
    elif post is not None and post.engaged == Engaged.CONTRACTED and detail.cost_item != "staff":
        rate = post.monthly_cost / catalogue.posts[post.code].hours_per_month
        lines = [_hours_line(plan, c, rate) for c in of_item if c.post_code == post.code]
    elif post is not None and detail.cost_item == "staff":
        return [
            FigureLine(
                post.code,
                post.title_en,
                post.title_zh,
                post.heads,
                post.monthly_cost * 12,
                detail.amount,
                _sourced(detail.explanation, plan),
            )
        ]
    else:
        lines = []
    if not lines:
        return [
            FigureLine(
                detail.cost_item,
                detail.label_en,
                detail.label_zh,
                None,
                None,
                detail.amount,
                # The remuneration is agreed, or the catalogue's: it names its source itself.
                detail.explanation
                if detail.cost_item == "remuneration"
                else _sourced(detail.explanation, plan),
            )
        ]
    return [*lines, *_rounding(detail.amount, lines)]


def _sourced(how: str, plan: CompiledPlan) -> str:
    return f"{how.rstrip('.')}; rate of catalogue {plan.catalogue_edition}"


def _materials_line(plan: CompiledPlan, commitment: CommitmentDraft) -> FigureLine:
    estimated = "estimated by the surveyor" in commitment.source
    each = f"{commitment.material_cost:.2f} {plan.currency} of materials each time"
    source = (
        "surveyor's estimate less the labour" if estimated else f"rate of catalogue {plan.catalogue_edition}"
    )
    return _line(plan, commitment, commitment.material_cost, f"{each}, {source}")


def _line(plan: CompiledPlan, commitment: CommitmentDraft, rate: Decimal, each: str) -> FigureLine:
    quantity = yearly_quantity(commitment, plan.term_start, plan.term_end)
    targets = len(commitment.targets)
    return FigureLine(
        commitment.code,
        commitment.title_en,
        commitment.title_zh,
        quantity,
        rate,
        money(quantity * rate),
        f"{_plain(quantity)} a year x {each}; {_rhythm(commitment)}; {targets} target{'' if targets == 1 else 's'}",
    )


def _hours_line(plan: CompiledPlan, commitment: CommitmentDraft, rate: Decimal) -> FigureLine:
    quantity = yearly_quantity(commitment, plan.term_start, plan.term_end)
    hours = quantity * commitment.hours
    return FigureLine(
        commitment.code,
        commitment.title_en,
        commitment.title_zh,
        hours,
        rate,
        money(hours * rate),
        f"{_plain(quantity)} a year x {_plain(commitment.hours)} h x {rate:.2f} {plan.currency} an hour, "
        f"rate of catalogue {plan.catalogue_edition}; "
        f"{_rhythm(commitment)}",
    )


def _rounding(figure: Decimal, lines: Iterable[FigureLine]) -> list[FigureLine]:
    """The cents between the rounded lines and the figure that was rounded once, so that the sum is exact."""
    rest = figure - sum((line.amount for line in lines), Decimal(0))
    if not rest:
        return []
    return [
        FigureLine("", "Rounding", "舍入", None, None, rest, "each line is rounded for show, the figure once")
    ]


def _post(plan: CompiledPlan, post: PostPlan) -> FigureExplained:
    lines = [
        _line(plan, commitment, commitment.hours, f"{_plain(commitment.hours)} h")
        for commitment in plan.commitments
        if commitment.post_code == post.code
    ]
    exact = sum(
        (
            yearly_quantity(c, plan.term_start, plan.term_end) * c.hours
            for c in plan.commitments
            if c.post_code == post.code
        ),
        Decimal(0),
    )
    figure = money(exact)
    heads = f"{post.heads.normalize():f}"
    return FigureExplained(
        post.code,
        post.title_en,
        post.title_zh,
        figure,
        "h a year",
        (*lines, *_rounding(figure, lines)),
        (
            post.explanation_en,
            f"{heads} heads x {post.monthly_cost:.2f} {plan.currency} a head and month x 12 months = "
            f"{post.annual_cost:.2f} {plan.currency}; rate of catalogue {plan.catalogue_edition}"
            if post.engaged != Engaged.CONTRACTED
            else f"Bought by the hour: {post.annual_cost:.2f} {plan.currency} a year",
        ),
        (post.explanation_zh, f"{heads}人，年费用 {post.annual_cost:.2f} {plan.currency}"),
    )


def _commitment(plan: CompiledPlan, commitment: CommitmentDraft, catalogue: Catalogue) -> FigureExplained:
    post = next((p for p in plan.posts if p.code == commitment.post_code), None)
    lines = [_materials_line(plan, commitment)]
    if post is not None:
        lines.append(
            _hours_line(plan, commitment, post.monthly_cost / catalogue.posts[post.code].hours_per_month)
        )
    employed = post is not None and post.engaged != Engaged.CONTRACTED
    return FigureExplained(
        commitment.code,
        commitment.title_en,
        commitment.title_zh,
        sum((line.amount for line in lines), Decimal("0.00")),
        plan.currency,
        tuple(lines),
        (
            f"Why it is in the plan: {commitment.source}",
            *(
                ("Hours of employed posts are paid by the heads of the post, shown here at the post's rate.",)
                if employed
                else ()
            ),
        ),
        (
            f"列入原因：{commitment.source}",
            *(("自有岗位工时由岗位人数支付，此处按岗位单价列示。",) if employed else ()),
        ),
    )


def _rhythm(commitment: CommitmentDraft) -> str:
    if commitment.on_demand:
        return f"on demand, expected {_plain(commitment.expected_per_year)} times a year"
    if commitment.rrule:
        return frequency_words(commitment.rrule, "en")
    return f"once on {commitment.start_on}, spread over the term"


def _plain(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.0001')).normalize():f}"
