"""From the table of operations to OpenAPI's paths and components, by drf-spectacular's inspection.

A host's ``SPECTACULAR_SETTINGS`` and its default schema class are the host's: its hooks, its
enumeration of views and its security are not asked here.
"""

from __future__ import annotations

from collections import defaultdict
from http import HTTPStatus
from typing import Any

from django.urls import include, path
from drf_spectacular.generators import EndpointEnumerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry
from drf_spectacular.utils import OpenApiExample, OpenApiRequest, OpenApiResponse

from lingauth.api.docs import examples
from lingauth.api.docs.answers import Error
from lingauth.api.docs.operation import Operation, Refusal
from lingauth.api.docs.operations import OPERATIONS

JSON = "application/json"
ROUTES = [path("auth/v1/", include("lingauth.api.urls"))]


class Routes(EndpointEnumerator):
    """The views of the table, found by their routes; whatever else is there is not described."""

    def should_include_endpoint(self, path: str, callback: Any) -> bool:
        return any(view is getattr(callback, "cls", None) for view, _ in OPERATIONS)

    def found(self) -> list[tuple[str, str, str, Any]]:
        """Path, regular expression, method and view function, without a host's hooks."""
        endpoints: list[tuple[str, str, str, Any]]
        endpoints = self._get_api_endpoints(None, "")  # type: ignore[no-untyped-call]  # untyped there
        return endpoints


class OperationSchema(AutoSchema):
    """Describes one method of a view as its ``Operation`` says."""

    def __init__(self, operation: Operation) -> None:
        super().__init__()
        self.operation = operation
        self.examples = examples.of(operation.id)

    def get_operation_id(self) -> str:
        return self.operation.id

    def get_summary(self) -> str:
        return self.operation.summary

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular itself
        return self.operation.description

    def get_tags(self) -> list[str]:
        return [self.operation.tag]

    def get_auth(self) -> list[dict[str, list[str]]]:
        return self.operation.access.security

    def get_override_parameters(self) -> list[Any]:
        return list(self.operation.parameters)

    def get_request_serializer(self) -> Any:
        if self.operation.body is None:
            return None
        shown = [
            OpenApiExample(e.name, value=e.body)
            for e in self.examples
            if e.ok and e.body is not None
        ]
        return {JSON: OpenApiRequest(self.operation.body, examples=shown)}

    def get_response_serializers(self) -> Any:
        answer, status = self.operation.answer, self.operation.done
        done = OpenApiResponse(
            answer,
            description="Done. No body." if status == 204 else HTTPStatus(status).phrase,
            examples=[
                OpenApiExample(e.name, value=e.answer) for e in self.examples if e.status == status
            ],
        )
        answers = {str(status): done, **refused(self.operation)}
        if (other := self.operation.or_else) is not None:
            answers[str(other)] = OpenApiResponse(None, description=HTTPStatus(other).phrase)
        return answers

    def map_renderers(self, attribute: str) -> list[str]:
        return [JSON] if attribute == "media_type" else ["json"]


def refused(operation: Operation) -> dict[str, Any]:
    """The error answers, one for each status, with the codes in its description."""
    by_status: dict[int, list[Refusal]] = defaultdict(list)
    for refusal in operation.all_refusals:
        by_status[refusal.status].append(refusal)
    return {
        str(status): OpenApiResponse(
            Error,
            description=codes(refusals),
            examples=[
                OpenApiExample(e.name, value=e.answer)
                for e in examples.refused(operation.id, status, {r.code for r in refusals})
            ],
        )
        for status, refusals in sorted(by_status.items())
    }


def codes(refusals: list[Refusal]) -> str:
    """A list of codes with their sentences, in Markdown."""
    return "\n".join(f"* `{refusal.code}`: {refusal.message}" for refusal in refusals)


def described() -> tuple[dict[str, Any], ComponentRegistry]:
    """The paths of the auth API and the components they refer to."""
    registry = ComponentRegistry()
    paths: dict[str, Any] = defaultdict(dict)
    for route, regex, method, callback in Routes(ROUTES).found():
        operation = OPERATIONS[callback.cls, method]
        schema = OperationSchema(operation)
        schema.view = callback.cls(**callback.initkwargs)
        schema.view.request = None
        body = schema.get_operation(route, regex, "/auth/v1", method, registry) or {}
        _add_headers(body["responses"], operation)
        if "requestBody" in body:
            body["requestBody"]["required"] = True
        paths[route][method.lower()] = body
    order = [operation.id for operation in OPERATIONS.values()]
    first = {
        route: min(order.index(o["operationId"]) for o in methods.values())
        for route, methods in paths.items()
    }
    return {route: paths[route] for route in sorted(paths, key=first.__getitem__)}, registry


def _add_headers(responses: dict[str, Any], operation: Operation) -> None:
    """The headers that clients act on."""
    for status in filter(None, (operation.redirect, operation.or_else)):
        responses[str(status)]["headers"] = {"Location": LOCATION}
    for refusal in operation.all_refusals:
        headers = responses[str(refusal.status)].setdefault("headers", {})
        if refusal.challenge:
            headers["WWW-Authenticate"] = CHALLENGE
        if refusal.status in (429, 503):
            headers["Retry-After"] = RETRY_AFTER
        if not headers:
            del responses[str(refusal.status)]["headers"]


CHALLENGE = {
    "schema": {"type": "string"},
    "description": "What is missing (RFC 6750, RFC 9470).",
}
LOCATION = {"schema": {"type": "string", "format": "uri"}, "description": "Where it goes on."}
RETRY_AFTER = {"schema": {"type": "integer"}, "description": "Seconds to wait."}
