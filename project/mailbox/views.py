"""Every mail, one mail, and its HTML part alone in a box that can do nothing."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from lingauth.pages.security import HEADERS, secured
from project.mailbox import files
from project.mailbox.access import guarded

SANDBOX = "allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
"""No scripts, no forms, no origin. A link that is clicked opens in the window, as in a mail program
it would open in the browser."""

_PAGE_POLICY = HEADERS["Content-Security-Policy"] + "; frame-src 'self'"
_MAIL_POLICY = "; ".join(
    (
        f"sandbox {SANDBOX}",
        "default-src 'none'",
        "style-src 'unsafe-inline'",  # mails have their style inside
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    )
)
_LINK = re.compile(r"(https?://[^\s<>\"]+[^\s<>\"'.,;:!?)])")


@secured
@require_safe
@guarded
def every(request: HttpRequest) -> HttpResponse:
    """The newest first."""
    mails = files.newest()
    context = {"mails": mails, "are_cut": len(mails) >= files.SHOWN, "shown": files.SHOWN}
    return render(request, "mailbox/list.html", context)


@secured
@require_safe
@guarded
def one(request: HttpRequest, key: str) -> HttpResponse:
    """Its head, its text and a frame with its HTML."""
    mail = _find(key)
    context = {"mail": mail, "text": _with_links(mail.text.strip()), "sandbox": SANDBOX}
    response = render(request, "mailbox/mail.html", context)
    response.headers["Content-Security-Policy"] = _PAGE_POLICY
    return response


@require_safe
@guarded
def html(request: HttpRequest, key: str) -> HttpResponse:
    """The HTML part as it was sent; only where its links open is added."""
    mail = _find(key)
    if not mail.html:
        raise Http404
    body = mail.html.replace("<head>", '<head><base target="_top">', 1)
    headers = {
        **HEADERS,
        "Content-Security-Policy": _MAIL_POLICY,
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "no-referrer",
    }
    return HttpResponse(body, headers=headers)


def _find(key: str) -> files.Mail:
    mail = files.find(key)
    if mail is None:
        raise Http404
    return mail


def _with_links(text: str) -> SafeString:
    """The text, escaped, with its http addresses as links."""
    pieces = _LINK.split(text)  # every second one is an address
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<a href="{0}">{0}</a>', piece) if number % 2 else piece,)
            for number, piece in enumerate(pieces)
        ),
    )
