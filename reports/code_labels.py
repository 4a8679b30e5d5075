"""Which square code (QR) stands for an order or a machine, and what does a scanner read in it? (B2)"""

import re
from collections.abc import Sequence
from datetime import date

from models.engagement import Engagement
from reports.pack import Pack, Photograph, Section
from reports.sections import pack_of
from reports.square_codes import square_code_png
from reports.words import voice_of

_ORDER = re.compile(r"steward:work:(?P<code>[^:]{1,40}):(?P<order>\d{1,9})")


def order_code(code: str, order_id: int) -> str:
    """What the code of a work order says; `steward work import` takes it in place of the order's number."""
    return f"steward:work:{code}:{order_id}"


def asset_code(code: str, tag: str) -> str:
    """What the code on a machine says."""
    return f"steward:asset:{code}:{tag}"


def scanned_order(text: str, code: str) -> str:
    """The order's number, where a scanner wrote the code of one of this engagement's orders; else the text."""
    match = _ORDER.fullmatch(text)
    return match["order"] if match is not None and match["code"] == code else text


def code_picture(content: str, title: str, caption: str) -> Photograph:
    """A square code as a picture with its words."""
    return Photograph(title, caption, square_code_png(content))


def asset_labels_pack(engagement: Engagement, assets: Sequence[tuple[str, str, str]], on: date) -> Pack:
    """The labels of the machines: a code to stick on each check point.

    Args:
        engagement: whose machines they are.
        assets: tag, name and place of each, in the order of the register.
        on: the day of issue.
    """
    voice = voice_of(engagement)
    return pack_of(
        engagement,
        title=voice("Labels of the machines", "设备标签"),
        subtitle=voice("One code for each check point", "每个检查点一个二维码"),
        period=on.isoformat(),
        on=on,
        sections=[
            Section(
                voice("Codes", "二维码"),
                photographs=tuple(
                    code_picture(
                        asset_code(engagement.code, tag), tag, f"{name} · {place}" if place else name
                    )
                    for tag, name, place in assets
                ),
                across=4,
            )
        ],
    )
