"""Backends, accounts and notes for tests of rows, made without any service."""

from __future__ import annotations

from uuid import uuid4

from django.contrib.auth import get_user_model

from lingauth.data.callers import Caller, Role
from lingauth.models import Account, Backend
from project.demo.models import Note


def backend(ref: str = "acme") -> Backend:
    return Backend.objects.create(ref=ref, name=ref.title())


def account(owner: Backend, name: str) -> Account:
    uuid = uuid4()
    user = get_user_model().objects.create(username=str(uuid))
    email = f"{name}@example.com"
    return Account.objects.create(uuid=uuid, backend=owner, user=user, email=email, email_key=email)


def note(owner: Account, title: str, *, public: bool = False, body: str = "") -> Note:
    return Note.objects.create(
        backend=owner.backend, owner=owner, title=title, body=body, is_public=public
    )


def anon(at: Backend) -> Caller:
    return Caller(Role.ANON, at.pk)


def service(at: Backend) -> Caller:
    return Caller(Role.SERVICE, at.pk)


def signed_in(who: Account) -> Caller:
    return Caller(Role.ACCOUNT, who.backend_id, who.pk, who.uuid)
