"""How an account gets its row of the host's user model."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import models
from django.utils.module_loading import import_string

from lingauth.conf import settings
from lingauth.models import Backend


def create_user(*, backend: Backend, account_uuid: UUID, email: str, password: str | None) -> Any:
    """The default ``USER_FACTORY``: a user named after the account, so that two backends' people
    never meet. Where the host's users are named by e-mail, an address under ``.invalid`` stands in.

    ``password`` is already hashed, or None for an account without one. A factory of your own takes
    the same arguments and returns a saved user.
    """
    model = get_user_model()
    name_field = model._meta.get_field(model.USERNAME_FIELD)
    name = str(account_uuid)
    if isinstance(name_field, models.EmailField):
        name = _stand_in(account_uuid, backend)
    values: dict[str, Any] = {model.USERNAME_FIELD: name}
    email_field = getattr(model, "EMAIL_FIELD", None)
    if email_field and email_field != model.USERNAME_FIELD and _may_repeat(model, email_field):
        values[email_field] = email
    user = model(**values, password=password or make_password(None))
    user.save(force_insert=True)
    return user


def make_user(*, backend: Backend, account_uuid: UUID, email: str, password: str | None) -> Any:
    """Call the configured factory."""
    factory = import_string(settings.USER_FACTORY)
    return factory(backend=backend, account_uuid=account_uuid, email=email, password=password)


def set_email(user_id: Any, email: str) -> None:
    """Keep the host user's own e-mail field in step, where it has one that is only that."""
    model = get_user_model()
    email_field = getattr(model, "EMAIL_FIELD", None)
    if email_field and email_field != model.USERNAME_FIELD and _may_repeat(model, email_field):
        model._default_manager.filter(pk=user_id).update(**{email_field: email})


def release_address(user: Any, *, account_uuid: UUID, backend: Backend, email: str) -> None:
    """Take the address from a user row that remains, also where a factory named the row by it."""
    model, stand_in = type(user), _stand_in(account_uuid, backend)
    set_email(user.pk, "")
    held = {
        name: stand_in
        for name in (model.USERNAME_FIELD, getattr(model, "EMAIL_FIELD", None))
        if name and not _may_repeat(model, name)
        if str(getattr(user, name)).casefold() == email.casefold()
    }
    if held:
        model._default_manager.filter(pk=user.pk).update(**held)


def _stand_in(account_uuid: UUID, backend: Backend) -> str:
    return f"{account_uuid}@{backend.ref}.invalid"


def _may_repeat(model: type[models.Model], name: str) -> bool:
    return not getattr(model._meta.get_field(name), "unique", False)
