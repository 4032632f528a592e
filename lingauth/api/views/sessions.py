"""The account's sessions, and signing out."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from lingauth.api import render
from lingauth.api.base import AuthView
from lingauth.services import sessions


class LogoutView(AuthView):
    """End sessions: ``scope`` is ``global`` (the default), ``local`` or ``others``."""

    def post(self, request: Request, ref: str) -> Response:
        me = self.me(request)
        scope = request.query_params.get("scope") or "global"
        sessions.sign_out(me=me, scope=scope, client=self.client(request))
        return Response(status=204)


class SessionsView(AuthView):
    """One's open sessions, newest first."""

    def get(self, request: Request, ref: str) -> Response:
        me = self.me(request)
        rows = sessions.list_open(me=me)
        return Response({"sessions": [render.own_session(row, me.session) for row in rows]})


class SessionView(AuthView):
    """End one of one's own sessions."""

    def delete(self, request: Request, ref: str, session_id: UUID) -> Response:
        sessions.revoke(me=self.me(request), session_id=session_id, client=self.client(request))
        return Response(status=204)
