"""The backend's server and its users act at the same moment, on the same account."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.contrib.auth import get_user_model

from lingauth.models import Account, Backend, Event, Identity, MailToken, Session, TotpFactor
from lingauth.services import access, accounts, factors, recovery, sessions
from lingauth.services.admin import deleting, invitations, links, users
from lingauth.services.admin import factors as admin_factors
from lingauth.services.admin.by import By
from lingauth.services.admin.values import Given
from lingauth.services.context import Actor
from tests.concurrency.together import codes, together
from tests.invariants.actions import unproven_levels
from tests.support.app import PASSWORD
from tests.support.people import CLIENT, Person

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
THREADS = 16
ROUNDS = 2
NEW = "another horse battery"


@pytest.fixture
def by(backend: Backend) -> By:
    return By(backend, Actor("service", "lk_service_…test"), CLIENT)


def create(by: By, email: str) -> Any:
    given = Given(email=email, password=PASSWORD, email_confirm=True)
    return users.create(by=by, given=given)


def update(by: By, person: Person, **given: Any) -> Callable[[], Any]:
    return partial(users.update, by=by, account_uuid=person.account.uuid, given=Given(**given))


def delete(by: By, person: Person, *, soft: bool = False) -> Callable[[], Any]:
    return partial(deleting.delete, by=by, account_uuid=person.account.uuid, soft=soft)


def living(person: Person) -> int:
    return Session.objects.filter(account__uuid=person.account.uuid, ended_at=None).count()


def test_of_sixteen_creations_of_one_address_one_is_made(by: By) -> None:
    host = get_user_model()._default_manager
    spellings = ("ann@example.com", "ANN@Example.com") * (THREADS // 2)
    outcomes = together([partial(create, by, email) for email in spellings])
    link = partial(links.generate, by=by, type="recovery", email="ann@example.com")
    assert codes(outcomes) == {"ok": 1, "email_exists": THREADS - 1}
    assert (Account.objects.count(), Identity.objects.count(), host.count()) == (1, 1, 1)
    assert Event.objects.filter(kind="account_created").count() == 1
    assert codes(together([link] * THREADS)) == {"ok": THREADS}
    assert MailToken.objects.count() == 1, "each link voids the one before"


def test_a_creation_an_invitation_a_link_and_a_sign_up_of_one_address(by: By) -> None:
    for number in range(ROUNDS):
        email = f"a{number}@example.com"
        acts: list[Callable[[], Any]] = [
            partial(create, by, email),
            partial(invitations.invite, by=by, email=email),
            partial(links.generate, by=by, type="magiclink", email=email),
            partial(accounts.sign_up, backend=by.backend, email=email, password=NEW, client=CLIENT),
        ]
        outcomes = together(acts * 4)
        assert codes(outcomes).keys() <= {"ok", "email_exists", "user_already_exists"}
        account = Account.objects.get(email_key=email)
        assert Identity.objects.filter(account=account).count() == 1
    assert get_user_model()._default_manager.count() == ROUNDS


ENDS: dict[str, Callable[[By, Person], Callable[[], Any]]] = {
    "a deletion": lambda by, person: delete(by, person),
    "a soft deletion": lambda by, person: delete(by, person, soft=True),
    "a ban": lambda by, person: update(by, person, ban_duration="1h"),
    "a new password": lambda by, person: update(by, person, password=NEW),
    "a new address": lambda by, person: update(
        by, person, email=f"{person.account.uuid}@example.org"
    ),
}


def test_no_sign_in_slips_past_what_ends_every_session(by: By) -> None:
    """Each sign-in either comes before and is ended, or comes after and is refused."""
    for end in [*ENDS] * ROUNDS:
        person = Person.sign_up(by.backend)
        outcomes = together([ENDS[end](by, person), *[person.sign_in] * 7])
        assert outcomes[0].code == "ok"
        assert codes(outcomes[1:]).keys() <= {"ok", "invalid_credentials", "user_banned"}
        if end == "a ban":
            users.update(by=by, account_uuid=person.account.uuid, given=Given(ban_duration="none"))
        assert living(person) == 0, end


def own_acts(by: By, person: Person) -> list[Callable[[], Any]]:
    """What the owner may be doing meanwhile; each reads who asks at its own start."""

    def recover() -> Any:
        return recovery.verify(me=person.me(), code=person.codes[0], client=CLIENT)

    def enrol() -> Any:
        return factors.enroll(me=person.me(), name="New", client=CLIENT)

    def change() -> Any:
        return accounts.update(me=person.me(), password="a new horse", client=CLIENT)

    refresh = partial(
        sessions.refresh,
        read=lambda session_id: access.read(ref=by.backend.ref, session_id=session_id),
        token=person.grant.refresh_token,
        idempotency_key=None,
        client=CLIENT,
    )
    return [refresh, recover, enrol, change]


def test_what_its_owner_does_meanwhile_is_done_before_or_refused(
    by: By, still: time_machine.Traveller
) -> None:
    for end in [*ENDS] * ROUNDS:
        person = Person.sign_up(by.backend).enrol().make_codes()
        outcomes = together([ENDS[end](by, person), *own_acts(by, person)])
        assert outcomes[0].code == "ok"
        assert codes(outcomes[1:]).keys() <= {
            "ok", "session_not_found", "user_banned", "refresh_token_not_found",
            "refresh_token_already_used", "mfa_challenge_expired", "mfa_verification_failed",
            "same_password",
        }  # fmt: skip
        assert living(person) == 0, end
        assert unproven_levels(by.backend) == []
        if end.endswith("deletion"):
            assert not TotpFactor.objects.filter(user_id=person.account.user_id).exists()


def test_of_sixteen_deletions_one_is_made(by: By) -> None:
    for _ in range(ROUNDS):
        person = Person.sign_up(by.backend)
        outcomes = together([delete(by, person)] * THREADS)
        assert codes(outcomes) == {"ok": 1, "user_not_found": THREADS - 1}
    assert Event.objects.filter(kind="account_deleted").count() == ROUNDS
    softly = Person.sign_up(by.backend)
    assert codes(together([delete(by, softly, soft=True)] * THREADS)) == {"ok": THREADS}
    assert Event.objects.filter(kind="account_deleted").count() == ROUNDS + 1


def test_a_deletion_among_wrong_guesses_and_links_takes_all_of_them(by: By) -> None:
    for _ in range(ROUNDS):
        person = Person.sign_up(by.backend)
        link = partial(links.generate, by=by, type="magiclink", email=person.email)
        wrong = partial(person.sign_in, "not this one")
        outcomes = together([delete(by, person), *[wrong] * 5, *[link] * 3])
        assert outcomes[0].code == "ok"
        assert codes(outcomes[1:]).keys() <= {"ok", "invalid_credentials", "user_not_found"}
        assert not Account.objects.filter(uuid=person.account.uuid).exists()
        assert not MailToken.objects.filter(account__uuid=person.account.uuid).exists()


def test_of_sixteen_removals_of_a_factor_one_is_made(by: By) -> None:
    person = Person.sign_up(by.backend).enrol().make_codes()
    remove = partial(
        admin_factors.remove,
        by=by,
        account_uuid=person.account.uuid,
        factor_uuid=UUID(str(person.factor)),
    )
    outcomes = together([remove] * THREADS)
    assert codes(outcomes) == {"ok": 1, "mfa_factor_not_found": THREADS - 1}
    assert Event.objects.filter(kind="factor_removed").count() == 1
    assert not Session.objects.exclude(verified_at=None).exists()


def test_metadata_of_both_sides_is_kept(by: By) -> None:
    person = Person.sign_up(by.backend)
    theirs = [update(by, person, user_metadata={f"s{n}": n}) for n in range(8)]
    own = [
        partial(accounts.update, me=person.me(), data={f"u{n}": n}, client=CLIENT) for n in range(8)
    ]
    assert codes(together([*theirs, *own])) == {"ok": 16}
    metadata = Account.objects.get().user_metadata
    assert {f"{side}{n}" for side in "su" for n in range(8)} <= metadata.keys()
