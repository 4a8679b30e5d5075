"""How long does a rehearsal take, from the facts to the files? Run it by hand: `python -m tests.bench.rehearsal_bench`.

The name keeps it out of `make test`: nothing there asserts on speed. The ratio to the small register, measured in
the same run, says more than seconds of an unknown machine.
"""

import sys
import time
from dataclasses import replace

from models.catalogue_files import load_catalogue
from models.engagement import Engagement
from models.rules.plan import compile_plan
from models.rules.plan_types import PlanInputs
from models.rules.rehearsal import read_change, rehearse, scenarios
from reports.pdf import render_pdf
from reports.rehearsal_pack import rehearsal_pack
from reports.rehearsal_workbook import rehearsal_workbook
from tests.bench.registers import register_of, sample_inputs


def measure(inputs: PlanInputs) -> dict[str, float]:
    """Seconds of each step for one register, with two changes and all of them together."""
    catalogue = load_catalogue()
    engagement = Engagement(
        code="BENCH",
        property_name="Bench",
        property_type="mixed",
        client_name="Client",
        custodian_name="Custodian",
        scope="",
        service_standard="",
        term_start=inputs.term_start,
        term_end=inputs.term_end,
        language="en",
        currency="CNY",
        timezone="Asia/Shanghai",
    )
    marks = [time.perf_counter()]
    plan = compile_plan(inputs, catalogue)
    marks.append(time.perf_counter())
    base = rehearse(plan)
    marks.append(time.perf_counter())
    change = read_change(plan, ["technician"], ["CLEAN-DEEP-3M=x2"], fee_late_days=45)
    changed = [rehearse(plan, scenario) for scenario in scenarios(change)]
    marks.append(time.perf_counter())
    book = rehearsal_workbook(engagement, 1, base, changed, inputs.term_start)
    marks.append(time.perf_counter())
    paper = render_pdf(rehearsal_pack(engagement, 1, base, changed, inputs.term_start))
    marks.append(time.perf_counter())
    names = ("compile", "rehearse", "scenarios", "workbook", "pdf")
    spent = {name: marks[n + 1] - marks[n] for n, name in enumerate(names)}
    sys.stdout.write(
        f"  {len(inputs.assets)} assets, {len(inputs.jobs)} jobs: {len(plan.commitments)} commitments, "
        f"{len(base.statutory)} statutory rows, {len(book) // 1024} KB xlsx, {len(paper) // 1024} KB pdf\n"
    )
    return spent | {"total": marks[-1] - marks[0]}


def main() -> None:
    """Measure the sample and larger registers, and print seconds and ratios."""
    sample = sample_inputs()
    measure(sample)  # fonts and catalogue are read once
    small = measure(sample)
    runs = {
        f"sample ({len(sample.assets)})": small,
        "5,000 assets": measure(register_of(5000, sample)),
        "5,000, no jobs": measure(replace(register_of(5000, sample), jobs=())),
        "10,000 assets": measure(register_of(10_000, sample)),
    }
    for name, spent in runs.items():
        shown = "  ".join(f"{step} {seconds:6.2f}" for step, seconds in spent.items())
        sys.stdout.write(f"{name:<16} {shown}  s, {spent['total'] / small['total']:5.1f} x the sample\n")


if __name__ == "__main__":
    main()
