"""One address is one account, and two operators do not overwrite each other."""

from __future__ import annotations

from functools import partial

import pytest
from django.contrib.auth import get_user_model

from lingauth.models import Account, Backend, Event, Identity, PolicyVersion
from lingauth.services import accounts, backends, policy, redemption
from tests.concurrency.together import codes, together
from tests.support.app import PASSWORD
from tests.support.mailbox import letters
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


def test_sixteen_sign_ups_that_wait_for_a_mail_do_not_tell_who_was_first(
    transactional_db: None,
) -> None:
    """One account; the newest mail alone confirms it, and of sixteen passwords none survives."""
    backend = _that_mails()
    passwords = [f"{PASSWORD} {number}" for number in range(THREADS)]
    outcomes = together(
        [
            partial(
                accounts.sign_up,
                backend=backend,
                email="b@example.com",
                password=password,
                client=CLIENT,
            )
            for password in passwords
        ]
    )
    assert codes(outcomes) == {"ok": THREADS}
    account = Account.objects.get(email_key="b@example.com")
    assert Identity.objects.filter(account=account).count() == 1
    assert Event.objects.filter(kind="signed_up").count() == 1
    links = [letter.token for letter in letters("b@example.com")]
    assert len(links) == THREADS
    redeem = partial(redemption.with_link, backend=backend, type="signup", client=CLIENT)
    outcomes = together([partial(redeem, token=link) for link in links])
    assert codes(outcomes) == {"ok": 1, "otp_expired": THREADS - 1}
    assert Event.objects.filter(kind="email_confirmed").count() == 1
    user = get_user_model()._default_manager.get(pk=account.user_id)
    assert not user.has_usable_password()


def test_of_sixteen_sign_ups_within_the_cooldown_one_is_mailed(transactional_db: None) -> None:
    backend = _that_mails(mail_cooldown=60)
    act = partial(
        accounts.sign_up, backend=backend, email="b@example.com", password=PASSWORD, client=CLIENT
    )
    outcomes = together([act] * THREADS)
    assert codes(outcomes) == {"ok": 1, "over_email_send_rate_limit": THREADS - 1}
    assert len(letters()) == 1


def _that_mails(**changes: int) -> Backend:
    """A backend that confirms addresses by mail."""
    made = backends.create_backend(ref="slow", name="Slow", auto_confirm=False, actor=ACTOR)
    Backend.objects.filter(pk=made.backend.pk).update(
        **{"mail_cooldown": 0, "mails_per_hour": 100, **changes}
    )
    return Backend.objects.get(pk=made.backend.pk)


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
