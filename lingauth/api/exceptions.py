"""Every refusal in one body: ``{"code", "message", "hint"?, "details"?}``."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from lingauth.core.errors import (
    DomainError,
    NoAuthorization,
    NotFound,
    Unavailable,
    ValidationFailed,
    WeakPassword,
)
from lingauth.services import traces

log = logging.getLogger("lingauth.api")

VERSION_HEADER = "X-Supabase-Api-Version"
VERSION = "2024-01-01"


class Refused(exceptions.APIException):
    """A domain error in DRF's clothes, so that a host's own views answer it rightly with DRF's
    stock exception handler."""

    def __init__(self, error: DomainError) -> None:
        self.error = error
        self.status_code = error.status
        self.detail = body(error)
        if error.challenge:
            self.auth_header = error.challenge
        if error.retry_after:
            self.wait = error.retry_after


def body(error: DomainError) -> Any:
    """The error's body."""
    content: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.hint:
        content["hint"] = error.hint
    if error.details:
        content["details"] = error.details
    if isinstance(error, WeakPassword):
        content["weak_password"] = {"reasons": error.reasons}  # where the clients look for them
    return content


def handle(exc: Exception, context: dict[str, Any]) -> Response:
    """DRF's exception handler for our views. No exception's own words reach the client."""
    error = exc.error if isinstance(exc, Refused) else _as_domain_error(exc)
    if error.status >= 500 and not isinstance(error, Unavailable):
        log.error("An API request failed", exc_info=exc)
    response = Response(body(error), status=error.status)
    traces.refuse(response, error)
    response[VERSION_HEADER] = VERSION
    if error.challenge:
        response["WWW-Authenticate"] = error.challenge
    if error.retry_after:
        response["Retry-After"] = str(error.retry_after)
    if error.status == 405 and "view" in context:
        response["Allow"] = ", ".join(context["view"].allowed_methods)
    return response


def _as_domain_error(exc: Exception) -> DomainError:
    match exc:
        case DomainError():
            return exc
        case Http404():
            return NotFound()
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return NoAuthorization()
        case exceptions.ParseError():
            return DomainError(str(exc.detail), code="bad_json", status=400)
        case exceptions.ValidationError():
            return ValidationFailed(_first_message(exc.detail))
        case SuspiciousOperation():  # such as more parameters than Django reads
            return ValidationFailed()
        case PermissionDenied():
            return DomainError("This is not allowed.", code="forbidden", status=403)
        case exceptions.UnsupportedMediaType():  # its own words quote the header
            message = "The body is of a type that is not read here."
            return DomainError(message, code="unsupported_media_type", status=exc.status_code)
        case exceptions.APIException():
            code = {405: "method_not_allowed", 413: "request_entity_too_large"}
            name = code.get(exc.status_code, "refused")
            return DomainError(str(exc.detail), code=name, status=exc.status_code)
        case OperationalError() | InterfaceError():
            return Unavailable()
        case _:
            return DomainError(
                "Unexpected failure, please check server logs for more information",
                code="unexpected_failure",
                status=500,
            )


def _first_message(detail: Any) -> str:
    """The first thing wrong, with the name of its field."""
    if isinstance(detail, dict):
        name, inner = next(iter(detail.items()))
        text = _first_message(inner)
        return text if name == "non_field_errors" else f"{name}: {text}"
    if isinstance(detail, list):
        return _first_message(detail[0])
    return str(detail)
