"""Links that a backend's own server mails: the account, the token, the event.

Long: each type of link has its rules.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password, is_password_usable
from django.core import mail
from django.db import transaction

from lingauth.core import clock
from lingauth.core.errors import (
    AccountNotFound,
    EmailExists,
    NotAdmin,
    ValidationFailed,
    WeakPassword,
)
from lingauth.models import Account, Backend, MailToken, Operator
from lingauth.services import mail_tokens
from lingauth.services.admin import links
from lingauth.services.admin.by import By
from tests.lingauth.api.people import Clock
from tests.support.acts import SERVER, event, stored, written
from tests.support.people import Person, new_backend

NEW = "another horse battery"
KNOWN = ("signup", "invite", "magiclink", "recovery", "email_change_current", "email_change_new")
LASTS = {"signup": 1440, "invite": 1440, "magiclink": 10, "recovery": 30,
         "email_change_current": 1440, "email_change_new": 1440}  # fmt: skip
"""Minutes."""
SENT_AT = {
    "signup": {"confirmation_sent_at"},
    "invite": {"confirmation_sent_at", "invited_at"},
    "magiclink": {"recovery_sent_at"},
    "recovery": {"recovery_sent_at"},
    "email_change_current": {"email_change_sent_at"},
    "email_change_new": {"email_change_sent_at"},
}


@pytest.fixture
def ann(by: By, moved: Clock) -> Person:
    """Confirmed, since a minute."""
    person = Person.sign_up(by.backend, "Ann@example.com")
    moved.shift(60)
    return person


def generate(by: By, type: object, email: str = "ann@example.com", **more: Any) -> links.Link:
    return links.generate(by=by, type=type, email=email, **more)


def told(by: By, uuid: UUID, kind: str, **data: Any) -> dict[str, Any]:
    return event(kind, backend=by.backend, actor=SERVER, **data) | {"account_uuid": uuid}


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {name for name, value in after.items() if before[name] != value}


@pytest.mark.parametrize("type", KNOWN)
def test_each_type_for_somebody_who_is_there(by: By, ann: Person, type: str) -> None:
    if type in ("signup", "invite"):
        Account.objects.update(email_confirmed_at=None)
    changes = type.startswith("email_change")
    before, count = stored(ann.account), len(written())
    more = {"new_email": "New@example.com"} if changes else {}
    made = generate(by, type, data={"a": 1}, **more)
    now, row = clock.now(), MailToken.objects.get()
    goes_to = "new@example.com" if type == "email_change_new" else "ann@example.com"
    assert (row.account_id, row.backend_id) == (ann.account.pk, by.backend.pk)
    assert (row.purpose, row.email_key, row.flow_id) == (type, goes_to, None)
    assert (row.created_at, row.expires_at) == (now, now + timedelta(minutes=LASTS[type]))
    found = mail_tokens.by_link(backend=by.backend, link=made.token)
    assert found is not None
    assert found.pk == row.pk
    code = mail_tokens.by_code(
        backend=by.backend,
        email_key=goes_to,
        purposes=[mail_tokens.Purpose(row.purpose)],
        code=made.code,
    )
    assert code is not None
    assert (made.type, made.redirect_to) == (type, "https://app.example.com")
    url = urlsplit(made.action_link)
    assert url.path == "/b/acme/auth/v1/verify"
    assert parse_qs(url.query) == {
        "token": [made.token],
        "type": ["email_change" if changes else type],
        "redirect_to": ["https://app.example.com"],
    }
    columns = SENT_AT[type] | {"updated_at"}
    if changes:
        columns |= {"new_email"}
    elif type in ("signup", "invite"):
        columns |= {"user_metadata"}
    after = stored(ann.account)
    assert changed(before, after) == columns
    assert {after[name] for name in SENT_AT[type] | {"updated_at"}} == {now}
    assert after["new_email"] == ("New@example.com" if changes else "")
    assert {name: getattr(made.profile.account, name) for name in columns} == {
        name: after[name] for name in columns
    }
    assert [found.provider for found in made.profile.identities] == ["email"]
    assert written()[count:] == [told(by, ann.account.uuid, "link_generated", type=type)]
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("type", "is_of"), [("signup", "signup"), ("invite", "invite"), ("magiclink", "signup")]
)
def test_each_type_that_makes_an_account(by: By, type: str, is_of: str) -> None:
    made = generate(by, type, "Ann@Example.com", data={"name": "Ann", "gone": None})
    account = Account.objects.get()
    row = stored(account)
    assert (row["email"], row["email_key"]) == ("Ann@Example.com", "ann@example.com")
    assert (row["user_metadata"], row["email_confirmed_at"]) == ({"name": "Ann"}, None)
    sent = {name for name in row if name.endswith("sent_at") or name == "invited_at" if row[name]}
    assert sent == SENT_AT[is_of]
    token = MailToken.objects.get()
    assert (token.purpose, token.password) == (is_of, "")
    assert made.type == is_of
    assert not get_user_model()._default_manager.get().has_usable_password()
    assert written()[1:] == [
        told(by, account.uuid, "account_created"),
        told(by, account.uuid, "link_generated", type=is_of),
    ]


def factory(**given: Any) -> Any:
    """A host's own, which writes down whether there is a password."""
    names = get_user_model()._default_manager
    return names.create(username=given["account_uuid"], first_name=str(given["password"]))


def test_the_hosts_factory_is_told_that_there_is_no_password(by: By, settings: Any) -> None:
    settings.LINGAUTH = {**settings.LINGAUTH, "USER_FACTORY": f"{__name__}.factory"}
    generate(by, "invite")
    assert get_user_model()._default_manager.get().first_name == "None"


def test_the_password_of_a_sign_up_is_the_accounts_or_comes_with_the_link(by: By) -> None:
    """Of a new account at once; of one that a stranger may have made with its confirmation."""
    generate(by, "signup", password=NEW)
    user = get_user_model()._default_manager.get()
    assert user.check_password(NEW)
    assert MailToken.objects.get().password == ""
    generate(by, "signup", password="a horse of another colour")
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert check_password("a horse of another colour", MailToken.objects.get().password)


@pytest.mark.parametrize("type", ["signup", "invite", "magiclink", "recovery"])
def test_a_password_that_was_chosen_before_does_not_survive_a_first_confirmation(
    by: By, ann: Person, type: str
) -> None:
    Account.objects.update(email_confirmed_at=None)
    generate(by, type)
    password = MailToken.objects.get().password
    assert password
    assert not is_password_usable(password)


@pytest.mark.parametrize("type", ["magiclink", "recovery", "email_change_new"])
def test_a_password_of_a_confirmed_account_stays(by: By, ann: Person, type: str) -> None:
    if type == "email_change_new":
        Account.objects.update(email_confirmed_at=None)
    generate(by, type, new_email="new@example.com", password="not of a sign-up")
    assert MailToken.objects.get().password == ""


def test_consent_to_one_change_is_none_to_another(by: By, ann: Person) -> None:
    for type in KNOWN[4:]:
        generate(by, type, new_email="b@example.com")
    mail_tokens.mint(
        account=ann.account, purpose=MailToken.Purpose.MAGICLINK, email="ann@example.com"
    )
    assert MailToken.objects.count() == 3
    generate(by, "email_change_current", new_email="b@example.com")
    assert MailToken.objects.count() == 3
    generate(by, "email_change_current", new_email="c@example.com")
    left = MailToken.objects.order_by("purpose").values_list("purpose", flat=True)
    assert list(left) == ["email_change_current", "magiclink"]


def test_nobody_elses_consent_is_void(by: By, ann: Person) -> None:
    ben = Person.sign_up(by.backend, "ben@example.com")
    generate(by, "email_change_new", "ben@example.com", new_email="b@example.com")
    generate(by, "email_change_new", new_email="c@example.com")
    assert MailToken.objects.filter(account=ben.account).exists()
    assert stored(ben.account)["new_email"] == "b@example.com"


@pytest.mark.parametrize("type", [None, 7, "reauthentication", ["signup"], "Signup"])
def test_another_type(by: By, type: object) -> None:
    with pytest.raises(ValidationFailed) as refused:
        generate(by, type)
    assert str(refused.value) == (
        "type is one of signup, invite, magiclink, recovery, email_change_current, "
        "email_change_new."
    )


@pytest.mark.parametrize("type", KNOWN[3:])
def test_what_makes_no_account(by: By, type: str) -> None:
    with pytest.raises(AccountNotFound):
        generate(by, type, new_email="new@example.com")
    assert not Account.objects.exists()


def test_what_is_refused(by: By, ann: Person) -> None:
    Person.sign_up(by.backend, "ben@example.com")
    Person.sign_up(new_backend("bravo").backend, "taken@example.com")
    before, events = stored(ann.account), written()
    large = dict.fromkeys(map(str, range(65)), 1)
    refusals: list[tuple[str, dict[str, Any], type[Exception], str]] = [
        ("signup", {}, EmailExists, "already been registered"),
        ("invite", {}, EmailExists, "already been registered"),
        ("email_change_current", {"new_email": "BEN@example.com"}, EmailExists, "already been"),
        ("email_change_new", {"new_email": "ben@example.com"}, EmailExists, "already been"),
        ("email_change_new", {"new_email": "ben"}, ValidationFailed, "invalid format"),
        ("email_change_new", {}, ValidationFailed, "invalid format"),
        ("magiclink", {"data": large}, ValidationFailed, "at most 64 keys"),
        ("magiclink", {"data": []}, ValidationFailed, "has to be an object"),
        ("magiclink", {"email": "ann"}, ValidationFailed, "invalid format"),
    ]
    for type, more, error, sentence in refusals:
        with pytest.raises(error, match=sentence):
            links.generate(by=by, type=type, **({"email": "ann@example.com"} | more))
    assert (stored(ann.account), written(), MailToken.objects.count()) == (before, events, 0)
    generate(by, "email_change_new", new_email="taken@example.com")


def test_a_weak_password_of_a_sign_up_is_refused(by: By) -> None:
    for weak in ("short", "ann@example.com"):
        with pytest.raises(WeakPassword):
            generate(by, "signup", password=weak)
    assert not Account.objects.exists()


def test_the_present_address_has_no_say_where_it_is_not_asked(by: By, ann: Person) -> None:
    Backend.objects.update(secure_email_change=False)
    by.backend.refresh_from_db()
    with pytest.raises(ValidationFailed) as refused:
        generate(by, "email_change_current", new_email="new@example.com")
    assert str(refused.value) == ("Enable secure email change to generate link for current email")
    generate(by, "email_change_new", new_email="new@example.com")


@pytest.mark.parametrize("type", KNOWN)
def test_nobody_who_runs_the_site_is_entered_by_a_link(by: By, ann: Person, type: str) -> None:
    Operator.objects.create(user=ann.account.user, backend=by.backend, role="viewer")
    events = written()
    with pytest.raises(NotAdmin):
        generate(by, type, new_email="new@example.com")
    assert (written(), MailToken.objects.count()) == (events, 0)


def test_where_it_leads_to(by: By, ann: Person) -> None:
    made = generate(by, "magiclink", redirect_to="https://app.example.com/x#part")
    assert made.redirect_to == "https://app.example.com/x"
    assert "redirect_to=https%3A%2F%2Fapp.example.com%2Fx" in made.action_link
    evil = generate(by, "magiclink", redirect_to="https://evil.example")
    assert evil.redirect_to == "https://app.example.com"


def test_it_commits_by_itself(by: By, ann: Person) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError):
        generate(by, "magiclink")
