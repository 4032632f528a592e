"""Mail that waits for somebody who is gone, or wants it no longer, is let go without trouble."""

from __future__ import annotations

import pytest
from django.test import override_settings

from lingauth.models import Account, MailJob
from lingauth.services import outbox
from tests.lingauth.api.mail.acts import ANN, BOB
from tests.support.app import App
from tests.support.mailbox import letters

pytestmark = [pytest.mark.django_db, pytest.mark.once]
QUEUED = override_settings(LINGAUTH={"MAIL_DELIVERY": "queue"})


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "reauthenticate", None),
        ("PUT", "user", {"email": BOB}),
        ("POST", "recover", {"email": ANN}),
    ],
)
def test_of_a_deleted_account(
    member: App, method: str, path: str, body: dict[str, str] | None
) -> None:
    before = len(letters())
    with QUEUED:
        assert member.auth(method, path, body).status_code == 200
    Account.objects.get(email_key=ANN).user.delete()
    assert outbox.drain() == 1
    assert not MailJob.objects.exists()
    assert len(letters()) == before
