"""Is an edited plan taken in whole or refused whole, and put to both sides as the next version? (A4)"""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
import yaml
from sqlmodel import select

from models.audit import AuditEvent
from models.db import reading
from models.decision import DecisionRequest
from models.engagement import Cycle
from models.errors import DecisionNotOpen, Terminal
from models.rules.cycles import CycleKind
from models.service_plan import Commitment, ServicePlan
from tasks.cycles import due_now
from tasks.decisions import open_decisions, take_decision
from tasks.engagements import find_engagement
from tasks.plan_edits import Amendment, PlanEditRefused, PlanImport, export_plan, import_plan, load_version
from tasks.plan_file import PlanFileRefused
from tasks.plan_history import plan_versions
from tasks.planning import confirmed_plan
from tasks.workbook import read_workbook
from tests import factories

Edit = Callable[[dict[str, list[list[str]]]], None]


def edited_workbook(code: str, folder: Path, edit: Edit, *, formula: tuple[str, str] | None = None) -> Path:
    """Export the newest version, change cells, and write it as a spreadsheet program would."""
    exported = folder / "exported.xlsx"
    export_plan(code, exported)
    sheets = read_workbook(exported)
    edit(sheets)
    out = folder / "edited.xlsx"
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    sheet.write_string(number, column, cell)
            if formula is not None and name == formula[0]:
                sheet.write_formula(formula[1], "=1+1", None, 2)
    return out


def setting(sheet: str, code: str, column: str, value: str) -> Edit:
    def edit(sheets: dict[str, list[list[str]]]) -> None:
        rows = sheets[sheet]
        at = rows[0].index(column)
        (row,) = [row for row in rows[1:] if row[0] == code]
        assert row[at] != value
        row[at] = value

    return edit


def without(code: str) -> Edit:
    def edit(sheets: dict[str, list[list[str]]]) -> None:
        sheets["commitments"] = [row for row in sheets["commitments"] if row[0] != code]

    return edit


def commitment(code: str, test: Callable[[Commitment], bool]) -> Commitment:
    with reading() as session:
        rows = session.exec(select(Commitment).order_by(Commitment.code)).all()
    return next(row for row in rows if test(row))


def cleaning(code: str) -> Commitment:
    return commitment(code, lambda c: c.subject == "cleaning" and bool(c.rrule) and not c.statutory)


def states() -> list[str]:
    with reading() as session:
        return list(session.exec(select(ServicePlan.state).order_by(ServicePlan.version)).all())


@pytest.mark.parametrize("ending", ["xlsx", "yaml"])
def test_a_file_nobody_changed_changes_nothing(sqlite_surveyed: str, tmp_path: Path, ending: str) -> None:
    factories.propose_plan(sqlite_surveyed)
    row, _plan = load_version(sqlite_surveyed)
    file = tmp_path / f"plan.{ending}"
    assert export_plan(sqlite_surveyed, file) == (1, row.content_sha256)
    result = import_plan(sqlite_surveyed, file)
    assert (result.state, result.sha256, result.changes) == ("unchanged", row.content_sha256, ())
    assert states() == ["submitted"]


def test_an_edit_becomes_the_next_version_both_sides_are_asked_about(surveyed: str, tmp_path: Path) -> None:
    first = factories.propose_plan(surveyed)
    factories.answer(surveyed, "plan", parties=["client"])
    work = cleaning(surveyed)
    file = edited_workbook(surveyed, tmp_path, setting("commitments", work.code, "hours", "900.5"))
    checked = import_plan(surveyed, file, dry_run=True)
    assert (checked.state, states()) == ("checked", ["submitted"])
    result = import_plan(surveyed, file)
    assert (result.state, result.version) == ("submitted", 2)
    assert {(c.part, c.field) for c in result.changes} >= {("commitment", "hours"), ("total", "fee")}
    assert states() == ["superseded", "submitted"]
    questions = open_decisions(surveyed)
    assert [(q.subject, q.reference, q.party) for q in questions] == [
        ("plan", "2", "client"),
        ("plan", "2", "custodian"),
    ]
    with pytest.raises(DecisionNotOpen):
        take_decision(
            surveyed, "plan", "1", "custodian", "accepted", declared_by="custodian-1",
            authenticated_by="scenario", document_sha256=first.sha256, on=factories.SURVEYED_ON,
        )  # fmt: skip
    assert import_plan(surveyed, file).state == "known", "the same file again"
    assert states() == ["superseded", "submitted"]
    assert due_now(surveyed, factories.SURVEYED_ON) == [], "nothing is computed over the edited version"
    factories.answer(surveyed, "plan")
    assert states() == ["superseded", "confirmed"]
    with reading() as session:
        engagement = find_engagement(session, surveyed)
        assert engagement.stage == "contracting"
        _row, plan = confirmed_plan(session, engagement.id or 0)
    assert str(next(c.hours for c in plan.commitments if c.code == work.code)) == "900.5"
    factories.offer(surveyed)
    factories.answer(surveyed, "contract")
    assert [v.in_force for v in plan_versions(surveyed)] == [False, True]


def test_an_edited_version_that_is_sent_back_is_followed_by_the_next_number(
    sqlite_surveyed: str, tmp_path: Path
) -> None:
    code = sqlite_surveyed
    factories.propose_plan(code)
    import_plan(
        code, edited_workbook(code, tmp_path, setting("commitments", cleaning(code).code, "hours", "7"))
    )
    factories.answer(code, "plan", "rejected", ["client"])
    assert states() == ["superseded", "returned"]
    due = [(kind, period) for kind, period, _ in due_now(code, factories.SURVEYED_ON)]
    assert due == [(CycleKind.DUE_DILIGENCE, "plan-3")]
    result = import_plan(
        code, edited_workbook(code, tmp_path, setting("commitments", cleaning(code).code, "hours", "6"))
    )
    assert result.version == 3, "what was sent back may be edited instead of computed anew"
    factories.answer(code, "plan")
    assert states() == ["superseded", "returned", "confirmed"]


def test_everything_wrong_is_listed_at_once_and_nothing_is_written(
    sqlite_surveyed: str, tmp_path: Path
) -> None:
    code = sqlite_surveyed
    factories.propose_plan(code)
    duty = commitment(code, lambda c: bool(c.statutory) and bool(c.rrule))
    gate = commitment(code, lambda c: c.code == "SEC-GATE-24H")

    def edit(sheets: dict[str, list[list[str]]]) -> None:
        without(duty.code)(sheets)
        setting("commitments", gate.code, "hours", "12")(sheets)
        setting("posts", "cleaner", "skills_en", "juggling")(sheets)

    with pytest.raises(PlanEditRefused) as refused:
        import_plan(code, edited_workbook(code, tmp_path, edit))
    said = str(refused.value)
    assert duty.code in said
    assert "has a gap: 12 hours" in said
    assert "no skill 'juggling'" in said
    assert states() == ["submitted"]
    with reading() as session:
        assert session.exec(select(Cycle.period).where(Cycle.kind == "due_diligence")).all() == ["plan-1"]
        assert not session.exec(select(AuditEvent).where(AuditEvent.tag == "plan.edited")).all()
        assert {r.state for r in session.exec(select(DecisionRequest)).all()} == {"open"}


def test_a_wrong_cell_and_a_formula_are_named_by_sheet_and_row(sqlite_surveyed: str, tmp_path: Path) -> None:
    code = sqlite_surveyed
    factories.propose_plan(code)
    wrong = setting("commitments", cleaning(code).code, "hours", "many")
    with pytest.raises(PlanEditRefused) as refused:
        import_plan(code, edited_workbook(code, tmp_path, wrong, formula=("posts", "D3")))
    cells = {(c.sheet, c.column) for c in refused.value.cells}
    assert cells >= {("commitments", "hours"), ("posts", "D")}
    assert "found '=1+1'" in str(refused.value)
    assert states() == ["submitted"]


def test_a_figure_of_the_budget_is_not_changed_but_its_causes(sqlite_surveyed: str, tmp_path: Path) -> None:
    factories.propose_plan(sqlite_surveyed)

    def dearer(sheets: dict[str, list[list[str]]]) -> None:
        sheets["budget"][1][3] = "99999"
        sheets["budget"].append(["gift", "Gift", "礼品", "100", ""])

    with pytest.raises(PlanEditRefused) as refused:
        import_plan(sqlite_surveyed, edited_workbook(sqlite_surveyed, tmp_path, dearer))
    said = str(refused.value)
    assert "budget" in said
    assert "99999" in said
    assert "the budget is computed; change hours, material cost, interval or heads" in said
    assert "gift" in said


def test_changes_are_told_in_words_and_amounts_not_in_rules(sqlite_surveyed: str, tmp_path: Path) -> None:
    factories.propose_plan(sqlite_surveyed)
    code = commitment(
        sqlite_surveyed, lambda c: c.rrule == "FREQ=DAILY" and c.subject == "cleaning" and not c.statutory
    ).code
    edited = edited_workbook(
        sqlite_surveyed, tmp_path, setting("commitments", code, "rrule", "FREQ=WEEKLY;INTERVAL=2")
    )
    changes = import_plan(sqlite_surveyed, edited).changes
    texts = [change.text_en for change in changes]
    assert any(
        re.fullmatch(rf"Commitment .+ \({code}\): interval every day becomes every 2 weeks\.", text)
        for text in texts
    )
    assert any(
        re.fullmatch(rf"承诺“.+”（{code}）：周期由“每天”改为“每2周”。", change.text_zh) for change in changes
    )
    fee = next(change.text_en for change in changes if (change.part, change.code) == ("total", "fee"))
    assert re.fullmatch(r"Total: yearly fee [\d,]+\.\d\d becomes [\d,]+\.\d\d\.", fee), fee


def test_a_file_made_from_an_older_version_is_refused(sqlite_surveyed: str, tmp_path: Path) -> None:
    code = sqlite_surveyed
    factories.propose_plan(code)
    old = tmp_path / "old.yaml"
    export_plan(code, old)
    import_plan(
        code, edited_workbook(code, tmp_path, setting("commitments", cleaning(code).code, "hours", "7"))
    )
    with pytest.raises(PlanFileRefused, match=r"based on version 1, but the newest is version 2"):
        import_plan(code, old)
    forged = tmp_path / "forged.yaml"
    content = yaml.safe_load(old.read_text(encoding="utf-8"))
    content["plan"]["base_version"] = "2"
    forged.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    with pytest.raises(PlanFileRefused, match="export that one"):
        import_plan(code, forged)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x [1]\nb: *x\n", "anchors and aliases"),
        ("[[[[[[[[1]]]]]]]]", "nested"),
        ("plan: {a: b", "is not YAML"),
        ("- 1\n", "expected the entries"),
        ("!!python/object/apply:os.system ['true']", "expected the entries"),
        ("plan: {format: other}\n", "expected 'steward-plan-1'"),
        ("commitments: 7\n", "must be a list"),
    ],
)
def test_a_yaml_file_that_is_no_plan_is_refused_in_a_sentence(
    sqlite_surveyed: str, tmp_path: Path, text: str, said: str
) -> None:
    factories.propose_plan(sqlite_surveyed)
    file = tmp_path / "plan.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(PlanFileRefused, match=said):
        import_plan(sqlite_surveyed, file)


def test_a_confirmed_plan_is_not_edited(sqlite_surveyed: str, tmp_path: Path) -> None:
    code = sqlite_surveyed
    factories.propose_plan(code)
    file = edited_workbook(code, tmp_path, setting("commitments", cleaning(code).code, "hours", "7"))
    factories.answer(code, "plan")
    with pytest.raises(Terminal, match="`steward plan amend` only"):
        import_plan(code, file)
    with pytest.raises(Terminal, match="once the contract is signed"):
        import_plan(code, file, Amendment(date(2027, 7, 1), "more"))
    assert states() == ["confirmed"]


def test_result_names_fees(sqlite_surveyed: str, tmp_path: Path) -> None:
    code = sqlite_surveyed
    factories.propose_plan(code)
    result: PlanImport = import_plan(
        code, edited_workbook(code, tmp_path, setting("posts", "cleaner", "heads", "9")), dry_run=True
    )
    assert float(result.new_fee) > float(result.old_fee)
    assert any(c.code == "cleaner" and c.field == "heads" and c.new == "9" for c in result.changes)


def test_the_command_line_shows_explains_exports_and_takes_in(sqlite_surveyed: str, tmp_path: Path) -> None:
    import json

    from typer.testing import CliRunner

    from deployments.plan_commands import plan_app

    code, run = sqlite_surveyed, CliRunner()
    factories.propose_plan(code)
    file = tmp_path / "plan.yaml"

    def said(*arguments: str) -> str:
        result = run.invoke(plan_app, list(arguments))
        assert result.exit_code == 0, (arguments, result.output, result.exception)
        return result.output

    fee = json.loads(said("show", code, "--json"))["plan"]["budget"]["total"]
    assert f"{Decimal(fee):,.2f}" in said("show", code)
    told = json.loads(said("explain", code, "total", "--json"))
    assert float(told["figure"]) == float(fee)
    assert "Sum:" in said("explain", code, "cleaner")
    said("export", code, "--out", str(file))
    assert "asks for no change" in said("import", code, str(file))
    (version,) = json.loads(said("versions", code, "--json"))
    assert version["decisions"] == ["client open", "custodian open"]
    assert "Versions of the plan" in said("versions", code)
