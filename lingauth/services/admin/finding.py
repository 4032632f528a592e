"""The account that an admin call names. One of another backend is as unknown as one of none."""

from __future__ import annotations

from uuid import UUID

from lingauth.core import email as addresses
from lingauth.core.errors import AccountNotFound, NotAdmin
from lingauth.models import Account, Backend, Operator


def find(*, backend: Backend, account_uuid: UUID) -> Account:
    """The account with its user row, deleted ones too. Raises AccountNotFound."""
    rows = Account.objects.filter(backend=backend, uuid=account_uuid)
    return _known(rows.select_related("user").first(), backend)


def take(*, backend: Backend, account: Account, deleted: bool = False) -> Account:
    """Wait for one's turn and read the account anew. For the start of a transaction.

    Raises AccountNotFound if it is gone, or was marked as deleted and those do not count.
    """
    Account.objects.hold(account.pk)
    fresh = find(backend=backend, account_uuid=account.uuid)
    if fresh.deleted_at is not None and not deleted:
        raise AccountNotFound
    return fresh


def by_email(*, backend: Backend, email: object) -> Account | None:
    """The account with that address, or None. Raises ValidationFailed for what is no address."""
    key = addresses.normalise(email)
    rows = Account.objects.filter(backend=backend, email_key=key)
    account = rows.select_related("user").first()
    return None if account is None else _known(account, backend)


def must_not_be_staff(account: Account) -> None:
    """Keep a backend's servers from becoming somebody who runs the site.

    An adopted account's password opens the host's own sign-in as well, and who gives it an address
    or makes it a link can set one. Raises NotAdmin for staff, superusers and operators.
    """
    if is_staff(account):
        raise NotAdmin("This account belongs to somebody who runs the site.")


def is_staff(account: Account) -> bool:
    """Whether the account's user may do more at this site than an account may."""
    user = account.user
    marked = getattr(user, "is_staff", False) or getattr(user, "is_superuser", False)
    return bool(marked) or Operator.objects.filter(user=user).exists()


def _known(account: Account | None, backend: Backend) -> Account:
    if account is None:
        raise AccountNotFound
    account.backend = backend
    return account
