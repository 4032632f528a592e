"""Which kinds of foreign password hashes a backend has, so that refusals cost the same for all.

A wrong password for an account with an old hash takes that hash's time. As long as a backend has
such accounts, every refused sign-in is made to take it: the kind and cost are kept as a hash of
nothing, at most one of each algorithm, the costliest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.db import transaction

from lingauth.models import Backend

_BCRYPT = re.compile(r"(bcrypt\$\$2b\$(\d\d)\$).{53}")
_ARGON2 = re.compile(r"(argon2\$argon2\w+\$v=\d+\$m=(\d+),t=(\d+),p=\d+\$)([^$]+)\$([^$]+)")
_FIREBASE = re.compile(r"(fbscrypt\$(\d+),(\d+),(\d+)\$)([^$]*)\$(.*)")


def kind_of(stored: str) -> str:
    """A hash with the costs of this one and the salt and digest of none; empty for a hash of
    Django's own kinds. ``lingauth.services.imported_hashes`` says how they are stored."""
    if found := _BCRYPT.fullmatch(stored):
        return found[1] + "." * 53
    if found := _ARGON2.fullmatch(stored):
        return f"{found[1]}{'A' * len(found[4])}${'A' * len(found[5])}"
    if found := _FIREBASE.fullmatch(stored):
        return f"{found[1]}AAAA$"
    return ""


def note(backend: Backend, stored: Iterable[str]) -> None:
    """Remember the kinds of these hashes, before the accounts have them."""
    kinds = {kind for hash in stored if (kind := kind_of(hash))}
    if kinds <= set(backend.old_hashes):
        return
    with transaction.atomic():
        row = Backend.objects.select_for_update().get(pk=backend.pk)
        dearest = {_algorithm(kind): kind for kind in sorted({*row.old_hashes, *kinds}, key=_cost)}
        backend.old_hashes = sorted(dearest.values())
        Backend.objects.filter(pk=backend.pk).update(old_hashes=backend.old_hashes)


def forget() -> int:
    """Let go of the kinds that no account has any more. Says how many."""
    users = get_user_model()._default_manager
    gone = 0
    for backend in Backend.objects.exclude(old_hashes=[]):
        left = []
        for kind in backend.old_hashes:
            # Argon2 is our own as well: there, only the same costs are the old ones.
            costs = _ARGON2.fullmatch(kind)
            start = costs[1] if costs else f"{_algorithm(kind)}$"
            mine = users.filter(lingauth_account__backend=backend)
            if mine.filter(password__startswith=start).exists():
                left.append(kind)
        gone += len(backend.old_hashes) - len(left)
        Backend.objects.filter(pk=backend.pk, old_hashes=backend.old_hashes).update(old_hashes=left)
    return gone


def _algorithm(kind: str) -> str:
    return kind.partition("$")[0]


def _cost(kind: str) -> int:
    """Something that grows with the time; compared within one algorithm only."""
    if found := _BCRYPT.fullmatch(kind):
        return int(found[2])
    if found := _ARGON2.fullmatch(kind):
        return int(found[2]) * int(found[3])
    found = _FIREBASE.fullmatch(kind)
    return (int(found[3]) * int(found[4])) << int(found[2]) if found else 0
