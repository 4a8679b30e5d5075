"""Do the photos of a survey stand in the report that both sides get? (A2)"""

import hashlib

from sqlmodel import select

from models.condition import ConditionPhoto
from models.db import reading, writing
from models.review import Pack
from models.rules.cycles import CycleKind
from tasks.engagements import engagement_id, find_engagement
from tasks.files import file_path, keep_file, read_file
from tasks.planning import issue_survey_report
from tests import factories
from tests.reports.reading import pdf_text
from tests.reports.test_photographs import SECRET, images, jpeg, png, streams


def test_the_report_shows_each_photo_and_names_the_broken_and_the_lost_one(surveyed: str) -> None:
    files = {"door.jpg": jpeg(SECRET), "broken.png": png(9, 9)[:60], "lost.png": png(7, 7)}
    with writing() as session:
        key = engagement_id(find_engagement(session, surveyed))
        for name, content in files.items():
            sha256 = keep_file(session, content, name, "image/jpeg")
            session.add(
                ConditionPhoto(
                    engagement_id=key, visit="entry", finding_ref="F-001", file_name=name, sha256=sha256
                )
            )
    file_path(hashlib.sha256(files["lost.png"]).hexdigest()).unlink()
    cycle = factories.claim(surveyed, CycleKind.DUE_DILIGENCE, "plan-1", factories.SURVEYED_ON)
    issue_survey_report.fn(cycle, "entry")
    with reading() as session:
        (sha256,) = session.exec(
            select(Pack.sha256).where(Pack.kind == "survey-entry", Pack.media_type == "application/pdf")
        ).all()
    document = read_file(sha256)
    text = pdf_text(document)
    assert images(document) >= 1
    assert "1of3photosareshown" in text
    for name, content in files.items():
        assert name in text and hashlib.sha256(content).hexdigest()[:12] in text
    assert "thefileisdamaged" in text and "thekeptfileismissing" in text
    assert SECRET not in streams(document)
