"""What do the catalogue files say, as checked values the pure rules can use?"""

from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import yaml

from models.catalogue_entries import (
    read_activity,
    read_clause_template,
    read_demand_topic,
    read_document_kind,
    read_emergency_plan,
    read_indicator,
    read_job_plan,
    read_post,
    read_price_list,
    read_roles,
    read_training_module,
)
from models.catalogue_reading import CatalogueInvalid, Entry, refuse_repeated
from models.rules.catalogue import Catalogue, ClassWork
from models.rules.elements import ElementClass

__all__ = ["CatalogueInvalid", "load_catalogue", "read_catalogue"]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader in C where PyYAML was built with it: the catalogue is read in a third of the time."""
_ACTIVITY_FILES = ("rounds.yaml", "cleaning.yaml", "greening.yaml", "security.yaml", "owners.yaml")


@lru_cache(maxsize=1)
def load_catalogue() -> Catalogue:
    """The catalogue shipped with the product, read once (works from a wheel too).

    Raises:
        CatalogueInvalid: a file is missing or wrong; the message names file, entry and key.
    """
    return read_catalogue(resources.files("models.catalogue"))


def read_catalogue(folder: Traversable | Path) -> Catalogue:
    """Read and check a catalogue folder with the file names of the shipped one.

    Raises:
        CatalogueInvalid: a file is missing or wrong; the message names file, entry and key.
    """
    jobs = open_entry(folder, "job_plans.yaml")
    prices = read_price_list(open_entry(folder, "prices.yaml"))
    clauses = open_entry(folder, "contract_clauses.yaml")
    emergency = open_entry(folder, "emergency.yaml")
    class_work = jobs.each("classes", lambda entry: ClassWork(entry.text("post"), entry.text("cost_item")))
    catalogue = Catalogue(
        edition=jobs.text("edition"),
        class_work={ElementClass(name): work for name, work in class_work.items()},
        job_plans=tuple(read_job_plan(entry) for entry in jobs.entries("job_plans")),
        activities=tuple(
            read_activity(entry)
            for name in _ACTIVITY_FILES
            for entry in _finished(open_entry(folder, name), "activities")
        ),
        training=tuple(
            read_training_module(entry) for entry in _finished(open_entry(folder, "training.yaml"), "modules")
        ),
        posts={
            post.code: post for post in map(read_post, _finished(open_entry(folder, "posts.yaml"), "posts"))
        },
        prices=prices,
        visiting_roles=read_roles(emergency.entry("visiting_roles")),
        emergency_plans=tuple(read_emergency_plan(entry) for entry in emergency.entries("plans")),
        indicators={
            indicator.code: indicator
            for indicator in map(
                read_indicator, _finished(open_entry(folder, "indicators.yaml"), "indicators")
            )
        },
        demand_topics=tuple(
            read_demand_topic(entry) for entry in _finished(open_entry(folder, "demands.yaml"), "topics")
        ),
        documents=tuple(
            read_document_kind(entry)
            for entry in _finished(open_entry(folder, "documents.yaml"), "documents")
        ),
        clauses=tuple(read_clause_template(entry) for entry in clauses.entries("clauses")),
        fee_models=clauses.each("fee_models", lambda entry: (entry.label("label"), entry.label("text"))),
        property_labels=clauses.each("property_types", Entry.label),
        service_fields=clauses.each("fields", Entry.label),
    )
    for whole in (jobs, clauses, emergency):
        whole.finish()
    _check_references(catalogue)
    return catalogue


def open_entry(folder: Traversable | Path, name: str) -> Entry:
    """The top level of one file of a catalogue folder.

    Raises:
        CatalogueInvalid: it cannot be read, or is not YAML in UTF-8.
    """
    try:
        text = folder.joinpath(name).read_text(encoding="utf-8")
    except OSError:
        raise CatalogueInvalid(
            name, "whole file", "cannot be read; expected it in the catalogue folder"
        ) from None
    except UnicodeDecodeError:
        raise CatalogueInvalid(name, "whole file", "is not UTF-8 text") from None
    try:
        return Entry(name, "top level", yaml.load(text, Loader=_LOADER))  # noqa: S506 - both are safe loaders
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = "whole file" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}"
        raise CatalogueInvalid(name, where, "is not YAML") from None


def _finished(whole: Entry, key: str) -> tuple[Entry, ...]:
    entries = whole.entries(key)
    whole.finish()
    return entries


def _check_references(catalogue: Catalogue) -> None:
    items = {item.code for item in catalogue.prices.cost_items}
    work = [
        (plan.code, plan.post, plan.cost_item, plan.metric, "job_plans.yaml") for plan in catalogue.job_plans
    ]
    work += [
        (act.code, act.post, act.cost_item, act.metric, "activity files") for act in catalogue.activities
    ]
    work += [
        (element_class.value, entry.post, entry.cost_item, "", "job_plans.yaml")
        for element_class, entry in catalogue.class_work.items()
    ]
    for code, post, cost_item, metric, file in work:
        if post not in catalogue.posts:
            raise CatalogueInvalid(file, code, f"post {post!r} is not in posts.yaml")
        if cost_item not in items:
            raise CatalogueInvalid(file, code, f"cost item {cost_item!r} is not in prices.yaml")
        if metric and metric not in catalogue.indicators:
            raise CatalogueInvalid(file, code, f"indicator {metric!r} is not in indicators.yaml")
    roles = {step.role for plan in catalogue.emergency_plans for step in plan.steps}
    roles |= set(catalogue.visiting_roles) | set(catalogue.visiting_roles.values())
    for role in sorted(roles - set(catalogue.posts)):
        raise CatalogueInvalid("emergency.yaml", role, "the role is not a post of posts.yaml")
    for element_class in ElementClass:
        if element_class not in catalogue.class_work:
            raise CatalogueInvalid("job_plans.yaml", f"classes, {element_class}", "missing")
    refuse_repeated("job_plans.yaml", "job plan", (plan.code for plan in catalogue.job_plans))
    refuse_repeated("activity files", "activity", (activity.code for activity in catalogue.activities))
    refuse_repeated("documents.yaml", "document", (document.code for document in catalogue.documents))
    refuse_repeated("contract_clauses.yaml", "clause", (clause.head for clause in catalogue.clauses))
