"""How is a text made a square code (QR, ISO/IEC 18004) that every scanner reads as the same text?"""

import io

import segno

_PIXELS_PER_MODULE = 4
_QUIET_ZONE = 4


def square_code(text: str) -> segno.QRCode:
    """The code of a text, error correction M: about 15 % of it may be lost, for a label on a machine gets scratched.

    The text is always UTF-8. Left to choose, segno writes some Chinese names as Shift-JIS without saying so, and
    a scanner that takes them for UTF-8 reads garbage.
    """
    return segno.make_qr(text, error="m", boost_error=False, encoding="utf-8")


def square_code_png(text: str) -> bytes:
    """The code with its quiet zone, as a picture."""
    buffer = io.BytesIO()
    square_code(text).save(buffer, kind="png", scale=_PIXELS_PER_MODULE, border=_QUIET_ZONE)
    return buffer.getvalue()


def square_code_svg(text: str) -> str:
    """The code with its quiet zone, as SVG without an XML declaration."""
    buffer = io.BytesIO()
    square_code(text).save(buffer, kind="svg", border=_QUIET_ZONE, xmldecl=False)
    return buffer.getvalue().decode()
