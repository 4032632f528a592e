"""The settings pages as forms, one each."""

from __future__ import annotations

from typing import Any

from django import forms

from console.settings_fields import Addresses, Duration, Several, Switch, Text, Whole
from console.settings_form import SettingsForm
from console.settings_words import NAMES
from lingauth.core.clock import now
from lingauth.core.gate import in_force
from lingauth.models import Backend

MINUTE, HOUR, DAY = 60, 3600, 86400
RECOMMENDED = 15
"""Characters of a password that stands alone (NIST SP 800-63B-4 section 3.1.1.2)."""


class SignInSettings(SettingsForm):
    title = "Sign-in"
    settings = (
        "signup_enabled",
        "auto_confirm",
        "mail_sign_in_enabled",
        "anonymous_enabled",
        "manual_linking_enabled",
        "password_min_length",
    )

    signup_enabled = Switch(
        help_text="Off, accounts come from invitations and from your servers alone."
    )
    auto_confirm = Switch(
        help_text="On, nobody has to open a mail before signing in for the first time. Anybody can "
        "then hold an account with an address that is not theirs."
    )
    mail_sign_in_enabled = Switch(
        help_text="A link and a six-digit code are sent to the address. They prove the address; "
        "they never are the second factor."
    )
    anonymous_enabled = Switch(
        help_text="Apps may make accounts without an address, which people complete later."
    )
    manual_linking_enabled = Switch(
        help_text="People who are signed in may add a provider to their account, or remove one."
    )
    password_min_length = Whole(least=8, most=64)

    def __init__(self, *args: Any, backend: Backend, **kwargs: Any) -> None:
        super().__init__(*args, backend=backend, **kwargs)
        hint = "Characters, from 8 to 64."
        if not in_force(backend.policy, now()):
            hint += (
                f" {RECOMMENDED} or more are recommended while MFA is not required: the password "
                "then stands alone."
            )
        self.fields["password_min_length"].help_text = hint


class SessionSettings(SettingsForm):
    title = "Sessions and tokens"
    settings = (
        "single_session",
        "session_max_age",
        "session_max_idle",
        "aal2_max_age",
        "aal2_max_idle",
        "access_token_ttl",
        "refresh_reuse_grace",
        "token_claims",
    )

    single_session = Switch(help_text="Signing in ends the account’s other sessions at once.")
    session_max_age = Duration(
        least=HOUR,
        most=30 * DAY,
        help_text="After that people sign in again, however busy they are. 1 hour to 30 days.",
    )
    session_max_idle = Duration(
        least=4 * MINUTE,
        most=30 * DAY,
        none=True,
        help_text="A session that was not refreshed for so long is over. 0 means no such limit.",
    )
    aal2_max_age = Duration(
        least=5 * MINUTE,
        most=30 * DAY,
        help_text="Then the session goes on without it, and is asked for a code where one is "
        "needed. 5 minutes to 30 days; 24 hours is usual.",
    )
    aal2_max_idle = Duration(
        least=5 * MINUTE,
        most=30 * DAY,
        help_text="The same, counted from the session’s last refresh. 1 hour is usual.",
    )
    access_token_ttl = Duration(
        least=2 * MINUTE,
        most=HOUR,
        help_text="2 minutes to 1 hour; apps refresh in time. This server refuses an ended session "
        "at once, whatever this says. Servers that verify tokens themselves learn of it this late.",
    )
    refresh_reuse_grace = Duration(
        least=0,
        most=MINUTE,
        help_text="Up to 60 seconds. 10 suit an unchanged supabase-js in many tabs. With 0, a "
        "refresh token that comes back ends its session, unless it is a marked retry.",
    )
    token_claims = Several(
        words={
            "email": "Email address",
            "user_metadata": "What people may write of themselves (user_metadata)",
            "app_metadata": "What your servers wrote (app_metadata)",
            "phone": "Phone number, which is always empty",
        },
        help_text="Tokens end up in logs: leave out what nobody reads.",
    )

    def wanted(self, data: dict[str, Any]) -> dict[str, Any]:
        """A list in another order is the same list."""
        claims, kept = data.get("token_claims", []), self.backend.token_claims
        same = set(claims) == set(kept)
        return super().wanted(data) | {"token_claims": kept if same else claims}


class LinkSettings(SettingsForm):
    title = "Links and mail"
    settings = (
        "site_url",
        "redirect_urls",
        "one_step_links",
        "secure_email_change",
        "mail_cooldown",
        "mails_per_hour",
    )

    site_url = Text(
        required=False,
        max_length=500,
        help_text="Where mailed links return to, unless they name another place. Empty: the pages "
        "of this backend itself.",
        widget=forms.URLInput(
            attrs={
                "class": "input",
                "placeholder": "https://app.example.com",
                "spellcheck": "false",
            }
        ),
    )
    remove = Several(words={}, label="Remove")
    add = Addresses(
        required=False,
        max_length=500,
        help_text="Whoever owns such a place gets the sessions of the links that lead there. "
        "* stands for any characters but a slash and a dot, ** for any.",
        widget=forms.TextInput(
            attrs={
                "class": "input",
                "placeholder": "https://app.example.com/**",
                "spellcheck": "false",
                "autocapitalize": "off",
                "autocomplete": "off",
            }
        ),
    )
    one_step_links = Switch(
        help_text="As unchanged clients expect it. Off, a link opens a page with a button, so that "
        "programs that look into mail cannot spend it."
    )
    secure_email_change = Switch(
        help_text="The old and the new address both confirm. Off, the new one alone."
    )
    mail_cooldown = Duration(
        least=0, most=HOUR, help_text="To one address, whoever asks. Up to 1 hour."
    )
    mails_per_hour = Whole(least=1, most=1000, help_text="To one address, from 1 to 1000.")

    def __init__(self, *args: Any, backend: Backend, **kwargs: Any) -> None:
        super().__init__(*args, backend=backend, **kwargs)
        self.fields["add"].label = NAMES["redirect_urls"][0]
        present = [(url, url) for url in backend.redirect_urls]
        self.fields["remove"].choices = present  # type: ignore[attr-defined]  # it is our Several

    def beside(self, setting: str) -> str:
        return "add" if setting == "redirect_urls" else setting

    def wanted(self, data: dict[str, Any]) -> dict[str, Any]:
        """The list travels as what changes in it: whole, it may be too long for an address."""
        removed, added = data.get("remove", []), data.get("add", "")
        kept = [url for url in self.backend.redirect_urls if url not in removed]
        new = [added] if added and added not in kept else []
        return super().wanted(data) | {"redirect_urls": kept + new}


SECTIONS: dict[str, type[SettingsForm]] = {
    "sign-in": SignInSettings,
    "sessions": SessionSettings,
    "links": LinkSettings,
}
