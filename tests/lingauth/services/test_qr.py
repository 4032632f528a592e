"""QR codes: read back by another library, and safe where the clients put them."""

from __future__ import annotations

import re

import qrcode

from lingauth.services import qr

TEXT = "otpauth://totp/Acme:ann@example.com?secret=JBSWY3DPEHPK3PXP&issuer=Acme"


def test_it_is_black_on_white_and_without_a_hash() -> None:
    drawn = qr.svg(TEXT)
    assert drawn.startswith("<svg ")
    assert "#" not in drawn
    assert re.search(r'<rect [^>]*fill="white"', drawn)
    path = re.search(r"<path ([^>]*)>", drawn)
    assert path is not None
    for said in ('fill="black"', 'fill-opacity="1"', 'fill-rule="nonzero"', 'stroke="none"'):
        assert said in path[1]


def test_it_has_a_quiet_zone_of_four_modules_and_stands_fifteen_percent_of_damage() -> None:
    """ISO/IEC 18004: level M restores 15 %; the quiet zone is four modules wide."""
    levels = {}
    for level in (qrcode.ERROR_CORRECT_L, qrcode.ERROR_CORRECT_M, qrcode.ERROR_CORRECT_Q):
        code = qrcode.QRCode(error_correction=level, border=0)
        code.add_data(TEXT)
        code.make()
        levels[level] = code.modules_count
    assert len(set(levels.values())) == 3
    box = re.search(r'viewBox="0 0 (\d+) (\d+)"', qr.svg(TEXT))
    assert box is not None
    modules = levels[qrcode.ERROR_CORRECT_M] + 2 * 4
    assert (int(box[1]), int(box[2])) == (modules, modules)
