"""A flow: a way in that leaves the app and comes back to it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.db import models

from lingauth.core import clock
from lingauth.models.account import Account
from lingauth.models.backend import Backend


class FlowQuerySet(models.QuerySet["Flow"]):
    """The single steps of a flow, each taken once."""

    def claim_browser(self, flow_id: UUID, *, digest: str) -> bool:
        """Bind the flow to the one browser that goes on with it. False: another one does."""
        mine = self.filter(pk=flow_id, answered_at=None)
        return bool(
            mine.filter(browser_digest="").update(browser_digest=digest)
            or mine.filter(browser_digest=digest).exists()
        )

    def claim_callback(self, flow_id: UUID, *, now: datetime) -> bool:
        """Take the provider's one answer. False: it was taken, or the flow is too old."""
        return bool(
            self.filter(pk=flow_id, answered_at=None, expires_at__gt=now).update(answered_at=now)
        )

    def lend(self, flow_id: UUID, *, session_id: UUID) -> bool:
        """Give the flow a session to go on with. False: it has one."""
        return bool(self.filter(pk=flow_id, session_id=None).update(session_id=session_id))

    def issue(
        self,
        flow_id: UUID,
        *,
        account: Account,
        method: str,
        code_digest: str,
        code_expires_at: datetime,
    ) -> bool:
        """Give the flow its account and its one code. False: it has them already."""
        return bool(
            self.filter(pk=flow_id, code_digest=None).update(
                account=account,
                method=method,
                code_digest=code_digest,
                code_expires_at=code_expires_at,
            )
        )

    def consume(self, flow_id: UUID, *, session_id: UUID, now: datetime) -> bool:
        """Spend the code for this session; what was kept for it goes. False: it was spent, or is
        too old."""
        return bool(
            self.filter(pk=flow_id, used_at=None, code_expires_at__gt=now).update(
                used_at=now, session_id=session_id, private=None
            )
        )


class Flow(models.Model):
    """Begun by the app, perhaps with a PKCE challenge (RFC 7636), finished by a one-time code.

    ``provider`` is ``email`` for the flows by mail, ``step_up`` for a second step at our own pages:
    ``link_session_id`` is then the session that asks, and ``session_id`` the one that is raised
    there. What is stored of the code is a digest, of the
    browser's cookie too; a provider's tokens are encrypted until the code is spent.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    backend = models.ForeignKey(Backend, on_delete=models.CASCADE, related_name="flows")
    provider = models.CharField(max_length=40)
    challenge = models.CharField(max_length=128, blank=True)
    challenge_method = models.CharField(max_length=5, blank=True)
    redirect_to = models.TextField(blank=True)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()

    link_to = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="+")
    link_session_id = models.UUIDField(null=True)
    browser_digest = models.CharField(max_length=64, blank=True)
    private = models.BinaryField(null=True)
    answered_at = models.DateTimeField(null=True)

    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, related_name="+")
    method = models.CharField(max_length=20, blank=True)
    code_digest = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 - unique
    code_expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    session_id = models.UUIDField(null=True)

    objects = FlowQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=("expires_at",), name="lingauth_flow_expiry"),)

    def __str__(self) -> str:
        return str(self.pk)
