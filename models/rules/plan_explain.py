"""Why is this number so? The lines, quantities and rates whose sum is a figure of the plan, in one language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from models.rules.catalogue import Catalogue, Engaged, Label
from models.rules.plan_figures import money, term_years, yearly_quantity
from models.rules.plan_sources import (
    fields_by_hand,
    is_estimated,
    is_paid_beside,
    is_priced_by_hand,
    source_words,
)
from models.rules.plan_types import BudgetLine, CommitmentDraft, CompiledPlan, PostPlan
from models.rules.rhythm import frequency_words


@dataclass(frozen=True)
class FigureLine:
    """One part of a figure: quantity times rate is its amount."""

    code: str
    title: str
    quantity: Decimal | None
    """Times a year, hours a year or heads; None where the line is a share of others."""
    rate: Decimal | None
    amount: Decimal
    how: str


@dataclass(frozen=True)
class FigureExplained:
    """A figure and its lines; the amounts add up to it exactly."""

    about: str
    title: str
    figure: Decimal
    unit: str
    """The currency, or hours a year."""
    lines: tuple[FigureLine, ...]
    notes: tuple[str, ...] = ()


def explain_figure(
    plan: CompiledPlan, about: str, catalogue: Catalogue, language: str = "en"
) -> FigureExplained | None:
    """Explain a cost item, a post or a commitment by its code, or the total; None if the plan has no such code.

    Args:
        plan: the plan; its budget lines are explained in the language they were written in.
        about: the code.
        catalogue: rates and hours of the posts.
        language: of titles and sums: Chinese for `zh`, else English.
    """
    teller = _Teller(plan, catalogue, language)
    line = next((line for line in plan.budget.lines if line.cost_item == about), None)
    if line is not None:
        return teller.cost_item(line)
    if about == "total":
        return teller.total()
    post = next((post for post in plan.posts if post.code == about), None)
    if post is not None:
        return teller.post(post)
    commitment = next((c for c in plan.commitments if c.code == about), None)
    return None if commitment is None else teller.commitment(commitment)


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


@dataclass(frozen=True)
class _Teller:
    """Tells the figures of one plan in one language."""

    plan: CompiledPlan
    catalogue: Catalogue
    language: str

    def say(self, en: str, zh: str) -> str:
        return Label(en, zh).in_language(self.language)

    def total(self) -> FigureExplained:
        return FigureExplained(
            "total",
            self.say("Yearly fee", "年费"),
            self.plan.budget.total,
            self.plan.currency,
            tuple(
                FigureLine(
                    part.cost_item,
                    self.say(part.label_en, part.label_zh),
                    None,
                    None,
                    part.amount,
                    part.explanation,
                )
                for part in self.plan.budget.lines
            ),
        )

    def cost_item(self, line: BudgetLine) -> FigureExplained:
        lines: list[FigureLine] = []
        for detail in self.plan.budget.details:
            if detail.cost_item == line.cost_item:
                lines += self._detail(detail)
        return FigureExplained(
            line.cost_item,
            self.say(line.label_en, line.label_zh),
            line.amount,
            self.plan.currency,
            tuple(lines),
            (line.explanation,),
        )

    def post(self, post: PostPlan) -> FigureExplained:
        plan, own = self.plan, [c for c in self.plan.commitments if c.post_code == post.code]
        lines = [
            self._line(c, c.hours, self.say(f"{_plain(c.hours)} h", f"{_plain(c.hours)}小时")) for c in own
        ]
        figure = money(
            sum(
                (yearly_quantity(c, plan.term_start, plan.term_end) * c.hours for c in own),
                Decimal(0),
            )
        )
        heads = f"{post.heads.normalize():f}"
        cost = f"{post.annual_cost:.2f} {plan.currency}"
        a_month = f"{post.monthly_cost:.2f} {plan.currency}"
        return FigureExplained(
            post.code,
            self.say(post.title_en, post.title_zh),
            figure,
            self.say("h a year", "小时/年"),
            (*lines, *self._rounding(figure, lines)),
            (
                self.say(post.explanation_en, post.explanation_zh),
                self.say(f"Bought by the hour: {cost} a year", f"按小时外购：每年{cost}")
                if post.engaged == Engaged.CONTRACTED
                else self.say(
                    f"{heads} heads x {a_month} a head and month x 12 months = {cost}",
                    f"{heads}人 × 每人每月{a_month} × 12个月 = {cost}",
                )
                + self._rate_of_catalogue("; ", "；"),
            ),
        )

    def commitment(self, commitment: CommitmentDraft) -> FigureExplained:
        post = next((p for p in self.plan.posts if p.code == commitment.post_code), None)
        lines = [self._materials_line(commitment)]
        if post is not None:
            lines.append(self._hours_line(commitment, self._hourly(post)))
        why = source_words(commitment.source, self.language)
        notes = [self.say(f"Why it is in the plan: {why}", f"列入原因：{why}")]
        if post is not None and post.engaged != Engaged.CONTRACTED:
            notes.append(
                self.say(
                    "Hours of employed posts are paid by the heads of the post, shown here at the post's rate.",
                    "自有岗位工时由岗位人数支付，此处按岗位单价列示。",
                )
            )
        return FigureExplained(
            commitment.code,
            self.say(commitment.title_en, commitment.title_zh),
            sum((line.amount for line in lines), Decimal("0.00")),
            self.plan.currency,
            tuple(lines),
            tuple(notes),
        )

    def _detail(self, detail: BudgetLine) -> list[FigureLine]:
        """The commitments behind a detail; a share, an overhead or a wage is one line of its own."""
        post = next((post for post in self.plan.posts if post.title_en == detail.label_en), None)
        of_item = [c for c in self.plan.commitments if c.cost_item == detail.cost_item]
        if detail.label_en.startswith("Materials: "):
            subject = detail.label_en.removeprefix("Materials: ").replace(" ", "_")
            lines = [
                self._materials_line(c) for c in of_item if c.subject.value == subject and c.material_cost
            ]
        elif post is not None and post.engaged == Engaged.CONTRACTED and detail.cost_item != "staff":
            rate = self._hourly(post)
            lines = [self._hours_line(c, rate) for c in of_item if c.post_code == post.code]
        elif post is not None and detail.cost_item == "staff":
            return [
                FigureLine(
                    post.code,
                    self.say(post.title_en, post.title_zh),
                    post.heads,
                    post.monthly_cost * 12,
                    detail.amount,
                    self._sourced(detail.explanation),
                )
            ]
        else:
            lines = []
        if not lines:
            return [
                FigureLine(
                    detail.cost_item,
                    self.say(detail.label_en, detail.label_zh),
                    None,
                    None,
                    detail.amount,
                    # The remuneration is agreed, or the catalogue's: it names its source itself.
                    detail.explanation
                    if detail.cost_item == "remuneration"
                    else self._sourced(detail.explanation),
                )
            ]
        return [*lines, *self._rounding(detail.amount, lines)]

    def _hourly(self, post: PostPlan) -> Decimal:
        return post.monthly_cost / self.catalogue.posts[post.code].hours_per_month

    def _sourced(self, how: str) -> str:
        return how.rstrip(".。") + self._rate_of_catalogue("; ", "；")

    def _rate_of_catalogue(self, en: str, zh: str) -> str:
        edition = self.plan.catalogue_edition
        return self.say(f"{en}rate of catalogue {edition}", f"{zh}单价取自目录{edition}")

    def _materials_line(self, commitment: CommitmentDraft) -> FigureLine:
        price = f"{commitment.material_cost:.2f} {self.plan.currency}"
        each = self.say(f"{price} of materials each time", f"每次材料费{price}")
        if is_priced_by_hand(commitment.source):
            each += self.say(", set by hand", "，人工确定")
        elif is_paid_beside(commitment.source):
            each += self.say(", the rest is paid beside the fee", "，其余不在服务费内")
        elif is_estimated(commitment.source):
            each += self.say(", surveyor's estimate less the labour", "，按勘查估价扣除人工")
        else:
            each += self._rate_of_catalogue(", ", "，")
        return self._line(commitment, commitment.material_cost, each)

    def _hours_line(self, commitment: CommitmentDraft, rate: Decimal) -> FigureLine:
        hours, price = _plain(commitment.hours), f"{rate:.2f} {self.plan.currency}"
        by_hand = "hours" in fields_by_hand(commitment.source)
        each = self.say(
            f"{hours} h{' (set by hand)' if by_hand else ''} x {price} an hour",
            f"{hours}小时{'（人工确定）' if by_hand else ''} × 每小时{price}",
        ) + self._rate_of_catalogue(", ", "，")
        return self._line(commitment, commitment.hours * rate, each, hours=commitment.hours, rate=rate)

    def _line(
        self,
        commitment: CommitmentDraft,
        price: Decimal,
        each: str,
        *,
        hours: Decimal | None = None,
        rate: Decimal | None = None,
    ) -> FigureLine:
        """What a commitment contributes in a year, at a price each time; by the hour where hours are given."""
        quantity = yearly_quantity(commitment, self.plan.term_start, self.plan.term_end)
        return FigureLine(
            commitment.code,
            self.say(commitment.title_en, commitment.title_zh),
            quantity if hours is None else quantity * hours,
            price if rate is None else rate,
            money(quantity * price),
            self._times(commitment, quantity, each),
        )

    def _times(self, commitment: CommitmentDraft, quantity: Decimal, each: str) -> str:
        """How often in a year at what price; a one-off is said once, and over how many years it is spread."""
        count = len(commitment.targets)
        targets = self.say(f"{count} target{'' if count == 1 else 's'}", f"{count}个对象")
        if commitment.is_one_off:
            years = term_years(self.plan.term_start, self.plan.term_end).quantize(Decimal("0.01"))
            day = commitment.start_on
            spread = (
                self.say(
                    f"; spread over the {_plain(years)} years of the term",
                    f"；按合同期{_plain(years)}年分摊",
                )
                if years > 1
                else ""
            )
            return self.say(f"once on {day}, {targets} x {each}", f"{day}一次，{targets} × {each}") + spread
        times = _plain(quantity)
        if commitment.on_demand:
            expected = _plain(commitment.expected_per_year)
            rhythm = self.say(f"on demand, expected {expected} times a year", f"按需，预计每年{expected}次")
        else:
            rhythm = frequency_words(commitment.rrule, "zh" if self.say("en", "zh") == "zh" else "en")
        return self.say(
            f"{times} a year x {each}; {rhythm}; {targets}", f"每年{times}次 × {each}；{rhythm}；{targets}"
        )

    def _rounding(self, figure: Decimal, lines: Iterable[FigureLine]) -> list[FigureLine]:
        """The cents between the rounded lines and the figure that was rounded once, so that the sum is exact."""
        rest = figure - sum((line.amount for line in lines), Decimal(0))
        if not rest:
            return []
        how = self.say("each line is rounded for show, the figure once", "各行仅为列示取整，合计只取整一次")
        return [FigureLine("", self.say("Rounding", "舍入"), None, None, rest, how)]


def _plain(value: Decimal) -> str:
    return f"{value.quantize(Decimal('0.0001')).normalize():f}"
