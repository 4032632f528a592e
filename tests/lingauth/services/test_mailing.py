"""What a mail looks like: text and HTML, one subject, nothing from elsewhere."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.template import TemplateDoesNotExist
from django.utils import translation
from pytest_django import Settings

import lingauth
from lingauth.models import Account, Backend
from lingauth.services import mailing
from lingauth.services.notices import Notice

pytestmark = pytest.mark.once

DIRECTORY = Path(lingauth.__file__).parent / "templates" / "lingauth" / "mail"
NAMES = sorted(file.stem for file in DIRECTORY.glob("*.txt") if not file.stem.startswith("_"))
WITH_LINK = {
    "confirm_signup",
    "magic_link",
    "recovery",
    "email_change_current",
    "email_change_new",
    "invite",
}
LINK = "https://auth.example.com/b/acme/auth/v1/verify?token=abc&type=signup"
ACCOUNT_URL = "https://auth.example.com/b/acme/account"


@pytest.fixture
def backend() -> Backend:
    return Backend(ref="acme", name="Acme & Söhne")


def write(name: str, backend: Backend, **more: Any) -> Any:
    context = {
        "account": Account(email="ada@example.com", new_email="ada@example.org"),
        "account_url": ACCOUNT_URL,
        "action_url": LINK,
        "at": datetime(2026, 11, 24, 20, 27, tzinfo=UTC),
        "by": "operator@example.com",
        "code": "048213",
        "code_minutes": 10,
        "console_url": "https://auth.example.com/backends/acme/authentication",
        "disabled": False,
        "expires_in_minutes": 1440,
        "factor_name": "Phone",
        "last": True,
        "new_email": "a•••@example.org",
        "new_name": "New phone",
        "provider": "Google",
        "remaining": 9,
    }
    mailing.write(name, backend=backend, to="ada@example.com", context=context | more)
    return mail.outbox[-1]


def html_of(message: Any) -> str:
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    return str(html)


@pytest.fixture
def strict(settings: Settings) -> None:
    """A variable that a template names and nobody gives shows up."""
    templates = deepcopy(settings.TEMPLATES)
    templates[0]["OPTIONS"]["string_if_invalid"] = "MISSING(%s)"
    settings.TEMPLATES = templates


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_is_whole_in_text_and_html(strict: None, backend: Backend, name: str) -> None:
    message = write(name, backend)
    html = html_of(message)
    assert "MISSING" not in message.subject + message.body + html
    assert "Acme & Söhne" in message.subject
    assert "Acme &amp; Söhne" in html
    assert "&amp;" not in message.subject + message.body
    # Nothing is fetched, nothing runs, nothing tells that it was opened.
    assert not re.search(r"<(img|script|link|iframe|form|object)|url\(|@import|\son\w+=", html)
    allowed = {LINK.replace("&", "&amp;"), ACCOUNT_URL}
    allowed.add("https://auth.example.com/backends/acme/authentication")
    assert set(re.findall(r'https?://[^"<\s]+', html)) <= allowed
    assert "\n\n\n" not in message.body
    assert max(map(len, message.body.splitlines())) < 400


@pytest.mark.parametrize("name", sorted(WITH_LINK))
def test_a_mail_with_a_link_has_the_code_and_says_how_long(backend: Backend, name: str) -> None:
    message = write(name, backend)
    html = html_of(message)
    assert LINK in message.body.split()
    assert LINK.replace("&", "&amp;") in html
    for part in (message.body, html):
        assert "048213" in part
        assert "The link works for 24 hours and the code for 10 minutes, and only once." in part
        assert re.search(r"not you|do not know", part)


def test_a_code_without_a_link_says_so(backend: Backend) -> None:
    message = write("reauthentication", backend)
    for part in (message.body, html_of(message)):
        assert "048213" in part
        assert LINK not in part
        assert "It works once, for 10 minutes." in part


def test_the_same_time_for_both_is_said_once(backend: Backend) -> None:
    message = write("magic_link", backend, expires_in_minutes=10)
    assert "Both work for 10 minutes, and only once." in message.body


@pytest.mark.parametrize(
    ("minutes", "words"), [(1, "1 minute"), (60, "1 hour"), (90, "90 minutes"), (1440, "24 hours")]
)
def test_times_are_words(backend: Backend, minutes: int, words: str) -> None:
    assert f"works for {words} and" in write("invite", backend, expires_in_minutes=minutes).body


@pytest.mark.parametrize("notice", Notice)
def test_every_notice_has_its_templates(notice: Notice) -> None:
    assert notice.value in NAMES
    assert (DIRECTORY / f"{notice.value}.html").is_file()


def test_what_people_named_is_text_in_html(backend: Backend) -> None:
    message = write("factor_enrolled", backend, factor_name="<b>x</b>")
    assert '"<b>x</b>"' in message.body
    assert "<b>x" not in html_of(message)


def test_times_are_utc_wherever_the_host_is(settings: Settings, backend: Backend) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    assert "on 24 November 2026, 20:27 UTC" in write("password_changed", backend).body


def test_it_comes_from_the_projects_address_under_the_backends_name(
    settings: Settings, backend: Backend
) -> None:
    settings.DEFAULT_FROM_EMAIL = "Somebody <mail@auth.example.com>"
    message = write("invite", backend)
    sent = message_from_bytes(message.message().as_bytes(), policy=policy.default)
    [sender] = sent["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ("Acme & Söhne", "mail@auth.example.com")
    assert sent["Auto-Submitted"] == "auto-generated"
    assert message.to == ["ada@example.com"]


@pytest.mark.parametrize("name", ["Ac\r\nBcc: eve@example.com", "Ac\nme", "Ac, me <a@b.example>"])
def test_a_name_cannot_add_a_header(backend: Backend, name: str) -> None:
    backend.name = name
    sent: EmailMessage = write("invite", backend).message()
    assert sent["Bcc"] is None
    assert sent["To"] == "ada@example.com"
    assert "\n" not in str(sent["Subject"])


def test_a_backends_own_template_goes_before_the_common_one(
    settings: Settings, backend: Backend, tmp_path: Path
) -> None:
    own = tmp_path / "lingauth" / "mail" / "acme"
    own.mkdir(parents=True)
    (own / "invite.txt").write_text("Come in, {{ account.email }}\n\nHere: {{ action_url }}\n")
    templates = deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [str(tmp_path)]
    settings.TEMPLATES = templates
    message = write("invite", backend)
    assert message.subject == "Come in, ada@example.com"
    assert message.body.endswith("type=signup\n")
    assert "<h1>Come in, ada@example.com</h1>" in html_of(message)
    backend.ref = "other"
    assert write("invite", backend).subject == "You are invited to Acme & Söhne"


@pytest.mark.parametrize(("language", "said"), [("de", "de"), ("en", "en"), (None, "en")])
def test_a_mail_says_which_language_it_is_in(
    backend: Backend, language: str | None, said: str
) -> None:
    with translation.override(language):
        assert f'<html lang="{said}"' in html_of(write("invite", backend))


def test_a_mail_that_nobody_wrote_is_a_mistake(backend: Backend) -> None:
    with pytest.raises(TemplateDoesNotExist):
        write("nothing", backend)
