"""The notes as a page: the data API's rows behind the same gate, over the hosted sign-in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lingauth.core.errors import MfaRequired
from lingauth.data import reads, writes
from lingauth.data.callers import Caller, Role
from lingauth.data.dialect import Format, Preferences, parse
from lingauth.data.registry import Table, find
from lingauth.data.writes import Wish
from lingauth.pages.addresses import carry, go, page
from lingauth.pages.forms import PageForm
from lingauth.pages.hosted import hosted
from lingauth.pages.visits import Visit
from lingauth.services import gate

SHOWN = "50"


class NoteForm(PageForm):
    """A new note."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Give the note a title.")},
    )
    body = forms.CharField(
        label=gettext_lazy("Text"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"class": "textarea", "rows": 4}),
    )
    is_public = forms.BooleanField(
        label=gettext_lazy("Public: anyone can read it, without signing in"), required=False
    )


@hosted("GET", "HEAD", "POST")
def notes(visit: Visit) -> HttpResponse:
    """Public notes for everyone; own notes and a form for a session that may reach data."""
    stranger = Caller(Role.ANON, visit.backend.pk)
    if visit.me is None:
        if visit.request.method == "POST":
            return go(page("sign_in", visit.backend.ref) + carry(visit.request.path))
        return _show(visit, stranger)
    try:
        gate.check(me=visit.me, now=visit.at)
    except MfaRequired as refusal:
        return _show(visit, stranger, _step(visit, refusal), status=403 if _writes(visit) else 200)
    account = visit.me.account
    caller = Caller(Role.ACCOUNT, visit.backend.pk, account.pk, account.uuid)
    form = NoteForm(visit.request.POST if _writes(visit) else None)
    if _writes(visit) and form.is_valid():
        wish = Wish(parse(_table().shape, []), Preferences(), Format())
        writes.insert(_table(), caller, wish, form.cleaned_data)
        return go(visit.request.path)
    form.focus_first_error()
    own = _rows(caller, ("owner", f"eq.{account.uuid}"))
    status = 422 if form.is_bound else 200
    return _show(visit, stranger, {"form": form, "own": own}, status=status)


def _writes(visit: Visit) -> bool:
    return visit.request.method == "POST"


def _table() -> Table:
    table = find("notes")
    if table is None:
        raise LookupError("The demo's table is registered by its AppConfig.")
    return table


def _rows(caller: Caller, *filters: tuple[str, str]) -> list[dict[str, Any]]:
    asked = [("order", "created_at.desc,id.desc"), ("limit", SHOWN), *filters]
    query = parse(_table().shape, asked)
    return reads.page(_table(), caller, query, query.window, count=False).rows


def _step(visit: Visit, refusal: MfaRequired) -> dict[str, str]:
    """The one sentence for a session below the level, and the page that raises it."""
    enroll = (refusal.details or {}).get("next") == "enroll"
    address = page("mfa_setup" if enroll else "mfa_verify", visit.backend.ref)
    return {
        "step": _("To read and write your own notes, set up two-step verification.")
        if enroll
        else _("To read and write your own notes, enter a code from your authenticator app."),
        "step_text": _("Set it up") if enroll else _("Enter a code"),
        "step_address": address + carry(visit.request.path),
    }


def _show(
    visit: Visit, stranger: Caller, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """The page. What is public is read as an anonymous caller, whoever looks."""
    shared = {
        "backend": visit.backend,
        "account": visit.me.account if visit.me else None,
        "here": visit.request.path,
        "carry": carry(visit.request.path),
        "public": _rows(stranger),
    }
    return render(visit.request, "demo/notes.html", shared | (context or {}), status=status)
