"""What was mailed works once, however many redeem it at the same moment; and no more than five
guesses at a code are looked at."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import Any

import pytest

from lingauth.core.pkce import Pkce, new_verifier, s256
from lingauth.models import Account, Backend, Event, MailToken, Session
from lingauth.services import accounts, flows, mail_tokens, redemption
from lingauth.services.grants import Grant
from lingauth.services.mail_tokens import Minted, Purpose
from lingauth.services.redemption import CodeIssued, HalfChanged
from tests.concurrency.together import Outcome, codes, together
from tests.support.app import PASSWORD
from tests.support.mailbox import other_than
from tests.support.people import CLIENT, Person

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
THREADS = 16
ROUNDS = 4
NEW = "moved@example.com"


@pytest.fixture
def person(backend: Backend) -> Person:
    return Person.sign_up(backend)


def mint(person: Person, purpose: MailToken.Purpose = Purpose.MAGICLINK, **more: Any) -> Minted:
    account = Account.objects.select_related("user", "backend").get(pk=person.account.pk)
    return mail_tokens.mint(account=account, purpose=purpose, **{"email": person.email, **more})


def link(backend: Backend, minted: Minted, type: str = "magiclink") -> Callable[[], Any]:
    return partial(
        redemption.with_link, backend=backend, type=type, token=minted.link, client=CLIENT
    )


def code(backend: Backend, minted: Minted, text: str = "") -> Callable[[], Any]:
    return partial(
        redemption.with_code,
        backend=backend,
        type="magiclink",
        email=minted.row.email_key,
        code=text or minted.code,
        client=CLIENT,
    )


def begun(person: Person) -> int:
    """Sessions beside the one of the sign-up."""
    return Session.objects.filter(account=person.account).count() - 1


def results(outcomes: list[Outcome]) -> list[type]:
    return sorted((type(o.value) for o in outcomes if o.refusal is None), key=lambda t: t.__name__)


def test_a_link_begins_one_session(backend: Backend, person: Person) -> None:
    for number in range(1, ROUNDS + 1):
        outcomes = together([link(backend, mint(person))] * THREADS)
        assert codes(outcomes) == {"ok": 1, "otp_expired": THREADS - 1}
        assert begun(person) == number


def test_a_code_and_its_link_begin_one_session(backend: Backend, person: Person) -> None:
    """The guesses beyond the limits are refused, in whatever order; one is right."""
    for number in range(1, ROUNDS + 1):
        minted = mint(person)
        half = THREADS // 2
        outcomes = together([code(backend, minted)] * half + [link(backend, minted)] * half)
        found = codes(outcomes)
        assert found.pop("ok") == 1
        assert found.keys() <= {"otp_expired", "over_request_rate_limit"}
        assert begun(person) == number


def test_of_many_wrong_guesses_at_a_code_five_are_looked_at(
    backend: Backend, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    minted = mint(person)
    lock, looked, original = Lock(), [], hmac.compare_digest

    def compare(known: Any, guessed: Any) -> bool:
        if known == minted.row.code_digest:
            with lock:
                looked.append(guessed)
        return original(known, guessed)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    outcomes = together([code(backend, minted, other_than(minted.code))] * THREADS)
    assert codes(outcomes) == {"otp_expired": 10, "over_request_rate_limit": THREADS - 10}
    assert len(looked) == 5
    assert MailToken.objects.get(pk=minted.row.pk).attempts == 5
    assert begun(person) == 0


def test_a_right_guess_among_wrong_ones_is_no_deadlock(backend: Backend, person: Person) -> None:
    """Guessing and redeeming meet in the token's row and in the address's counter."""
    for _ in range(ROUNDS):
        minted = mint(person)
        wrong = code(backend, minted, other_than(minted.code))
        outcomes = together([code(backend, minted), wrong] * 3 + [link(backend, minted)] * 2)
        assert codes(outcomes)["ok"] == 1


def test_a_flows_code_begins_one_session_and_its_replay_ends_it(
    backend: Backend, person: Person
) -> None:
    for number in range(1, ROUNDS + 1):
        act = partial(flows.exchange, backend=backend, client=CLIENT, **_flow(backend, person))
        outcomes = together([act] * THREADS)
        assert codes(outcomes) == {"ok": 1, "flow_state_not_found": THREADS - 1}
        assert begun(person) == number
        together([act])
        grant = next(o.value for o in outcomes if o.refusal is None)
        assert Session.objects.get(pk=grant.session.pk).end_reason == "code_replayed"


def _flow(backend: Backend, person: Person) -> dict[str, str]:
    """A link followed: the flow's code, and the verifier that goes with it."""
    verifier = new_verifier()
    flow = flows.begin(
        backend=backend,
        provider="email",
        pkce=Pkce(s256(verifier), "s256"),
        redirect_to="",
        now=person.account.created_at,
    )
    issued = link(backend, mint(person, flow=flow))()
    assert isinstance(issued, CodeIssued)
    return {"auth_code": issued.code, "code_verifier": verifier}


def test_a_nonce_changes_one_password(backend: Backend, person: Person) -> None:
    nonce = mint(person, Purpose.REAUTHENTICATION).code
    me = person.me()
    outcomes = together(
        [
            partial(accounts.update, me=me, password=f"{n} {PASSWORD}", nonce=nonce, client=CLIENT)
            for n in range(THREADS)
        ]
    )
    assert codes(outcomes)["ok"] == 1
    assert Event.objects.filter(kind="password_changed").count() == 1
    won = next(n for n, outcome in enumerate(outcomes) if outcome.refusal is None)
    person.sign_in(f"{won} {PASSWORD}")


@pytest.mark.parametrize("each", [1, 4])
def test_both_links_of_a_change_at_once_change_the_address(backend: Backend, each: int) -> None:
    """Neither sees the other half missing, and neither is lost."""
    for number in range(ROUNDS):
        person = Person.sign_up(backend)
        email = f"{number}-{NEW}"
        Account.objects.filter(pk=person.account.pk).update(new_email=email)
        acts = [
            link(backend, mint(person, purpose, email=to), "email_change")
            for purpose, to in (
                (Purpose.EMAIL_CHANGE_CURRENT, person.email),
                (Purpose.EMAIL_CHANGE_NEW, email),
            )
        ]
        outcomes = together(acts * each)
        assert results(outcomes) == [Grant, HalfChanged]
        assert codes(outcomes).get("otp_expired", 0) == 2 * each - 2
        account = Account.objects.get(pk=person.account.pk)
        assert (account.email, account.email_key, account.new_email) == (email, email, "")
        kinds = Event.objects.filter(account_uuid=account.uuid, kind="email_changed")
        assert kinds.count() == 1


def test_two_accounts_that_confirm_one_address_at_once(backend: Backend) -> None:
    Backend.objects.update(secure_email_change=False)
    backend.refresh_from_db()
    people = [Person.sign_up(backend) for _ in range(4)]
    Account.objects.update(new_email=NEW)
    acts = [
        link(backend, mint(person, Purpose.EMAIL_CHANGE_NEW, email=NEW), "email_change")
        for person in people
    ]
    assert codes(together(acts)) == {"ok": 1, "email_exists": len(people) - 1}
    assert Account.objects.filter(email_key=NEW).count() == 1


def test_a_new_mail_and_the_use_of_the_one_before(backend: Backend, person: Person) -> None:
    """Either came first; in the end one link is left, the new one, and it works."""
    for _ in range(ROUNDS):
        old = mint(person)
        outcomes = together([link(backend, old), partial(mint, person)] * 2)
        assert all(o.code in ("ok", "otp_expired") for o in outcomes[::2])
        assert [o.code for o in outcomes[::2]].count("ok") <= 1
        rows = MailToken.objects.filter(account=person.account)
        assert rows.filter(used_at=None).count() == rows.count() == 1
        left = [o.value for o in outcomes[1::2] if o.value.row.pk == rows.get().pk]
        assert isinstance(link(backend, left[0])(), Grant)


@pytest.mark.parametrize("way", ["a link", "a flow's code"])
def test_a_new_password_and_a_way_in_from_before(
    backend: Backend, person: Person, way: str
) -> None:
    """Whichever comes first, the session of the change is the only one that lives (INV-9)."""
    for number in range(ROUNDS):
        if way == "a link":
            act = link(backend, mint(person))
        else:
            act = partial(flows.exchange, backend=backend, client=CLIENT, **_flow(backend, person))
        change = partial(
            accounts.update, me=person.me(), password=f"{number} {PASSWORD}", client=CLIENT
        )
        outcomes = together([act, change])
        assert outcomes[1].code == "ok"
        alive = Session.objects.filter(account=person.account, ended_at=None)
        assert list(alive) == [person.grant.session]
