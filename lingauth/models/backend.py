"""A backend: a tenant with its settings and its policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F

from lingauth.core import clock
from lingauth.core.assurance import Limits
from lingauth.core.gate import MfaMode, Policy


class BackendQuerySet(models.QuerySet["Backend"]):
    """Guarded changes of a backend's policy and key ring."""

    def change_settings(
        self, backend_id: int, *, expected_version: int, values: Mapping[str, Any]
    ) -> bool:
        """Set ``values`` if nobody changed the policy since ``expected_version``."""
        return bool(
            self.filter(pk=backend_id, policy_version=expected_version).update(
                **values, policy_version=expected_version + 1
            )
        )

    def announce_keys(self, backend_id: int) -> None:
        """Make every process read the signing keys again at its next request."""
        self.filter(pk=backend_id).update(keys_version=F("keys_version") + 1)


class Backend(models.Model):
    """A tenant. Times are whole seconds; where 0 is allowed, it means "no such limit".

    ``site_url`` is where links return to unless they name another place; empty means our own pages.
    ``redirect_urls`` are the patterns of the other places. ``one_step_links``: opening a mailed
    link spends it at once, as the contract has it; mail scanners then spend it too.
    ``old_hashes`` are kinds of password hashes that accounts brought along, each as a hash of
    nothing: a refused sign-in costs as much as one of each, so that its time tells nobody apart.
    """

    class Mode(models.TextChoices):
        OPTIONAL = MfaMode.OPTIONAL.value, "Optional"
        OBSERVE = MfaMode.OBSERVE.value, "Observe"
        REQUIRED = MfaMode.REQUIRED.value, "Required"

    ref = models.CharField(
        max_length=40,
        unique=True,
        validators=[RegexValidator(r"\A[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\Z")],
    )
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    auto_confirm = models.BooleanField(default=False)
    signup_enabled = models.BooleanField(default=True)
    password_min_length = models.PositiveSmallIntegerField(
        default=8, validators=[MinValueValidator(8), MaxValueValidator(64)]
    )
    access_token_ttl = models.PositiveIntegerField(
        default=300, validators=[MinValueValidator(120), MaxValueValidator(3600)]
    )
    token_claims = models.JSONField(default=list, blank=True)
    refresh_reuse_grace = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(60)])
    session_max_age = models.PositiveIntegerField(
        default=30 * 86400, validators=[MinValueValidator(3600), MaxValueValidator(30 * 86400)]
    )
    aal2_max_age = models.PositiveIntegerField(
        default=86400, validators=[MinValueValidator(300), MaxValueValidator(30 * 86400)]
    )
    aal2_max_idle = models.PositiveIntegerField(
        default=3600, validators=[MinValueValidator(300), MaxValueValidator(30 * 86400)]
    )

    site_url = models.CharField(max_length=500, blank=True)
    redirect_urls = models.JSONField(default=list, blank=True)
    one_step_links = models.BooleanField(default=False)
    mail_sign_in_enabled = models.BooleanField(default=True)
    anonymous_enabled = models.BooleanField(default=False)
    manual_linking_enabled = models.BooleanField(default=True)
    secure_email_change = models.BooleanField(default=True)
    mail_cooldown = models.PositiveIntegerField(default=60, validators=[MaxValueValidator(3600)])
    mails_per_hour = models.PositiveIntegerField(
        default=5, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    single_session = models.BooleanField(default=False)
    session_max_idle = models.PositiveIntegerField(
        default=0, validators=[MaxValueValidator(30 * 86400)]
    )
    old_hashes = models.JSONField(default=list, blank=True, editable=False)

    mfa_mode = models.CharField(max_length=8, choices=Mode, default=Mode.OPTIONAL)
    mfa_starts_at = models.DateTimeField(null=True, blank=True)
    mfa_grace = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(90 * 86400)])
    mfa_grace_from = models.DateTimeField(null=True, editable=False)
    policy_version = models.PositiveIntegerField(default=1, editable=False)
    keys_version = models.PositiveIntegerField(default=1, editable=False)

    objects = BackendQuerySet.as_manager()

    class Meta:
        ordering = ("name", "ref")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(mfa_mode__in=[mode.value for mode in MfaMode]),
                name="lingauth_backend_mfa_mode_known",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def policy(self) -> Policy:
        """The rule the gate applies."""
        return Policy(
            mode=MfaMode(self.mfa_mode),
            starts_at=self.mfa_starts_at,
            grace=timedelta(seconds=self.mfa_grace),
            grace_from=self.mfa_grace_from,
            version=self.policy_version,
        )

    @property
    def limits(self) -> Limits:
        """How long ``aal2`` lasts here."""
        return Limits(
            max_age=timedelta(seconds=self.aal2_max_age),
            max_idle=timedelta(seconds=self.aal2_max_idle),
        )


class PolicyVersion(models.Model):
    """One change of a backend's settings: who, when, before and after. Never edited."""

    backend = models.ForeignKey(Backend, on_delete=models.CASCADE, related_name="policy_versions")
    version = models.PositiveIntegerField()
    at = models.DateTimeField(default=clock.now)
    actor_label = models.CharField(max_length=254)
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        ordering = ("-version",)
        constraints = (
            models.UniqueConstraint(
                fields=("backend", "version"), name="lingauth_policyversion_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.backend_id} v{self.version}"
