"""Links and invitations, for a backend's servers."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from lingauth.api import render
from lingauth.api.shapes_admin import InviteBody, LinkBody
from lingauth.api.views.admin.base import AdminView
from lingauth.services.admin import invitations, links


class GenerateLinkView(AdminView):
    """Make the link and the code of a mail. None is sent."""

    def post(self, request: Request, ref: str) -> Response:
        by = self.by(request)
        body = self.body(request, LinkBody)
        made = links.generate(
            by=by,
            type=body.get("type"),
            email=body.get("email"),
            password=body.get("password") or None,
            new_email=body.get("new_email"),
            data=body.get("data"),
            redirect_to=request.query_params.get("redirect_to") or body.get("redirect_to"),
        )
        properties = {
            "action_link": made.action_link,
            "email_otp": made.code,
            "hashed_token": made.token,
            "verification_type": made.type,
            "redirect_to": made.redirect_to,
        }
        return Response(render.user(made.profile) | properties)


class InviteView(AdminView):
    """Make an account and mail its owner a way in."""

    def post(self, request: Request, ref: str) -> Response:
        by = self.by(request)
        body = self.body(request, InviteBody)
        invited = invitations.invite(
            by=by,
            email=body.get("email"),
            data=body.get("data"),
            redirect_to=request.query_params.get("redirect_to") or body.get("redirect_to"),
        )
        return Response(render.user(invited))
