"""What must be known of a building to judge its defects: assets, their worth and age, what entry showed? (A2)"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session, select

from models.checklist_files import load_checklists, load_condition_tables
from models.diligence import ConditionFinding, ElementCondition
from models.engagement import Engagement
from models.register import Asset, AssetType, Place
from models.rules.catalogue import PropertyType
from models.rules.condition import (
    Defect,
    RemainingLife,
    Severity,
    defect_score,
    element_condition,
    facility_condition,
    remaining_life,
)
from models.rules.condition_checks import AssetToCheck
from models.rules.condition_payer import DefectFacts, propose_payer, repair_priority
from models.rules.elements import ElementClass
from tasks.engagements import engagement_id

_PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class BuildingFacts:
    """The register and the entry survey as a survey needs them."""

    key: int
    property_type: PropertyType
    assets: Mapping[str, Asset]
    types: Mapping[str, AssetType]
    places: Mapping[str, str]
    entry: Mapping[str, ConditionFinding]
    """Defects found at entry, by reference."""

    def to_check(self) -> tuple[AssetToCheck, ...]:
        """The assets as the form lists them."""
        return tuple(
            AssetToCheck(
                tag=asset.tag,
                name=asset.name,
                element_class=ElementClass(asset.element_class),
                type_name=asset.type_name,
                category=kind.category if (kind := self.type_of(asset)) else "",
                place=self.places.get(asset.place_code, asset.place_code),
            )
            for asset in self.assets.values()
        )

    def type_of(self, asset: Asset) -> AssetType | None:
        """The type of an asset, if the register describes it."""
        return self.types.get(asset.type_name)

    def life_of(self, asset: Asset, score: int | None, on: date) -> RemainingLife | None:
        """What is left of an asset's expected life on a day; None where age or expectation is not known.

        Args:
            asset: the asset.
            score: of its condition; None if it was not looked at.
            on: the day.
        """
        kind = self.type_of(asset)
        life = kind.expected_life_years if kind else None
        if asset.installed_on is None or not life or on < asset.installed_on:
            return None
        return remaining_life(asset.installed_on, life, score, on)

    def outlived(self, tag: str, on: date) -> bool:
        """Whether an asset is older than it was expected to become; False where that is not known."""
        asset = self.assets.get(tag)
        life = self.life_of(asset, None, on) if asset else None
        return life is not None and life.outlived

    def finding(
        self,
        defect: Defect,
        element_class: ElementClass,
        tag: str,
        ref: str,
        visit: str,
        on: date,
        *,
        entry_known: bool,
        text: str,
        repair_cost: Decimal | None,
    ) -> ConditionFinding:
        """A defect as it is recorded: score, urgency, who should pay and why, and the tables it was judged by.

        Args:
            defect: what was seen.
            element_class: of the asset or the line.
            tag: of the asset; empty for the whole building.
            ref: of the finding: the same at entry and exit.
            visit: `entry` or `exit`.
            on: the day it was seen.
            entry_known: whether the same line was looked at on entry.
            text: what was noted.
            repair_cost: money; None if it was not estimated.
        """
        scheme, _bands = load_condition_tables()
        checks = load_checklists().classes[element_class]
        score = defect_score(defect, scheme)
        before = self.entry.get(ref)
        asset = self.assets.get(tag)
        proposal = propose_payer(
            DefectFacts(
                visit=visit,
                score=score,
                entry_score=None if before is None else before.score,
                found_on=on,
                property_type=self.property_type,
                installed_on=None if asset is None else asset.installed_on,
                warranty_months=checks.warranty_months,
                fund=checks.fund,
                outlived=self.outlived(tag, on),
                entry_known=entry_known or before is not None,
            ),
            checks.certainty,
        )
        return ConditionFinding(
            engagement_id=self.key,
            visit=visit,
            ref=ref,
            element_class=element_class.value,
            asset_tag=tag,
            severity=defect.severity.value,
            intensity=defect.intensity,
            extent=defect.extent,
            score=score,
            scheme=scheme.name,
            verified=scheme.verified,
            text=text,
            repair_cost=repair_cost,
            found_on=on,
            priority=repair_priority(defect.severity, defect.intensity, score),
            payer=proposal.payer.value,
            payer_basis=proposal.basis.value,
        )

    def replacement_value(self, element_class: str) -> Decimal | None:
        """What it would cost to replace all assets of a class; None if one has no price, or there is none."""
        costs = [
            kind.replacement_cost if (kind := self.type_of(asset)) else None
            for asset in self.assets.values()
            if asset.element_class == element_class
        ]
        known = [cost for cost in costs if cost is not None]
        return sum(known, Decimal("0.00")) if costs and len(known) == len(costs) else None

    def grade(
        self, visit: str, element_class: str, findings: Sequence[ConditionFinding], complete: bool
    ) -> ElementCondition:
        """The condition of a class from its findings.

        Args:
            visit: `entry` or `exit`.
            element_class: the class.
            findings: all its findings of that visit.
            complete: whether every asset of the class was looked at; else its index stays unknown.
        """
        scheme, bands = load_condition_tables()
        costs = [f.repair_cost for f in findings if f.repair_cost is not None]
        backlog = sum(costs, Decimal("0.00")) if costs else None
        value = self.replacement_value(element_class)
        index, band = None, None
        if complete and value is not None and len(costs) == len(findings):
            found = facility_condition(backlog or Decimal(0), value, bands)
            index, band = found.index, found.band
        return ElementCondition(
            engagement_id=self.key,
            visit=visit,
            element_class=element_class,
            asset_count=sum(a.element_class == element_class for a in self.assets.values()),
            finding_count=len(findings),
            score=score_of(findings),
            scheme=scheme.name,
            verified=scheme.verified,
            backlog_cost=backlog,
            replacement_value=value,
            facility_index=None if index is None else index.quantize(_PLACES),
            facility_band=band or "",
            facility_bands=bands.name,
        )


def score_of(findings: Iterable[ConditionFinding]) -> int:
    """The score of what has these findings, by the scheme of the catalogue; 1 without any."""
    scheme, _bands = load_condition_tables()
    return element_condition(
        [Defect(Severity(f.severity), f.intensity, f.extent) for f in findings], scheme
    ).score


def building_facts(session: Session, engagement: Engagement) -> BuildingFacts:
    """Read the facts of an engagement's building."""
    key = engagement_id(engagement)
    return BuildingFacts(
        key=key,
        property_type=PropertyType(engagement.property_type),
        assets={
            a.tag: a
            for a in session.exec(select(Asset).where(Asset.engagement_id == key).order_by(Asset.tag)).all()
        },
        types={
            t.name: t for t in session.exec(select(AssetType).where(AssetType.engagement_id == key)).all()
        },
        places={p.code: p.name for p in session.exec(select(Place).where(Place.engagement_id == key)).all()},
        entry=by_ref(findings_of(session, key, "entry")),
    )


def findings_of(session: Session, key: int, visit: str) -> Sequence[ConditionFinding]:
    """The findings of a visit, in the order of their references."""
    return session.exec(
        select(ConditionFinding)
        .where(ConditionFinding.engagement_id == key, ConditionFinding.visit == visit)
        .order_by(ConditionFinding.ref)
    ).all()


def by_ref(findings: Iterable[ConditionFinding]) -> dict[str, ConditionFinding]:
    """Findings by their reference."""
    return {finding.ref: finding for finding in findings}
