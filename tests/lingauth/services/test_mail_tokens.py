"""Making what a mail carries: what is stored of it, for how long, and what it puts an end to."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from pytest_django import Settings

from lingauth.conf import settings as ours
from lingauth.models import Account, Backend, Flow, MailToken
from lingauth.services import mail_tokens
from lingauth.services.backends import NewBackend
from lingauth.services.mail_tokens import Minted, Purpose
from tests.support.noon import NOON, after
from tests.support.people import Person, new_backend

pytestmark = pytest.mark.django_db
OLD, NEW = 50 * "o", 50 * "n"


@pytest.fixture
def backend(made: NewBackend, noon: time_machine.Traveller) -> Backend:
    return made.backend


@pytest.fixture
def ann(backend: Backend) -> Account:
    return Person.sign_up(backend, "ann@example.com").account


def mint(account: Account, purpose: Purpose = Purpose.RECOVERY, **more: Any) -> Minted:
    return mail_tokens.mint(
        account=account, purpose=purpose, email=more.pop("email", account.email), **more
    )


def by_link(backend: Backend, link: object) -> MailToken | None:
    return mail_tokens.by_link(backend=backend, link=link)


def begin(backend: Backend, **more: Any) -> Flow:
    return Flow.objects.create(backend=backend, provider="email", expires_at=after(60), **more)


def test_a_token_is_stored_as_digests(backend: Backend, ann: Account) -> None:
    flow = begin(backend)
    made = mint(ann, email="Ann@EXAMPLE.com", flow=flow, password="a hash")
    parts = (str(ann.uuid).encode(), b"recovery", b"ann@example.com", made.code.encode())
    row = MailToken.objects.values().get()
    assert row == {
        "id": made.row.pk,
        "backend_id": backend.pk,
        "account_id": ann.pk,
        "purpose": "recovery",
        "email_key": "ann@example.com",
        "code_digest": ours.keychain.digest("mail code", *parts).hex(),
        "link_digest": ours.keychain.digest("mail link", made.link.encode()).hex(),
        "flow_id": flow.pk,
        "password": "a hash",
        "attempts": 0,
        "created_at": NOON,
        "expires_at": after(30 * 60),
        "used_at": None,
    }


@pytest.mark.parametrize(
    ("purpose", "minutes"),
    [
        (Purpose.SIGNUP, 24 * 60),
        (Purpose.INVITE, 24 * 60),
        (Purpose.MAGICLINK, 10),
        (Purpose.RECOVERY, 30),
        (Purpose.EMAIL_CHANGE_CURRENT, 24 * 60),
        (Purpose.EMAIL_CHANGE_NEW, 24 * 60),
        (Purpose.REAUTHENTICATION, 10),
    ],
)
def test_each_purpose_has_its_time(ann: Account, purpose: Purpose, minutes: int) -> None:
    assert mint(ann, purpose).row.expires_at == after(60 * minutes)


def test_a_code_is_any_six_digits(ann: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def low(below: int) -> int:
        asked.append(below)
        return 42

    monkeypatch.setattr(mail_tokens, "randbelow", low)
    assert mint(ann).code == "000042"
    assert asked == [1_000_000]


def test_a_link_has_256_bits_and_says_whether_a_flow_is_behind_it(
    backend: Backend, ann: Account
) -> None:
    """32 bytes are 43 characters in base64url (RFC 4648, section 5)."""
    plain, of_flow = mint(ann).link, mint(ann, flow=begin(backend)).link
    assert len(plain) == 43
    assert not plain.startswith("pkce_")
    assert (of_flow[:5], len(of_flow)) == ("pkce_", 5 + 43)


def test_a_new_one_is_instead_of_that_before_alone(backend: Backend, ann: Account) -> None:
    bob = Person.sign_up(backend, "bob@example.com").account
    others = [mint(ann, Purpose.MAGICLINK).row, mint(bob).row]
    mint(ann)
    newest = mint(ann).row
    assert set(MailToken.objects.all()) == {*others, newest}


def test_the_account_is_held_while_its_token_is_replaced(
    ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else two letters at once would both be of the account's one token for that."""
    first = mint(ann).row
    held: list[tuple[int, bool]] = []

    def hold(manager: Any, account_id: int) -> None:
        held.append((account_id, MailToken.objects.filter(pk=first.pk).exists()))

    monkeypatch.setattr(type(Account.objects), "hold", hold)
    mint(ann)
    assert held == [(ann.pk, True)]


def test_a_password_is_that_of_the_token_before_only_where_that_is_asked(ann: Account) -> None:
    assert mint(ann, password=None).row.password == ""
    mint(ann, Purpose.SIGNUP, password="another's")
    mint(ann, password="a hash")
    assert mint(ann, password=None).row.password == "a hash"
    assert mint(ann).row.password == ""


def test_a_link_works_to_the_second_it_ends(
    backend: Backend, ann: Account, noon: time_machine.Traveller
) -> None:
    made = mint(ann, Purpose.MAGICLINK)
    noon.shift(599)
    assert by_link(backend, made.link) == made.row
    noon.shift(1)
    assert by_link(backend, made.link) is None


def test_a_link_is_of_one_backend_and_one_use(backend: Backend, ann: Account) -> None:
    made = mint(ann)
    assert by_link(new_backend("other").backend, made.link) is None
    assert by_link(backend, made.link + "x") is None
    MailToken.objects.update(used_at=NOON)
    assert by_link(backend, made.link) is None


def test_what_proves_a_present_wish_has_no_link(backend: Backend, ann: Account) -> None:
    assert by_link(backend, mint(ann, Purpose.REAUTHENTICATION).link) is None


def test_what_is_no_link_is_nobodys(backend: Backend, ann: Account) -> None:
    mint(ann)
    for link in (None, 7, b"x", "", "\ud800"):
        assert by_link(backend, link) is None


@pytest.mark.parametrize(("length", "is_asked"), [(100, True), (101, False)])
def test_a_link_of_more_than_100_characters_is_none(
    backend: Backend, ann: Account, length: int, is_asked: bool
) -> None:
    digest = ours.keychain.digest("mail link", b"x" * length).hex()
    mint(ann)
    MailToken.objects.update(link_digest=digest)
    assert (by_link(backend, "x" * length) is not None) == is_asked


def test_a_link_comes_with_its_account_its_user_and_its_flow(
    backend: Backend, ann: Account, django_assert_num_queries: Any
) -> None:
    flow = begin(backend)
    link = mint(ann, flow=flow).link
    with django_assert_num_queries(1):
        found = by_link(backend, link)
        assert found is not None
        assert (found.account.user, found.flow) == (ann.user, flow)


def test_an_older_key_is_enough_and_the_newest_is_written_with(
    backend: Backend, ann: Account, settings: Settings
) -> None:
    def use(*roots: str) -> None:
        settings.LINGAUTH = {**settings.LINGAUTH, "SECRET_KEYS": list(roots)}

    use(OLD)
    old = mint(ann)
    use(NEW, OLD)
    assert by_link(backend, old.link) == old.row
    assert found_by(backend, old) == old.row
    new = mint(ann)
    use(NEW)
    assert by_link(backend, new.link) == new.row
    assert found_by(backend, new) == new.row


def found_by(backend: Backend, made: Minted) -> MailToken | None:
    return mail_tokens.by_code(
        backend=backend,
        email_key=made.row.email_key,
        purposes=[Purpose.RECOVERY],
        code=made.code,
    )


def test_voiding_ends_all_that_was_mailed_to_the_account(backend: Backend, ann: Account) -> None:
    bob = Person.sign_up(backend, "bob@example.com").account
    Account.objects.update(new_email="new@example.com")
    for account in (ann, bob):
        mint(account)
        mint(account, Purpose.EMAIL_CHANGE_NEW)
        begin(backend, account=account)
    spent = begin(backend, account=ann, used_at=NOON)
    unbegun = begin(backend)
    ann.refresh_from_db()
    mail_tokens.void(ann)
    assert ann.new_email == ""
    assert list(Account.objects.order_by("pk").values_list("new_email", flat=True)) == [
        "",
        "new@example.com",
    ]
    assert {token.account_id for token in MailToken.objects.all()} == {bob.pk}
    assert set(Flow.objects.exclude(account=bob)) == {spent, unbegun}
    assert Flow.objects.filter(account=bob).count() == 1
    assert MailToken.objects.count() == 2
