"""Deleting an account: for good, or so that its name remains and nothing else."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, RestrictedError

from lingauth.core import clock
from lingauth.core.errors import Conflict, Unavailable
from lingauth.models import Account, Identity, RecoverySet, TotpFactor
from lingauth.services import endings, users
from lingauth.services.admin import finding
from lingauth.services.admin.by import By
from lingauth.services.events import Kind

KEPT = "This site keeps something that belongs to this user."
_TRIES = 3


def delete(*, by: By, account_uuid: UUID, soft: bool = False) -> None:
    """Delete an account with its sessions, factors, codes, identities and mailed links.

    For good, its user row goes too, and with that whatever the host keeps of the user. A user row
    that was there before the account (``adopted``) stays, and so does that of somebody who runs the
    site. With ``soft`` the account stays under its id, marked and emptied; its address is free, and
    a user row that would stay is not touched.
    What was softly deleted can be deleted for good, and softly again without effect.

    Raises AccountNotFound; Conflict if the host protects rows that belong to the user.
    """
    act = _soften if soft else _remove
    for _ in range(_TRIES):
        account = finding.find(backend=by.backend, account_uuid=account_uuid)
        try:
            with transaction.atomic(durable=True):
                act(by, finding.take(backend=by.backend, account=account, deleted=True))
        except (ProtectedError, RestrictedError):
            raise Conflict(KEPT) from None
        except IntegrityError:  # something of the account was written meanwhile: that goes as well
            continue
        return
    raise Unavailable


def _remove(by: By, account: Account) -> None:
    keeps_user = _is_more(account)
    _strip(account, clock.now())
    by.record(Kind.ACCOUNT_DELETED, account, soft=False, user_kept=keeps_user)
    if keeps_user:
        account.delete()
    else:
        account.user.delete()


def _soften(by: By, account: Account) -> None:
    if account.deleted_at is not None:
        return
    now = clock.now()
    _strip(account, now)
    Identity.objects.filter(account=account).delete()
    Account.objects.filter(pk=account.pk).update(
        email="",
        email_key=str(account.uuid),
        user_metadata={},
        app_metadata={},
        deleted_at=now,
        updated_at=now,
    )
    if not _is_more(account):
        rows = get_user_model()._default_manager.filter(pk=account.user_id)
        rows.update(password=make_password(None))
        users.release_address(
            account.user,
            account_uuid=account.uuid,
            backend=by.backend,
            email=account.email,
        )
    by.record(Kind.ACCOUNT_DELETED, account, soft=True)


def _is_more(account: Account) -> bool:
    """Whether the user is more than this account, so that it is not a backend's to end."""
    return account.adopted or finding.is_staff(account)


def _strip(account: Account, now: datetime) -> None:
    """End whatever opens the account, in the order in which everybody takes these locks."""
    RecoverySet.objects.filter(account=account).delete()
    TotpFactor.objects.filter(account=account).delete()
    endings.end_all(account, now=now, reason="deleted")
