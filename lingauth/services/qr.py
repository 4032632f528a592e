"""QR codes, drawn here and nowhere else: the secret never leaves for a picture."""

from __future__ import annotations

from typing import Any, ClassVar

import qrcode
from qrcode.image.svg import SvgPathImage


class _Quiet(SvgPathImage):  # type: ignore[misc]  # qrcode ships no types
    """Black on white with the standard's quiet zone of four modules, and without any ``#``: the
    published clients put the text into a data URL as it is, where a ``#`` would cut it."""

    background = "white"
    QR_PATH_STYLE: ClassVar[dict[str, Any]] = {
        "fill": "black",
        "fill-opacity": "1",
        "fill-rule": "nonzero",
        "stroke": "none",
    }


def svg(text: str) -> str:
    """The QR code of a text, as SVG."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=4)
    code.add_data(text)
    return str(code.make_image(image_factory=_Quiet).to_string(encoding="unicode"))
