"""Getting a session: by password, code of a flow, ID token, or the refresh token of one."""

from __future__ import annotations

import re

from rest_framework.request import Request
from rest_framework.response import Response

from lingauth.api import credentials, render
from lingauth.api.base import AuthView
from lingauth.api.shapes import CodeExchangeBody, IdTokenBody, PasswordBody, RefreshBody
from lingauth.api.views.excluded import web3
from lingauth.core.errors import DomainError, InvalidCredentials, ValidationFailed
from lingauth.services import flows, sessions, signin, traces
from lingauth.services.first_statement import Depth
from lingauth.services.grants import Grant
from lingauth.services.social import direct

_KEY = re.compile(r'"?([\x20-\x21\x23-\x7e]{1,255}?)"?')


class TokenView(AuthView):
    """``grant_type=password``, ``pkce``, ``id_token`` and ``refresh_token``."""

    def post(self, request: Request, ref: str) -> Response:
        match request.query_params.get("grant_type"):
            case "password":
                granted = self._password(request)
            case "refresh_token":
                granted = self._refresh(request)
            case "pkce":
                granted = self._exchange(request)
            case "id_token":
                granted = self._id_token(request)
            case "web3":
                raise web3()
            case _:
                raise InvalidCredentials("unsupported_grant_type")
        of = granted.session
        traces.note(request._request, account_uuid=of.account.uuid, session_id=of.pk)
        return Response(render.session(granted))

    def _password(self, request: Request) -> Grant:
        body = self.body(request, PasswordBody)
        if body.get("phone") and not body.get("email"):
            raise DomainError("Phone logins are disabled", code="phone_provider_disabled")
        return signin.with_password(
            read=lambda email_key: (
                credentials.identify(
                    request._request, self.ref, ignore_token=True, email_key=email_key
                ).access
            ),
            email=body.get("email"),
            password=body.get("password"),
            client=self.client(request),
        )

    def _exchange(self, request: Request) -> Grant:
        backend = self.backend(request)
        body = self.body(request, CodeExchangeBody)
        return flows.exchange(
            backend=backend,
            auth_code=body.get("auth_code"),
            code_verifier=body.get("code_verifier"),
            client=self.client(request),
        )

    def _id_token(self, request: Request) -> Grant:
        """With ``link_identity`` for the account that is signed in, else to sign in."""
        body = self.body(request, IdTokenBody)
        links = body.get("link_identity") is True
        backend = self.backend(request)
        return direct.with_id_token(
            backend=backend,
            provider=body.get("provider"),
            id_token=body.get("id_token"),
            nonce=body.get("nonce"),
            access_token=body.get("access_token"),
            client=self.client(request),
            link_to=self.me(request) if links else None,
        )

    def _refresh(self, request: Request) -> Grant:
        key = idempotency_key(request)
        body = self.body(request, RefreshBody)
        return sessions.refresh(
            read=lambda session_id: (
                credentials.identify(
                    request._request,
                    self.ref,
                    ignore_token=True,
                    session_id=session_id,
                    depth=Depth.WHOLE,
                ).access
            ),
            token=body.get("refresh_token"),
            idempotency_key=key,
            client=self.client(request),
        )


def idempotency_key(request: Request) -> str | None:
    """The ``Idempotency-Key``, quoted or not. Raises ValidationFailed for one that is none."""
    header = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if header is None:
        return None
    match = _KEY.fullmatch(header.strip())
    if match is None:
        raise ValidationFailed("Idempotency-Key has to be a string of 1 to 255 characters.")
    return match[1]
