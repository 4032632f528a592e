"""The shape of what people type. What it means is decided by the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lingauth.pages.addresses import local_path

PASSWORD_MAX = 256
"""Code points, as everywhere: longer ones are refused before anything is hashed."""


class ReturnTo(forms.CharField):
    """Where the person was going: carried through every step, never trusted."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput, max_length=2000)

    def clean(self, value: Any) -> str:
        """A local path, or nothing. A bad one is dropped, not complained about."""
        return local_path(value)


class PageForm(forms.Form):
    """No colons after labels; no browser bubbles in place of our own words."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)

    def focus_first_error(self) -> None:
        """Put the cursor where the first problem is, and nowhere else."""
        for field in self.fields.values():
            field.widget.attrs.pop("autofocus", None)
        for name in self.errors:
            if name in self.fields:
                self.fields[name].widget.attrs["autofocus"] = True
                return


def _email() -> forms.EmailField:
    return forms.EmailField(
        label=_("Email"),
        max_length=254,
        widget=forms.EmailInput(
            attrs={
                "class": "input",
                "autocomplete": "username",
                "autocapitalize": "off",
                "spellcheck": "false",
            }
        ),
        error_messages={
            "required": _("Enter your email address."),
            "invalid": _("Enter an email address, such as name@example.com."),
        },
    )


def _password(label: Any, autocomplete: str, required: Any, hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        strip=False,
        max_length=PASSWORD_MAX,
        widget=forms.PasswordInput(attrs={"class": "input", "autocomplete": autocomplete}),
        error_messages={
            "required": required,
            "max_length": _("Use at most %(limit_value)d characters."),
        },
    )


class UnseenText(forms.TextInput):
    """A text field that only password managers see: they pass over ``type="hidden"``."""

    is_hidden = True


class SignInForm(PageForm):
    email = _email()
    password = _password(_("Password"), "current-password", _("Enter your password."))
    return_to = ReturnTo()


class SignUpForm(PageForm):
    email = _email()
    password = _password(_("Password"), "new-password", _("Choose a password."))
    return_to = ReturnTo()

    def __init__(self, *args: Any, minimum: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = password_hint(minimum)


class AddressForm(PageForm):
    """An address to send a mail to."""

    email = _email()
    return_to = ReturnTo()


def _username() -> forms.CharField:
    """For password managers, so that they know whose password changes."""
    widget = UnseenText(attrs={"autocomplete": "username", "hidden": True, "readonly": True})
    return forms.CharField(required=False, widget=widget)


class PasswordForm(PageForm):
    username = _username()
    current = _password(
        _("Current password"), "current-password", _("Enter your current password.")
    )
    new = _password(_("New password"), "new-password", _("Choose a new password."))

    def __init__(self, *args: Any, minimum: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new"].help_text = password_hint(minimum)


class NewPasswordForm(PageForm):
    """For somebody who need not know the one before."""

    username = _username()
    new = _password(_("New password"), "new-password", _("Choose a new password."))
    return_to = ReturnTo()

    def __init__(self, *args: Any, minimum: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new"].help_text = password_hint(minimum)


class EmailForm(PageForm):
    """A new address. ``current`` is asked for only where nothing else proves who this is."""

    email = _email()
    current = _password(
        _("Current password"), "current-password", _("Enter your current password.")
    )

    def __init__(self, *args: Any, asks_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New email")
        self.fields["email"].widget.attrs["autocomplete"] = "email"
        if not asks_password:
            del self.fields["current"]


def password_hint(minimum: int) -> Any:
    return _("At least %d characters. A few unrelated words make a good one.") % minimum


class CodeForm(PageForm):
    """One field for six digits. What is in it is cleaned by the core, once."""

    code = forms.CharField(
        label=_("Six-digit code"),
        strip=False,
        widget=forms.TextInput(
            attrs={
                "class": "input input--code",
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "pattern": "[0-9 ]*",
                "maxlength": "7",
                "spellcheck": "false",
                "autocapitalize": "off",
                "autofocus": True,
                "data-autosend": _("Checking…"),
            }
        ),
        error_messages={"required": _("Enter the code that is showing in your app now.")},
    )
    return_to = ReturnTo()


class MailCodeForm(CodeForm):
    """The same field for the code of a mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.help_text = _("From the newest mail. It works for ten minutes.")
        field.error_messages["required"] = _("Enter the code from the mail.")


class RecoveryForm(PageForm):
    code = forms.CharField(
        label=_("Recovery code"),
        max_length=64,
        help_text=_("Sixteen letters and digits. Capitals, spaces and dashes do not matter."),
        widget=forms.TextInput(
            attrs={
                "class": "input input--recovery",
                "autocomplete": "off",
                "spellcheck": "false",
                "autocapitalize": "characters",
                "autofocus": True,
            }
        ),
        error_messages={"required": _("Enter one of your recovery codes.")},
    )
    return_to = ReturnTo()


class NameForm(PageForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=64,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
        error_messages={"required": _("Give it a name.")},
    )


class EmptyForm(PageForm):
    """A button."""
