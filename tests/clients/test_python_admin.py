"""The published ``supabase-auth`` with the service key: every call of its admin part."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest
from supabase_auth import SyncGoTrueAdminAPI
from supabase_auth.errors import AuthApiError

from tests.clients.authenticator import enrolled
from tests.clients.browser import follow
from tests.clients.conftest import Site
from tests.clients.mailbox import Mailbox
from tests.clients.people import (
    APP,
    NEW_PASSWORD,
    PASSWORD,
    address,
    headers,
    new_person,
    refused,
    signed_up,
)

pytestmark = pytest.mark.clients


def admin_of(backend: dict[str, str], key: str = "service_key") -> SyncGoTrueAdminAPI:
    return SyncGoTrueAdminAPI(
        url=f"{backend['url']}/auth/v1",
        headers=headers(backend[key]),
        http_client=httpx.Client(timeout=30),
    )


@pytest.fixture
def admin(site: Site) -> SyncGoTrueAdminAPI:
    return admin_of(site.backends["strict"])


def test_a_user_from_making_to_deleting(admin: SyncGoTrueAdminAPI, site: Site) -> None:
    email = address()
    made = admin.create_user(
        {"email": email, "password": PASSWORD, "email_confirm": True, "user_metadata": {"a": 1}}
    ).user
    assert made.user_metadata == {"a": 1}
    refused(lambda: admin.create_user({"email": email, "password": PASSWORD}), "email_exists")
    assert admin.get_user_by_id(made.id).user.email == email
    assert made.id in [user.id for user in admin.list_users(page=1, per_page=50)]
    assert len(admin.list_users()) > 0
    admin.update_user_by_id(made.id, {"password": NEW_PASSWORD, "app_metadata": {"plan": "pro"}})
    person = new_person(site.backends["strict"], email)
    answer = person.client.sign_in_with_password({"email": email, "password": NEW_PASSWORD})
    assert answer.user is not None
    assert answer.user.app_metadata["plan"] == "pro"
    assert admin.update_user_by_id(made.id, {"ban_duration": "24h"}).user.banned_until
    refused(
        lambda: person.client.sign_in_with_password({"email": email, "password": NEW_PASSWORD}),
        "user_banned",
    )
    admin.update_user_by_id(made.id, {"ban_duration": "none"})
    admin.delete_user(made.id)
    refused(lambda: admin.get_user_by_id(made.id), "user_not_found")


def test_a_soft_delete_frees_the_address(admin: SyncGoTrueAdminAPI) -> None:
    email = address()
    made = admin.create_user({"email": email, "email_confirm": True}).user
    admin.delete_user(made.id, should_soft_delete=True)
    admin.create_user({"email": email})


def test_factors(admin: SyncGoTrueAdminAPI, site: Site) -> None:
    person = signed_up(site.backends["strict"])
    factor = enrolled(person.client).factor
    user = person.session.user.id
    listed = admin.mfa.list_factors({"user_id": user})
    assert [(f.id, f.status) for f in listed] == [(factor, "verified")]
    assert admin.mfa.delete_factor({"user_id": user, "id": factor}).id == factor
    person.client.refresh_session()
    assert person.client.mfa.get_authenticator_assurance_level().current_level == "aal1"


def test_ending_somebodys_sessions(admin: SyncGoTrueAdminAPI, site: Site) -> None:
    person = signed_up(site.backends["strict"])
    admin.sign_out(person.session.access_token)
    refused(person.client.get_user, "session_not_found")


def test_a_link_and_a_code_for_ones_own_mail(site: Site) -> None:
    backend = site.backends["mailed"]
    admin, email = admin_of(backend), address()
    made = admin.generate_link(
        {
            "type": "signup",
            "email": email,
            "password": PASSWORD,
            "options": {"redirect_to": APP, "data": {"team": "red"}},
        }
    )
    assert made.properties.redirect_to == APP
    person = new_person(backend, email)
    person.client.verify_otp({"email": email, "token": made.properties.email_otp, "type": "signup"})
    assert person.session.user.user_metadata["team"] == "red"
    again = admin.generate_link({"type": "magiclink", "email": email})
    person.client.verify_otp({"token_hash": again.properties.hashed_token, "type": "magiclink"})


def test_an_invitation(site: Site) -> None:
    backend = site.backends["mailed"]
    admin, email = admin_of(backend), address()
    assert admin.invite_user_by_email(email, {"redirect_to": APP}).user.invited_at
    person = new_person(backend, email)
    person.client.initialize_from_url(follow(Mailbox(site.mail).to(email).link))
    person.client.update_user({"password": PASSWORD})


def test_the_anon_key_may_do_none_of_it(site: Site) -> None:
    admin = admin_of(site.backends["strict"], "anon_key")
    codes = {"not_admin", "no_authorization"}
    for act in (admin.list_users, lambda: admin.get_user_by_id(str(uuid4()))):
        with pytest.raises(AuthApiError) as caught:
            act()
        assert caught.value.code in codes
