"""How does the sample's reviewable text become the workbook a client would send?

The register lies beside this file as one CSV for each sheet, so that a change to it can be read in a review;
the workbook is made from it when it is needed and has the same bytes each time.
"""

import csv
from datetime import UTC, datetime
from pathlib import Path

import xlsxwriter

SAMPLE_FOLDER = Path(__file__).resolve().parent
REGISTER_FOLDER = SAMPLE_FOLDER / "register"
OWNERS_FILE = SAMPLE_FOLDER / "owners.csv"
HISTORY_FILE = SAMPLE_FOLDER / "history.csv"
WORKBOOK_NAME = "jincheng-garden-register.xlsx"
SHEETS = (
    *("Contact", "Facility", "Floor", "Space", "Zone", "Type", "Component", "System"),
    *("Spare", "Resource", "Job", "Document"),
)
_CREATED = datetime(2024, 5, 1, 8, 0, tzinfo=UTC)
_AUTHOR = "handover@jincheng.example.com"
_EMPTY = "n/a"
"""COBie's word for an empty cell (NBIMS-US V3, section 4.2)."""


def build_workbook(destination: Path) -> Path:
    """Write the sample register as a COBie workbook; the same text gives the same bytes.

    Args:
        destination: the file to write, or a folder to write `WORKBOOK_NAME` into.

    Returns:
        The file written.
    """
    target = destination / WORKBOOK_NAME if destination.is_dir() else destination
    target.parent.mkdir(parents=True, exist_ok=True)
    # Text only: neither a code such as 0101 nor a name that begins with "=" may become anything else.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(target, options) as workbook:
        workbook.set_properties(
            {
                "title": "锦程花园 Jincheng Garden",
                "created": _CREATED.replace(tzinfo=None),
                "author": "Steward",
            }
        )
        heading = workbook.add_format({"bold": True})
        for sheet in SHEETS:
            worksheet = workbook.add_worksheet(sheet)
            worksheet.freeze_panes(1, 1)
            for place, row in enumerate(_sheet_rows(sheet)):
                for column, text in enumerate(row):
                    worksheet.write_string(place, column, text, heading if place == 0 else None)
    return target


def _sheet_rows(sheet: str) -> list[list[str]]:
    """The rows of one sheet, with the two columns that COBie wants beside every key and that never differ."""
    with (REGISTER_FOLDER / f"{sheet}.csv").open(encoding="utf-8", newline="") as stream:
        header, *rows = list(csv.reader(stream))
    stamp = _CREATED.strftime("%Y-%m-%dT%H:%M:%S")
    return [
        [header[0], "CreatedBy", "CreatedOn", *header[1:]],
        *([row[0], _AUTHOR, stamp, *(text or _EMPTY for text in row[1:])] for row in rows),
    ]
