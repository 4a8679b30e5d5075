"""What does a rendered document say?"""

import io

from pypdf import PdfReader


def pdf_text(document: bytes) -> str:
    """The text of a PDF without white space, which a typesetter places as it likes."""
    return "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(document)).pages)
