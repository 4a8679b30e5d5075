"""How long do large files take, and how much memory? Run by `make bench`, by hand: `python -m tests.bench.large_files_bench 1000000`.

The files are made here from a fixed seed; the commands are the user's own, each in a process of its own, so that its
peak of memory is its own too. What tells something on an unknown machine are the ratios to the small file.
"""

import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml

from deployments.sample.workbook import SAMPLE_FOLDER
from tests.bench.large_wave import CODE, HEAD, PERIOD, open_large_wave, responses

SEED = 20261128
SMALL, LARGE = 10_000, 1_000_000
STEWARD = "from deployments.cli import main; main()"
REQUESTS = (
    "case_enquiry_id",
    "open_dt",
    "target_dt",
    "closed_dt",
    "ontime",
    "case_status",
    "case_title",
    "type",
    "source",
)
BUILDINGS = ("T1", "T2", "T3")
ANSWERS = (
    "code",
    "wave",
    "answered_at",
    "mode",
    "building",
    "role",
    "OV1",
    "RE1",
    "CL1",
    "GR1",
    "SE1",
    "IN1",
    "RC1",
    "comment",
)


@dataclass(frozen=True)
class Measured:
    """What one command took."""

    seconds: float
    peak_mb: float


def requests(rows: int) -> Iterator[tuple[object, ...]]:
    """Requests of two years, nine in ten of them closed."""
    chance, begin = random.Random(SEED), datetime(2024, 1, 1, tzinfo=UTC)
    for number in range(rows):
        opened = begin + timedelta(seconds=chance.randrange(2 * 365 * 86_400))
        closed = opened + timedelta(minutes=chance.randrange(5, 20_000)) if chance.random() < 0.9 else None
        due = opened + timedelta(days=3)
        kept = (closed or due + timedelta(1)) <= due
        yield (
            101_000_000_000 + number,
            f"{opened:%Y-%m-%d %H:%M:%S}",
            f"{due:%Y-%m-%d %H:%M:%S}",
            f"{closed:%Y-%m-%d %H:%M:%S}" if closed else "",
            "ONTIME" if kept else "OVERDUE",
            "Closed" if closed else "Open",
            "Street Light Outage",
            chance.choice(
                ("Street Lights", "Pothole Repair", "Graffiti Removal", "Request for Snow Plowing")
            ),
            chance.choice(("Constituent Call", "Citizens Connect App", "Self Service")),
        )


def answers(rows: int) -> Iterator[tuple[object, ...]]:
    """Answers of two waves; everybody answers every item."""
    chance = random.Random(SEED)
    for number in range(rows):
        wave, day = (("2027-Q1", "2027-03-09T16:07"), ("2027-Q2", "2027-06-10T09:30"))[number % 2]
        mark = chance.choice((2, 3, 4, 4, 5, 5))
        marks = [min(5, max(1, mark + chance.choice((-1, 0, 0, 1)))) for _ in range(6)]
        building, role = chance.choice(BUILDINGS), chance.choice(("owner", "user"))
        yield (f"C{number:012d}", wave, day, "online", building, role, *marks, min(10, 2 * mark), "")


def plan_for(rows: int, folder: Path) -> Path:
    """The sample's plan, for as many households as `answers` needs for two waves of three buildings."""
    plan = yaml.safe_load((SAMPLE_FOLDER / "survey_plan.yaml").read_text(encoding="utf-8"))
    plan["population"] = {
        "households": 3 * rows,
        "margins": [{"columns": ["building"], "counts": dict.fromkeys(BUILDINGS, rows)}],
    }
    del plan["invited"], plan["dispositions"]
    path = folder / f"{rows}.yaml"
    path.write_text(yaml.safe_dump(plan, allow_unicode=True), encoding="utf-8")
    return path


def measure(*arguments: str) -> Measured:
    """Run a command of steward and wait for it.

    Raises:
        SystemExit: it failed.
    """
    begun = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-c", STEWARD, *arguments], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"steward {' '.join(arguments)} ended with {child.returncode}")
    return Measured(time.perf_counter() - begun, used.ru_maxrss / 1024)


def main() -> None:
    """Measure the commands on a small and a large file, and print seconds, memory and ratios."""
    large = int(sys.argv[1]) if sys.argv[1:] else LARGE
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        tell("requests import", large, [analysed_requests(rows, folder) for rows in (SMALL, large)])
        tell("survey analyse", large, [analysed_answers(rows, folder) for rows in (SMALL, large)])
        tell("survey responses", large, [taken_responses(rows, folder) for rows in (SMALL, large)])


def analysed_requests(rows: int, folder: Path) -> Measured:
    """A city's file of requests read, every row judged."""
    path = written(folder / f"requests-{rows}.csv", REQUESTS, requests(rows))
    return measure("requests", "import", str(path), "--preset", "boston311", "--json")


def analysed_answers(rows: int, folder: Path) -> Measured:
    """A survey analysed with weights, drivers and intervals."""
    path = written(folder / f"answers-{rows}.csv", ANSWERS, answers(rows))
    return measure("survey", "analyse", str(path), "--plan", str(plan_for(rows, folder)), "--json")


def taken_responses(rows: int, folder: Path) -> Measured:
    """Responses taken into a wave of which one in twenty rows can count, every other row written to a file."""
    codes = open_large_wave(folder / f"home-{rows}", rows // 20)
    path = written(folder / f"responses-{rows}.csv", HEAD, responses(rows, codes))
    rejected = str(folder / f"rejected-{rows}.csv")
    act = ("survey", "limesurvey", "responses", CODE, PERIOD, str(path), "--quarantine", rejected, "--json")
    return measure(*act)


def written(path: Path, head: Sequence[str], rows: Iterator[tuple[object, ...]]) -> Path:
    """A CSV file of these rows."""
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(head)
        writer.writerows(rows)
    return path


def tell(name: str, large: int, found: Sequence[Measured]) -> None:
    """Print what the small and the large file took."""
    few, many = found
    sys.stdout.write(
        f"{name:<16} {SMALL:>9,} rows {few.seconds:6.1f} s {few.peak_mb:6.0f} MB   "
        f"{large:>9,} rows {many.seconds:6.1f} s {many.peak_mb:6.0f} MB   "
        f"{many.seconds / few.seconds:5.1f} x the time, {many.peak_mb / few.peak_mb:4.1f} x the memory "
        f"for {large / SMALL:.0f} x the rows\n"
    )


if __name__ == "__main__":
    main()
