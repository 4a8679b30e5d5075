"""Is every flow of the product offered in the UI so that it explains itself and can be started by form? (E2, E3)"""

import importlib
import re
from zoneinfo import ZoneInfo

import pytest
from prefect import Flow
from prefect.flows import load_flow_from_entrypoint
from prefect.schedules import Cron
from prefect.utilities.callables import parameter_schema

from deployments.catalogue import CATALOGUE, DeploymentEntry
from deployments.doctor import examine
from models.rules.cycles import CycleKind
from tasks.launching import FLOW_OF_KIND, deployment_name
from tests.conftest import ROOT
from tests.databases import environment

CLAUSES = {
    *(f"A{number}" for number in range(1, 6)),
    *(f"B{number}" for number in range(1, 9)),
    *(f"C{number}" for number in range(1, 5)),
    *(f"D{number}" for number in range(1, 7)),
}
ENTRIES = pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.flow.name)


@ENTRIES
def test_an_entry_is_found_again_by_its_module(entry: DeploymentEntry) -> None:
    loaded = load_flow_from_entrypoint(entry.entrypoint)
    assert loaded.name == entry.flow.name
    assert loaded is entry.flow, "a path would load the module a second time under another name"


@ENTRIES
def test_an_entry_says_what_it_does_and_what_each_field_of_its_form_means(entry: DeploymentEntry) -> None:
    assert entry.flow.description
    assert len(entry.flow.description.splitlines()[0]) > 20
    properties = parameter_schema(entry.flow.fn).properties
    undescribed = [name for name, field in properties.items() if not field.get("description")]
    assert undescribed == []


@ENTRIES
def test_an_entry_has_a_readable_name_and_tags(entry: DeploymentEntry) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", entry.flow.name)
    assert entry.tags
    for tag in entry.tags:
        assert tag in CLAUSES | {"E3", "E4"} or re.fullmatch(r"[a-z]+(-[a-z]+)*", tag), tag
    if "clockwork" not in entry.tags:
        assert CLAUSES & set(entry.tags), "which clause does it serve?"


def test_every_clause_of_the_work_is_served_by_some_flow() -> None:
    assert {tag for entry in CATALOGUE for tag in entry.tags} >= CLAUSES


@ENTRIES
def test_an_entry_bears_the_clauses_under_which_the_table_of_clauses_names_it(entry: DeploymentEntry) -> None:
    rows = (ROOT / "docs/clauses.md").read_text(encoding="utf-8").splitlines()
    named = {row.split("|")[1].strip() for row in rows if f"`{entry.name}`" in "".join(row.split("|")[3:4])}
    assert named & CLAUSES == CLAUSES & set(entry.tags)


def test_names_are_unique_and_every_flow_of_the_product_is_offered() -> None:
    names = [entry.flow.name for entry in CATALOGUE]
    assert len(set(names)) == len(names)
    written = {
        value.name
        for file in (ROOT / "flows").glob("*.py")
        for value in vars(importlib.import_module(f"flows.{file.stem}")).values()
        if isinstance(value, Flow)
    }
    assert written == set(names)


def test_every_kind_of_due_work_has_a_deployment_to_start() -> None:
    offered = {f"{entry.flow.name}/{entry.name}" for entry in CATALOGUE}
    assert {deployment_name(FLOW_OF_KIND[kind]) for kind in CycleKind} <= offered


def test_schedules_are_valid_and_two_ticks_never_run_at_once() -> None:
    scheduled = {entry.flow.name: entry for entry in CATALOGUE if entry.schedules}
    assert set(scheduled) == {
        *("dispatch-due", "reconcile", "deliver-mail", "remind-missing-documents"),
        "fetch-requests",
    }
    for entry in scheduled.values():
        assert entry.limit == 1
        slugs = [schedule.slug for schedule in entry.schedules]
        assert len(set(slugs)) == len(slugs)
        for schedule in entry.schedules:
            assert Cron(schedule.cron, timezone="Asia/Shanghai", slug=schedule.slug).cron == schedule.cron
    assert ZoneInfo("Asia/Shanghai")


def test_mails_are_fetched_by_the_clock_only_where_a_mailbox_is_configured(home: object) -> None:
    (schedule,) = next(entry for entry in CATALOGUE if entry.flow.name == "fetch-requests").schedules
    assert not schedule.wanted()
    with environment(STEWARD_IMAP_HOST="imap.example.com"):
        assert not schedule.wanted(), "nobody said for which engagement"
        with environment(STEWARD_IMAP_ENGAGEMENT="JC-2027"):
            assert schedule.wanted()


def test_the_installed_versions_are_those_with_which_schedules_fire(sqlite_database: object) -> None:
    found = {finding.subject: finding for finding in examine(server_known=False)}
    for name in ("Python", "prefect", "sqlalchemy", "fastapi", "Schema"):
        assert found[name].ok, found[name]


@pytest.mark.parametrize(
    ("package", "version"), [("sqlalchemy", "2.1.0"), ("fastapi", "0.151.0"), ("prefect", "3.9.0")]
)
def test_a_version_with_which_they_never_fire_is_found_with_its_remedy(
    sqlite_database: object, monkeypatch: pytest.MonkeyPatch, package: str, version: str
) -> None:
    from importlib.metadata import version as installed

    monkeypatch.setattr(
        "deployments.doctor.version", lambda name: version if name == package else installed(name)
    )
    wrong = {
        finding.subject
        for finding in examine(server_known=False)
        if not finding.ok and "requirements.lock" in finding.remedy
    }
    assert wrong == {package}
