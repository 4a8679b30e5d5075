"""What does a large wave start from, and which responses come back to it? Made here, in a data folder of its own."""

import os
import random
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from models.db import engine, writing
from models.engagement import Engagement
from models.migrate import upgrade_database
from models.settings import settings
from models.survey import Invitation, SurveyWave
from models.survey_codes import code_hash, survey_code
from models.upsert import insert_all_if_absent

CODE, PERIOD = "BENCH", "2027-Q1"
ITEMS = ("OV1", "RE1", "CL1", "GR1", "SE1", "IN1", "FA1", "EM1")
HEAD = ("id", "submitdate", "lastpage", "startlanguage", "token", *ITEMS, "comment")
OPENED, CLOSES = date(2027, 3, 1), date(2027, 3, 31)


def open_large_wave(home: Path, invited: int) -> list[str]:
    """A wave with so many invited in a new data folder, which is this process's and its children's from now on."""
    os.environ["STEWARD_HOME"] = str(home)
    settings.cache_clear()
    engine.cache_clear()
    upgrade_database()
    with writing() as session:
        engagement = Engagement(
            code=CODE,
            property_name="Large Garden",
            property_type="residential",
            client_name="Owners",
            custodian_name="Custody Ltd",
            scope="Common parts",
            service_standard="As planned",
            term_start=date(2027, 1, 1),
            term_end=date(2027, 12, 31),
            simulated_on=date(2027, 3, 20),
        )
        session.add(engagement)
        session.flush()
        wave = SurveyWave(
            engagement_id=engagement.id or 0,
            period=PERIOD,
            purpose="overall",
            confidential=False,
            opened_on=OPENED,
            closes_on=CLOSES,
            frame_count=invited,
            invited_count=invited,
            items=[{"code": item, "text_en": f"Item {item}", "text_zh": f"题目 {item}"} for item in ITEMS],
        )
        session.add(wave)
        session.flush()
        codes = [survey_code(CODE, PERIOD, f"unit-{number}") for number in range(invited)]
        rows = [
            {
                "wave_id": wave.id,
                "person_ref": f"unit-{number}",
                "stratum": "residential",
                "mode": "online",
                "token_hash": code_hash(code),
            }
            for number, code in enumerate(codes)
        ]
        insert_all_if_absent(session, Invitation, rows)
    return codes


def responses(rows: int, codes: Sequence[str]) -> Iterator[tuple[object, ...]]:
    """Responses to it: most of them sent again, some not finished, late, off the scale or with a code of no wave."""
    chance = random.Random(PERIOD)
    strangers = len(codes) // 20  # fewer than close the door
    for number in range(rows):
        day = OPENED + timedelta(days=chance.randrange(34))
        code = f"X{number:012d}" if number < strangers else chance.choice(codes)
        marks: list[object] = [f"A{chance.randrange(1, 6)}" for _ in ITEMS]
        if chance.random() < 0.05:
            marks[0] = "A9"
        at = "" if chance.random() < 0.05 else f"{day} {chance.randrange(8, 22):02d}:15:00"
        comment = "电梯等候时间长" if chance.random() < 0.1 else ""
        yield (number, at, 4, "zh-Hans", code, *marks, comment)
