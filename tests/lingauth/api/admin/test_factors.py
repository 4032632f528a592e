"""Second factors under the service key: every removal tells the owner and takes ``aal2`` away."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail

from lingauth.core import clock
from lingauth.models import Event, GuessLimit, RecoverySet, Session, TotpFactor
from lingauth.services.backends import NewBackend
from tests.lingauth.api import contract
from tests.lingauth.api.admin.server import Server
from tests.lingauth.api.people import UNKNOWN, beside, change, frozen, prove, stored
from tests.support.app import App
from tests.support.totp import code_for

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def member(app: App) -> App:
    """Somebody at ``aal2`` with an authenticator and recovery codes."""
    app.sign_up("ann@example.com")
    app.reach_aal2()
    app.auth("POST", "factors/recovery-codes")
    return app


def route(app: App, factor: str = "") -> str:
    return f"admin/users/{app.session['user']['id']}/factors" + (f"/{factor}" if factor else "")


def factors_of(server: Server, app: App) -> dict[str, dict[str, Any]]:
    answer = server.call("GET", route(app))
    assert answer.status_code == 200, answer.content
    for row in answer.json():
        contract.factor(row)
    return {row["factor_type"]: row for row in answer.json()}


def service_events() -> list[str]:
    rows = Event.objects.filter(actor_kind="service").order_by("pk")
    return list(rows.values_list("kind", flat=True))


def subjects() -> list[str]:
    return [str(message.subject) for message in mail.outbox]


def test_the_list_is_an_array_of_what_the_owner_sees(server: Server, member: App) -> None:
    listed = server.call("GET", route(member)).json()
    assert listed == member.auth("GET", "user").json()["factors"]
    assert server.call("GET", route(member)).content.startswith(b"[")
    nobody = server.create("bob@example.com")
    assert server.call("GET", f"admin/users/{nobody['id']}/factors").json() == []


def test_without_its_last_factor_an_account_has_no_codes_and_no_aal2(
    server: Server, made: NewBackend, member: App
) -> None:
    change(made, mfa_mode="required")
    factor = factors_of(server, member)["totp"]
    assert member.data().status_code == 200
    mail.outbox.clear()
    answer = server.call("DELETE", route(member, factor["id"]))
    assert answer.json()["id"] == factor["id"]
    contract.factor(answer.json())
    assert member.data().json()["code"] == "mfa_required"
    member.keep(member.refresh())
    assert member.data().json()["code"] == "mfa_required"
    assert not TotpFactor.objects.exists()
    assert not RecoverySet.objects.exists()
    assert member.auth("GET", "user").status_code == 200, "nobody is signed out"
    assert subjects() == ["An authenticator was removed from your Acme account"]
    assert "no second step" in mail.outbox[0].body
    assert service_events() == ["factor_removed"]


def test_one_of_two_leaves_the_other_and_the_codes(server: Server, app: App) -> None:
    with frozen() as moved:
        app.sign_up()
        first = app.reach_aal2()
        app.auth("POST", "factors/recovery-codes")
        secret = app.secret
        second = app.enroll("Second")
        moved.shift(30)
        app.keep(app.challenge_and_verify(second["id"], code_for(app.secret)))
        server.call("DELETE", route(app, second["id"]))
        assert Session.objects.exclude(verified_at=None).count() == 0
        app.secret = secret
        moved.shift(30)
        prove(app, moved)
    assert factors_of(server, app).keys() == {"totp", "recovery_code"}
    assert factors_of(server, app)["totp"]["id"] == first["id"]


def test_the_codes_alone(server: Server, member: App) -> None:
    other = beside(member)
    codes = factors_of(server, member)["recovery_code"]
    mail.outbox.clear()
    answer = server.call("DELETE", route(member, codes["id"]))
    assert answer.json()["id"] == codes["id"]
    assert factors_of(server, member).keys() == {"totp"}
    assert Session.objects.exclude(verified_at=None).count() == 0
    assert other.auth("GET", "factors/recovery-codes").status_code == 404
    assert subjects() == ["The recovery codes of your Acme account were removed"]
    assert service_events() == ["recovery_codes_removed"]


def test_a_set_up_that_nobody_finished(server: Server, app: App) -> None:
    app.sign_up()
    begun = app.enroll()
    assert factors_of(server, app)["totp"]["status"] == "unverified"
    mail.outbox.clear()
    assert server.call("DELETE", route(app, begun["id"])).json()["status"] == "unverified"
    assert app.auth("POST", "mfa/verify", {"code": code_for(app.secret)}).status_code == 404
    assert mail.outbox == []


def test_an_authenticator_that_wrong_codes_disabled_is_replaced(server: Server, app: App) -> None:
    """The way out of a lock that no waiting opens: what was guessed at is gone (INV-7)."""
    app.sign_up()
    made = app.reach_aal2()
    GuessLimit.objects.filter(kind="totp").update(failures=20)
    server.call("DELETE", route(app, made["id"]))
    app.sign_in()
    app.reach_aal2()


def test_a_lock_that_ends_by_itself_is_not_opened(server: Server, app: App) -> None:
    app.sign_up()
    made = app.reach_aal2()
    until = clock.now().replace(year=clock.now().year + 1)
    GuessLimit.objects.filter(kind="totp").update(failures=5, locked_until=until)
    server.call("DELETE", route(app, made["id"]))
    limit = GuessLimit.objects.get(kind="totp")
    assert (limit.failures, limit.locked_until) == (5, until)


def test_a_name(server: Server, member: App) -> None:
    factor = factors_of(server, member)["totp"]
    mail.outbox.clear()
    body = {"friendly_name": "  Work   phone ", "phone": None, "factor_type": "totp"}
    answer = server.call("PUT", route(member, factor["id"]), body)
    assert answer.json()["friendly_name"] == "Work phone"
    assert factors_of(server, member)["totp"] == answer.json()
    assert member.auth("GET", "user").status_code == 200
    assert Session.objects.exclude(verified_at=None).exists(), "a name is no proof"
    assert subjects() == ["An authenticator of your Acme account has a new name"]
    assert service_events() == ["factor_renamed"]
    for same in (body, {}, {"friendly_name": None}):
        assert server.call("PUT", route(member, factor["id"]), same).json() == answer.json()
    assert service_events() == ["factor_renamed"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"friendly_name": ""}, 400, "validation_failed"),
        ({"friendly_name": "x" * 65}, 400, "validation_failed"),
        ({"friendly_name": "a\nb\x7f"}, 400, "validation_failed"),
        ({"factor_type": "phone"}, 400, "validation_failed"),
        ({"phone": "+15551234"}, 400, "phone_provider_disabled"),
    ],
)
def test_names_that_are_none(
    server: Server, member: App, body: dict[str, str], status: int, code: str
) -> None:
    factor = factors_of(server, member)["totp"]
    before = stored()
    contract.refused(server.call("PUT", route(member, factor["id"]), body), status, code)
    assert stored() == before


def test_a_name_that_is_taken(server: Server, app: App) -> None:
    with frozen() as moved:
        app.sign_up()
        app.reach_aal2()
        second = app.enroll("Second")
        moved.shift(30)
        app.keep(app.challenge_and_verify(second["id"], code_for(app.secret)))
    first = next(iter(TotpFactor.objects.exclude(name="Second")))
    body = {"friendly_name": first.name}
    answer = server.call("PUT", route(app, second["id"]), body)
    contract.refused(answer, 422, "mfa_factor_name_conflict")


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_unknown_ids(server: Server, member: App, method: str) -> None:
    own = factors_of(server, member)["totp"]["id"]
    nobody = f"admin/users/{UNKNOWN}/factors/{own}"
    other = server.create("bob@example.com")["id"]
    before = stored()
    body = {"friendly_name": "x"}
    contract.refused(server.call(method, route(member, UNKNOWN), body), 404, "mfa_factor_not_found")
    contract.refused(server.call(method, nobody, body), 404, "user_not_found")
    contract.refused(
        server.call(method, f"admin/users/{other}/factors/{own}", body), 404, "mfa_factor_not_found"
    )
    contract.refused(
        server.call(method, route(member, "x"), body),
        404, "validation_failed", "factor_id must be an UUID",
    )  # fmt: skip
    assert stored() == before
