"""Is nobody on a post without the certificate it asks for, and is its running out told in time, once? (B1)"""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from models.db import reading
from models.errors import NotReady, Terminal
from models.outbox import OutboxMail
from models.staff import Qualification
from tasks.mobilisation import assign_staff, leave_post, vacancies
from tasks.qualifications import import_qualifications, listed_staff, vacant_places, warn_of_expiries
from tasks.sheet_rows import SheetRefused

HEAD = ("Ref", "Certificate", "Number", "Issuer", "Expires")
ON = date(2027, 2, 1)


def sheet(folder: Path, *rows: tuple[str, ...], head: tuple[str, ...] = HEAD) -> Path:
    path = folder / "certificates.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([head, *rows])
    return path


def test_good_rows_are_kept_once_and_bad_ones_named(in_service: str, tmp_path: Path) -> None:
    path = sheet(
        tmp_path,
        ("new-1", "electrician", "110101199003074514", "Board", "2028-01-31"),
        ("new-1", "security_guard", "S-1", "Police", "2027-03-01"),
        ("new-2", "astronaut", "", "", "2028-01-31"),
        ("new-3", "electrician", "", "", "03/04/2028"),
        ("", "electrician", "", "", "2028-01-31"),
    )
    found = import_qualifications(in_service, path)
    new, known, doubts = found.recorded, found.as_before, found.doubts
    assert (new, known) == (2, 0)
    assert [(doubt.row, doubt.column, doubt.value) for doubt in doubts] == [
        (4, "kind", "astronaut"),
        (5, "expires", "03/04/2028"),
        (6, "ref", ""),
    ]
    assert "electrician" in doubts[0].reason
    again = import_qualifications(in_service, path)
    assert (again.recorded, again.as_before) == (0, 2)
    with reading() as session:
        kept = session.exec(select(Qualification)).all()
    assert len(kept) == 2
    assert "110101199003074514" not in repr(kept)


def test_a_sheet_without_the_columns_is_refused_in_words(in_service: str, tmp_path: Path) -> None:
    with pytest.raises(SheetRefused, match="holds the columns"):
        import_qualifications(in_service, sheet(tmp_path, ("a", "b"), head=("x", "y")))


def test_an_imported_certificate_opens_the_post_until_its_last_day(in_service: str, tmp_path: Path) -> None:
    post = next(post for post in vacancies(in_service) if post.certificate)
    with pytest.raises(NotReady, match="is missing"):
        assign_staff(in_service, "new-1", post.post_code, "", None, ON)
    import_qualifications(in_service, sheet(tmp_path, ("new-1", post.certificate, "1", "", ON.isoformat())))
    with pytest.raises(NotReady, match="out of date since"):
        assign_staff(in_service, "new-1", post.post_code, "", None, ON + timedelta(days=1))
    assert assign_staff(in_service, "new-1", post.post_code, "", None, ON) is True
    assert assign_staff(in_service, "new-1", post.post_code, "", None, ON) is False


def test_an_expired_certificate_shows_as_a_vacancy_and_a_renewal_fills_it(
    in_service: str, tmp_path: Path
) -> None:
    post = next(post for post in vacancies(in_service) if post.certificate)
    ref = f"staff-{post.post_code}-1"
    assert vacant_places(in_service, ON) == []
    late = date(2029, 6, 1)  # the factories' certificates run to November 2028
    (vacant,) = (place for place in vacant_places(in_service, late) if place["post"] == post.post_code)
    assert vacant["able"] == 0
    assert f"{ref}: the certificate {post.certificate} is out of date" in vacant["why"]
    import_qualifications(in_service, sheet(tmp_path, (ref, post.certificate, "2", "", "2030-01-01")))
    states = {row["ref"]: row["state"] for row in listed_staff(in_service, late)}
    assert states[ref] == "on duty"


def test_whoever_left_leaves_a_vacancy_and_may_come_back(in_service: str) -> None:
    post = next(post for post in vacancies(in_service) if not post.certificate)
    ref = f"staff-{post.post_code}-1"
    with pytest.raises(Terminal, match="Nobody of the reference"):
        leave_post(in_service, "nobody", ON)
    assert leave_post(in_service, ref, ON) is True
    assert leave_post(in_service, ref, ON) is False
    assert post.post_code in {place["post"] for place in vacant_places(in_service, ON)}
    assert assign_staff(in_service, ref, post.post_code, "", None, ON) is True
    assert vacant_places(in_service, ON) == []


def test_each_warning_leaves_once_and_a_late_round_sends_the_nearest_only(
    in_service: str, tmp_path: Path
) -> None:
    import_qualifications(in_service, sheet(tmp_path, ("new-1", "electrician", "1", "", "2027-06-01")))
    last = date(2027, 6, 1)

    def warned(days: int) -> int:
        return warn_of_expiries(in_service, last - timedelta(days=days))

    assert warned(91) == 0
    people = warned(90)
    assert people >= 1
    assert [warned(days) for days in (90, 60, 31)] == [0, 0, 0]
    assert warned(5) == people  # the round of 30 days was missed: no two mails at once
    assert [warned(days) for days in (4, 0, -1)] == [0, 0, 0]
    with reading() as session:
        mails = session.exec(select(OutboxMail).where(OutboxMail.kind == "certificate_expiry")).all()
    assert {mail.period.rpartition(":")[2] for mail in mails} == {"90", "7"}
