"""Providers: each row as it is written, each event, each sentence of a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from lingauth.conf import settings as ours
from lingauth.core import clock
from lingauth.core.errors import Conflict, NotFound, ValidationFailed
from lingauth.models import Backend, Identity, Provider
from lingauth.services import providers
from lingauth.services.context import ClientInfo
from tests.lingauth.api.people import Clock, frozen
from tests.support.acts import ANN, CLIENT, event, stored, written
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db

SSO = "https://sso.example.com"


@pytest.fixture(autouse=True)
def moved() -> Iterator[Clock]:
    with frozen() as moved:
        yield moved


@pytest.fixture
def backend(moved: Clock) -> Backend:
    return new_backend().backend


def save(backend: Backend, name: str = "corp", **changes: Any) -> Provider:
    changes = {"client_id": "client-1", "issuer": SSO} | changes
    return providers.save(backend=backend, name=name, changes=changes, actor=ANN, client=CLIENT)


def refusal(backend: Backend, name: str = "corp", **changes: Any) -> str:
    with pytest.raises(ValidationFailed) as refused:
        save(backend, name, **changes)
    assert refused.value.__cause__ is None
    return str(refused.value)


def told(backend: Backend, *names: str, **data: Any) -> dict[str, Any]:
    about: dict[str, Any] = {"set": sorted(names)} if names else {}
    return event("provider_changed", backend=backend, provider="corp", **about, **data)


def test_a_provider_of_ones_own(backend: Backend) -> None:
    row = save(
        backend,
        label="Our own",
        other_client_ids=["client-2"],
        secret="s1",
        scopes="openid",
        trusts_email=False,
        is_enabled=False,
    )
    values = stored(row)
    sealed = bytes(values.pop("secret"))
    bound_to = f"{backend.pk}\ncorp".encode()
    assert ours.keychain.decrypt("provider secret", sealed, bound_to=bound_to) == b"s1"
    assert values == {
        "id": row.pk,
        "backend_id": backend.pk,
        "name": "corp",
        "kind": "oidc",
        "label": "Our own",
        "issuer": SSO,
        "client_id": "client-1",
        "other_client_ids": ["client-2"],
        "scopes": "openid",
        "trusts_email": False,
        "is_enabled": False,
        "created_at": clock.now(),
    }
    names = (
        "client_id", "issuer", "label", "other_client_ids", "secret", "scopes", "trusts_email",
        "is_enabled",
    )  # fmt: skip
    assert written()[1:] == [told(backend, *names, is_enabled=False)]


@pytest.mark.parametrize(
    ("name", "kind", "label", "issuer", "scopes"),
    [
        ("google", "oidc", "Google", "https://accounts.google.com", "openid email profile"),
        ("github", "github", "GitHub", "", "read:user user:email"),
    ],
)
def test_what_is_known_of_the_usual_ones_is_filled_in(
    backend: Backend, name: str, kind: str, label: str, issuer: str, scopes: str
) -> None:
    row = providers.save(backend=backend, name=name, changes={"client_id": "c"}, actor=ANN)
    values = stored(row)
    assert {values[n] for n in ("secret",)} == {None}
    assert [values[n] for n in ("kind", "label", "issuer", "scopes")] == [
        kind, label, issuer, scopes,
    ]  # fmt: skip
    assert (values["trusts_email"], values["is_enabled"]) == (True, True)
    assert written()[-1]["ip"] == ClientInfo().ip


def test_what_is_not_named_stays(backend: Backend) -> None:
    row = save(backend, secret="s1", label="Our own")
    before = stored(row)
    providers.save(backend=backend, name="corp", changes={"scopes": "openid"}, actor=ANN)
    after = stored(row)
    assert bytes(after.pop("secret")) == bytes(before.pop("secret"))
    assert after == before | {"scopes": "openid"}
    assert written()[-1] == told(backend, "scopes", is_enabled=True) | {
        "request_id": "", "ip": None, "user_agent": "",
    }  # fmt: skip


@pytest.mark.parametrize("nothing", ["", None])
def test_an_empty_secret_removes_it(backend: Backend, nothing: str | None) -> None:
    save(backend, secret="s1")
    assert save(backend, secret=nothing).secret is None


def test_a_secret_has_4000_characters(backend: Backend) -> None:
    assert providers.secret_of(save(backend, secret=4000 * "x")) == 4000 * "x"
    for bad in (4001 * "x", 7):
        assert refusal(backend, secret=bad) == "secret: at most 4000 characters."


def test_the_first_unknown_member_is_named(backend: Backend) -> None:
    assert refusal(backend, zeta=1, kind="github") == (
        "A provider has no 'kind'. It has: label, issuer, client_id, other_client_ids, secret, "
        "scopes, trusts_email, is_enabled."
    )


@pytest.mark.parametrize("bad", ["x", [""], [7], None, {}])
def test_other_client_ids_are_a_list_of_texts(backend: Backend, bad: Any) -> None:
    assert refusal(backend, other_client_ids=bad) == "other_client_ids: a list of client ids."


def test_openid_is_among_the_scopes_of_openid_connect(backend: Backend) -> None:
    for bad in ("email", "openidx email", "email,openid"):
        assert refusal(backend, scopes=bad) == "scopes: openid has to be among them."
    assert save(backend, scopes="email openid").scopes == "email openid"
    assert save(backend, "github", issuer="", scopes="read:user").scopes == "read:user"


def test_fields_are_judged_as_the_model_has_them(backend: Backend) -> None:
    assert refusal(backend, label="") == "label: This field cannot be blank."
    assert refusal(backend, client_id=301 * "x").startswith("client_id: Ensure this value has at ")
    assert refusal(backend, "Corp").startswith("name: ")


@pytest.mark.parametrize(
    "name",
    [
        "anonymous", "anonymous_users", "email", "ethereum", "new", "phone", "saml", "solana",
        "sso", "step_up", "web3", "webauthn",
    ],
)  # fmt: skip
def test_names_that_mean_something_else(backend: Backend, name: str) -> None:
    assert refusal(backend, name) == f"'{name}' cannot be the name of a provider."


def test_there_are_twenty(backend: Backend) -> None:
    other = new_backend("bravo").backend
    for number in range(20):
        save(backend, f"corp-{number}")
    assert refusal(backend) == "A backend has at most 20 providers."
    save(other)
    save(backend, "corp-0", label="Still to be changed")


def test_the_issuer_stays_once_people_came_from_it(backend: Backend) -> None:
    other = new_backend("bravo").backend
    save(other)
    account = Person.sign_up(backend).account
    save(backend)
    Identity.objects.create(backend=backend, account=account, provider="corp", subject="1")
    assert refusal(backend, issuer="https://sso2.example.com") == (
        "issuer: people have signed in from the present one. Add the other under another name."
    )
    assert save(backend, label="The same issuer").label == "The same issuer"
    assert save(other, issuer="https://sso2.example.com").pk, "of another backend"
    save(backend, "other")
    assert save(backend, "other", issuer="https://sso2.example.com").pk, "of another provider"
    providers.remove(backend=backend, name="corp", actor=ANN)
    assert save(backend, issuer="https://sso2.example.com").pk, "identities tell it apart"


def test_whoever_adds_it_second_is_told(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(row: Provider) -> None:
        raise IntegrityError

    monkeypatch.setattr(Provider, "save", taken)
    events = written()
    with pytest.raises(Conflict) as refused:
        save(backend)
    assert str(refused.value) == "Somebody else added this provider meanwhile."
    assert refused.value.__suppress_context__
    assert written() == events


def test_it_commits_by_itself(backend: Backend) -> None:
    save(backend)
    with transaction.atomic():
        with pytest.raises(RuntimeError):
            save(backend, label="x")
        with pytest.raises(RuntimeError):
            providers.remove(backend=backend, name="corp", actor=ANN)
    with pytest.raises(NotFound):
        providers.remove(backend=new_backend("bravo").backend, name="corp", actor=ANN)
