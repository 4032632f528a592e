"""One address is one account, and two operators do not overwrite each other."""

from __future__ import annotations

from functools import partial

import pytest
from django.contrib.auth import get_user_model
from django.core import mail

from lingauth.models import Account, Backend, Event, Identity, PolicyVersion
from lingauth.services import accounts, backends, confirmation, policy
from tests.concurrency.together import codes, together
from tests.support.app import PASSWORD
from tests.support.people import ACTOR, CLIENT

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
THREADS = 16


def test_sixteen_sign_ups_of_one_address_make_one_account(backend: Backend) -> None:
    users = get_user_model()._default_manager
    for number in range(3):
        before = users.count()
        outcomes = together(
            [
                partial(
                    accounts.sign_up,
                    backend=backend,
                    email=spelling,
                    password=PASSWORD,
                    client=CLIENT,
                )
                for spelling in (f"a{number}@example.com", f"A{number}@EXAMPLE.com") * 8
            ]
        )
        assert codes(outcomes) == {"ok": 1, "user_already_exists": THREADS - 1}
        account = Account.objects.get(email_key=f"a{number}@example.com")
        assert Identity.objects.filter(account=account).count() == 1
        assert users.count() == before + 1, "a loser left a user row behind"
        assert Event.objects.filter(kind="signed_up", account_uuid=account.uuid).count() == 1


def test_sixteen_sign_ups_that_wait_for_a_mail_send_one_and_do_not_tell_who_was_first(
    transactional_db: None,
) -> None:
    made = backends.create_backend(ref="slow", name="Slow", auto_confirm=False, actor=ACTOR)
    outcomes = together(
        [
            partial(
                accounts.sign_up,
                backend=made.backend,
                email="b@example.com",
                password=PASSWORD,
                client=CLIENT,
            )
        ]
        * THREADS
    )
    assert codes(outcomes) == {"ok": THREADS}
    account = Account.objects.get(email_key="b@example.com")
    assert len(mail.outbox) == 1
    token = confirmation.token_for(account)
    together([partial(confirmation.confirm, backend=made.backend, token=token, client=CLIENT)] * 8)
    assert Event.objects.filter(kind="email_confirmed").count() == 1


def test_of_sixteen_changes_of_the_same_policy_version_one_wins(backend: Backend) -> None:
    for number in range(4):
        version = Backend.objects.get(pk=backend.pk).policy_version
        outcomes = together(
            [
                partial(
                    policy.change,
                    backend_id=backend.pk,
                    changes={"aal2_max_idle": 600 + 60 * number + n},
                    actor=ACTOR,
                    expected_version=version,
                )
                for n in range(THREADS)
            ]
        )
        assert codes(outcomes) == {"ok": 1, "conflict": THREADS - 1}
        won = next(o.value for o in outcomes if o.refusal is None)
        row = Backend.objects.get(pk=backend.pk)
        assert row.policy_version == version + 1 == won.version
        assert row.aal2_max_idle == won.after["aal2_max_idle"]
    assert PolicyVersion.objects.filter(backend=backend).count() == 4
    assert Event.objects.filter(kind="policy_changed").count() == 4
