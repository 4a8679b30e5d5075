"""Who is on record, and what is put right about them? Personal data are shown masked and leave no trace elsewhere (A3)."""

from typing import Any

from sqlmodel import Session, col, select

from models.audit import record_event
from models.db import reading, writing
from models.errors import Terminal
from models.people import Person
from models.rules.file_values import plain_text
from models.rules.personal_data import masked_address
from reports.mail import MailRefused, mail_address
from tasks.engagements import engagement_id, find_engagement, lock_engagement

LENGTHS = {"name": 200, "email": 254, "phone": 40, "unit": 80}


class PersonRefused(Terminal):
    """What was to be put right about a person cannot be; the message says why."""


def listed_people(code: str, role: str = "") -> list[dict[str, Any]]:
    """The people of an engagement by reference; of addresses only enough to recognise them is shown.

    Args:
        code: the engagement.
        role: only people of this role.
    """
    with reading() as session:
        query = select(Person).where(Person.engagement_id == engagement_id(find_engagement(session, code)))
        if role:
            query = query.where(Person.role == role)
        return [
            {
                "ref": person.ref,
                "role": person.role,
                "email": masked_address(person.email),
                "phone": f"…{person.phone[-2:]}" if person.phone else "",
                "unit": person.unit,
                "erased": "" if person.erased_on is None else person.erased_on.isoformat(),
            }
            for person in session.exec(query.order_by(Person.role, Person.ref)).all()
        ]


def correct_person(code: str, ref: str, **said: str | None) -> list[str]:
    """Put name, e-mail, telephone or unit right; the audit trail keeps which, never what.

    Args:
        code: the engagement.
        ref: of the person.
        said: new values of name, email, phone, unit; None leaves it as it is, an empty text takes it away.

    Returns:
        What changed.

    Raises:
        PersonRefused: no such person, erased, no plain address, an empty name, or too long.
    """
    values = {name: plain_text(value) for name, value in said.items() if value is not None}
    for name, value in values.items():
        if len(value) > LENGTHS[name]:
            raise PersonRefused(f"--{name} is too long; expected at most {LENGTHS[name]} characters.")
    if values.get("name") == "":
        raise PersonRefused("--name is empty; expected how the person is to be addressed.")
    if values.get("email"):
        try:
            mail_address(values["email"])
        except MailRefused as refused:
            raise PersonRefused("--email is not one plain mail address.") from refused
    with writing() as session:
        engagement = lock_engagement(session, code)
        key = engagement_id(engagement)
        person = _person(session, key, ref)
        if person is None or person.erased_on is not None:
            raise PersonRefused(
                f"{code} has no person of the reference {ref[:40]!r}; `steward people list {code}` shows them."
            )
        changed = sorted(name for name, value in values.items() if getattr(person, name) != value)
        for name in changed:
            setattr(person, name, values[name])
        if changed:
            session.add(person)
            record_event(session, key, "person.corrected", ref, {"fields": ", ".join(changed)})
        return changed


def _person(session: Session, key: int, ref: str) -> Person | None:
    return session.exec(
        select(Person).where(col(Person.engagement_id) == key, Person.ref == ref)
    ).one_or_none()
