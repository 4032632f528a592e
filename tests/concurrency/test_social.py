"""Single steps of a sign-in by a provider, taken by many at once."""

from __future__ import annotations

from functools import partial

import pytest
from django.contrib.auth import get_user_model

from lingauth.core.pkce import Pkce, new_verifier, s256
from lingauth.models import Account, Backend, Event, Flow, Identity, Session
from lingauth.services import flows, providers
from lingauth.services.social import answers, authorize, browser, callback, decision, linking
from lingauth.services.social.answers import Told
from lingauth.services.social.profile import Profile
from tests.concurrency.together import codes, together
from tests.support.people import ACTOR, CLIENT, Person

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
THREADS = 16
COOKIE = "c" * 43
ISSUER = "https://github.com/login/oauth"


def profile(subject: str = "4711", email: str = "ada@example.com") -> Profile:
    return Profile(ISSUER, subject, email, (email,), {"name": "Ada"})


@pytest.fixture
def accepting(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> Backend:
    """A backend that accepts GitHub, which always answers with Ada."""
    values = {"client_id": "Iv1.1", "secret": "a secret"}
    providers.save(backend=backend, name="github", changes=values, actor=ACTOR)
    monkeypatch.setattr(answers, "trade", lambda *_, **__: Told(profile(), "at", "rt"))
    return backend


def begun(backend: Backend, person: Person | None = None, pkce: Pkce | None = None) -> Flow:
    return authorize.set_out(
        provider=providers.usable(backend=backend, name="github"),
        redirect_to="https://app.example.com/cb",
        pkce=pkce,
        browser_digest="" if person else browser.digest(backend, COOKIE),
        link_to=person.me() if person else None,
    )


def test_one_answer_of_a_provider_makes_one_session(accepting: Backend) -> None:
    for _ in range(3):
        before = Session.objects.count()
        given = {"state": authorize.state_of(begun(accepting)), "code": "x"}
        act = partial(callback.finish, backend=accepting, given=given, cookie=COOKIE, client=CLIENT)
        ends = [outcome.value.url for outcome in together([act] * THREADS)]
        assert sum("access_token" in url for url in ends) == 1
        assert sum("bad_oauth_state" in url for url in ends) == THREADS - 1
        assert Session.objects.count() == before + 1


def test_sixteen_first_sign_ins_of_one_person_make_one_account(accepting: Backend) -> None:
    for number in range(3):
        users = get_user_model()._default_manager.count()
        act = partial(
            decision.account_for,
            provider=providers.usable(backend=accepting, name="github"),
            profile=profile(str(number), f"ada{number}@example.com"),
            client=CLIENT,
        )
        outcomes = together([act] * THREADS)
        assert codes(outcomes) == {"ok": THREADS}
        assert len({outcome.value.pk for outcome in outcomes}) == 1
        account = Account.objects.get(email_key=f"ada{number}@example.com")
        assert Identity.objects.filter(account=account).count() == 1
        assert get_user_model()._default_manager.count() == users + 1
        assert Event.objects.filter(kind="signed_up", account_uuid=account.uuid).count() == 1


def test_one_address_that_several_subjects_claim_goes_to_one_of_them(accepting: Backend) -> None:
    provider = providers.usable(backend=accepting, name="github")
    acts = [
        partial(
            decision.account_for, provider=provider, profile=profile(str(number)), client=CLIENT
        )
        for number in range(THREADS)
    ]
    assert codes(together(acts)) == {"ok": 1, "identity_already_exists": THREADS - 1}
    assert Identity.objects.count() == 1


def test_an_identity_is_linked_to_one_of_those_who_ask(accepting: Backend) -> None:
    verifier = new_verifier()
    pkce = Pkce(s256(verifier), "s256")
    acts = []
    for _ in range(8):
        flow = begun(accepting, Person.sign_up(accepting), pkce)
        authorize.pick_up(
            backend=accepting,
            ticket=authorize.state_of(flow),
            browser_digest=browser.digest(accepting, COOKIE),
        )
        given = {"state": authorize.state_of(flow), "code": "x"}
        done = callback.finish(backend=accepting, given=given, cookie=COOKIE, client=CLIENT)
        code = done.url.partition("code=")[2]
        acts.append(
            partial(
                flows.exchange,
                backend=accepting,
                auth_code=code,
                code_verifier=verifier,
                client=CLIENT,
            )
        )
    assert codes(together(acts)) == {"ok": 1, "identity_already_exists": 7}
    assert Identity.objects.filter(provider="github").count() == 1


def test_an_address_for_one_browser_is_taken_by_one(accepting: Backend) -> None:
    ticket = authorize.state_of(begun(accepting, Person.sign_up(accepting)))
    acts = [
        partial(
            authorize.pick_up,
            backend=accepting,
            ticket=ticket,
            browser_digest=browser.digest(accepting, f"{number:x}" * 43),
        )
        for number in range(THREADS)
    ]
    assert codes(together(acts)) == {"ok": 1, "flow_state_not_found": THREADS - 1}


def test_one_identity_is_left_whoever_takes_them_away(accepting: Backend) -> None:
    person = Person.sign_up(accepting)
    for number in range(7):
        Identity.objects.create(
            backend=accepting, account=person.account, provider=f"p{number}", subject="1"
        )
    acts = [
        partial(linking.unlink, me=person.me(), identity_uuid=row.uuid, client=CLIENT)
        for row in Identity.objects.filter(account=person.account)
    ]
    assert codes(together(acts)) == {"ok": 7, "single_identity_not_deletable": 1}
    assert Identity.objects.filter(account=person.account).count() == 1
