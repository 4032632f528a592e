"""Pages of accounts, in as many statements for a thousand as for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Q
from django.db.models.expressions import OrderBy

from lingauth.core.errors import ValidationFailed
from lingauth.models import Account, Backend, Identity, RecoverySet, TotpFactor
from lingauth.services.grants import Profile

PER_PAGE = 50
MAX_PER_PAGE = 1000
_MAX_PAGE = 10**9
_MAX_FILTER = 254
SORTED_BY = ("created_at", "updated_at", "last_sign_in_at", "email")


@dataclass(frozen=True, slots=True)
class UserPage:
    """One page, how many accounts match in all, and which page is the last."""

    profiles: Sequence[Profile]
    total: int
    number: int
    size: int

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))


def page(
    *, backend: Backend, number: str = "", size: str = "", filter: str = "", sort: str = ""
) -> UserPage:
    """A page of the backend's accounts, those softly deleted among them; newest first, unless
    ``sort`` names a column and ``asc`` or ``desc``.

    ``filter`` is a part of the address, or of ``name`` or ``full_name`` in the user's metadata. A
    page has at most 1000 accounts, whatever is asked. Empty texts are the same as none. Raises
    ValidationFailed.
    """
    at, each = _number(number, 1, "page"), min(_number(size, PER_PAGE, "per_page"), MAX_PER_PAGE)
    rows = Account.objects.filter(backend=backend)
    if filter:
        rows = rows.filter(_matching(filter))
    order = _order(sort)
    first = (at - 1) * each
    total = rows.count()
    accounts = list(rows.order_by(*order)[first : first + each]) if first < total else []
    return UserPage(_profiles(accounts), total, at, each)


def _profiles(accounts: Sequence[Account]) -> list[Profile]:
    ids = [account.pk for account in accounts]
    if not ids:
        return []
    factors: dict[int | None, list[TotpFactor]] = defaultdict(list)
    for factor in TotpFactor.objects.filter(account__in=ids).order_by("created_at", "pk"):
        factors[factor.account_id].append(factor)
    identities: dict[int, list[Identity]] = defaultdict(list)
    for identity in Identity.objects.filter(account__in=ids):
        identities[identity.account_id].append(identity)
    codes = {found.account_id: found for found in RecoverySet.objects.filter(account__in=ids)}
    return [
        Profile(account, factors[account.pk], identities[account.pk], codes.get(account.pk))
        for account in accounts
    ]


def _matching(text: str) -> Q:
    if len(text) > _MAX_FILTER or "\x00" in text:
        raise ValidationFailed("filter is a part of an address or of a name.")
    named = Q(user_metadata__full_name__icontains=text) | Q(user_metadata__name__icontains=text)
    return Q(email_key__contains=text.strip().casefold()) | named


def _order(sort: str) -> tuple[OrderBy, str]:
    name, _, way = sort.strip().replace(":", " ").partition(" ")
    name, way = name or "created_at", way.strip().lower() or "desc"
    if name not in SORTED_BY or way not in ("asc", "desc"):
        raise ValidationFailed(f"sort is one of {', '.join(SORTED_BY)}, then asc or desc.")
    column = F("email_key" if name == "email" else name)
    if way == "asc":
        return column.asc(nulls_first=True), "pk"
    return column.desc(nulls_last=True), "-pk"


def _number(text: str, default: int, name: str) -> int:
    if not text:
        return default
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0
    if not 1 <= number <= _MAX_PAGE:
        raise ValidationFailed(f"{name} is a whole number from 1.")
    return number
