"""The rows of providers: what may be in them, and their secret."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import override_settings

from lingauth.core.errors import NotFound, ValidationFailed
from lingauth.models import Backend, Identity, Provider
from lingauth.services import backends, providers
from lingauth.services.context import Actor
from tests.support.people import Person

pytestmark = [pytest.mark.once, pytest.mark.django_db]
SYSTEM = Actor.system("tests")


@pytest.fixture
def backend() -> Backend:
    made = backends.create_backend(ref="acme", name="Acme", auto_confirm=True, actor=SYSTEM)
    return made.backend


def save(backend: Backend, name: str = "google", **changes: Any) -> Provider:
    values = {"client_id": "client-1", **changes}
    return providers.save(backend=backend, name=name, changes=values, actor=SYSTEM)


def test_a_preset_fills_in_what_is_known(backend: Backend) -> None:
    row = save(backend)
    assert (row.label, row.issuer) == ("Google", "https://accounts.google.com")
    assert row.scopes == "openid email profile"


def test_the_secret_is_bound_to_its_row(backend: Backend) -> None:
    one, two = save(backend, secret="s1"), save(backend, "gitlab", secret="s2")
    assert providers.secret_of(one) == "s1"
    two.secret = one.secret
    assert providers.secret_of(two) == ""


def test_the_secret_goes_when_it_is_emptied_and_when_its_key_is_gone(backend: Backend) -> None:
    row = save(backend, secret="s1")
    with override_settings(LINGAUTH={"SECRET_KEYS": ["another root secret of 32 characters"]}):
        assert providers.secret_of(row) == ""
    assert providers.secret_of(save(backend, secret="")) == ""


@pytest.mark.parametrize(
    ("name", "changes", "sentence"),
    [
        ("google", {"other_client_ids": "x"}, "other_client_ids"),
        ("google", {"other_client_ids": [""]}, "other_client_ids"),
        ("google", {"label": ""}, "label"),
        ("google", {"client_id": "x" * 301}, "client_id"),
        ("google", {"scopes": "email"}, "openid"),
        ("google", {"issuer": "https://accounts.google.com/?x"}, "issuer"),
        ("google", {"issuer": "https://user@accounts.google.com"}, "issuer"),
        ("google", {"issuer": "javascript:alert(1)"}, "issuer"),
        ("google", {"secret": "x" * 4001}, "secret"),
        ("google", {"kind": "github"}, "kind"),
        ("azure", {"issuer": "https://login.microsoftonline.com/common/v2.0"}, "tenant"),
        ("corp", {}, "issuer"),
        ("Corp", {"issuer": "https://sso.example.com"}, "name"),
        ("email", {}, "cannot be the name"),
    ],
)
def test_what_cannot_be(
    backend: Backend, name: str, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValidationFailed, match=sentence):
        save(backend, name, **changes)
    assert not Provider.objects.exists()


def test_the_issuer_stays_once_people_came_from_it(backend: Backend) -> None:
    save(backend, "corp", issuer="https://sso.example.com")
    save(backend, "corp", issuer="https://sso2.example.com")
    account = Person.sign_up(backend).account
    Identity.objects.create(backend=backend, account=account, provider="corp", subject="1")
    with pytest.raises(ValidationFailed, match="issuer: people have signed in"):
        save(backend, "corp", issuer="https://sso3.example.com")


def test_there_are_not_too_many(backend: Backend) -> None:
    for number in range(providers.MAX_PROVIDERS):
        save(backend, f"corp-{number}", issuer="https://sso.example.com")
    with pytest.raises(ValidationFailed, match="at most"):
        save(backend)
    save(backend, "corp-0", label="Still to be changed")


def test_those_of_another_backend_are_unknown(backend: Backend) -> None:
    other = backends.create_backend(ref="other", name="Other", actor=SYSTEM).backend
    save(other)
    assert providers.enabled(backend) == []
    with pytest.raises(NotFound):
        providers.remove(backend=backend, name="google", actor=SYSTEM)
    with pytest.raises(ValidationFailed, match="not enabled"):
        providers.usable(backend=backend, name="google")


def test_what_is_off_is_not_on_the_buttons(backend: Backend) -> None:
    save(backend, is_enabled=False)
    save(backend, "gitlab")
    assert providers.enabled(backend) == [("gitlab", "GitLab")]
    assert len(providers.listed(backend)) == 2
