"""Does a scanner read what stands on a label? A real decoder (ZXing) reads the codes back."""

import numpy as np
import pytest
import zxingcpp

from reports.code_labels import asset_code, order_code
from reports.square_codes import square_code


@pytest.mark.parametrize(
    "text",
    [
        asset_code("JC-2027", "T1 客梯1 Passenger lift 1"),
        asset_code("JC-2027", "冷却塔1"),
        asset_code("JC-2027", "客梯"),
        "客梯",
        asset_code("JC-2027", "ｱｲｳ Ärger"),
        order_code("JC-2027", 118),
    ],
)
def test_a_scanner_reads_utf_8_and_has_nothing_to_guess(text: str) -> None:
    picture = np.kron(
        np.array([list(row) for row in square_code(text).matrix_iter(border=4)], dtype=np.uint8) ^ 1,
        np.full((4, 4), 255, dtype=np.uint8),
    )
    read = zxingcpp.read_barcode(picture)
    assert read is not None
    assert read.bytes == text.encode("utf-8")
    assert read.text == text
