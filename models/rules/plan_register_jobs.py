"""What becomes of the maintenance jobs that the building's own register asks for?"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from models.rules.catalogue import Catalogue, JobPlan, Label, Subject
from models.rules.plan_scope import Scope, slug, staggered_start
from models.rules.plan_types import (
    AssetFact,
    CommitmentDraft,
    Explanation,
    JobFact,
    Risk,
    Target,
    TargetKind,
)
from models.rules.recurrence import Recurrence, RecurrenceNotSupported, interval_days

_JOB_STANDARD = Label(
    "As the job of the register says; asset left in working order", "按台账作业要求完成，设备恢复正常"
)
_JOB_EVIDENCE = Label("Work order record", "工单记录")


class RegisterJobs:
    """The jobs of the register, made into commitments for the components of their types."""

    def __init__(self, scope: Scope, catalogue: Catalogue) -> None:
        self.drafts: dict[str, list[CommitmentDraft]] = {}
        """Series code (without batch number) to its batches."""
        self._strictest: dict[str, tuple[int, str]] = {}
        """Type name to the shortest interval of its jobs and that series' code."""
        self._as_required = 0
        self._risks: list[Risk] = []
        by_type: dict[str, list[AssetFact]] = defaultdict(list)
        for asset in scope.inputs.assets:
            by_type[_key(asset.type_name)].append(asset)
        for (type_name, _, rrule), rows in self._grouped(scope.inputs.jobs).items():
            assets = sorted(by_type.get(_key(type_name), []), key=lambda fact: fact.tag)
            if assets:
                self._add(rows, rrule, assets, scope, catalogue)
            else:
                self._risk(rows[0], "no component of this type is in the register", "台账中没有该类型的组件")

    def _grouped(self, jobs: tuple[JobFact, ...]) -> dict[tuple[str, str, str], list[JobFact]]:
        """Steps of one job (same type, name and rule) belong together."""
        groups: dict[tuple[str, str, str], list[JobFact]] = defaultdict(list)
        for job in sorted(
            jobs, key=lambda fact: (fact.type_name, fact.name, fact.rrule, fact.task_number, fact.source_row)
        ):
            if not job.rrule:
                self._as_required += 1
                continue
            try:
                rule = str(Recurrence.parse(job.rrule))
            except RecurrenceNotSupported as refusal:
                self._risk(job, str(refusal), "周期规则无法执行")
                continue
            groups[(job.type_name, job.name, rule)].append(job)
        return groups

    def _risk(self, job: JobFact, text_en: str, text_zh: str) -> None:
        where = f" (row {job.source_row})" if job.source_row else ""
        self._risks.append(
            Risk(
                code=f"JOB-{len(self._risks) + 1}",
                text_en=f"Job {job.name!r} of type {job.type_name!r}{where} is not in the plan: {text_en}",
                text_zh=f"台账作业“{job.name}”（类型“{job.type_name}”）未列入方案：{text_zh}",
                source=f"COBie job {job.name}{where}",
            )
        )

    def _add(
        self, rows: list[JobFact], rrule: str, assets: list[AssetFact], scope: Scope, catalogue: Catalogue
    ) -> None:
        first = rows[0]
        series = unique(f"JOB-{slug(first.type_name)}-{slug(first.task_number or '1')}", self.drafts)
        work = catalogue.class_work[assets[0].element_class]
        language = scope.inputs.language
        numbers = ", ".join(row.source_row for row in rows if row.source_row) or "not given"
        draft = CommitmentDraft(
            code=series,
            clause="B2",
            subject=Subject.PREVENTIVE_MAINTENANCE,
            title_en=f"{first.name} ({first.type_name})",
            title_zh=f"{first.name}（{first.type_name}）",
            targets=(),
            rrule=rrule,
            start_on=scope.inputs.term_start,
            standard=_JOB_STANDARD.in_language(language),
            metric="pm_compliance",
            target_value=catalogue.indicators["pm_compliance"].target,
            evidence=_JOB_EVIDENCE.in_language(language),
            post_code=work.post,
            hours=sum((row.hours for row in rows), Decimal(0)),
            material_cost=Decimal(0),
            cost_item=work.cost_item,
            statutory="",
            longest_interval_days=None,
            source=f"COBie job {first.name}, row {numbers}",
        )
        self.drafts[series] = batched(draft, assets, scope, catalogue)
        gap = interval_days(Recurrence.parse(rrule))
        if gap is not None:
            best = self._strictest.get(_key(first.type_name))
            if best is None or (gap, series) < best:
                self._strictest[_key(first.type_name)] = (gap, series)

    def replaces(self, asset: AssetFact, plan: JobPlan) -> bool:
        """Whether the register's jobs for the asset stand in place of the catalogue's plan."""
        own = self._strictest.get(_key(asset.type_name))
        if own is None or plan.independent:
            return False
        return plan.statutory is None or own[0] <= plan.statutory.longest_interval_days

    def strictest(self, asset: AssetFact) -> str:
        """Code of the register's most frequent job for the asset's type."""
        return self._strictest[_key(asset.type_name)][1]

    @property
    def risks(self) -> tuple[Risk, ...]:
        """Jobs of the register that did not become commitments and should have."""
        return tuple(self._risks)

    def explanations(self, covered: dict[str, list[JobPlan]]) -> tuple[Explanation, ...]:
        """What became of the register's jobs."""
        notes = []
        if self.drafts:
            count = len(self.drafts)
            notes.append(
                Explanation(
                    "register jobs",
                    f"{count} repeating jobs of the register replace the catalogue's work on their assets.",
                    f"台账中{count}项周期作业替代相应资产的目录作业。",
                )
            )
        if self._as_required:
            notes.append(
                Explanation(
                    "as-required jobs",
                    f"{self._as_required} jobs of the register without an interval stay instructions for repairs.",
                    f"台账中{self._as_required}项无周期作业作为维修指引保留。",
                )
            )
        for series in sorted(code for code in covered if covered[code]):
            codes = ", ".join(sorted({plan.code for plan in covered[series]}))
            notes.append(
                Explanation(
                    series,
                    f"Stands in for the statutory {codes}; check that its steps cover that list.",
                    f"替代法定作业{codes}，须核对作业步骤是否覆盖其项目。",
                )
            )
        return tuple(notes)


def _key(type_name: str) -> str:
    return type_name.strip().casefold()


def unique(code: str, taken: Iterable[str]) -> str:
    """The code, or with the first free number behind it."""
    used = set(taken)
    if code not in used:
        return code
    number = 2
    while f"{code}-{number}" in used:
        number += 1
    return f"{code}-{number}"


def batched(
    draft: CommitmentDraft, assets: Sequence[AssetFact], scope: Scope, catalogue: Catalogue
) -> list[CommitmentDraft]:
    """The draft for these assets, in batches whose first due dates are spread over the interval."""
    size = catalogue.prices.batch_size
    batches = [assets[start : start + size] for start in range(0, len(assets), size)]
    term = (scope.inputs.term_start, scope.inputs.term_end)
    drafts = []
    for number, batch in enumerate(batches):
        drafts.append(
            replace(
                draft,
                code=draft.code if len(batches) == 1 else f"{draft.code}.{number + 1:02d}",
                targets=tuple(Target(TargetKind.ASSET, asset.tag) for asset in batch),
                start_on=staggered_start(draft.code, draft.rrule, term, number, len(batches)),
            )
        )
    return drafts
