"""Operators: who they are, and how they prove it. The console's half of sign-in."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from lingauth.core import clock, guesses, totp
from lingauth.core import email as addresses
from lingauth.core.errors import (
    CodeRefused,
    DomainError,
    FactorExists,
    FactorNotFound,
    InvalidCredentials,
    TooManyAttempts,
    ValidationFailed,
)
from lingauth.models import Backend, GuessLimit, Operator, TotpFactor
from lingauth.services import codes, events, limits, passwords, qr
from lingauth.services.context import Actor, ClientInfo
from lingauth.services.events import Kind
from lingauth.services.factors import PENDING_FOR, Enrollment

ISSUER = "LingAuth console"


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
    addresses.normalise(email)
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
            _record(Kind.OPERATOR_PASSWORD_RESET, user, ClientInfo(), actor=actor)
        operator, _ = Operator.objects.update_or_create(
            user=user, backend=backend, defaults={"role": role}
        )
        _record(
            Kind.OPERATOR_ADDED,
            user,
            ClientInfo(),
            actor=actor,
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
        guess = limits.claim(guesses.PASSWORD, subject=key, backend=None, account=None, now=now)
    except TooManyAttempts:
        _failed(client, "locked")
        raise
    user = find_user(email)
    right = passwords.matches(user, text)
    if user is None or not right or not getattr(user, "is_active", True):
        _failed(client, "wrong_password")
        raise InvalidCredentials
    if not Operator.objects.filter(user=user).exists():
        _failed(client, "no_role")
        raise InvalidCredentials
    with transaction.atomic(durable=True):
        guess.release(now)
        _record(Kind.OPERATOR_SIGNED_IN, user, client)
    return user


def has_factor(user: Any) -> bool:
    """Whether the operator has set up their own second step."""
    return bool(_own(user).verified().exists())


def enroll_factor(user: Any) -> Enrollment:
    """Begin an operator's set-up, replacing an unfinished one. Raises FactorExists after the first:
    an operator who lost theirs is reset on the command line, never by a password alone."""
    if has_factor(user):
        raise FactorExists("This operator has an authenticator already.")
    factor = TotpFactor(user=user, name="Authenticator app", confirmed=False)
    secret = totp.new_secret()
    factor.seal(secret)
    with transaction.atomic(durable=True):
        _hold(user)
        _pending(user).delete()
        factor.save(force_insert=True)
    return _enrollment(factor, secret)


def pending_factor(user: Any) -> Enrollment | None:
    """The operator's unfinished set-up with the same secret, for a page that is loaded again."""
    factor = _pending(user).filter(created_at__gt=clock.now() - PENDING_FOR).first()
    return _enrollment(factor, factor.open_secret()) if factor is not None else None


def confirm_factor(user: Any, code: object, client: ClientInfo) -> TotpFactor:
    """Finish the set-up with a first code. Raises FactorNotFound, CodeRefused, TooManyAttempts."""
    if has_factor(user):
        raise FactorExists("This operator has an authenticator already.")
    fresh = _pending(user).filter(created_at__gt=clock.now() - PENDING_FOR)
    return _prove(user, list(fresh), code, client, Kind.OPERATOR_FACTOR_ENROLLED)


def verify_code(user: Any, code: object, client: ClientInfo) -> TotpFactor:
    """Accept a code of one of the operator's authenticators. Raises as ``confirm_factor`` does."""
    factors = list(_own(user).verified())
    return _prove(user, factors, code, client, Kind.OPERATOR_VERIFIED)


def backends_of(user: Any) -> list[tuple[Backend, str]]:
    """The backends an operator may see, by name, with the role on each."""
    rows = Operator.objects.filter(user=user).select_related("backend")
    return [(row.backend, row.role) for row in rows.order_by("backend__name", "backend__ref")]


def role_on(user: Any, backend: Backend) -> str | None:
    """The operator's role on a backend; None for a stranger."""
    return (
        Operator.objects.filter(user=user, backend=backend).values_list("role", flat=True).first()
    )


def find_user(email: str) -> Any:
    """The host user an operator's address names, or None. Never an account's own user row."""
    model = get_user_model()
    matches = {f"{model.USERNAME_FIELD}__iexact": email.strip()}
    return model._default_manager.filter(**matches).first()


def _new_user(email: str, password: str) -> Any:
    model = get_user_model()
    values = {model.USERNAME_FIELD: email.strip()}
    email_field = getattr(model, "EMAIL_FIELD", None)
    if email_field and email_field != model.USERNAME_FIELD:
        values[email_field] = email.strip()
    user = model(**values)
    user.set_password(passwords.normalise(password))
    user.save(force_insert=True)
    return user


def _own(user: Any) -> Any:
    """The operator's authenticators. One that the same user set up as an account of a backend is
    not among them: there a password alone is enough to add the first."""
    return TotpFactor.objects.filter(user=user, account=None)


def _pending(user: Any) -> Any:
    return _own(user).filter(confirmed=False)


def _forget_guesses(user: Any, email: str) -> None:
    """A reset also opens what wrong guesses have locked, which nothing else would open."""
    locked = ((guesses.PASSWORD, addresses.normalise(email)), (guesses.TOTP, f"user {user.pk}"))
    for rule, subject in locked:
        GuessLimit.objects.release(limits.key_of(rule, subject, None), now=clock.now())


def _hold(user: Any) -> None:
    """One set-up of an operator at a time, until the caller's transaction ends."""
    # Not type(user): a request's user is a lazy object.
    users = get_user_model()._default_manager
    list(users.select_for_update().filter(pk=user.pk).values_list("pk"))


def _prove(
    user: Any, factors: list[TotpFactor], code: object, client: ClientInfo, kind: Kind
) -> TotpFactor:
    if not factors:
        raise FactorNotFound("There is no authenticator to check this code with.")
    now = clock.now()
    try:
        verdict = codes.judge(
            code, factors=factors, user_id=user.pk, backend=None, account=None, now=now
        )
        if not isinstance(verdict, codes.Match):
            raise verdict[1]
        with transaction.atomic(durable=True):
            if not verdict.factor.confirmed:
                _hold(user)
                if has_factor(user):
                    raise FactorExists("This operator has an authenticator already.")
            verdict.burn(now)
            _record(kind, user, client)
    except (CodeRefused, TooManyAttempts) as refusal:
        _record(Kind.OPERATOR_REFUSED, user, client, result="refused", reason=refusal)
        raise
    return verdict.factor


def _enrollment(factor: TotpFactor, secret: bytes) -> Enrollment:
    name = factor.user.get_username()
    uri = totp.provisioning_uri(secret, account=name, issuer=ISSUER)
    return Enrollment(factor, totp.as_base32(secret), uri, qr.svg(uri))


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
    user: Any,
    client: ClientInfo,
    *,
    actor: Actor | None = None,
    backend: Backend | None = None,
    result: str = "ok",
    reason: DomainError | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    events.record(
        kind,
        backend_id=backend.pk if backend else None,
        client=client,
        actor=actor or Actor.operator(user),
        result=result,
        data=(data or {}) | ({"reason": reason.code} if reason else {}),
    )
