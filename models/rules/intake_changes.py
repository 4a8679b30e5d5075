"""What has changed between two versions of the agreed record? Field by field, demands by reference (A1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldChange:
    """One field of the record: what it said and what it says now; empty where it was or is not there."""

    field: str
    old: str
    new: str


def intake_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """The fields that differ, in the order of the record; a demand is one field, `demands.D1`."""
    before, after = _flat(old), _flat(new)
    names = list(dict.fromkeys((*before, *after)))
    return tuple(
        FieldChange(name, before.get(name, ""), after.get(name, ""))
        for name in names
        if before.get(name, "") != after.get(name, "")
    )


def _flat(record: Mapping[str, Any]) -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in record.items():
        if name == "demands":
            for demand in value:
                flat[f"demands.{demand['ref']}"] = (
                    f"{demand['text']} | {demand['priority']} | {demand['measure']}"
                )
        elif isinstance(value, Mapping):
            flat |= {f"{name}.{inner}": text for inner, text in _flat(value).items()}
        elif isinstance(value, list):
            flat[name] = ", ".join(str(part) for part in value)
        else:
            flat[name] = "" if value is None else str(value)
    return flat
