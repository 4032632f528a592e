"""Between asking for a mail and writing it time passes, and other things happen."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from lingauth.models import Account, MailJob, MailToken
from lingauth.services import outbox
from tests.lingauth.api.mail.acts import ANN, BOB, post
from tests.support.app import App
from tests.support.mailbox import letters

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def asked(member: App, settings: Settings) -> App:
    """Somebody who asked for all there is, while the mail server had a pause."""
    settings.LINGAUTH = {**settings.LINGAUTH, "MAIL_DELIVERY": "queue"}
    assert member.auth("GET", "reauthenticate").status_code == 200
    assert member.auth("PUT", "user", {"email": BOB}).status_code == 200
    for path in ("otp", "recover"):
        assert post(member, path, email=ANN, create_user=False).status_code == 200
    assert (letters(), MailJob.objects.count()) == ([], 4)
    return member


def test_then_all_of_it_is_written(asked: App) -> None:
    assert outbox.drain() == 4
    assert len(letters()) == 5
    assert not MailJob.objects.exists()


def test_an_account_that_is_gone_by_then_gets_none_and_is_no_failure(asked: App) -> None:
    Account.objects.all().delete()
    assert outbox.drain() == 4
    assert letters() == []
    assert not MailJob.objects.exists()


def test_nor_does_one_that_was_banned(asked: App) -> None:
    Account.objects.update(banned_until="2100-01-01T00:00Z")
    outbox.drain()
    assert [letter for letter in letters() if "Sign in" in letter.subject] == []


def test_a_change_that_was_made_another_one_by_then_is_not_mailed(asked: App) -> None:
    assert asked.auth("PUT", "user", {"email": "else@example.com"}).status_code == 200
    outbox.drain()
    assert letters(BOB) == []
    assert MailToken.objects.get(purpose="email_change_new").email_key == "else@example.com"


def test_a_mail_that_was_not_sent_is_made_anew(asked: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was minted for it is void: nobody has read it."""

    def broken(*_: object, **__: object) -> None:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr("lingauth.services.mailing.write", broken)
        assert outbox.drain() == 0
    before = {row.purpose: row.link_digest for row in MailToken.objects.all()}
    MailJob.objects.update(due_at="2020-01-01T00:00Z")
    assert outbox.drain() == 4
    after = {row.purpose: row.link_digest for row in MailToken.objects.all()}
    assert after.keys() >= before.keys()
    assert all(after[purpose] != digest for purpose, digest in before.items())
