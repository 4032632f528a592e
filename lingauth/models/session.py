"""A session: one sign-in on one device, which is one refresh family."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_bytes
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, models
from django.db.models import F

from lingauth.core import assurance, clock
from lingauth.core.assurance import Level
from lingauth.models.account import Account
from lingauth.models.backend import Backend

_ADVANCE = """
UPDATE lingauth_session SET
    generation = generation + 1,
    retry_digest = %s,
    advanced_at = %s,
    advanced_by = %s,
    refreshed_at = %s,
    verified_at = CASE WHEN %s THEN NULL ELSE verified_at END
WHERE id = %s AND generation = %s AND ended_at IS NULL
"""


def new_secret() -> bytes:
    """32 random bytes: this family's half of the key its tokens are made with."""
    return token_bytes(32)


class SessionQuerySet(models.QuerySet["Session"]):
    """The guarded steps of a family. Each guard uses only columns of the row itself: a joined guard
    is not looked at again after a lock wait on PostgreSQL."""

    def alive(self, now: datetime, backend: Backend) -> SessionQuerySet:
        """The backend's open sessions: not ended, nor past their absolute life, nor left idle."""
        rows = self.filter(backend=backend, ended_at=None, expires_at__gt=now)
        if idle := backend.session_max_idle:
            rows = rows.filter(refreshed_at__gt=now - timedelta(seconds=idle))
        return rows

    def advance(
        self, session: Session, *, now: datetime, retry_digest: bytes | None, drop_aal2: bool
    ) -> bool:
        """Rotate: claim the generation after the one that was read. False: somebody else did.

        Written out, because every refresh does it and Django would compile it anew each time.
        """
        at = connection.ops.adapt_datetimefield_value(now)
        key = Session._meta.pk.get_db_prep_value(session.pk, connection)
        values = (retry_digest, at, Session.Step.REFRESH.value, at, drop_aal2)
        with connection.cursor() as cursor:
            cursor.execute(_ADVANCE, (*values, key, session.generation))
            return bool(cursor.rowcount == 1)

    def elevate(
        self,
        session: Session,
        *,
        now: datetime,
        methods: list[dict[str, Any]],
        retry_digest: bytes | None,
    ) -> bool:
        """Raise to ``aal2`` once: claim the next generation and the next elevation together.

        Without a ``retry_digest`` that of the last refresh stays: its answer may be on its way.
        """
        key: dict[str, Any] = {"retry_digest": retry_digest} if retry_digest else {}
        return bool(
            self.filter(
                pk=session.pk,
                generation=session.generation,
                elevations=session.elevations,
                ended_at=None,
            ).update(
                generation=F("generation") + 1,
                elevations=F("elevations") + 1,
                advanced_at=now,
                advanced_by=Session.Step.VERIFICATION,
                refreshed_at=now,
                verified_at=now,
                methods=methods,
                **key,
            )
        )

    def touch(self, session: Session, *, now: datetime, drop_aal2: bool) -> bool:
        """Note a sign of life of a page session, dropping an ``aal2`` whose limits were passed."""
        level: dict[str, Any] = {"verified_at": None} if drop_aal2 else {}
        return bool(
            self.filter(pk=session.pk, elevations=session.elevations, ended_at=None).update(
                refreshed_at=now, **level
            )
        )

    def prolong(self, session_id: UUID, *, until: datetime) -> bool:
        """Let a session that was to be short last longer. False: it was ended."""
        return bool(self.filter(pk=session_id, ended_at=None).update(expires_at=until))

    def end(self, *, now: datetime, reason: str) -> int:
        """End these sessions for good. Says how many were still open."""
        return self.filter(ended_at=None).update(ended_at=now, end_reason=reason)

    def lower(self) -> int:
        """Take ``aal2`` from these sessions at once, without signing anybody out."""
        return self.filter(ended_at=None).exclude(verified_at=None).update(verified_at=None)


class Session(models.Model):
    """One sign-in on one device. The level in a token is a hint; this row is the truth."""

    NEWER_LOGIN = "newer_login"
    """The ``end_reason`` of a session that a later sign-in of its account ended."""

    class Step(models.TextChoices):
        """What made the current generation."""

        SIGN_IN = "sign_in"
        REFRESH = "refresh"
        VERIFICATION = "verification"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    backend = models.ForeignKey(Backend, on_delete=models.CASCADE, related_name="sessions")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sessions")
    secret = models.BinaryField(default=new_secret)
    generation = models.PositiveBigIntegerField(default=1)
    retry_digest = models.BinaryField(null=True)
    advanced_at = models.DateTimeField(default=clock.now)
    advanced_by = models.CharField(max_length=12, choices=Step, default=Step.SIGN_IN)
    elevations = models.PositiveIntegerField(default=0)
    verified_at = models.DateTimeField(null=True)
    methods = models.JSONField(default=list)
    created_at = models.DateTimeField(default=clock.now)
    refreshed_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=40, blank=True)
    user_agent = models.CharField(max_length=256, blank=True)
    ip = models.GenericIPAddressField(null=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(
                fields=("account", "-created_at"),
                condition=models.Q(ended_at=None),
                name="lingauth_session_open",
            ),
            models.Index(fields=("expires_at",), name="lingauth_session_expiry"),
        )

    def __str__(self) -> str:
        return str(self.pk)

    def level(self, now: datetime) -> Level:
        """What this session has proven, as of ``now``."""
        return assurance.level(self.verified_at, self.refreshed_at, self.backend.limits, now)

    def aal2_ends_at(self) -> datetime | None:
        """When its ``aal2`` ends if nothing happens; None if it has none."""
        return assurance.aal2_ends_at(self.verified_at, self.refreshed_at, self.backend.limits)

    def amr(self, now: datetime) -> list[dict[str, Any]]:
        """The methods that count, newest first: a second factor only while ``aal2`` lasts."""
        return self.methods if self.level(now) is Level.AAL2 else first_methods(self.methods)

    def digest_of_retry(self, idempotency_key: str | None) -> bytes | None:
        """What is kept of a client's key: only this family can recognise it."""
        if not idempotency_key:
            return None
        return hmac.digest(bytes(self.secret), idempotency_key.encode(), sha256)

    def is_alive(self, now: datetime) -> bool:
        """Neither ended nor past its absolute life, nor left idle for too long."""
        return self.ended_at is None and now < self.expires_at and not self.is_idle(now)

    def is_idle(self, now: datetime) -> bool:
        """Whether its last sign of life is as old as the backend allows, or older."""
        idle = self.backend.session_max_idle
        return bool(idle) and now - self.refreshed_at >= timedelta(seconds=idle)

    def is_fresh(self, now: datetime, *, has_factor: bool) -> bool:
        """Whether a proof as strong as the account can give lies within ten minutes."""
        if has_factor:
            return self.level(now) is Level.AAL2 and assurance.is_fresh(self.verified_at, now)
        return assurance.is_fresh(self.created_at, now)


def first_methods(methods: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The methods without those of a second factor: what remains when ``aal2`` ends."""
    return [m for m in methods if not assurance.Method(m["method"]).is_second]


def life(backend: Backend, now: datetime) -> datetime:
    """When a session begun now ends, whatever happens in between."""
    return now + timedelta(seconds=backend.session_max_age)
