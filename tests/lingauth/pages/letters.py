"""Mails as people read them, and what they do with a link: open it, press the button."""

from __future__ import annotations

import re
from typing import Any

from django.core import mail

from tests.lingauth.pages.people import Answer, Person, found

SITE = "http://127.0.0.1:8000"
"""The site of the tests' settings."""


def mails_to(email: str) -> list[str]:
    """The texts of the mails to that address, oldest first, each with its subject on top."""
    return [f"{m.subject}\n\n{m.body}" for m in mail.outbox if m.to == [email]]


def newest_to(email: str) -> str:
    texts = mails_to(email)
    assert texts, f"no mail to {email}"
    return texts[-1]


def link_in(text: str) -> str:
    """The path of the mail's link."""
    return found(rf"{re.escape(SITE)}(/b/\S+/verify\?\S+)", text)


def code_in(text: str) -> str:
    return found(r"code: (\d{6})\b", text)


def follow(person: Person, path: str) -> Answer:
    """What the browser shows in the end."""
    answer = person.client.get(path, follow=True)
    assert answer.status_code < 500
    return answer


def press(person: Person, page: Answer, **more: str) -> Answer:
    """Send the page's own form, as its button does."""
    body = page.content.decode()
    form = found(r'<form class="form" method="post".*?</form>', body)
    to = re.search(r'action="([^"]+)"', form.split(">")[0])
    hidden = re.findall(r'type="hidden" name="([^"]+)"(?: value="([^"]*)")?', form)
    values: dict[str, Any] = {name: value.replace("&amp;", "&") for name, value in hidden}
    path = to[1] if to else page.request["PATH_INFO"]
    return person.client.post(path, values | more)


def open_and_press(person: Person, text: str) -> Answer:
    """Follow the mail's link and press the button on the page. The answer is not followed."""
    return press(person, follow(person, link_in(text)))
