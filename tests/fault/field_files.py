"""Which files and counts come in from the field? A small one of each, with a row that cannot be taken in each file."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from models.rules.spare_stock import Movement
from tasks.camera_log import import_cameras
from tasks.engagements import set_simulated_date
from tasks.inspections import import_inspections
from tasks.ledger_file import import_vouchers
from tasks.mobilisation import training_programme, vacancies
from tasks.patrol_routes import import_routes
from tasks.patrols import import_scans
from tasks.people_file import import_people
from tasks.qualifications import import_qualifications
from tasks.roster_file import import_roster, import_shifts
from tasks.spare_stock import NewMovement, keep_part, move_stock
from tasks.training_status import import_training
from tasks.weather import import_weather
from tasks.weather_changes import apply_weather
from tasks.work_orders import open_orders
from tasks.work_sheets import import_work
from tests import factories
from tests.tasks.test_inspections import BAD, GOOD
from tests.tasks.test_work_sheets import blank, filled, round_checks

Rows = list[tuple[str, ...]]
TODAY = date(2027, 1, 20)
WHO = "custodian-1"


@dataclass(frozen=True)
class FieldFile:
    """A kind of file: its rows, and what takes it in."""

    rows: Callable[[str], Rows]
    take_in: Callable[[str, Path], object]


def serve_the_field(folder: Path) -> str:
    """A small engagement on the twentieth day of service, its month opened, with a patrol route and a part in stock."""
    code = factories.create_engagement()
    factories.survey_the_building(code, folder)
    factories.bring_into_service(code)
    factories.open_the_month(code)
    import_routes(code, _written(folder / "route.csv", _route("NIGHT")), factories.TERM_START)
    set_simulated_date(code, TODAY)
    import_roster(
        code, _written(folder / "roster.csv", _february(code, (1, "2027-02-01"), (1, "2027-02-02")))
    )
    keep_part(code, "ROPE", "Hoist rope", "m", 30, Decimal(5))
    return code


def write_field_file(kind: str, code: str, path: Path) -> str:
    """Write the file of this kind; returns its path, which has the suffix of its format."""
    if kind == "work":
        return str(_work_sheet(code, path.parent))
    return str(_written(path, FIELD_FILES[kind].rows(code)))


def take_in_field_file(kind: str, code: str, path: Path) -> None:
    """Take it in as its command does."""
    FIELD_FILES[kind].take_in(code, path)


def _written(path: Path, rows: Rows) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return path


def _route(name: str) -> Rows:
    return [
        ("Route", "Name", "Point", "Place", "Minutes", "Windows"),
        (name, "Round", f"{name}-1", "Gate", "20", "22:00-23:00"),
        (name, "", f"{name}-2", "Car park", "", ""),
    ]


def _routes(_code: str) -> Rows:
    return [*_route("DAY"), ("BAD", "Round", "BAD-1", "Gate", "20", "99:00-23:00")]


def _scans(_code: str) -> Rows:
    guard = "staff-patrol_guard-1"
    return [
        ("Point", "Time", "Person"),
        ("NIGHT-1", "2027-01-09 22:05", guard),
        ("NIGHT-2", "2027-01-09 22:11", guard),
        ("NOWHERE", "2027-01-09 22:12", guard),
    ]


def _inspections(_code: str) -> Rows:
    looks = (("2027-01-10 09:00", "site", BAD), ("2027-01-11 09:00", "site", GOOD))
    return [
        ("Sheet", "Zone", "Time", "Person", "Criterion", "Mark"),
        *(
            ("QC-LOBBY", zone, at, WHO, item, mark)
            for at, zone, marks in looks
            for item, mark in marks.items()
        ),
        *(("QC-LOBBY", "ROOF", "2027-01-12 09:00", WHO, item, mark) for item, mark in BAD.items()),
    ]


def _weather(_code: str) -> Rows:
    return [
        ("Day", "Rain mm", "Wind m/s", "Frost", "Source"),
        *((f"2027-01-{day}", "30", "9", "yes", "gauge") for day in range(18, 24)),
        ("2027-01-24", "-1", "", "", "gauge"),
    ]


def _take_in_weather(code: str, path: Path) -> None:
    import_weather(code, path)
    apply_weather(code, date(2027, 1, 18), date(2027, 1, 23))


def _people(_code: str) -> Rows:
    return [
        ("Ref", "Role", "Name", "Email"),
        ("unit-900", "owner", "Resident 900", "unit-900@residents.example.com"),
        ("client-2", "client", "Second Client", "second@client.example.com"),
        ("unit-901", "stranger", "Resident 901", ""),
    ]


def _certificates(code: str) -> Rows:
    kind = next(post.certificate for post in vacancies(code) if post.certificate)
    return [
        ("Ref", "Certificate", "Number", "Issuer", "Expires"),
        ("new-1", kind, "N-1", "Board", "2028-01-31"),
        ("new-2", "astronaut", "", "", "2028-01-31"),
    ]


def _training(code: str) -> Rows:
    module = training_programme(code)[0][0]
    return [
        ("Ref", "Module", "Date", "Score"),
        ("new-1", module, "2026-12-29", "0"),
        ("new-1", module, "2026-12-30", "100"),
        ("new-1", "juggling", "2026-12-30", "100"),
    ]


def _shifts(code: str) -> Rows:
    post = next(post.post_code for post in vacancies(code) if post.round_the_clock)
    return [
        ("Post", "Ref", "Date", "From", "To"),
        (post, f"staff-{post}-1", "2027-01-18", "00:00", "08:00"),
        (post, f"staff-{post}-2", "2027-01-18", "08:00", "16:00"),
        ("no_post", f"staff-{post}-1", "2027-01-19", "00:00", "08:00"),
    ]


def _february(code: str, *days: tuple[int, str]) -> Rows:
    post = next(post.post_code for post in vacancies(code) if post.round_the_clock)
    return [
        ("Post", "Ref", "Date", "From", "To"),
        *((post, f"staff-{post}-{number}", day, "00:00", "08:00") for number, day in days),
    ]


def _corrected_roster(code: str) -> Rows:
    """One shift for somebody else, one on another day; a sheet with a row in doubt would replace nothing."""
    return _february(code, (2, "2027-02-01"), (1, "2027-02-03"))


def _replace_roster(code: str, path: Path) -> None:
    import_roster(code, path, replace_month="2027-02")


def _cameras(_code: str) -> Rows:
    return [
        ("Camera", "Day", "Recording", "Picture", "Person"),
        ("CAM-1", "2027-01-18", "no", "yes", WHO),
        ("CAM-1", "2027-01-19", "yes", "yes", WHO),
        ("CAM-2", "2027-01-19", "yes", "no", WHO),
        ("CAM-9", "2027-01-19", "yes", "yes", WHO),
    ]


def _work_sheet(code: str, folder: Path) -> Path:
    """A sheet with readings of a round, one of them beyond its limit, and an order nobody gave out."""
    rows = blank(code, folder)
    checks = round_checks(folder)
    pressure = next(check for check in checks if check["item"] == "WS-PRESS")
    walked = next(row for row in rows if row["order"] == pressure["order"])
    walked |= {"result": "done", "by": WHO, "done": walked["due"]}
    pressure["answer"] = "0.75"
    leak = next(c for c in checks if c["order"] == pressure["order"] and c["item"] == "WS-LEAK")
    leak["answer"] = "passed"
    unknown = {"order": "999999", "target": "x", "result": "done", "by": WHO, "done": "2027-01-19"}
    return filled(folder, [walked, unknown], checks=checks)


def _counts(_code: str) -> Rows:
    return [("Kind", "Quantity", "Reference"), ("receipt", "60", "DN-1"), ("count", "46", "COUNT-1")]


def _move_stock(code: str, path: Path) -> None:
    """Stock comes in by commands, one movement each."""
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            move_stock(
                code,
                "ROPE",
                NewMovement(Movement(row["Kind"]), Decimal(row["Quantity"]), row["Reference"], on=TODAY),
            )
    order = open_orders(code, date(2027, 1, 31))[0]
    move_stock(code, "ROPE", NewMovement(Movement.ISSUE, Decimal(2), order_id=order.id, staff_ref=WHO))


def _vouchers(_code: str) -> Rows:
    return [
        ("Voucher", "Date", "Income or expense", "Item", "Amount", "Text"),
        ("V-1", "2027-01-05", "expense", "cleaning", "120.50", "Floor cloths"),
        ("V-2", "2027-01-06", "expense", "breakfast", "12.00", ""),
    ]


FIELD_FILES = {
    "routes": FieldFile(_routes, import_routes),
    "scans": FieldFile(_scans, import_scans),
    "inspections": FieldFile(_inspections, import_inspections),
    "weather": FieldFile(_weather, _take_in_weather),
    "people": FieldFile(_people, import_people),
    "certificates": FieldFile(_certificates, import_qualifications),
    "training": FieldFile(_training, import_training),
    "roster": FieldFile(_shifts, import_roster),
    "corrected roster": FieldFile(_corrected_roster, _replace_roster),
    "shifts": FieldFile(_shifts, import_shifts),
    "cameras": FieldFile(_cameras, import_cameras),
    "work": FieldFile(lambda _code: [], import_work),
    "stock": FieldFile(_counts, _move_stock),
    "vouchers": FieldFile(_vouchers, import_vouchers),
}
