"""Who is told of a machine whose readings drift towards a limit? The post that looks after it, once (B2)."""

from datetime import date
from typing import Any

from sqlmodel import Session, select

from models.catalogue_files import load_catalogue
from models.check_item_files import load_round_items
from models.db import writing
from models.engagement import Engagement
from models.register import Asset
from models.rules.check_items import Verdict
from models.rules.elements import ElementClass
from reports.words import POSTS, voice_of
from tasks.check_readings import early_warnings
from tasks.engagements import business_today, codes_by_the_clock, engagement_id, lock_engagement
from tasks.outbox import Letter, people_on_posts, people_with_role, queue_letters
from tasks.steps import step


def warn_of_readings(code: str, day: date | None = None) -> list[tuple[str, str]]:
    """Mail each warning of `steward asset warnings` once to the people on the responsible post.

    What is beyond its limit already is an order of its own and is not mailed. A warning that ended and came again is
    another one. Where nobody on the post can be written to, the custodian is.

    Args:
        code: the engagement.
        day: the business date by default.

    Returns:
        Asset and item of what was told now.
    """
    drifting = [warning for warning in early_warnings(code) if warning["state"] != Verdict.OUT]
    if not drifting:
        return []
    told = []
    with writing() as session:
        engagement = lock_engagement(session, code)
        key, on = engagement_id(engagement), day or business_today(engagement)
        people = people_on_posts(session, key)
        custodian = people_with_role(session, engagement, "custodian")
        for warning in drifting:
            post = _post_of(session, key, warning["asset"])
            letter = _letter(engagement, warning, post)
            if queue_letters(session, engagement, people.get(post) or custodian, letter, on):
                told.append((warning["asset"], warning["item"]))
    return told


@step("Warn of readings that drift")
def warn_of_readings_everywhere() -> list[tuple[str, str, str]]:
    """The same for every engagement in service; a demonstration has no clock of its own. Code, asset and item."""
    return [(code, *told) for code in codes_by_the_clock() for told in warn_of_readings(code)]


def _post_of(session: Session, key: int, tag: str) -> str:
    """The post that looks after machines of this class."""
    found = session.exec(
        select(Asset.element_class).where(Asset.engagement_id == key, Asset.tag == tag)
    ).first()
    return load_catalogue().class_work[ElementClass(found or ElementClass.OTHER)].post


def _letter(engagement: Engagement, warning: dict[str, Any], post: str) -> Letter:
    voice = voice_of(engagement)
    label = next(
        (one.label for items in load_round_items().values() for one in items if one.code == warning["item"]),
        None,
    )
    item = warning["item"] if label is None else voice(label.en, label.zh)
    facts = [
        (voice("Machine", "设备编号"), str(warning["asset"])),
        (voice("Item", "检查项"), item),
        (voice("Last reading", "最近读数"), f"{warning['last']} ({warning['on']})"),
        (voice("Warning stands since", "预警起始"), str(warning["since"])),
        (voice("Responsible post", "责任岗位"), voice.word(POSTS, post)),
    ]
    if warning["limit_reached_on"]:
        facts.append((voice("Limit reached about", "预计达到限值"), str(warning["limit_reached_on"])))
        facts.append((voice("Change a day", "日变化"), str(warning["per_day"])))
    return Letter(
        kind="reading-drift",
        period=f"{warning['asset']}:{warning['item']}:{warning['since']}",
        title=voice(
            f"{engagement.property_name}: {warning['asset']} drifts towards a limit",
            f"{engagement.property_name}：{warning['asset']}读数趋近限值",
        ),
        paragraphs=(
            voice(
                "The readings below are near a limit or lead to one. Please look at the machine before it fails; a "
                "reading beyond the limit becomes an order by itself.",
                "以下读数已接近或正趋向限值，请在故障前检查该设备；超限读数将自动生成维修工单。",
            ),
        ),
        facts=tuple(facts),
    )
