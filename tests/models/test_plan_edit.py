"""Does an edit change what it names and all that follows from it, and is what may not be edited refused?"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from models.catalogue_files import load_catalogue
from models.rules.plan import compile_plan, content_sha256
from models.rules.plan_diff import plan_diff
from models.rules.plan_edit import PlanEdit, PostEdit, apply_edit, edit_of, problems_of_edit, texts_of
from models.rules.plan_explain import codes_to_explain, explain_figure
from models.rules.plan_figures import yearly_quantity
from models.rules.plan_sheets import cell_text, read_sheets, sheets_of
from models.rules.plan_types import CommitmentDraft, CompiledPlan
from tests.models.test_plan import PLACES, TYPICAL, inputs

CATALOGUE = load_catalogue()
FACTS = inputs(assets=TYPICAL, places=PLACES)
PLAN = compile_plan(FACTS, CATALOGUE)


def edited(edit: PlanEdit) -> CompiledPlan:
    return apply_edit(PLAN, edit, FACTS, CATALOGUE)


def with_commitment(code: str, **changes: object) -> PlanEdit:
    edit = edit_of(PLAN)
    assert any(c.code == code for c in edit.commitments)
    return replace(
        edit,
        commitments=tuple(replace(c, **changes) if c.code == code else c for c in edit.commitments),  # type: ignore[arg-type]
    )


def with_post(code: str, **changes: object) -> PlanEdit:
    edit = edit_of(PLAN)
    return replace(edit, posts=tuple(replace(p, **changes) if p.code == code else p for p in edit.posts))  # type: ignore[arg-type]


def said(edit: PlanEdit) -> str:
    return " | ".join(texts_of(problems_of_edit(PLAN, edited(edit), FACTS, CATALOGUE)))


def free_commitment() -> CommitmentDraft:
    return next(c for c in PLAN.commitments if c.subject == "cleaning" and c.rrule and not c.statutory)


def test_sheets_nobody_changed_ask_for_no_edit_and_keep_the_hash() -> None:
    sheets = {
        name: [[cell_text(cell) for cell in row] for row in rows]
        for name, rows in sheets_of(PLAN, 1, "0" * 64).items()
    }
    edit, problems = read_sheets(sheets, PLAN)
    assert problems == ()
    after = edited(edit)
    assert content_sha256(after) == content_sha256(PLAN)
    assert plan_diff(PLAN, after) == ()


def test_computing_the_unchanged_parts_anew_gives_the_same_figures() -> None:
    """A touched title must not move money: the sums of an edit are those of the planner."""
    after = edited(with_commitment(free_commitment().code, title_en="Another title"))
    assert after.budget == PLAN.budget
    assert after.posts == PLAN.posts
    assert [(c.field, c.kind) for c in plan_diff(PLAN, after)] == [("title_en", "changed")]
    assert said(with_commitment(free_commitment().code, title_en="Another title")) == ""


def test_more_hours_are_staffed_and_paid() -> None:
    work = free_commitment()
    after = edited(with_commitment(work.code, hours=work.hours + 200))
    extra = 200 * yearly_quantity(work, PLAN.term_start, PLAN.term_end)
    hours = {p.code: p.hours_per_month for p in after.posts}[work.post_code]
    before = {p.code: p.hours_per_month for p in PLAN.posts}[work.post_code]
    assert abs(hours - before - extra / 12) < Decimal("0.11")
    assert after.budget.total > PLAN.budget.total
    assert sum(line.amount for line in after.budget.lines) == after.budget.total
    fields = {(c.part, c.field) for c in plan_diff(PLAN, after)}
    assert fields >= {("commitment", "hours"), ("post", "heads"), ("budget", "amount"), ("total", "fee")}
    assert all(c.text_en and c.text_zh for c in plan_diff(PLAN, after))


def test_heads_set_by_hand_are_kept_through_later_edits_and_said_to_be_so() -> None:
    post = next(p for p in PLAN.posts if p.code == "cleaner")
    by_hand = edited(with_post("cleaner", heads=post.heads + 2))
    kept = next(p for p in by_hand.posts if p.code == "cleaner")
    assert kept.heads == post.heads + 2
    assert kept.annual_cost == kept.heads * kept.monthly_cost * 12
    assert kept.explanation_en.startswith("Set by hand")
    assert kept.explanation_zh.startswith("人工确定")
    again = edit_of(by_hand)
    work = next(c for c in PLAN.commitments if c.post_code == "technician" and c.rrule)
    later = apply_edit(
        by_hand,
        replace(
            again,
            commitments=tuple(
                replace(c, hours=c.hours + 1) if c.code == work.code else c for c in again.commitments
            ),
        ),
        FACTS,
        CATALOGUE,
    )
    assert next(p for p in later.posts if p.code == "cleaner").heads == post.heads + 2


def test_too_few_heads_are_refused() -> None:
    assert "heads give" in said(with_post("cleaner", heads=Decimal("0.1")))


def _without(test: Callable[[CommitmentDraft], bool]) -> PlanEdit:
    edit = edit_of(PLAN)
    return replace(edit, commitments=tuple(c for c in edit.commitments if not test(c)))


def test_a_duty_of_the_law_cannot_be_taken_out_or_stretched() -> None:
    duty = next(c for c in PLAN.commitments if c.statutory and c.rrule and c.targets[0].kind == "asset")
    assert f"{duty.code} {duty.title_en} is a duty by" in said(_without(lambda c: c.code == duty.code))
    assert f"{duty.code} can leave" in said(with_commitment(duty.code, rrule="FREQ=YEARLY;INTERVAL=3"))
    assert "may not be taken out of it" in said(with_commitment(duty.code, targets=duty.targets[1:]))
    assert "may not wait" in said(with_commitment(duty.code, on_demand=True))


def test_a_night_without_a_guard_is_refused() -> None:
    gate = next(c for c in PLAN.commitments if c.code == "SEC-GATE-24H")
    assert "has a gap: 12 hours a day" in said(with_commitment(gate.code, hours=Decimal(12)))
    assert "has a gap: 0 hours" in said(with_commitment(gate.code, rrule="FREQ=WEEKLY;BYDAY=MO"))
    assert "at every minute" in said(with_post("gate_guard", round_the_clock_persons=0))
    assert "gate" in said(_without(lambda c: c.post_code == "gate_guard")).lower()


def test_skills_and_certificates_nobody_knows_are_refused() -> None:
    assert "no skill 'juggling'" in said(with_post("cleaner", skills_en=("juggling",)))
    assert "certificate 'wizard' is not known" in said(with_post("electrician", certificate="wizard"))
    assert "needs the certificate 'electrician'" in said(with_post("electrician", certificate=""))


@pytest.mark.parametrize("code", codes_to_explain(PLAN))
def test_every_figure_is_the_sum_of_its_lines(code: str) -> None:
    told = explain_figure(PLAN, code, CATALOGUE)
    assert told is not None
    assert sum((line.amount for line in told.lines), Decimal(0)) == told.figure
    assert told.lines


def test_what_an_edit_set_by_hand_is_no_longer_called_a_rate_of_the_catalogue() -> None:
    base = next(c for c in PLAN.commitments if c.material_cost and c.rrule)
    edit = replace(
        edit_of(PLAN),
        commitments=tuple(
            replace(c, material_cost=c.material_cost + 1, hours=c.hours + 1) if c is base else c
            for c in PLAN.commitments
        ),
    )
    plan = edited(edit)
    told = explain_figure(plan, base.code, CATALOGUE)
    assert told is not None
    materials, hours = told.lines
    assert materials.how.count("set by hand") == 1 and "rate of catalogue" not in materials.how
    assert "h (set by hand) x" in hours.how
    assert "Set by hand: hours, material_cost" in told.notes[0]
    assert not [change for change in plan_diff(PLAN, plan) if change.field == "source"]
    assert apply_edit(plan, edit_of(plan), FACTS, CATALOGUE) is plan, (
        "an untouched edit of the edited plan changes nothing"
    )


def test_an_explained_cost_item_is_the_budgets_own_figure() -> None:
    for line in PLAN.budget.lines:
        told = explain_figure(PLAN, line.cost_item, CATALOGUE)
        assert told is not None
        assert told.figure == line.amount
    assert explain_figure(PLAN, "nothing", CATALOGUE) is None


@pytest.mark.parametrize(
    ("sheet", "column", "value", "expected"),
    [
        ("commitments", "hours", "many", "a number such as 1.5"),
        ("commitments", "hours", "-1", "a number from 0"),
        ("commitments", "material_cost", "1.234", "two decimals"),
        ("commitments", "start_on", "soon", "a date such as"),
        ("commitments", "subject", "magic", "one of preventive_maintenance"),
        ("commitments", "on_demand", "perhaps", "yes or no"),
        ("commitments", "statutory", "none at all", "not edited"),
        ("targets", "kind", "planet", "asset, place or site"),
        ("posts", "heads", "two", "empty for computed"),
        ("posts", "round_the_clock_persons", "1.5", "whole number"),
        ("emergency_steps", "minute", "soon", "whole minutes"),
    ],
)
def test_a_wrong_cell_is_named_with_what_was_expected(
    sheet: str, column: str, value: str, expected: str
) -> None:
    sheets = {
        name: [[cell_text(cell) for cell in row] for row in rows]
        for name, rows in sheets_of(PLAN, 1, "0" * 64).items()
    }
    sheets[sheet][3][sheets[sheet][0].index(column)] = value
    _edit, problems = read_sheets(sheets, PLAN)
    (problem,) = [p for p in problems if p.sheet == sheet]
    assert (problem.row, problem.column, problem.value) == (4, column, value)
    assert expected in problem.expected


def test_a_post_edit_holds_no_computed_figure() -> None:
    assert {post.heads for post in edit_of(PLAN).posts} == {None}
    assert isinstance(edit_of(PLAN).posts[0], PostEdit)
