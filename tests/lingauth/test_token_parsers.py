"""What reads a secret that somebody sent: of anything comes the secret, or its own refusal."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lingauth import keyring, tokens
from lingauth.core import refresh
from lingauth.core.errors import BadToken, DomainError, ValidationFailed
from lingauth.core.pkce import Pkce
from lingauth.services import flows, mail_tokens, redemption
from lingauth.services.backends import NewBackend
from lingauth.services.context import ClientInfo

pytestmark = [pytest.mark.django_db, pytest.mark.once]
QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["at+jwt", "ES256", "authenticated", "aal1", "0" * 43, "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
ANYTHING = VALUES | st.binary(max_size=20) | st.text(max_size=300)
HEADERS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("alg", "typ", "kid", "jwk", "crit"), VALUES)
)
NAMES = ("iss", "sub", "aud", "exp", "iat", "nbf", "session_id", "role", "aal", "amr")
CLAIMS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("iss", "sub", "aud", "exp", "iat", "nbf", "session_id", "role", "aal", "amr"), VALUES
    ),
)


def part(value: object) -> str:
    raw = json.dumps(value).encode("utf-8", "surrogatepass")
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@QUICK
@given(header=HEADERS | VALUES, claims=CLAIMS | VALUES, signature=st.binary(max_size=80))
def test_an_access_token_is_read_or_refused(
    made: NewBackend, header: Any, claims: Any, signature: bytes
) -> None:
    signed = urlsafe_b64encode(signature).rstrip(b"=").decode()
    with pytest.raises(BadToken):
        tokens.read(f"{part(header)}.{part(claims)}.{signed}")


@QUICK
@given(claims=CLAIMS)
def test_so_is_one_that_names_a_key_of_ours(made: NewBackend, claims: dict[str, Any]) -> None:
    kid = keyring.ring_of(made.backend).signing_key(made.backend.created_at).kid
    header = {"alg": "ES256", "typ": "at+jwt", "kid": kid}
    whole = {
        "iss": tokens.issuer_of(made.backend.ref), "sub": "", "aud": "authenticated",
        "exp": 9999999999, "iat": 0, "session_id": "", "role": "authenticated", "aal": "aal1",
        "amr": [], "is_anonymous": False, **claims,
    }  # fmt: skip
    with pytest.raises(BadToken):
        tokens.read(f"{part(header)}.{part(whole)}.{'A' * 86}")


@given(token=ANYTHING)
def test_a_refresh_token_is_decoded_or_nothing(token: object) -> None:
    claim = refresh.decode(token)
    assert claim is None or isinstance(token, str)


@given(code=ANYTHING | st.from_regex(r"[0-9 -]{0,24}", fullmatch=True))
@example("１２３４５６")
@example("12345\n")
def test_a_mailed_code_is_six_digits_or_nothing(code: object) -> None:
    plain = mail_tokens.plain(code)
    assert plain == "" or (plain.isascii() and plain.isdigit() and len(plain) == 6)


@QUICK
@given(value=ANYTHING, type=ANYTHING | st.sampled_from(list(redemption.TYPES)))
def test_a_link_a_code_and_a_flow_are_refused_in_their_own_words(
    made: NewBackend, value: object, type: object
) -> None:
    given: dict[str, Any] = {"backend": made.backend, "client": ClientInfo()}
    assert redemption.peek(backend=made.backend, token=value) is None
    with pytest.raises(DomainError):
        redemption.with_link(type=type, token=value, **given)
    with pytest.raises(DomainError):
        redemption.with_code(type=type, email="ann@example.com", code=value, **given)
    with pytest.raises(DomainError):
        flows.exchange(auth_code=value, code_verifier=value, **given)


@given(challenge=ANYTHING, method=ANYTHING | st.sampled_from(["s256", "plain"]))
def test_a_challenge_is_one_or_refused(challenge: object, method: object) -> None:
    try:
        made = Pkce.parse(challenge, method)
    except ValidationFailed:
        return
    assert made is None or 43 <= len(made.challenge) <= 128
