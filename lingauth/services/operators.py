"""Operators: who they are, what they may see, and their sign-in."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from lingauth.core import clock, guesses
from lingauth.core import email as addresses
from lingauth.core.errors import (
    InvalidCredentials,
    TooManyAttempts,
    ValidationFailed,
)
from lingauth.models import Account, Backend, GuessLimit, Operator, Session, TotpFactor
from lingauth.services import events, limits, passwords
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.events import Kind


@dataclass(frozen=True, slots=True)
class NewOperator:
    """An operator, and the password if one was made: shown once, stored as a hash."""

    operator: Operator
    password: str | None


def create(
    *,
    email: str,
    backend: Backend,
    role: str,
    password: str | None = None,
    reset: bool = False,
    actor: Actor | None = None,
) -> NewOperator:
    """Give somebody a role on a backend, making their user if there is none.

    A new user gets ``password`` or a random one. An existing one keeps theirs, unless ``reset``:
    then they get a new password and lose their authenticator, for who is locked out. Raises
    ValidationFailed for a bad address or role.
    """
    if role not in Operator.Role.values:
        raise ValidationFailed(f"A role is one of: {', '.join(Operator.Role.values)}.")
    actor = actor or Actor.system("command line")
    user = find_user(email)
    made = None
    if user is None or reset:
        made = password or token_urlsafe(12)
    with transaction.atomic(durable=True):
        if user is None:
            user = _new_user(email, str(made))
        elif made is not None:
            user.set_password(passwords.normalise(made))
            user.save(update_fields=["password"])
            TotpFactor.objects.filter(user=user, account=None).delete()
            _forget_guesses(user, email)
            _end_sessions(user)
            _record(Kind.OPERATOR_PASSWORD_RESET, actor, ClientInfo())
        operator, _ = Operator.objects.update_or_create(
            user=user, backend=backend, defaults={"role": role}
        )
        _record(
            Kind.OPERATOR_ADDED,
            actor,
            ClientInfo(),
            backend=backend,
            data={"role": role, "operator": str(user.pk)},
        )
    return NewOperator(operator, made if password is None else None)


def sign_in(*, email: str, password: str, client: ClientInfo) -> Any:
    """The operator with that address and password, who still has to give a code.

    Raises InvalidCredentials, the same for an unknown address, a wrong password and a user without
    any role, and TooManyAttempts while the address is locked.
    """
    now = clock.now()
    try:
        key = addresses.normalise(email)
        text = passwords.normalise(password)
    except ValidationFailed:
        raise InvalidCredentials from None
    try:
        with passwords.turn():
            guess = limits.claim(guesses.PASSWORD, subject=key, backend=None, account=None, now=now)
            user = find_user(email)
            right = passwords.matches(user, text)
    except TooManyAttempts:
        _failed(client, "locked")
        raise
    if user is None or not right or not user.is_active:
        _failed(client, "wrong_password")
        raise InvalidCredentials
    if not Operator.objects.filter(user=user).exists():
        _failed(client, "no_role")
        raise InvalidCredentials
    with transaction.atomic(durable=True):
        guess.release(now)
        _record(Kind.OPERATOR_SIGNED_IN, Actor.operator(user), client)
    return user


def sign_out(*, user: Any, client: ClientInfo) -> None:
    """Write down that an operator left. The session itself is the console's to end."""
    _record(Kind.OPERATOR_SIGNED_OUT, Actor.operator(user), client)


def backends_of(user: Any) -> list[tuple[Backend, str]]:
    """The backends an operator may see, by name, with the role on each."""
    rows = Operator.objects.filter(user=user).select_related("backend")
    return [(row.backend, row.role) for row in rows.order_by("backend__name", "backend__ref")]


def role_on(user: Any, backend: Backend) -> str | None:
    """The operator's role on a backend; None for a stranger."""
    return (
        Operator.objects.filter(user=user, backend=backend).values_list("role", flat=True).first()
    )


def guess_keys() -> list[str]:
    """The keys of the operators' own counters of wrong passwords."""
    name = get_user_model().USERNAME_FIELD
    keys = []
    for email in Operator.objects.values_list(f"user__{name}", flat=True).distinct():
        with suppress(ValidationFailed):  # who has no address cannot sign in
            subject = addresses.normalise(email)
            keys.append(limits.key_of(guesses.PASSWORD, subject, None))
    return keys


def find_user(email: str) -> Any:
    """The host user an operator's address names, or None. Never an account's own user row.

    Raises ValidationFailed for what is no address.
    """
    addresses.normalise(email)
    model = get_user_model()
    matches = {f"{model.USERNAME_FIELD}__iexact": email}
    return model._default_manager.filter(**matches).first()


def _new_user(email: str, password: str) -> Any:
    model = get_user_model()
    values = {model.USERNAME_FIELD: email}
    email_field = getattr(model, "EMAIL_FIELD", None)
    if email_field and email_field != model.USERNAME_FIELD:
        values[email_field] = email
    user = model(**values)
    user.set_password(passwords.normalise(password))
    user.save(force_insert=True)
    return user


def _end_sessions(user: Any) -> None:
    """The password may be an account's as well: a new one leaves none of its sessions open."""
    now = clock.now()
    Account.objects.filter(user=user).update(password_changed_at=now)
    Session.objects.filter(account__user=user).end(now=now, reason="password_changed")


def _forget_guesses(user: Any, email: str) -> None:
    """A reset also opens what wrong guesses have locked, which nothing else would open."""
    locked = ((guesses.PASSWORD, addresses.normalise(email)), (guesses.TOTP, f"user {user.pk}"))
    for rule, subject in locked:
        GuessLimit.objects.release(limits.key_of(rule, subject, None), now=clock.now())


def _failed(client: ClientInfo, reason: str) -> None:
    events.record(
        Kind.OPERATOR_SIGN_IN_FAILED,
        backend_id=None,
        client=client,
        result="refused",
        data={"reason": reason},
    )


def _record(
    kind: Kind,
    actor: Actor,
    client: ClientInfo,
    *,
    backend: Backend | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    events.record(
        kind,
        backend_id=backend.pk if backend else None,
        client=client,
        actor=actor,
        data=data,
    )
