"""What do technicians, cleaners, gardeners and guards do from day to day, and what do residents ask for?"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from deployments.demo.chance import Chance
from models.db import reading
from models.people import Person
from models.register import Place
from models.rules.coverage import Shift
from models.rules.service_levels import Priority, RequestKind
from models.staff import StaffMember
from tasks.engagements import engagement_id, find_engagement
from tasks.mobilisation import vacancies
from tasks.rosters import record_shifts
from tasks.service_desk import NewRequest, open_requests, rate_request, record_request_event, take_request
from tasks.work_entries import WorkEntry, record_work
from tasks.work_orders import OpenOrder, open_orders

LEFT_UNDONE = 0.012
CHECK_FAILS = 0.015
REQUESTS_A_MONTH = (10, 18)

_REQUESTS: dict[RequestKind, tuple[tuple[str, str], ...]] = {
    RequestKind.REPAIR: (
        ("The tap in the laundry drips", "洗衣房水龙头滴水"),
        ("No light on the stairs", "楼梯间照明不亮"),
        ("The entrance door does not close", "单元门关不严"),
        ("Water on the basement floor", "地下室地面积水"),
    ),
    RequestKind.ENQUIRY: (
        ("When is the next meter reading?", "下次抄表是什么时候？"),
        ("How do I get a second access card?", "如何补办门禁卡？"),
    ),
    RequestKind.COMPLAINT: (
        ("Rubbish was left in the corridor", "楼道有垃圾堆放"),
        ("Noise from the plant room at night", "设备房夜间噪声"),
    ),
    RequestKind.SUGGESTION: (("More places for bicycles, please", "建议增加自行车位"),),
}
_MIX = (
    *(RequestKind.REPAIR,) * 6,
    *(RequestKind.ENQUIRY,) * 3,
    *(RequestKind.COMPLAINT,) * 2,
    RequestKind.SUGGESTION,
)


def do_the_work(code: str, chance: Chance, until: date) -> int:
    """The teams record what was due up to and including a day; what failed is repaired in turn.

    Returns:
        How many orders were closed.
    """
    team = _team(code)
    closed = 0
    while True:
        entries = [
            _entry(order, team, chance)
            for order in open_orders(code, until)
            if order.subject == "corrective"
            or not chance.happens(LEFT_UNDONE, "undone", order.series, order.target_code, order.due_on)
        ]
        if not entries:
            return closed
        closed += record_work(code, entries, until)


def _entry(order: OpenOrder, team: dict[str, list[str]], chance: Chance) -> WorkEntry:
    key = (order.series, order.target_code, order.due_on)
    people = team.get(order.post_code) or [ref for refs in team.values() for ref in refs]
    late = order.latest_on > order.due_on and chance.happens(0.2, "late", *key)
    fails = order.subject != "corrective" and chance.happens(CHECK_FAILS, "fails", *key)
    return WorkEntry(
        order_id=order.id,
        done_on=order.due_on + timedelta(days=1) if late else order.due_on,
        staff_ref=chance.pick(people, "who", *key),
        outcome="failed" if fails else "passed",
        hours=Decimal(str(round(chance.between(0.2, 2.0, "hours", *key), 1))),
        material_cost=Decimal("0.00"),
    )


def _team(code: str) -> dict[str, list[str]]:
    with reading() as session:
        key = engagement_id(find_engagement(session, code))
        rows = session.exec(
            select(StaffMember.post_code, StaffMember.ref)
            .where(StaffMember.engagement_id == key, col(StaffMember.released_on).is_not(None))
            .order_by(StaffMember.ref)
        ).all()
    team: dict[str, list[str]] = {}
    for post, ref in rows:
        team.setdefault(post, []).append(ref)
    return team


def stand_guard(code: str, chance: Chance, first: date, last: date) -> int:
    """Guards sign on and off, three shifts a day; once in a while one comes late. Returns new shifts."""
    team = _team(code)
    shifts: list[Shift] = []
    with reading() as session:
        zone = ZoneInfo(find_engagement(session, code).timezone)
    for post in vacancies(code):
        if not post.round_the_clock or post.post_code not in team:
            continue
        people = team[post.post_code]
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            for turn in range(3):
                for head in range(post.heads_on_duty):
                    shifts.append(_shift(post.post_code, people, day, turn, head, zone, chance))
    return record_shifts(code, shifts)


def _shift(
    post: str, people: Sequence[str], day: date, turn: int, head: int, zone: ZoneInfo, chance: Chance
) -> Shift:
    start = datetime.combine(day, time(hour=(7 + 8 * turn) % 24), zone)
    if turn == 2:
        start = datetime.combine(day, time(hour=23), zone)
    end = (start.replace(tzinfo=None) + timedelta(hours=8)).replace(tzinfo=zone)
    person = people[(day.toordinal() + 2 * turn + head) % len(people)]
    late = (
        chance.minutes(5, 25, "late", post, day, turn)
        if chance.happens(0.004, "gap", post, day, turn, head)
        else timedelta(0)
    )
    return Shift(post, start.astimezone(UTC) + late, end.astimezone(UTC), person)


def answer_requests(code: str, chance: Chance, first: date, last: date) -> int:
    """Residents call between two days, and the desk answers; nothing is recorded before it happens.

    Returns:
        How many requests came in.
    """
    with reading() as session:
        engagement = find_engagement(session, code)
        key = engagement_id(engagement)
        zone, zh = ZoneInfo(engagement.timezone), engagement.language == "zh"
        residents = session.exec(
            select(Person.ref)
            .where(Person.engagement_id == key, col(Person.role).in_(("owner", "tenant")))
            .order_by(Person.ref)
        ).all()
        places = session.exec(
            select(Place.code).where(Place.engagement_id == key, Place.kind == "space").order_by(Place.code)
        ).all()
    taken = 0
    for number, received_at in _request_times(chance, first, last, zone):
        kind = chance.pick(_MIX, "kind", number)
        request = NewRequest(
            kind=kind,
            priority=chance.pick(
                (Priority.URGENT, Priority.NORMAL, Priority.NORMAL, Priority.LOW), "priority", number
            ),
            channel=chance.pick(("phone", "phone", "counter", "form"), "channel", number),
            text=chance.pick(_REQUESTS[kind], "text", number)[1 if zh else 0],
            received_at=received_at,
            requester_ref=chance.pick(residents, "who", number) if residents else "",
            place_code=chance.pick(places, "where", number) if places else "",
        )
        take_request(code, request, number)
        taken += 1
    _handle_open_requests(code, chance, datetime.combine(last + timedelta(days=1), time(0), zone))
    return taken


def _handle_open_requests(code: str, chance: Chance, now: datetime) -> None:
    agent = next(iter(_team(code).get("service_agent", ["custodian-1"])))
    for number, received_at in open_requests(code):
        responded_at = received_at + chance.minutes(4, 28, "response", number)
        resolved_at = responded_at + chance.minutes(30, 20 * 60, "resolution", number)
        if chance.happens(0.05, "slow", number):
            resolved_at += timedelta(days=9)
        closed_at = resolved_at + timedelta(hours=1)
        for event, at in (("responded", responded_at), ("resolved", resolved_at), ("closed", closed_at)):
            if at >= now:
                break
            if event == "closed" and chance.happens(0.7, "rated", number):
                rate_request(code, number, chance.pick((5, 5, 4, 4, 3, 2), "rating", number))
            record_request_event(code, number, event, at, agent)  # once closed, it is not looked at again


def _request_times(chance: Chance, first: date, last: date, zone: ZoneInfo) -> Iterator[tuple[str, datetime]]:
    """Number and time of the requests of each month that fall into the days."""
    month = first.replace(day=1)
    while month <= last:
        following = (month + timedelta(days=32)).replace(day=1)
        length = (following - month).days
        for index in range(round(chance.between(*REQUESTS_A_MONTH, "requests", month))):
            number = f"R-{month:%Y%m}-{index + 1:02d}"
            day = month + timedelta(days=int(chance.share("day", number) * length))
            if first <= day <= last:
                minute = int(chance.between(8 * 60, 19 * 60, "minute", number))
                yield number, datetime.combine(day, time(minute // 60, minute % 60), zone).astimezone(UTC)
        month = following
