"""The published ``supabase-auth`` against a live server: passwords, second steps, sessions."""

from __future__ import annotations

from typing import Literal

import pytest
from supabase_auth.errors import AuthApiError, AuthWeakPasswordError
from supabase_auth.types import SignInWithOAuthCredentialsOptions

from tests.clients.authenticator import enrolled
from tests.clients.browser import told, visit
from tests.clients.conftest import Site
from tests.clients.people import (
    APP,
    NEW_PASSWORD,
    PASSWORD,
    address,
    another_device,
    new_person,
    refused,
    signed_up,
)

pytestmark = pytest.mark.clients
PROVIDER: Literal["keycloak"] = "keycloak"
"""One of the names that this client knows. It refuses any other."""


def test_signing_up_in_and_out(site: Site) -> None:
    person = signed_up(site.backends["strict"])
    assert person.session.user.email == person.email
    refused(
        lambda: person.client.sign_in_with_password({"email": person.email, "password": "wrong"}),
        "invalid_credentials",
    )
    device = another_device(person)
    person.client.sign_out({"scope": "others"})
    refused(lambda: device.client.get_user(device.session.access_token), "session_not_found")
    person.client.sign_out()
    assert person.client.get_session() is None


def test_a_weak_password_comes_with_its_reasons(site: Site) -> None:
    person = new_person(site.backends["strict"])
    with pytest.raises(AuthWeakPasswordError) as caught:
        person.client.sign_up({"email": person.email, "password": "short"})
    assert "length" in caught.value.reasons


def test_a_new_password_and_data(site: Site) -> None:
    person = signed_up(site.backends["strict"])
    answer = person.client.update_user({"data": {"team": "red"}})
    assert answer.user.user_metadata["team"] == "red"
    person.client.update_user({"password": NEW_PASSWORD})
    again = new_person(person.backend, person.email)
    again.client.sign_in_with_password({"email": person.email, "password": NEW_PASSWORD})


def test_a_second_step(site: Site) -> None:
    person = signed_up(site.backends["strict"])
    authenticator = enrolled(person.client)
    level = person.client.mfa.get_authenticator_assurance_level()
    assert (level.current_level, level.next_level) == ("aal2", "aal2")
    assert {m.method for m in level.current_authentication_methods} == {"password", "totp"}
    device = another_device(person)
    level = device.client.mfa.get_authenticator_assurance_level()
    assert (level.current_level, level.next_level) == ("aal1", "aal2")
    authenticator.verify(device.client)
    factor = authenticator.factor
    assert [f.id for f in device.client.mfa.list_factors().totp] == [factor]
    assert device.client.mfa.unenroll({"factor_id": factor}).id == factor
    device.client.refresh_session()
    assert device.client.mfa.get_authenticator_assurance_level().current_level == "aal1"


def test_a_used_code_is_refused(site: Site) -> None:
    person = signed_up(site.backends["strict"])
    authenticator = enrolled(person.client)
    factor, code = authenticator.factor, authenticator.code()

    def give() -> None:
        person.client.mfa.challenge_and_verify({"factor_id": factor, "code": code})

    give()
    refused(give, "mfa_verification_failed")


def test_claims_are_verified_with_the_public_keys(site: Site) -> None:
    person = signed_up(site.backends["strict"])
    person.calls.clear()
    answer = person.client.get_claims()
    assert answer is not None
    assert answer["claims"]["iss"] == f"{person.backend['url']}/auth/v1"
    person.client.get_claims()
    assert person.calls == ["GET /.well-known/jwks.json"]


def test_a_refresh_that_comes_again(site: Site) -> None:
    """What ``refresh_reuse_grace`` is about: 0 takes it for a replay, 10 answers it again."""
    for ref, survives in (("strict", False), ("tabs", True)):
        person = signed_up(site.backends[ref])
        token = person.session.refresh_token
        other = new_person(person.backend, person.email)
        child = person.client.refresh_session(token).session
        assert child is not None
        if survives:
            same = other.client.refresh_session(token).session
            assert same is not None
            assert same.refresh_token == child.refresh_token
            person.client.get_user()
        else:
            refused(lambda: other.client.refresh_session(token), "refresh_token_already_used")  # noqa: B023  # called at once
            refused(person.client.get_user, "session_not_found")


def test_somebody_anonymous_becomes_somebody(site: Site) -> None:
    person = new_person(site.backends["strict"])
    made = person.client.sign_in_anonymously().user
    assert made is not None
    assert made.is_anonymous
    now = person.client.update_user({"email": person.email}).user
    assert (now.id, now.is_anonymous, now.email) == (made.id, False, person.email)
    person.client.update_user({"password": PASSWORD})
    another_device(person)


def test_identities(site: Site) -> None:
    person = signed_up(site.backends["strict"])
    [identity] = person.client.get_user_identities().identities
    assert (identity.provider, identity.id) == ("email", person.session.user.id)
    refused(lambda: person.client.unlink_identity(identity), "single_identity_not_deletable")


def test_signing_in_by_a_provider_and_linking_it(site: Site) -> None:
    person = new_person(site.backends["strict"], flow_type="pkce")
    there = person.client.sign_in_with_oauth({"provider": PROVIDER, "options": _as(person.email)})
    code = told(visit(there.url))["code"]
    person.client.exchange_code_for_session({"auth_code": code})
    assert person.session.user.email == person.email

    member = signed_up(site.backends["strict"], flow_type="pkce")
    there = member.client.link_identity({"provider": PROVIDER, "options": _as(address())})
    code = told(visit(there.url))["code"]
    member.client.exchange_code_for_session({"auth_code": code})
    identities = {i.provider: i for i in member.client.get_user_identities().identities}
    assert set(identities) == {"email", PROVIDER}
    member.client.unlink_identity(identities[PROVIDER])
    assert len(member.client.get_user_identities().identities) == 1


def _as(email: str) -> SignInWithOAuthCredentialsOptions:
    """Whom the provider is to know this browser as."""
    return {"redirect_to": APP, "query_params": {"login_hint": email}}


def test_phones_are_refused_with_an_error_the_client_knows(site: Site) -> None:
    person = new_person(site.backends["strict"])
    with pytest.raises(AuthApiError) as caught:
        person.client.sign_in_with_password({"phone": "+4912345678", "password": PASSWORD})
    assert caught.value.code == "phone_provider_disabled"
