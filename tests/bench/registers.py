"""Which registers is the rehearsal measured on? The bundled sample, and the same kinds of assets many times over."""

import tempfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from deployments.sample.workbook import build_workbook
from models.rules.cobie import read_register
from models.rules.element_classes import element_class
from models.rules.plan_types import AssetFact, JobFact, PlaceFact, PlanInputs
from tasks.workbook import read_workbook

TERM = (date(2027, 1, 1), date(2029, 12, 31))


def sample_inputs() -> PlanInputs:
    """The bundled sample as the facts a plan is computed from, with a term of three years."""
    with tempfile.TemporaryDirectory() as folder:
        path = build_workbook(Path(folder))
        found = read_register(read_workbook(path), path.name)
    kinds = {kind.name: element_class(kind.category, kind.name, kind.description) for kind in found.types}
    return PlanInputs(
        "BENCH",
        "mixed",
        "CNY",
        *TERM,
        floor_area=Decimal(42000),
        units=260,
        assets=tuple(
            AssetFact(c.name, c.description, c.type_name, kinds[c.type_name], installed_on=c.installed_on)
            for c in found.components
        ),
        places=tuple(
            PlaceFact(space.name, space.description, "space", space.category) for space in found.spaces
        ),
        jobs=tuple(
            JobFact(
                job.type_name,
                job.name,
                "",
                job.interval.rrule if job.interval else "",
                (job.duration.hours if job.duration else None) or Decimal(0),
                source_row=str(job.steps[0].row),
            )
            for job in found.job_plans
        ),
    )


def register_of(count: int, sample: PlanInputs) -> PlanInputs:
    """A register of `count` assets in the proportions of the sample; every tenth copy is of a type of its own."""
    assets: list[AssetFact] = []
    types: dict[str, str] = {}
    for number in range(count):
        copy, which = divmod(number, len(sample.assets))
        asset = sample.assets[which]
        kind = f"{asset.type_name} {copy // 10}" if copy >= 10 else asset.type_name
        types[kind] = asset.type_name
        assets.append(replace(asset, tag=f"{asset.tag}-{copy}", type_name=kind))
    jobs = tuple(
        replace(job, type_name=kind)
        for kind, original in types.items()
        for job in sample.jobs
        if job.type_name == original
    )
    return replace(
        sample, assets=tuple(assets), jobs=jobs, floor_area=Decimal(140) * count, units=max(1, count)
    )
