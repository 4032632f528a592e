"""The second step at our own pages, for an app that has none of its own."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from lingauth.api.base import AuthView
from lingauth.api.shapes import StepUpBody
from lingauth.services import step_up


class StepUpView(AuthView):
    """Begin it: where to send the browser."""

    def post(self, request: Request, ref: str) -> Response:
        me = self.me(request)
        body = self.body(request, StepUpBody)
        url = step_up.begin(me=me, redirect_to=body.get("redirect_to"), pkce=self.pkce(body))
        return Response({"url": url})
