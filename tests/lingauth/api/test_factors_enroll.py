"""``POST factors`` and ``DELETE factors/{id}`` (auth-wire 1.9)."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core import mail

from lingauth.models import Event, Session, TotpFactor
from lingauth.services.backends import NewBackend
from tests.lingauth.api import contract
from tests.lingauth.api.people import UNKNOWN, app_of, beside, create, frozen, prove, stored
from tests.support.app import App
from tests.support.totp import code_for, secret_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(app: App) -> App:
    app.sign_up("ann@example.com")
    return app


def enroll(app: App, **body: Any) -> Any:
    return app.auth("POST", "factors", {"factor_type": "totp", **body})


def add(app: App, name: str) -> dict[str, Any]:
    """A verified factor more, by a fresh session."""
    made: dict[str, Any] = enroll(app, friendly_name=name).json()
    app.keep(app.challenge_and_verify(made["id"], code_for(made["totp"]["secret"])))
    return made


def test_the_answer(member: App) -> None:
    answer = enroll(member, friendly_name="Phone", phone=None, issuer=None)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert body.keys() == {"id", "type", "friendly_name", "totp"}
    assert (body["type"], body["friendly_name"]) == ("totp", "Phone")
    assert body["totp"].keys() == {"qr_code", "secret", "uri"}
    assert re.fullmatch(r"[A-Z2-7]{32}", body["totp"]["secret"])
    assert secret_of(body["totp"]["uri"]) == body["totp"]["secret"]


def test_the_picture_is_bare_svg_that_survives_in_a_data_address(member: App) -> None:
    """The clients put ``data:image/svg+xml;utf-8,`` before it, and browsers cut at a ``#``."""
    svg = enroll(member).json()["totp"]["qr_code"]
    assert "#" not in svg
    assert ElementTree.fromstring(svg).tag.endswith("svg")


def test_the_uri_names_account_and_backend_and_cannot_be_bent(app: App) -> None:
    member = app_of(create("bravo"))
    member.sign_up("a+b@example.com")
    issuer = "A&secret=JBSWY3DPEHPK3PXP:B?#"
    uri = enroll(member, issuer=issuer).json()["totp"]["uri"]
    assert uri.count("secret=") == 1
    assert uri.count("issuer=") == 1
    assert uri.startswith("otpauth://totp/")
    assert "a%2Bb%40example.com" in uri
    default = enroll(member).json()["totp"]["uri"]
    assert "issuer=Bravo" in default


def test_every_secret_is_new(member: App) -> None:
    made = [enroll(member).json() for _ in range(5)]
    assert len({m["totp"]["secret"] for m in made}) == 5
    assert len({m["id"] for m in made}) == 5


def test_a_set_up_replaces_the_unfinished_one_of_its_session(member: App) -> None:
    """Apps that enrol again after a reload meet no name conflict, and leave nothing behind."""
    first = enroll(member, friendly_name="Phone").json()
    second = enroll(member, friendly_name="Phone").json()
    listed = member.auth("GET", "user").json()["factors"]
    assert [f["id"] for f in listed] == [second["id"]]
    answer = member.auth("POST", f"factors/{first['id']}/challenge", {})
    contract.refused(answer, 404, "mfa_factor_not_found", "Factor not found")


def test_a_factor_without_a_name_is_given_one(member: App) -> None:
    names = [enroll(member, friendly_name=name).json()["friendly_name"] for name in ("", None)]
    assert names == ["Authenticator app"] * 2
    member.reach_aal2()
    assert enroll(member).json()["friendly_name"] == "Authenticator app 2"


def test_a_name_is_tidied(member: App) -> None:
    answer = enroll(member, friendly_name="  My   phone ")
    assert answer.json()["friendly_name"] == "My phone"


@pytest.mark.parametrize("name", ["x" * 65, "a\u202eb", "a\x7fb", "a\x1bb"])
def test_names_that_are_refused(member: App, name: str) -> None:
    contract.refused(enroll(member, friendly_name=name), 400, "validation_failed")
    assert not TotpFactor.objects.exists()


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        (None, 400, "validation_failed"),
        ("", 400, "validation_failed"),
        ("sms", 400, "validation_failed"),
        ("TOTP", 400, "validation_failed"),
        ("recovery_code", 400, "validation_failed"),
        ("phone", 422, "mfa_phone_enroll_not_enabled"),
        ("webauthn", 422, "mfa_webauthn_enroll_not_enabled"),
    ],
)
def test_other_kinds(member: App, kind: str | None, status: int, code: str) -> None:
    answer = enroll(member, factor_type=kind)
    body = contract.refused(answer, status, code)
    if code == "validation_failed":
        assert body["message"] == "factor_type needs to be totp, phone, or webauthn"
    assert not TotpFactor.objects.exists()


def test_the_name_of_a_verified_factor_is_taken(member: App) -> None:
    member.reach_aal2()
    add(member, "Phone")
    contract.refused(enroll(member, friendly_name="Phone"), 422, "mfa_factor_name_conflict")


def test_ten_factors_are_enough(member: App) -> None:
    with frozen():
        member.sign_in()
        for number in range(10):
            add(member, f"Key {number}")
        contract.refused(enroll(member), 422, "too_many_enrolled_mfa_factors")


def test_another_factor_needs_a_fresh_code(member: App) -> None:
    with frozen() as moved:
        member.reach_aal2()
        member.sign_in()
        message = "AAL2 required to enroll a new factor"
        contract.refused(enroll(member), 403, "insufficient_aal", message)
        prove(member, moved)
        moved.shift(601)
        member.keep(member.refresh())
        body = contract.refused(enroll(member), 403, "insufficient_aal")
        assert body["details"] == {"max_age": 600}


def test_removing_an_unfinished_one_needs_no_level(member: App) -> None:
    made = enroll(member).json()
    answer = member.auth("DELETE", f"factors/{made['id']}")
    assert (answer.status_code, answer.json()) == (200, {"id": made["id"]})
    assert "factors" not in member.auth("GET", "user").json()


def test_an_unfinished_one_of_another_session_is_not_found(member: App) -> None:
    made = enroll(member).json()
    other = beside(member)
    for method, path in (("DELETE", ""), ("POST", "/challenge")):
        answer = other.auth(method, f"factors/{made['id']}{path}")
        contract.refused(answer, 404, "mfa_factor_not_found", "Factor not found")


def test_removing_a_verified_one_lowers_every_session_at_once(
    member: App, made: NewBackend
) -> None:
    with frozen() as moved:
        member.reach_aal2()
        other = beside(member)
        prove(other, moved)
        factor = member.auth("GET", "user").json()["factors"][0]["id"]
        answer = member.auth("DELETE", f"factors/{factor}")
        assert (answer.status_code, answer.json()) == (200, {"id": factor})
        assert not Session.objects.exclude(verified_at=None).exists()
        for app in (member, other):
            assert "factors" not in app.auth("GET", "user").json()
            app.keep(app.refresh())
        assert Event.objects.filter(kind="factor_removed").count() == 1
        assert "removed" in mail.outbox[-1].subject.lower()


def test_removing_needs_a_fresh_code(member: App) -> None:
    with frozen() as moved:
        factor = member.reach_aal2()["id"]
        member.sign_in()
        before = stored()
        message = "AAL2 required to unenroll verified factor"
        answer = member.auth("DELETE", f"factors/{factor}")
        contract.refused(answer, 422, "insufficient_aal", message)
        assert stored() == before
        prove(member, moved)
        moved.shift(601)
        member.keep(member.refresh())
        contract.refused(member.auth("DELETE", f"factors/{factor}"), 422, "insufficient_aal")


def test_the_last_one_stays_while_there_are_recovery_codes(member: App) -> None:
    factor = member.reach_aal2()["id"]
    codes = member.auth("POST", "factors/recovery-codes").json()["id"]
    answer = member.auth("DELETE", f"factors/{factor}")
    contract.refused(answer, 422, "mfa_recovery_codes_sole_factor")
    contract.refused(member.auth("DELETE", f"factors/{codes}"), 422, "validation_failed")
    member.auth("DELETE", "factors/recovery-codes")
    assert member.auth("DELETE", f"factors/{factor}").status_code == 200


def test_whatever_is_not_ones_own_is_unknown(member: App) -> None:
    member.reach_aal2()
    neighbour = App(member.ref, member.anon_key)
    neighbour.sign_up("bob@example.com")
    foreign = app_of(create("bravo"))
    foreign.sign_up("ann@example.com")
    ids = [UNKNOWN, neighbour.reach_aal2()["id"], foreign.reach_aal2()["id"]]
    before = stored()
    answers = [member.auth("DELETE", f"factors/{id}") for id in ids]
    for answer in answers:
        contract.refused(answer, 404, "mfa_factor_not_found", "Factor not found")
    assert len({answer.content for answer in answers}) == 1
    assert stored() == before


def test_what_is_no_id(member: App) -> None:
    for id in ("x", "1", "a b", "%00", "recovery-code"):
        answer = member.auth("DELETE", f"factors/{id}")
        contract.refused(answer, 404, "validation_failed", "factor_id must be an UUID")
