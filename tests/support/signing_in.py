"""Signing in by password, below HTTP."""

from __future__ import annotations

from lingauth.services import access, signin
from lingauth.services.access import Access
from lingauth.services.context import ClientInfo
from lingauth.services.grants import Grant
from tests.support.app import PASSWORD
from tests.support.events import CLIENT


def found(key: str) -> Access:
    return access.read(ref="acme", email_key=key)


def sign_in(
    password: object = PASSWORD,
    email: object = "Ann@Example.com",
    client: ClientInfo = CLIENT,
) -> Grant:
    return signin.with_password(read=found, email=email, password=password, client=client)
