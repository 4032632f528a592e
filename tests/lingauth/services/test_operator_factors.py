"""An operator's second step: its set-up, its codes, and what is written down."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from lingauth.core import clock
from lingauth.core.errors import CodeRefused, FactorExists, FactorNotFound, TooManyAttempts
from lingauth.models import GuessLimit, TotpFactor
from lingauth.services import operator_factors, qr
from lingauth.services.context import Actor
from tests.lingauth.api.people import Clock
from tests.support.acts import CLIENT, event, written
from tests.support.people import Person, new_backend
from tests.support.totp import code_for, secret_of

pytestmark = pytest.mark.django_db

ONE_ALREADY = "This operator has an authenticator already."


@pytest.fixture
def ben(moved: Clock) -> Any:
    return get_user_model()._default_manager.create_user("ben@example.com")


def set_up(user: Any) -> str:
    """The secret of an authenticator that is confirmed."""
    secret = operator_factors.enroll(user).secret
    operator_factors.confirm(user, code(secret), CLIENT)
    return secret


def code(secret: str, steps: int = 0) -> str:
    return code_for(secret, clock.now().timestamp() + 30 * steps)


def told(user: Any, kind: str, result: str = "ok", **data: Any) -> dict[str, Any]:
    actor = Actor("operator", str(user.pk), "ben@example.com")
    return event(kind, actor=actor, result=result, **data)


def test_a_set_up_is_a_secret_and_nothing_else_yet(ben: Any) -> None:
    made = operator_factors.enroll(ben)
    row = TotpFactor.objects.get()
    assert made.factor == row
    assert (row.user_id, row.account, row.backend, row.session) == (ben.pk, None, None, None)
    assert (row.name, row.confirmed, row.created_at) == ("Authenticator app", False, clock.now())
    assert (row.verified_at, row.last_used_at, row.last_step) == (None, None, None)
    assert secret_of(made.uri) == made.secret
    assert made.uri.startswith("otpauth://totp/LingAuth%20console:ben%40example.com?")
    assert "issuer=LingAuth%20console" in made.uri
    assert made.qr_svg == qr.svg(made.uri)
    assert not operator_factors.exists(ben)
    assert written() == []


def test_a_first_code_makes_it_a_factor(ben: Any) -> None:
    secret = operator_factors.enroll(ben).secret
    proven = operator_factors.confirm(ben, code(secret), CLIENT)
    row = TotpFactor.objects.get()
    assert proven.pk == row.pk
    step = int(clock.now().timestamp()) // 30
    assert (row.confirmed, row.verified_at, row.last_used_at, row.last_step) == (
        True, clock.now(), clock.now(), step,
    )  # fmt: skip
    assert operator_factors.exists(ben)
    assert operator_factors.pending(ben) is None
    assert written() == [told(ben, "operator_factor_enrolled")]


def test_a_later_code_is_a_verification(ben: Any, moved: Clock) -> None:
    secret = set_up(ben)
    GuessLimit.objects.update(failures=4)
    moved.shift(30)
    proven = operator_factors.verify(ben, code(secret), CLIENT)
    assert proven == TotpFactor.objects.get(last_used_at=clock.now())
    assert written()[1:] == [told(ben, "operator_verified")]
    guess = GuessLimit.objects.get()
    assert (guess.kind, guess.backend, guess.account, guess.failures) == ("totp", None, None, 0)
    assert guess.key == sha256(f"operators\ntotp\nuser {ben.pk}".encode()).hexdigest()


def test_a_code_of_either_of_two_will_do(ben: Any, moved: Clock) -> None:
    """As after an import of a console's own authenticators."""
    first, second = set_up(ben), b"12345678901234567890"
    other = TotpFactor(user=ben, name="Other", confirmed=True)
    other.seal(second)
    other.save()
    moved.shift(30)
    assert operator_factors.verify(ben, code_for(second), CLIENT) == other
    assert operator_factors.verify(ben, code(first), CLIENT) != other


@pytest.mark.parametrize("seconds", [599, 600])
def test_a_set_up_may_take_ten_minutes(ben: Any, moved: Clock, seconds: int) -> None:
    """NIST SP 800-63B-4, 4.1.2.2."""
    made = operator_factors.enroll(ben)
    moved.shift(seconds)
    again = operator_factors.pending(ben)
    if seconds < 600:
        assert again is not None
        assert (again.factor, again.secret, again.uri, again.qr_svg) == (
            made.factor, made.secret, made.uri, made.qr_svg,
        )  # fmt: skip
        operator_factors.confirm(ben, code(made.secret), CLIENT)
        assert operator_factors.exists(ben)
    else:
        assert again is None
        with pytest.raises(FactorNotFound) as refused:
            operator_factors.confirm(ben, code(made.secret), CLIENT)
        assert str(refused.value) == "There is no authenticator to check this code with."
        assert not operator_factors.exists(ben)
        assert (written(), GuessLimit.objects.count()) == ([], 0)


def test_a_new_set_up_replaces_the_one_before_and_nobody_elses(ben: Any) -> None:
    dan = get_user_model()._default_manager.create_user("dan@example.com")
    theirs = operator_factors.enroll(dan)
    old = operator_factors.enroll(ben)
    new = operator_factors.enroll(ben)
    assert set(TotpFactor.objects.all()) == {theirs.factor, new.factor}
    with pytest.raises(CodeRefused):
        operator_factors.confirm(ben, code(old.secret), CLIENT)
    assert operator_factors.confirm(ben, code(new.secret), CLIENT) == new.factor
    assert not operator_factors.exists(dan)


def test_what_the_same_user_has_as_an_account_is_none_of_an_operator(moved: Clock) -> None:
    """There a password alone is enough to add the first."""
    person = Person.sign_up(new_backend().backend, "ann@example.com").enrol("Phone")
    user = person.account.user
    assert not operator_factors.exists(user)
    moved.shift(30)
    with pytest.raises(FactorNotFound):
        operator_factors.verify(user, person.code(), CLIENT)
    made = operator_factors.enroll(user)
    operator_factors.confirm(user, code(made.secret), CLIENT)
    assert TotpFactor.objects.count() == 2


def test_an_operator_has_one_and_a_password_alone_adds_no_other(ben: Any) -> None:
    begun = operator_factors.enroll(ben)
    late = TotpFactor(user=ben, name="Late", confirmed=False)
    late.seal(b"12345678901234567890")
    operator_factors.confirm(ben, code(begun.secret), CLIENT)
    late.save()
    GuessLimit.objects.all().delete()
    for act in (
        lambda: operator_factors.enroll(ben),
        lambda: operator_factors.confirm(ben, code_for(b"12345678901234567890"), CLIENT),
        lambda: operator_factors.confirm(ben, "000000", CLIENT),
    ):
        before = written()
        with pytest.raises(FactorExists) as refused:
            act()
        assert str(refused.value) == ONE_ALREADY
        assert (written(), GuessLimit.objects.count()) == (before, 0), "nothing was guessed at"
    assert TotpFactor.objects.filter(confirmed=True).count() == 1
    assert TotpFactor.objects.filter(name="Late").exists()


@pytest.mark.parametrize("text", ["000000", "12345", None])
def test_a_wrong_code_is_written_down_and_paid_for(ben: Any, text: str | None) -> None:
    secret = set_up(ben)
    assert text != code(secret)
    with pytest.raises(CodeRefused):
        operator_factors.verify(ben, text, CLIENT)
    assert written()[1:] == [
        told(ben, "operator_refused", "refused", reason="mfa_verification_failed")
    ]
    assert GuessLimit.objects.get().failures == (1 if text == "000000" else 0)


def test_a_code_is_used_once(ben: Any) -> None:
    secret = set_up(ben)
    with pytest.raises(CodeRefused) as refused:
        operator_factors.verify(ben, code(secret), CLIENT)
    assert refused.value.reused
    assert written()[-1] == told(
        ben, "operator_refused", "refused", reason="mfa_verification_failed"
    )


def test_five_guesses_lock_codes_right_ones_too(ben: Any, moved: Clock) -> None:
    secret = set_up(ben)
    moved.shift(30)
    for _ in range(5):
        with pytest.raises(CodeRefused):
            operator_factors.verify(ben, "000000", CLIENT)
    with pytest.raises(TooManyAttempts) as locked:
        operator_factors.verify(ben, code(secret), CLIENT)
    assert (locked.value.retry_after, locked.value.code) == (900, "over_request_rate_limit")
    assert written()[-1] == told(
        ben, "operator_refused", "refused", reason="over_request_rate_limit"
    )
    moved.shift(900)
    operator_factors.verify(ben, code(secret), CLIENT)
