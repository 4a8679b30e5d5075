"""Where does a round go, in which order, and what is looked at there? From the rounds of the plan in force (B2)."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from models.catalogue_files import load_catalogue
from models.db import reading
from models.engagement import Engagement
from models.register import Asset, Place
from models.rules.catalogue import Activity, Scale
from models.rules.check_items import RoundItem
from models.service_plan import Commitment, CommitmentTarget
from reports.words import voice_of
from tasks.check_readings import items_of
from tasks.engagements import business_today, engagement_id, find_engagement
from tasks.plans_in_force import plan_in_force


@dataclass(frozen=True)
class CheckPoint:
    """One machine on a round."""

    asset: Asset
    place: str
    items: tuple[RoundItem, ...]


@dataclass(frozen=True)
class Route:
    """One round of the plan and its points in the order in which they are walked."""

    commitment: Commitment
    points: tuple[CheckPoint, ...]


def routes_in(session: Session, engagement: Engagement) -> list[Route]:
    """The routes of the plan in force, by post and code.

    A round goes to the assets the plan names; where it names the whole site, to those of the element classes its
    catalogue entry is about (a visit of a small building: to all). Points are ordered by storey, room and tag.
    """
    key = engagement_id(engagement)
    rounds = session.exec(
        select(Commitment)
        .where(
            Commitment.plan_id == plan_in_force(session, key, business_today(engagement)),
            Commitment.subject == "round",
        )
        .order_by(Commitment.post_code, Commitment.code)
    ).all()
    places = {
        place.code: place
        for place in session.exec(select(Place).where(Place.engagement_id == key).order_by(col(Place.id)))
    }
    storeys = {
        code: rank for rank, code in enumerate(places)
    }  # in the order of the register: as its maker walked through the building

    def order(asset: Asset) -> tuple[int, int, str]:
        place = places.get(asset.place_code)
        parent = place.parent_code if place is not None else ""
        return (_rank(storeys, parent), _rank(storeys, asset.place_code), asset.tag)

    assets = sorted(session.exec(select(Asset).where(Asset.engagement_id == key)).all(), key=order)
    named: dict[int, set[str]] = {}
    for target in session.exec(
        select(CommitmentTarget).where(
            col(CommitmentTarget.commitment_id).in_([r.id for r in rounds]), CommitmentTarget.kind == "asset"
        )
    ).all():
        named.setdefault(target.commitment_id, set()).add(target.code)
    activities = {activity.code: activity for activity in load_catalogue().activities}
    return [
        Route(
            commitment,
            tuple(
                CheckPoint(asset, asset.place_code, items_of(asset))
                for asset in assets
                if _belongs(asset, named.get(commitment.id or 0), activities.get(commitment.code))
            ),
        )
        for commitment in rounds
    ]


def _rank(storeys: dict[str, int], code: str) -> int:
    return storeys.get(code, len(storeys))


def _belongs(asset: Asset, named: set[str] | None, activity: Activity | None) -> bool:
    if named is not None:
        return asset.tag in named
    if activity is None:
        return False
    classes = activity.when.element_classes
    return asset.element_class in classes if classes else Scale.VISITING in activity.when.scales


def routes_of(code: str, post: str = "") -> list[dict[str, Any]]:
    """The check points of the rounds, one row for each thing to look at, in the order of the walk."""
    with reading() as session:
        engagement = find_engagement(session, code)
        voice = voice_of(engagement)
        return [
            {
                "post": route.commitment.post_code,
                "round": route.commitment.code,
                "point": number,
                "asset": point.asset.tag,
                "place": point.place,
                "item": item.code,
                "look_at": voice(item.label.en, item.label.zh),
                "limits": item.limits,
            }
            for route in routes_in(session, engagement)
            if not post or route.commitment.post_code == post
            for number, point in enumerate(route.points, start=1)
            for item in point.items
        ]
