"""Does the gate for workbooks let good files through as text, and refuse the rest cheaply?"""

import io
import os
import pickle
import stat
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.workbook import MAX_CELLS, WorkbookRefused, _empty_as_text, file_sha256, read_workbook
from tasks.workbook_scan import MAX_COLUMNS, MAX_ROWS

ROOT = Path(__file__).resolve().parents[2]
DUPLEX = ROOT.parent / "shared" / "data" / "cobie" / "2012-03-23-Duplex-Handover.xlsx"

TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/></Types>'
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORKBOOK = (
    f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets>'
    "</workbook>"
)
RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>'
)

ROOT_RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
)


def sheet(rows: str, before: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData></worksheet>'


def archive(
    path: Path, parts: dict[str, str | bytes], *, changed: Callable[[zipfile.ZipInfo], None] | None = None
) -> Path:
    """Write a zip with the parts of a minimal workbook, overridden or extended by `parts`."""
    standard: dict[str, str | bytes] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": ROOT_RELS,
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": RELS,
        "xl/worksheets/sheet1.xml": sheet('<row r="1"><c r="A1"><v>1</v></c></row>'),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in (standard | parts).items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if changed is not None:
                changed(info)
            target.writestr(info, content)
    return path


def zeros(path: Path, name: str, megabytes: int) -> Path:
    archive(path, {})
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as target,
        target.open(name, "w", force_zip64=True) as part,
    ):
        for _ in range(megabytes):
            part.write(bytes(1024 * 1024))
    return path


def understated(path: Path) -> Path:
    """A part whose directory entry declares fewer bytes than it unpacks to."""
    archive(path, {"xl/worksheets/sheet1.xml": sheet('<row r="1"><c r="A1"><v>1</v></c></row>' * 2000)})
    data = bytearray(path.read_bytes())
    at = data.rindex(b"xl/worksheets/sheet1.xml") - 46
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    path.write_bytes(data)
    return path


LAUGHS = (
    '<!DOCTYPE l [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)

HOSTILE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "macro part": (lambda p: archive(p / "m.xlsx", {"xl/vbaProject.bin": b"x"}), "macros"),
    "xlsm name": (lambda p: archive(p / "m.xlsm", {}), "macros"),
    "macro content type": (
        lambda p: archive(
            p / "m.xlsx", {"[Content_Types].xml": TYPES.replace("sheet.main", "sheet.macroEnabled.main")}
        ),
        "macros",
    ),
    "external link": (
        lambda p: archive(p / "e.xlsx", {"xl/externalLinks/externalLink1.xml": "<a/>"}),
        "links",
    ),
    "path out of the archive": (lambda p: archive(p / "t.xlsx", {"../../evil.xml": "<a/>"}), "unsafe path"),
    "absolute path": (lambda p: archive(p / "t.xlsx", {"/etc/evil.xml": "<a/>"}), "unsafe path"),
    "drive letter": (lambda p: archive(p / "t.xlsx", {"C:\\evil.xml": "<a/>"}), "unsafe path"),
    "symbolic link": (
        lambda p: archive(
            p / "l.xlsx", {}, changed=lambda i: setattr(i, "external_attr", (stat.S_IFLNK | 0o777) << 16)
        ),
        "symbolic link",
    ),
    "billion laughs in shared strings": (
        lambda p: archive(p / "b.xlsx", {"xl/sharedStrings.xml": LAUGHS + "<sst><si><t>&i;</t></si></sst>"}),
        "document type",
    ),
    "doctype in a sheet": (
        lambda p: archive(p / "b.xlsx", {"xl/worksheets/sheet1.xml": "<!DOCTYPE a>" + sheet("")}),
        "document type",
    ),
    "doctype in UTF-16": (
        lambda p: archive(p / "b.xlsx", {"docProps/core.xml": "\ufeff<!DOCTYPE a><a/>".encode("utf-16-le")}),
        "document type",
    ),
    "value in the last cell of the sheet": (
        lambda p: archive(
            p / "d.xlsx",
            {"xl/worksheets/sheet1.xml": sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')},
        ),
        "row 1048576, column 16384",
    ),
    "value far right": (
        lambda p: archive(
            p / "d.xlsx", {"xl/worksheets/sheet1.xml": sheet('<row r="1"><c r="XFD1"><v>1</v></c></row>')}
        ),
        "column 16384",
    ),
    "value far down behind a prefix": (
        lambda p: archive(
            p / "d.xlsx",
            {
                "xl/worksheets/sheet1.xml": f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="900000">'
                "<x:c><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>"
            },
        ),
        "row 900000, column 1",
    ),
    "few values over a huge rectangle": (
        lambda p: archive(
            p / "d.xlsx",
            {
                "xl/worksheets/sheet1.xml": sheet(
                    '<row r="1"><c r="SR1"><v>1</v></c></row><row r="299999"><c r="A299999"><v>1</v></c></row>'
                )
            },
        ),
        f"{MAX_CELLS} cells",
    ),
    "one long string in many cells": (
        lambda p: archive(
            p / "s.xlsx",
            {
                "xl/sharedStrings.xml": f"<sst><si><t>{'y' * 900_000}</t></si></sst>",
                "xl/worksheets/sheet1.xml": sheet('<row><c t="s"><v>0</v></c></row>' * 5000),
            },
        ),
        "characters of text",
    ),
    "deeply nested XML": (
        lambda p: archive(p / "n.xlsx", {"docProps/app.xml": "<a>" * 100_000}),
        "deep",
    ),
    "one endless tag": (
        lambda p: archive(p / "n.xlsx", {"docProps/app.xml": '<a b="' + os.urandom(2_000_000).hex()}),
        "single tag",
    ),
    "XML that is not XML": (
        lambda p: archive(p / "n.xlsx", {"docProps/app.xml": "<a><b></a>"}),
        "well-formed",
    ),
    "nested archive": (
        lambda p: archive(p / "z.xlsx", {"xl/embeddings/a.bin": archive(p / "inner.zip", {}).read_bytes()}),
        "another archive",
    ),
    "200 MB of zeros": (lambda p: zeros(p / "z.xlsx", "xl/media/a.bin", 190), "compressed more than"),
    "unpacks beyond the limit": (
        lambda p: zeros(p / "z.xlsx", "xl/media/a.bin", 400),
        "unpacks to more than",
    ),
    "too many parts": (
        lambda p: archive(p / "p.xlsx", {f"xl/media/{n}.png": b"" for n in range(3000)}),
        "more than 2000 parts",
    ),
    "part given twice": (
        lambda p: archive(p / "t.xlsx", {"XL/worksheets/SHEET1.xml": sheet("")}),
        "same part twice",
    ),
    "size understated": (lambda p: understated(p / "u.xlsx"), "more than it declares"),
    "old xls": (
        lambda p: _written(p / "o.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        "save it as .xlsx",
    ),
    "password": (
        lambda p: _written(
            p / "o.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        ),
        "password",
    ),
    "binary workbook": (lambda p: archive(p / "b.xlsb", {"xl/workbook.bin": b"x"}), ".xlsb"),
    "other zip": (lambda p: _plain_zip(p / "w.xlsx"), "not an .xlsx workbook"),
    "text": (lambda p: _written(p / "t.xlsx", b"Name,Category\n"), "not an .xlsx workbook"),
    "empty file": (lambda p: _written(p / "t.xlsx", b""), "is empty"),
    "folder": (lambda p: p, "not an ordinary file"),
    "nothing there": (lambda p: p / "absent.xlsx", "cannot be read"),
    "larger than the limit": (lambda p: _sparse(p / "s.xlsx"), "larger than"),
}


def _written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _sparse(path: Path) -> Path:
    with path.open("wb") as stream:
        stream.truncate(40 * 1024**3)
    return path


def _plain_zip(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as target:
        target.writestr("word/document.xml", "<a/>")
    return path


@pytest.mark.parametrize(("build", "said"), HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_file_is_refused_with_its_name_and_reason(
    tmp_path: Path, build: Callable[[Path], Path], said: str
) -> None:
    path = build(tmp_path)
    with pytest.raises(WorkbookRefused, match="refused") as refusal:
        read_workbook(path)
    assert said in refusal.value.reason
    assert refusal.value.file == path.name and path.name in str(refusal.value)
    assert str(tmp_path) not in str(refusal.value)


REFUSE_IN_LITTLE = textwrap.dedent(
    """
    import resource, sys, time
    from pathlib import Path
    from tasks.workbook import WorkbookRefused, read_workbook
    resource.setrlimit(resource.RLIMIT_AS, (100 * 1024**2, 100 * 1024**2))
    for name in sys.argv[1:]:
        began = time.perf_counter()
        try:
            read_workbook(Path(name))
        except WorkbookRefused as error:
            print(f"{time.perf_counter() - began:.3f} {error}")
        else:
            sys.exit(f"{name} was taken")
    """
)


@pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS is enforced on Linux")
def test_refusing_takes_less_than_a_second_and_100_megabytes(tmp_path: Path) -> None:
    files = []
    for number, (build, _) in enumerate(HOSTILE.values()):
        folder = tmp_path / str(number)
        folder.mkdir()
        files.append(str(build(folder)))
    run = subprocess.run(
        [sys.executable, "-c", REFUSE_IN_LITTLE, *files],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    seconds = [float(line.split()[0]) for line in run.stdout.splitlines()]
    assert len(seconds) == len(HOSTILE)
    assert max(seconds) < 1.0, run.stdout


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    path = tmp_path / "plain.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        clock = workbook.add_format({"num_format": "hh:mm"})
        first = workbook.add_worksheet("First")
        first.write_string(2, 1, "0101")
        first.write_string(2, 2, "NA")
        first.write_number(2, 3, 1.0)
        first.write_number(2, 4, 0.1 + 0.2)
        first.write_datetime(2, 5, date(2010, 4, 18), day)
        first.write_datetime(2, 6, datetime(2010, 4, 18, 9, 30), day)  # noqa: DTZ001 - spreadsheets know no zone
        first.write_datetime(2, 7, time(9, 30), clock)
        first.write_number(2, 8, 13800001111)
        first.write_boolean(2, 9, True)
        first.write_string(2, 10, " 水泵\n2 ")
        workbook.add_worksheet("Empty")
        second = workbook.add_chartsheet("Chart")
        chart = workbook.add_chart({"type": "line"})
        chart.add_series({"values": "=First!$D$3:$E$3"})
        second.set_chart(chart)
    return path


def test_cells_come_as_text_in_their_own_rows(plain: Path) -> None:
    sheets = read_workbook(plain)
    assert sheets["Empty"] == []
    assert sheets["First"][2] == [
        *("", "0101", "NA", "1", "0.3", "2010-04-18", "2010-04-18T09:30:00", "09:30:00"),
        *("13800001111", "True", " 水泵\n2 "),
    ]
    assert sheets["First"][:2] == [[""] * 11] * 2


@pytest.mark.parametrize("filler", [0, 1, 70_000])
def test_an_error_of_a_formula_is_a_text_and_no_empty_cell(tmp_path: Path, filler: int) -> None:
    """Read as empty it would pass for a question that was not answered."""
    path = tmp_path / "errors.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet()
        for row in range(filler // 10):
            sheet.write_number(row, 3, row)
        for row, error in enumerate(("#DIV/0!", "#N/A", "#VALUE!")):
            sheet.write_formula(row, 0, "=1/0", None, error)
        sheet.write_string(0, 1, 't="e"')
        sheet.write_number(1, 1, 4)
    (rows,) = read_workbook(path).values()
    assert [row[:2] for row in rows[:3]] == [["#DIV/0!", 't="e"'], ["#N/A", "4"], ["#VALUE!", ""]]


@pytest.mark.parametrize("filler", [0, 1, 70_000])
def test_a_formula_that_no_program_has_calculated_is_a_text_and_no_empty_cell(
    tmp_path: Path, filler: int
) -> None:
    path = tmp_path / "formulas.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    for row in range(1, 8 + filler // 10):
        sheet.append([row, f'=A{row}&"<"', f"=SUM(A{row}:A9)", "=1" if row == 2 else ""])
    book.save(path)
    (rows,) = read_workbook(path).values()
    assert rows[6][:3] == ["7", '=A7&"<"', "=SUM(A7:A9)"]
    assert all(row[1] == f'=A{number}&"<"' for number, row in enumerate(rows, start=1))
    assert [row[3] for row in rows[:3]] == ["", "=1", ""]


def test_a_formula_that_was_calculated_and_came_out_empty_stays_empty() -> None:
    cells = b'<c r="A1" t="str"><f>IF(B1,1,"")</f><v></v></c><c r="A2"><f>1+1</f><v>2</v></c><c r="A3"><v>3</v></c>'
    assert b"".join(_empty_as_text([cells])) == cells


@pytest.mark.parametrize("size", [1, 7, 64, 5000])
def test_a_cell_cut_anywhere_between_two_pieces_reads_the_same(size: int) -> None:
    sheet = b"".join(
        b'<row r="%d"><x:c r="A%d" s="1"><x:f>B%d+1</x:f><x:v/></x:c><c r="B%d"/><c r="C%d" t="e"><v>#N/A</v></c></row>'
        % (n, n, n, n, n)
        for n in range(20)
    )
    whole = b"".join(_empty_as_text([sheet]))
    assert whole.count(b">=B") == 20
    assert whole.count(b't="str"') == 40
    cut = (sheet[at : at + size] for at in range(0, len(sheet), size))
    assert b"".join(_empty_as_text(cut)) == whole


def test_text_or_a_tag_without_an_end_is_handed_on_while_the_sheet_is_read() -> None:
    """Else each piece would be searched with all before it: hours for the 200 MB that a workbook may unpack to."""
    piece = b" " * 65536
    for start in (b"<v>", b"<c "):
        fed = 0
        held: list[int] = []

        def pieces(start: bytes = start) -> Iterator[bytes]:
            nonlocal fed
            for part in (start, *[piece] * 9):
                fed += len(part)
                yield part

        done = 0
        for part in _empty_as_text(pieces()):
            done += len(part)
            held.append(fed - done)
        assert (done, max(held) <= 2 * len(piece)) == (fed, True)


def test_every_cut_of_a_file_is_refused(plain: Path, tmp_path: Path) -> None:
    data = plain.read_bytes()
    for length in range(0, len(data), 256):
        cut = _written(tmp_path / "cut.xlsx", data[:length])
        with pytest.raises(WorkbookRefused):
            read_workbook(cut)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 6000), value=st.integers(0, 255))
def test_a_changed_byte_gives_rows_or_a_refusal_never_another_error(
    plain: Path, tmp_path: Path, place: int, value: int
) -> None:
    data = bytearray(plain.read_bytes())
    data[place % len(data)] = value
    try:
        read_workbook(_written(tmp_path / "changed.xlsx", bytes(data)))
    except WorkbookRefused as refusal:
        assert refusal.reason


def test_dimension_and_styled_empty_cells_to_the_last_row_are_no_reason_to_refuse(tmp_path: Path) -> None:
    rows = '<row r="1"><c r="A1"><v>7</v></c></row><row r="1048576"><c r="XFD1048576" s="1"/><c><v></v></c></row>'
    content = sheet(rows, before='<dimension ref="A1:XFD1048576"/>')
    path = archive(tmp_path / "styled.xlsx", {"xl/worksheets/sheet1.xml": content})
    assert read_workbook(path) == {"S": [["7"]]}


def test_the_last_allowed_row_and_column_are_read(tmp_path: Path) -> None:
    down = sheet(f'<row r="{MAX_ROWS}"><c r="B{MAX_ROWS}"><v>7</v></c></row>')
    path = archive(tmp_path / "down.xlsx", {"xl/worksheets/sheet1.xml": down})
    assert read_workbook(path)["S"][MAX_ROWS - 1] == ["", "7"]
    right = sheet('<row r="1"><c r="SR1"><v>7</v></c></row>')
    path = archive(tmp_path / "right.xlsx", {"xl/worksheets/sheet1.xml": right})
    assert len(read_workbook(path)["S"][0]) == MAX_COLUMNS


def test_long_text_once_is_read(tmp_path: Path) -> None:
    parts = {
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>{"水" * 30_000}</t></si><si><t>b</t></si></sst>',
        "xl/worksheets/sheet1.xml": sheet(
            '<row><c t="s"><v>0</v></c></row>' + '<row><c t="s"><v>1</v></c></row>' * 4000
        ),
    }
    rows = read_workbook(archive(tmp_path / "long.xlsx", dict(parts)))["S"]
    assert len(rows[0][0]) == 30_000 and rows[4000] == ["b"]


def test_hyperlinks_and_pictures_are_no_reason_to_refuse(tmp_path: Path) -> None:
    path = tmp_path / "links.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        first = workbook.add_worksheet("First")
        first.write_url(0, 0, "mailto:parts@example.com", string="parts@example.com")
        first.insert_image(3, 3, "dot.png", {"image_data": io.BytesIO(_dot_png())})
    assert read_workbook(path)["First"] == [["parts@example.com"]]


def _dot_png() -> bytes:
    return bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
        "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
    )


def test_refusal_survives_the_way_between_processes() -> None:
    refusal = pickle.loads(pickle.dumps(WorkbookRefused("a.xlsx", "is empty")))
    assert (refusal.file, refusal.reason) == ("a.xlsx", "is empty")


def test_hash_is_of_the_bytes(tmp_path: Path) -> None:
    path = _written(tmp_path / "a", b"abc")
    assert file_sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_real_handover_workbook_is_read() -> None:
    if not DUPLEX.exists():
        pytest.skip("shared test data is not here")
    sheets = read_workbook(DUPLEX)
    assert len(sheets["Component"]) == 233
    assert sheets["Floor"][1][0] == "Level 1"
