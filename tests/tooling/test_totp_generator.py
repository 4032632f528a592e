"""The generator of codes for tests against RFC 6238 appendix B and RFC 4226 appendix D."""

from __future__ import annotations

from base64 import b32encode

import pytest

from tests.support.totp import code_for, hotp, secret_of

SEEDS = {
    "sha1": b"12345678901234567890",
    "sha256": b"12345678901234567890123456789012",
    "sha512": b"1234567890123456789012345678901234567890123456789012345678901234",
}
VECTORS = [
    (59, "94287082", "46119246", "90693936"),
    (1111111109, "07081804", "68084774", "25091201"),
    (1111111111, "14050471", "67062674", "99943326"),
    (1234567890, "89005924", "91819424", "93441116"),
    (2000000000, "69279037", "90698825", "38618901"),
    (20000000000, "65353130", "77737706", "47863826"),
]


@pytest.mark.parametrize(("at", "sha1", "sha256", "sha512"), VECTORS)
def test_rfc_6238_appendix_b(at: int, sha1: str, sha256: str, sha512: str) -> None:
    for digest, expected in (("sha1", sha1), ("sha256", sha256), ("sha512", sha512)):
        assert hotp(SEEDS[digest], at // 30, digits=8, digest=digest) == expected


def test_rfc_4226_appendix_d() -> None:
    expected = "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489".split()
    assert [hotp(SEEDS["sha1"], counter) for counter in range(10)] == expected


def test_a_typed_key_may_have_spaces_and_no_padding() -> None:
    typed = b32encode(SEEDS["sha1"]).decode().lower()
    spaced = " ".join(typed[i : i + 4] for i in range(0, len(typed), 4))
    assert code_for(spaced, 59) == "287082"


def test_the_secret_is_read_from_the_address_in_a_qr_code() -> None:
    uri = "otpauth://totp/Acme:ada%40example.com?secret=GEZDGNBVGY3TQOJQ&issuer=Acme"
    assert secret_of(uri) == "GEZDGNBVGY3TQOJQ"
    with pytest.raises(ValueError, match="not a TOTP address"):
        secret_of("https://example.com/?secret=GEZDGNBVGY3TQOJQ")
