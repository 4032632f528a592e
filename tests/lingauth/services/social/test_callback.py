"""Coming back from a provider: where the browser goes, with what, and what is kept of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from lingauth.core import clock
from lingauth.models import Account, Event, Flow, Session
from lingauth.services import flows
from lingauth.services.backends import base_url
from lingauth.services.social import callback
from tests.lingauth.api.people import Clock
from tests.lingauth.services.social.people import profile
from tests.lingauth.services.social.returning import APP, COOKIE, Corp, fragment_of, query_of
from tests.support import acts

pytestmark = pytest.mark.django_db

OURS = "http://127.0.0.1:8000/b/acme/signed-in"
HOSTED = "http://127.0.0.1:8000/b/acme/account?tab=security"
LOST = "OAuth state not found or expired"


def test_with_pkce_the_app_gets_a_code(moved: Clock, there: Corp) -> None:
    flow = there.leave()
    moved.shift(5)
    returned = there.come_back(flow)
    assert returned.status == 302
    assert returned.url.startswith(f"{APP}?code=")
    assert list(query_of(returned.url)) == ["code"]
    now, kept = clock.now(), Flow.objects.get()
    assert kept.account == Account.objects.get()
    assert (kept.method, kept.answered_at) == ("oauth", now)
    assert (kept.code_expires_at, kept.used_at) == (now + timedelta(seconds=60), None)
    assert kept.code_digest == flows._digests(query_of(returned.url)["code"])[0]
    assert flows.unseal(kept) == {"provider_token": "at-1", "provider_refresh_token": "rt-1"}
    assert not Session.objects.exists()


def test_what_the_answer_is_held_to(there: Corp) -> None:
    flow = there.leave()
    private = flows.unseal(flow)
    there.come_back(flow)
    (held_to,) = there.traded
    assert held_to.pop("provider").name == "corp"
    assert held_to == {
        "code": "c-1",
        "verifier": private["verifier"],
        "nonce": private["nonce"],
        "now": clock.now(),
    }


def test_without_pkce_the_app_gets_the_session(there: Corp) -> None:
    flow = there.leave(pkce=None)
    returned = there.come_back(flow)
    assert returned.status == 302
    assert returned.url.startswith(f"{APP}#")
    told = fragment_of(returned.url)
    only = Session.objects.get()
    assert told["provider_token"] == "at-1"
    assert told["provider_refresh_token"] == "rt-1"
    assert {"access_token", "refresh_token", "expires_in", "expires_at", "sb"} <= set(told)
    assert [each["method"] for each in only.methods] == ["oauth"]
    assert only.account == Account.objects.get()
    kept = Flow.objects.get()
    assert (kept.private, kept.code_digest) == (None, None)
    written = acts.written()[-1]
    assert (written["kind"], written["session_id"]) == ("signed_in", only.pk)
    assert (written["ip"], written["data"]) == ("192.0.2.7", {"method": "oauth"})


def test_our_own_page_gets_a_code_for_this_browser(there: Corp) -> None:
    flow = there.leave(pkce=None, redirect_to=HOSTED)
    returned = there.come_back(flow)
    assert returned.status == 302
    assert returned.url.startswith(f"{OURS}?")
    told = query_of(returned.url)
    assert set(told) == {"code", "return_to"}
    assert told["return_to"] == "/b/acme/account?tab=security"
    kept = Flow.objects.get()
    assert (kept.private, kept.account) == (None, Account.objects.get())
    assert kept.code_digest == flows._digests(told["code"])[0]
    assert not Session.objects.exists()


def test_our_own_page_without_a_query(there: Corp) -> None:
    flow = there.leave(pkce=None, redirect_to=f"{base_url(there.backend)}/account")
    assert query_of(there.come_back(flow).url)["return_to"] == "/b/acme/account"


def test_an_unproven_address_has_its_mail_lead_to_the_app(
    there: Corp, asked: list[dict[str, Any]]
) -> None:
    there.found = profile(verified=False)
    told = query_of(there.come_back(there.leave()).url)
    assert told["error_code"] == "provider_email_needs_verification"
    assert [mail["redirect_to"] for mail in asked] == [APP]
    assert asked[0]["client"] == acts.CLIENT


@pytest.mark.parametrize("site", ["", "https://app.example.com/home"])
@pytest.mark.parametrize("why", ["state", "cookie", "no cookie", "unbound", "twice", "late"])
def test_an_answer_of_nobody_goes_to_the_backends_site(
    moved: Clock, there: Corp, why: str, site: str
) -> None:
    there.backend.site_url = site
    flow, cookie, message = there.leave(), COOKIE, LOST
    match why:
        case "state":
            there.state = "nonsense"
        case "cookie" | "no cookie":
            cookie = "y" * 43 if why == "cookie" else ""
            message = "OAuth state belongs to another browser"
        case "unbound":
            Flow.objects.update(browser_digest="")
            message = "OAuth state belongs to another browser"
        case "twice":
            there.come_back(flow)
        case "late":
            moved.shift(timedelta(minutes=10))
    count, before = Event.objects.count(), Flow.objects.values().get()
    returned = there.come_back(flow, cookie=cookie or None)
    assert returned.status == 303
    if site:
        assert returned.url.startswith(f"{site}?")
        assert query_of(returned.url) == {
            "error": "invalid_request",
            "error_code": "bad_oauth_state",
            "error_description": message,
        }
    else:
        assert returned.url == f"{OURS}?error_code=bad_oauth_state"
    assert Event.objects.count() == count
    assert Flow.objects.values().get() == before


def test_an_answer_at_the_last_second(moved: Clock, there: Corp) -> None:
    flow = there.leave()
    moved.shift(timedelta(minutes=10) - timedelta(seconds=1))
    assert "code" in query_of(there.come_back(flow).url)


def test_an_error_is_in_the_fragment_too_and_at_our_own_page_a_code_alone(there: Corp) -> None:
    for pkce in (there.pkce, None):
        url = there.come_back(there.leave(pkce=pkce), error="access_denied").url
        assert url.startswith(f"{APP}?")
        assert fragment_of(url) == query_of(url) | {"sb": ""}
    url = there.come_back(there.leave(pkce=None, redirect_to=HOSTED), error="access_denied").url
    assert url.startswith(f"{OURS}?")
    told = {"error_code": "access_denied", "return_to": "/b/acme/account?tab=security"}
    assert query_of(url) == told
    url = there.come_back(there.leave(redirect_to=HOSTED), error="access_denied").url
    assert url.startswith(HOSTED)


def test_a_code_is_not_part_of_what_may_be_rolled_back(there: Corp) -> None:
    flow = there.leave()
    account = Account(pk=1)
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        callback._code(flow, account)
