"""The form of a provider. It checks shape; the service decides."""

from __future__ import annotations

from typing import Any

from django import forms

from lingauth.core.errors import DomainError
from lingauth.models import Provider
from lingauth.pages.forms import PageForm
from lingauth.services.social.presets import Preset

_PLAIN = {"class": "input", "autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}


def _text(label: str, *, hint: str = "", required: bool = True, most: int = 300) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        required=required,
        max_length=most,
        widget=forms.TextInput(attrs=dict(_PLAIN)),
    )


class ProviderForm(PageForm):
    """A provider to add or to change."""

    name = _text("Name in apps", hint="What your apps call it: a-z, 0-9, - and _.", most=40)
    label = _text("Name on buttons", most=80)
    issuer = _text("Issuer", hint="Exactly as the provider writes it in its ID tokens.")
    client_id = _text("Client ID")
    secret = forms.CharField(
        label="Client secret",
        required=False,
        max_length=4000,
        widget=forms.PasswordInput(
            attrs={**_PLAIN, "autocomplete": "new-password"}, render_value=False
        ),
    )
    scopes = _text("Scopes", hint="Separated by spaces.")
    other_client_ids = forms.CharField(
        label="Client IDs of native apps",
        help_text="One a line. ID tokens made for them are accepted too.",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={**_PLAIN, "rows": "2"}),
    )
    trusts_email = forms.BooleanField(
        label="Trust the addresses it has verified",
        help_text="Whoever has such an address there gets into the account that has it here.",
        required=False,
    )
    is_enabled = forms.BooleanField(label="People can sign in by it", required=False)

    def __init__(
        self,
        *args: Any,
        preset: Preset | None,
        row: Provider | None = None,
        is_new: bool = False,
    ) -> None:
        self.row, self.preset = row, preset
        super().__init__(*args, initial=_initial(preset, row))
        if not is_new or preset is not None:
            del self.fields["name"]
        if row is not None and row.secret:
            self.fields["secret"].help_text = "There is one. Leave this empty to keep it."
        kind = row.kind if row is not None else preset.kind if preset is not None else ""
        if kind == Provider.Kind.GITHUB:
            self.fields["issuer"].required = False
            self.fields["issuer"].label = "GitHub Enterprise address"
            self.fields["issuer"].help_text = "Empty for github.com."
        elif preset is not None and preset.issuer_hint:
            self.fields["issuer"].widget.attrs["placeholder"] = preset.issuer_hint

    @property
    def provider_name(self) -> str:
        """What the provider is called in addresses."""
        if self.row is not None:
            return self.row.name
        return self.preset.name if self.preset is not None else str(self.cleaned_data["name"])

    def changes(self) -> dict[str, Any]:
        """What to save. An empty secret is one to keep."""
        data = dict(self.cleaned_data)
        data.pop("name", None)
        if not data["secret"]:
            del data["secret"]
        data["other_client_ids"] = data["other_client_ids"].split()
        return data

    def blame(self, error: DomainError) -> None:
        """Show a service's refusal at the field that it names."""
        field, _, sentence = error.message.partition(": ")
        if field not in self.fields:
            field, sentence = ("name" if "name" in self.fields else "label"), error.message
        self.add_error(field, sentence)


def _initial(preset: Preset | None, row: Provider | None) -> dict[str, Any]:
    if row is not None:
        names = ("label", "issuer", "client_id", "scopes", "trusts_email", "is_enabled")
        value = {name: getattr(row, name) for name in names}
        return {**value, "other_client_ids": "\n".join(row.other_client_ids)}
    start: dict[str, Any] = {"trusts_email": True, "is_enabled": True}
    if preset is None:
        return {**start, "scopes": "openid email profile"}
    return {
        **start,
        "label": preset.label,
        "issuer": preset.issuer,
        "scopes": preset.scopes,
    }
