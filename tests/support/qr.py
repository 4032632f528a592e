"""Reads a QR code from a picture of the page, as a phone's camera would."""

from __future__ import annotations

from io import BytesIO

import zxingcpp
from PIL import Image


def read_qr(png: bytes) -> str:
    """The text of the one QR code in the picture. ValueError if there is none, or several."""
    image = Image.open(BytesIO(png)).convert("RGB")
    found = zxingcpp.read_barcodes(image)
    found = [code for code in found if code.format == zxingcpp.BarcodeFormat.QRCode]
    if len(found) != 1:
        raise ValueError(f"{len(found)} QR codes in a picture of {image.size[0]}×{image.size[1]}")
    return found[0].text
