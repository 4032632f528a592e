"""Writing one mail: its templates, text and HTML, and the hand-over to Django's mail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings as django_settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import select_template
from django.utils import translation
from django.utils.translation import ngettext

from lingauth.models import Backend

_EMPTY_LINES = re.compile(r"\n\s*\n\s*\n")  # what a template leaves where it said nothing
_HEADERS = {"Auto-Submitted": "auto-generated"}  # RFC 3834: no out-of-office answers to this


def write(template: str, *, backend: Backend, to: str, context: Mapping[str, Any]) -> None:
    """Send the mail of that name to one address, in the language that is active.

    The templates are ``lingauth/mail/<template>.txt``, whose first line is the subject, and
    ``.html``; a backend's own are ``lingauth/mail/<ref>/<template>.txt`` and ``.html``. Both see
    ``backend``, ``subject`` and the context; where that has ``expires_in_minutes`` (of a link) or
    ``code_minutes``, they see ``link_lasts`` and ``code_lasts`` in words. Raises OSError when the
    mail server has trouble.
    """
    values = {"backend": backend, "language": translation.get_language() or "en", **context}
    for name, minutes in (("link_lasts", "expires_in_minutes"), ("code_lasts", "code_minutes")):
        if minutes in context:
            values[name] = _lasting(context[minutes])
    subject, _, body = _render(template, "txt", backend, values).strip().partition("\n")
    values["subject"] = subject = " ".join(subject.split())
    message = EmailMultiAlternatives(
        subject,
        _EMPTY_LINES.sub("\n\n", body.strip()) + "\n",
        _sender(backend),
        [to],
        headers=_HEADERS,
    )
    message.attach_alternative(_render(template, "html", backend, values), "text/html")
    message.send()


def _render(name: str, form: str, backend: Backend, values: Mapping[str, Any]) -> str:
    own = f"lingauth/mail/{backend.ref}/{name}.{form}"
    template = select_template([own, f"lingauth/mail/{name}.{form}"])
    return str(template.render(dict(values)))


def _lasting(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    if hours and not rest:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def _sender(backend: Backend) -> str:
    """The project's address under the backend's name, which is the one that people know."""
    _, address = parseaddr(django_settings.DEFAULT_FROM_EMAIL)
    return formataddr((" ".join(backend.name.split()), address))
