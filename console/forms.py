"""The console's own forms: they check shape, the services decide."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms

from lingauth.core.clock import now
from lingauth.core.gate import MfaMode, in_force
from lingauth.models import ApiKey, Backend
from lingauth.pages.forms import PageForm

NOW, DATE, OBSERVE = "now", "date", "observe"
DAY = 86400
MOST_GRACE_DAYS = 90


class MfaForm(PageForm):
    """The card "Multi-factor authentication". Sent by GET: nothing changes before it is confirmed.

    ``version`` is the policy version the operator was looking at.
    """

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    require = forms.BooleanField(required=False)
    when = forms.ChoiceField(
        choices=[(NOW, "Now"), (DATE, "On a date"), (OBSERVE, "Observe first")],
        required=False,
        initial=NOW,
    )
    date = forms.DateField(
        label="Date (UTC)",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "input"}),
    )
    time = forms.TimeField(
        label="Time (UTC)",
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "input"}),
    )
    grace_days = forms.IntegerField(
        label="Time to set up for people without an authenticator",
        help_text="Counted once per person. 0 means at once.",
        min_value=0,
        max_value=MOST_GRACE_DAYS,
        required=False,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), f"A whole number from 0 to {MOST_GRACE_DAYS}."
        ),
        widget=forms.NumberInput(attrs={"class": "input input--short", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, backend: Backend, **kwargs: Any) -> None:
        self.backend = backend
        super().__init__(*args, **kwargs)

    @classmethod
    def showing(cls, backend: Backend) -> MfaForm:
        """The form as the backend is set now."""
        starts = backend.mfa_starts_at
        upcoming = starts is not None and starts > now()
        when = NOW
        if backend.mfa_mode == MfaMode.OBSERVE:
            when = OBSERVE
        elif upcoming:
            when = DATE
        shown = starts.astimezone(UTC) if starts and upcoming else None
        return cls(
            backend=backend,
            initial={
                "version": backend.policy_version,
                "require": backend.mfa_mode != MfaMode.OPTIONAL,
                "when": when,
                "date": shown and shown.date(),
                "time": shown and shown.time(),
                "grace_days": backend.mfa_grace // DAY,
            },
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (
            data.get("require")
            and data.get("when") == DATE
            and not {"date", "time"} & self.errors.keys()
        ):
            if not data.get("date"):
                self.add_error("date", "Choose the day it should start.")
            elif self._starts_at(data) <= now():
                self.add_error("date", "This time has passed. Choose a later one, or Now.")
        return data

    def changes(self) -> dict[str, Any]:
        """What would differ from the backend as it is; empty if nothing would."""
        data, backend = self.cleaned_data, self.backend
        wanted: dict[str, Any] = {"mfa_mode": MfaMode.OPTIONAL.value, "mfa_starts_at": None}
        if data["require"]:
            wanted["mfa_grace"] = self._grace(data)
            if data["when"] == OBSERVE:
                wanted["mfa_mode"] = MfaMode.OBSERVE.value
            else:
                wanted["mfa_mode"] = MfaMode.REQUIRED.value
                if data["when"] == DATE:
                    wanted["mfa_starts_at"] = self._starts_at(data)
                elif in_force(backend.policy, now()):
                    # "Now" for what is in force already: when it began stays as it was.
                    wanted["mfa_starts_at"] = backend.mfa_starts_at
        return {name: v for name, v in wanted.items() if getattr(backend, name) != v}

    def _grace(self, data: dict[str, Any]) -> int:
        days = data.get("grace_days")
        kept = self.backend.mfa_grace
        # A grace of part of a day (set by command) is shown in whole days, and is not cut by that.
        return kept if days is None or days == kept // DAY else days * DAY

    @staticmethod
    def _starts_at(data: dict[str, Any]) -> datetime:
        return datetime.combine(data["date"], data.get("time") or datetime.min.time(), tzinfo=UTC)


class NewKeyForm(PageForm):
    """A further API key. ``seen`` is the newest key there was when the form was drawn."""

    role = forms.ChoiceField(
        label="For whom?",
        choices=ApiKey.Role.choices,
        error_messages={"required": "Choose one.", "invalid_choice": "Choose one."},
    )
    label = forms.CharField(
        label="Label",
        help_text="What it is for, such as the server that has it. You can leave it empty.",
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"class": "input input--medium", "autocomplete": "off"}),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput)


class OverlapForm(PageForm):
    """How long a replaced key still works, in seconds."""

    overlap = forms.ChoiceField(
        label="The old key works for another",
        choices=[
            ("3600", "1 hour"),
            (str(DAY), "24 hours"),
            (str(7 * DAY), "7 days"),
            (str(30 * DAY), "30 days"),
            ("0", "No longer: it ends at once"),
        ],
        initial=str(DAY),
        error_messages={"required": "Choose one.", "invalid_choice": "Choose one."},
    )


class RotationForm(PageForm):
    """When a new signing key takes over."""

    when = forms.ChoiceField(
        label="When does the new key sign?",
        choices=[("soon", "In five minutes"), ("now", "At once")],
        initial="soon",
        error_messages={"required": "Choose one.", "invalid_choice": "Choose one."},
    )
