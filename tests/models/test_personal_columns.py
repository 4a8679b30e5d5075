"""Is every column that may name a person either found for the person, or said to name none? (A3)"""

import re

from sqlmodel import SQLModel

import models  # noqa: F401 - registers every table
from models.personal_columns import NO_PERSON, REFERENCES

LOOKS_LIKE_A_PERSON = re.compile(r"(^|_)(ref|by|who|person|holder|staff|sender|requester)$")


def test_a_new_column_that_may_name_a_person_is_accounted_for() -> None:
    seen = {
        (table.name, column.name)
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if LOOKS_LIKE_A_PERSON.search(column.name)
    }
    said = {(table, column) for table, (columns, _why) in REFERENCES.items() for column in columns}
    assert seen - said - NO_PERSON == set()


def test_every_column_that_is_said_to_name_a_person_exists_and_belongs_to_an_engagement() -> None:
    for name, (columns, _why) in REFERENCES.items():
        table = SQLModel.metadata.tables[name]
        assert set(columns) <= set(table.c.keys())
        assert "engagement_id" in table.c or table.foreign_keys
