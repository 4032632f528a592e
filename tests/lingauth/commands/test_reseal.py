"""After a change of the secret key, the old one can be taken away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.core.management.base import CommandError
from pytest_django import Settings

from lingauth import keyring
from lingauth.models import Provider, SigningKey, TotpFactor
from lingauth.services import providers, resealing
from lingauth.services.context import Actor
from tests.lingauth.api.people import app_of, create
from tests.lingauth.commands.conftest import Run
from tests.support.app import App
from tests.support.totp import code_for

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
OLD, NEW = 50 * "o", 50 * "n"
CORP = {"issuer": "https://corp.example.com", "client_id": "lingauth", "secret": "c4n4ry"}


@pytest.fixture
def keys(settings: Settings) -> Any:
    def use(*roots: str) -> None:
        settings.LINGAUTH = {**settings.LINGAUTH, "SECRET_KEYS": list(roots)}
        keyring.forget()

    use(OLD)
    yield use
    keyring.forget()


@pytest.fixture
def ada(keys: Any) -> App:
    """At ``aal2``, with recovery codes; her backend has a provider."""
    made = create("shop")
    app = app_of(made)
    app.sign_up()
    app.reach_aal2()
    app.auth("POST", "factors/recovery-codes")
    providers.save(backend=made.backend, name="corp", changes=CORP, actor=SYSTEM)
    return app


def test_nothing_hangs_on_the_old_key_any_more(ada: App, keys: Any, run: Run) -> None:
    keys(NEW, OLD)
    printed = run("reseal")
    assert [line.split() for line in printed.splitlines()[:3]] == [
        "authenticators 1 written anew, 0 current before".split(),
        "signing keys 1 written anew, 0 current before".split(),
        "providers 1 written anew, 0 current before".split(),
    ]
    assert "Recovery codes (1 sets)" in printed
    keys(NEW)
    factor = TotpFactor.objects.get()
    ada.sign_in()
    assert factor.last_step is not None
    code = code_for(ada.secret, (factor.last_step + 1) * 30)
    assert ada.challenge_and_verify(str(factor.uuid), code).status_code == 200
    assert ada.auth("GET", "user").status_code == 200
    assert providers.secret_of(Provider.objects.get()) == "c4n4ry"


def test_a_second_run_writes_nothing(ada: App, keys: Any, run: Run) -> None:
    keys(NEW, OLD)
    run("reseal")
    before = TotpFactor.objects.get().secret
    assert run("reseal").count("0 written anew, 1 current before") == 3
    assert TotpFactor.objects.get().secret == before


def test_every_row_is_reached_whatever_the_batch(keys: Any) -> None:
    backend = create("shop").backend
    for number in range(5):
        providers.save(
            backend=backend,
            name=f"corp-{number}",
            changes=CORP | {"label": f"Corp {number}"},
            actor=SYSTEM,
        )
    Provider.objects.filter(name="corp-2").update(secret=None)
    keys(NEW, OLD)
    assert resealing.reseal(batch=2)["providers"].rewritten == 4


def test_what_no_key_opens_stays_and_is_told(ada: App, keys: Any, run: Run) -> None:
    before = SigningKey.objects.get().secret
    keys(NEW)
    with pytest.raises(CommandError, match="3 rows are under a key that is not there"):
        run("reseal")
    assert SigningKey.objects.get().secret == before


def test_a_secret_that_is_replaced_meanwhile_stays(
    ada: App, keys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys(NEW, OLD)
    columns = resealing._columns()

    def replace_first(row: Provider) -> bytes:
        anew = {"secret": "replaced"}
        providers.save(backend=row.backend, name=row.name, changes=anew, actor=SYSTEM)
        return providers.binding(row)

    slow = replace(columns["providers"], binding=replace_first)
    monkeypatch.setattr(resealing, "_columns", lambda: {"providers": slow})
    assert resealing.reseal()["providers"].rewritten == 0
    assert providers.secret_of(Provider.objects.get()) == "replaced"


@pytest.mark.parametrize("batch", ["0", "-1"])
def test_a_batch_is_a_number_from_one(run: Run, batch: str) -> None:
    with pytest.raises(CommandError, match="--batch"):
        run("reseal", "--batch", batch)
