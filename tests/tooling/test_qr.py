"""The QR reader reads what an independent writer drew, and nothing that is not there."""

from __future__ import annotations

from io import BytesIO

import pytest
import qrcode
from PIL import Image

from tests.support.qr import read_qr

URI = "otpauth://totp/Acme:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme"


def test_it_reads_a_code_in_a_larger_picture() -> None:
    picture = Image.new("RGB", (800, 600), "white")
    picture.paste(qrcode.make(URI).get_image().resize((240, 240)), (500, 300))
    assert read_qr(_png(picture)) == URI


def test_a_picture_without_a_code_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 QR codes"):
        read_qr(_png(Image.new("RGB", (100, 100), "white")))


def _png(picture: Image.Image) -> bytes:
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
