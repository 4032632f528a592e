"""Who is calling: ``request.auth`` and ``request.user`` of every view behind our authentication."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model

from lingauth.core import clock
from lingauth.core.assurance import Level
from lingauth.models import ApiKey, Backend
from lingauth.services.access import Access, SignedIn

ANON, AUTHENTICATED, SERVICE = "anon", "authenticated", "service_role"


@dataclass(frozen=True, slots=True)
class Principal:
    """A request's caller. ``role`` is ``anon``, ``authenticated`` or ``service_role``; what follows
    it is None, or empty, unless somebody is signed in."""

    backend: Backend = field(repr=False)
    role: str
    account_id: UUID | None = None
    session_id: UUID | None = None
    level: Level | None = None
    methods: tuple[str, ...] = ()
    me: SignedIn | None = field(default=None, repr=False)

    @classmethod
    def of_session(cls, me: SignedIn) -> Principal:
        now = clock.now()
        return cls(
            backend=me.backend,
            role=AUTHENTICATED,
            account_id=me.account.uuid,
            session_id=me.session.pk,
            level=me.level(now),
            methods=tuple(proof["method"] for proof in me.session.amr(now)),
            me=me,
        )

    @classmethod
    def of_key(cls, access: Access) -> Principal:
        service = access.key is not None and access.key.role == ApiKey.Role.SERVICE
        return cls(backend=access.backend, role=SERVICE if service else ANON)


def lazy_user(me: SignedIn) -> Any:
    """The host's user, without reading it: the row is fetched when a field of it is first used."""
    model = get_user_model()
    primary = model._meta.pk.attname
    return model.from_db(model._default_manager.db, [primary], [me.account.user_id])
