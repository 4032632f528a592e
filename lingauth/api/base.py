"""What the views of the auth API have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, cast

from django.db import transaction
from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from lingauth.api import credentials, exceptions
from lingauth.api.cors import CorsMixin
from lingauth.api.parsers import StrictJSONParser
from lingauth.core.errors import DomainError, NotFound, ValidationFailed
from lingauth.core.pkce import Pkce
from lingauth.middleware import api_first
from lingauth.models import Backend
from lingauth.services import redirects
from lingauth.services.access import Access, SignedIn
from lingauth.services.context import ClientInfo, client_info
from lingauth.services.first_statement import Depth


class JsonOnly(BaseContentNegotiation):
    """Our APIs speak JSON, whatever ``Accept`` says."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == kind), None)

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> Any:
        return renderers[0], renderers[0].media_type


class CompactJSON(JSONRenderer):
    """DRF's JSON, which leaves nothing to be asked for by ``Accept``."""

    _encode = JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else self._encode(data).encode()


_JSON = CompactJSON()


class ApiView(CorsMixin, APIView):
    """A lean DRF view: JSON in, JSON out, our errors, never inside a host's request transaction."""

    authentication_classes: Sequence[type[BaseAuthentication]] = ()
    permission_classes: Sequence[type[BasePermission]] = ()
    throttle_classes = ()
    parser_classes = (StrictJSONParser,)
    renderer_classes = (CompactJSON,)
    content_negotiation_class = JsonOnly
    versioning_class = None
    # Not part of a host's own schema: lingauth.api.docs describes these views, for each backend.
    schema = None

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        return api_first(transaction.non_atomic_requests(super().as_view(**initkwargs)))

    @property
    def default_response_headers(self) -> dict[str, str]:
        """None: DRF's own say which methods there are, at every answer."""
        return {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """What DRF does before a handler, but for what none of our views has: formats to choose
        from, versions, throttles; where nobody has to be asked for, nobody is."""
        request.accepted_renderer = _JSON
        request.accepted_media_type = _JSON.media_type
        if self.authentication_classes:
            self.perform_authentication(request)
        self.check_permissions(request)

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response]:
        return exceptions.handle

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers.setdefault("Cache-Control", "no-store")
        return final


class AuthView(ApiView):
    """A view of one backend's auth API."""

    @property
    def ref(self) -> str:
        return cast(str, self.kwargs["ref"])

    def public(self, request: Request) -> Access:
        """The backend of a public route. Its ``Authorization`` is noise; a wrong API key is not."""
        return credentials.identify(request._request, self.ref, ignore_token=True).access

    def backend(self, request: Request) -> Backend:
        """The same, just the backend."""
        return self.public(request).backend

    def me(self, request: Request, depth: Depth = Depth.ROWS) -> SignedIn:
        """Who is signed in. Raises the contract's 401 and 403; after those, what is wrong with the
        body, on routes too that look at none: so every route refuses the same ones."""
        caller = credentials.identify(request._request, self.ref, beside_token=True, depth=depth)
        me = caller.signed_in()
        if request.method not in SAFE_METHODS:
            self._members(request)
        return me

    def target(self, request: Request, backend: Backend) -> str:
        """Where what this request begins will return to: what it asks for, if that is allowed."""
        return redirects.target(
            backend=backend,
            given=request.query_params.get("redirect_to"),
            referer=request.META.get("HTTP_REFERER"),
        )

    def pkce(self, body: dict[str, Any]) -> Pkce | None:
        """The challenge of a body. Raises ValidationFailed for half of one."""
        return Pkce.parse(body.get("code_challenge"), body.get("code_challenge_method"))

    def client(self, request: Request) -> ClientInfo:
        return client_info(request._request)

    def body(self, request: Request, shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        """The request's body in a shape; what the shape does not name is dropped."""
        values: dict[str, Any] = _reader(shape).run_validation(self._members(request))
        return dict(values)

    def _members(self, request: Request) -> dict[str, Any]:
        """The members of the body; none, if there is no body."""
        if not isinstance(request.data, dict):
            raise ValidationFailed("The body has to be a JSON object.")
        return request.data


@cache
def _reader(shape: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """The shape's one instance. To read with it changes nothing in it; to make one is slow."""
    return shape()


class UnknownRoute(ApiView):
    """Whatever is not part of the API, in the API's own error body. ``refusal`` makes the error."""

    refusal: Callable[[], DomainError] = NotFound

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.http_method_names = [*APIView.http_method_names, str(request.method).lower()]
        return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise self.refusal()
