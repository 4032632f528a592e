"""Keys in the console: shown as far as they may be, made, replaced and revoked after a question."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from lingauth.core.clock import now
from lingauth.models import ApiKey, Backend, Event, SigningKey
from lingauth.services import access, api_keys, keys
from tests.console.conftest import SETTING_UP
from tests.console.support import Operator, dangers, text

pytestmark = pytest.mark.once

PAGE = "/backends/demo/keys"
SHOWN = re.compile(r'<code class="key" id="made">(lk_service_[\w-]+)</code>')


def key(role: str) -> ApiKey:
    return ApiKey.objects.get(role=role, backend__ref="demo")


def make(operator: Operator, role: str = "service", label: str = "") -> Any:
    page = operator.get(f"{PAGE}/new?role={role}").content.decode()
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    return operator.post(f"{PAGE}/new", {"role": role, "label": label, "seen": seen[1]})


def made_key(response: Any) -> str:
    found = SHOWN.search(response.content.decode())
    assert found, text(response)
    return found[1]


def test_the_page_shows_anon_keys_whole_and_service_keys_by_their_end(owner: Operator) -> None:
    ApiKey.objects.filter(role="anon").update(last_used_at=now() - timedelta(minutes=7))
    page = owner.get(PAGE)
    words = text(page)
    assert key("anon").value in words
    assert key("service").hint in words
    assert "Made 24 Nov 2026, 14:00 UTC · Last used 24 Nov 2026, 13:53 UTC" in words
    assert "Made 24 Nov 2026, 14:00 UTC · Never used" in words
    assert SigningKey.objects.get().kid in words
    assert b'aria-current="page">Keys' in page.content


def test_a_service_key_is_on_the_answer_and_nowhere_else(owner: Operator, demo: Backend) -> None:
    answer = make(owner, label="CI")
    value = made_key(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert access.read(ref="demo", api_key=value).key is not None
    assert value not in owner.get(PAGE).content.decode()
    assert "CI" in text(owner.get(PAGE))
    assert value not in str(list(Event.objects.values()))
    assert not ApiKey.objects.filter(value__contains=value).exists()


def test_sending_the_form_again_makes_no_second_key(owner: Operator) -> None:
    page = owner.get(f"{PAGE}/new").content.decode()
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    body = {"role": "service", "label": "", "seen": seen[1]}
    made_key(owner.post(f"{PAGE}/new", body))
    assert owner.post(f"{PAGE}/new", body).status_code == 303
    assert ApiKey.objects.filter(role="service").count() == 2
    assert "A key was made meanwhile." in text(owner.get(PAGE))


def test_a_form_that_cannot_be_makes_no_key(owner: Operator) -> None:
    seen = str(key("service").pk)
    bodies = [
        {"role": "root"},
        {},
        {"role": "anon", "label": "x" * 81},
        {"role": "anon", "seen": "x"},
    ]
    for body in bodies:
        assert owner.post(f"{PAGE}/new", {"seen": seen, **body}).status_code == 422
    assert ApiKey.objects.count() == 2


def test_a_new_anon_key_is_on_the_list(owner: Operator) -> None:
    assert make(owner, "anon").headers["Location"] == PAGE
    words = text(owner.get(PAGE))
    assert all(row.value in words for row in ApiKey.objects.filter(role="anon"))


def test_replacing_asks_for_how_long_and_both_work_meanwhile(
    owner: Operator, clock: time_machine.Traveller
) -> None:
    old = key("service")
    address = f"{PAGE}/{old.pk}/replace"
    words = text(owner.get(address))
    assert f"Replace the key {old.hint}?" in words
    assert "It was never used." in words
    answer = owner.post(address, {"overlap": "3600"})
    value = made_key(answer)
    assert "works until 24 Nov 2026, 15:00 UTC" in text(answer)
    assert "Replaced" in text(owner.get(PAGE))
    assert owner.post(address, {"overlap": "3600"}).headers["Location"] == PAGE
    assert ApiKey.objects.filter(role="service").count() == 2, "a key is replaced once"
    clock.shift(timedelta(minutes=10))
    old.refresh_from_db()
    assert old.is_alive(now() + timedelta(minutes=49))
    assert not old.is_alive(now() + timedelta(minutes=50))
    assert access.read(ref="demo", api_key=value).key is not None


def test_replacing_at_once_says_that_the_old_one_is_over(owner: Operator) -> None:
    answer = owner.post(f"{PAGE}/{key('service').pk}/replace", {"overlap": "0"})
    assert "works no more" in text(answer)


def test_an_overlap_that_is_not_offered_is_refused(owner: Operator) -> None:
    answer = owner.post(f"{PAGE}/{key('anon').pk}/replace", {"overlap": "5"})
    assert (answer.status_code, ApiKey.objects.count()) == (422, 2)


def test_revoking_asks_and_says_whom_it_stops(owner: Operator) -> None:
    old = key("anon")
    address = f"{PAGE}/{old.pk}/revoke"
    assert "It is the last anon key: apps of this backend stop working" in text(owner.get(address))
    old.refresh_from_db()
    assert old.revoked_at is None, "asking changes nothing"
    owner.post(address)
    old.refresh_from_db()
    assert old.revoked_at == now()
    words = text(owner.get(PAGE))
    assert f"{old.hint} is revoked." in words
    assert "No anon key works at the moment." in words
    assert Event.objects.get(kind="api_key_revoked").actor_kind == "operator"


def test_a_signing_key_is_rotated_and_the_old_one_retires(owner: Operator) -> None:
    assert "Nobody is signed out, and no request fails." in text(
        owner.get(f"{PAGE}/signing/rotate")
    )
    owner.post(f"{PAGE}/signing/rotate", {"when": "now"})
    words = text(owner.get(PAGE))
    assert "The new key signs from now on." in words
    assert "Only verifies what it signed" in words
    owner.post(f"{PAGE}/signing/rotate", {"when": "soon"})
    assert "Published" in text(owner.get(PAGE))
    assert owner.post(f"{PAGE}/signing/rotate", {"when": "never"}).status_code == 422


def test_the_emergency_revokes_a_signing_key_and_another_signs(
    owner: Operator, demo: Backend
) -> None:
    leaked = SigningKey.objects.get().kid
    address = f"{PAGE}/signing/{leaked}/revoke"
    assert "Every access token it signed is refused from the next request on" in text(
        owner.get(address)
    )
    owner.post(address)
    [left] = keys.jwks(backend=demo)["keys"]
    assert left["kid"] != leaked
    assert "1 key that is trusted no more" in text(owner.get(PAGE))
    assert owner.get(address).headers["Location"] == PAGE, "there is nothing left to ask"


def test_what_is_not_there_is_not_found(owner: Operator, other: Backend) -> None:
    theirs = ApiKey.objects.filter(backend=other).first()
    foreign = SigningKey.objects.get(backend=other).kid
    assert theirs
    for what in (
        *("999999/revoke", "999999/replace", "signing/nope/revoke"),
        *(f"{theirs.pk}/revoke", f"{theirs.pk}/replace", f"signing/{foreign}/revoke"),
    ):
        assert owner.get(f"{PAGE}/{what}").status_code == 404
        assert owner.post(f"{PAGE}/{what}").status_code == 404


CHANGES = ("new", "1/replace", "1/revoke", "signing/rotate", "signing/x/revoke")


def test_a_viewer_changes_no_key(viewer: Operator) -> None:
    for change in CHANGES:
        for method in (viewer.get, viewer.post):
            assert method(f"{PAGE}/{change}").status_code == 403
    words = text(viewer.get(PAGE))
    assert "You are a viewer of this backend." in words
    assert not {"Revoke", "Rotate", "Replace"} & set(words.split())


def test_a_change_needs_a_fresh_code(owner: Operator, clock: time_machine.Traveller) -> None:
    clock.shift(601)
    assert owner.get(PAGE).status_code == 200
    for change in CHANGES:
        for method in (owner.get, owner.post):
            answer = method(f"{PAGE}/{change}")
            assert answer.headers["Location"].startswith("/backends/verify?return_to=")
    assert f'href="{PAGE}"'.encode() in owner.get(answer.headers["Location"]).content
    assert Event.objects.filter(kind__startswith="api_key").count() == 0


def test_hostile_labels_are_text(owner: Operator, demo: Backend) -> None:
    hostile = '"><img src=x onerror=alert(1)>'
    made = api_keys.create(backend=demo, role="service", label=hostile, actor=SETTING_UP).key
    kid = SigningKey.objects.get().kid
    for what in ("", f"/{made.pk}/revoke", f"/{made.pk}/replace", f"/signing/{kid}/revoke"):
        page = owner.get(f"{PAGE}{what}")
        assert page.status_code == 200
        assert dangers(page) == []
        assert b"<img src=x" not in page.content
