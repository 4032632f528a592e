"""Calls made up from a backend's own OpenAPI document, right ones and wrong ones.

Whatever is sent by whomever, the answer is one that the document promises: its status, its content
type, its headers and its schema, and never a failure of the server. A new route is tested by being
described. ``LINGAUTH_TEST_EXAMPLES`` is how many calls are made of each; the suite makes few, and
always the same.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.specs.openapi.schemas import OpenApiSchema

from lingauth.api.docs import document
from lingauth.models import Backend
from tests.fuzz.callers import CALLERS, World, undone, world
from tests.lingauth.api.docs.contract import operations

pytestmark = [pytest.mark.django_db, pytest.mark.once]

EXAMPLES = int(os.environ.get("LINGAUTH_TEST_EXAMPLES", "5"))
METHODS: Any = ("GET", "POST", "PUT", "PATCH", "DELETE")
SOME_ID = "7d0ad6a3-8a0f-4f5c-9b44-3f1f2c2d0b11"
CHECKS: Any = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
DESCRIBED = document.describe(Backend(ref="acme", name="Acme"))
TAGS = list(dict.fromkeys(o["tags"][0] for _, _, o in operations(DESCRIBED)))
# Extracted constants, and what earlier answers held, would cost more time than they find.
DRAWN: Any = {"feedback": NO_FEEDBACK}


@pytest.fixture
def everyone(db: None) -> Iterator[World]:
    with world() as made:
        yield made


@pytest.fixture
def schema(everyone: World) -> OpenApiSchema:
    loaded = schemathesis.openapi.from_dict(document.describe(everyone.made.backend))
    loaded.app = get_wsgi_application()
    return loaded


@pytest.mark.parametrize("tag", TAGS)
def test_every_answer_is_one_that_the_description_promises(
    tag: str, schema: OpenApiSchema, everyone: World, subtests: pytest.Subtests
) -> None:
    for path, method, described in operations(DESCRIBED):
        if described["tags"] == [tag]:
            with subtests.test(described["operationId"]):
                _call_it(schema[path][method.upper()], everyone)


def _call_it(operation: Any, everyone: World) -> None:
    right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE, **DRAWN)
    kinds = [right]
    if operation.body or operation.query or operation.path_parameters:
        kinds.append(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE, **DRAWN))

    @settings(
        max_examples=EXAMPLES,
        derandomize="LINGAUTH_TEST_EXAMPLES" not in os.environ,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(kinds), caller=st.sampled_from(CALLERS))
    def call(case: schemathesis.Case[Any], caller: str) -> None:
        with undone():
            answer = case.call(headers=everyone.headers[caller])
            # ``Prefer`` decides whether there is a body, which OpenAPI has no words for.
            bare = answer.status_code == 201 and not answer.content
            case.validate_response(answer, checks=CHECKS[:2] if bare else CHECKS)

    call()


def test_a_method_that_is_not_described_is_refused(
    schema: OpenApiSchema, everyone: World, subtests: pytest.Subtests
) -> None:
    """With the methods that are, in ``Allow`` (RFC 9110 section 15.5.6)."""
    for path, methods in DESCRIBED["paths"].items():
        known = {name.upper() for name in methods}
        ids = dict.fromkeys(re.findall(r"\{(\w+)\}", path), SOME_ID)
        for method in set(METHODS) - known:
            with subtests.test(f"{method} {path}"), undone():
                case = schema[path][min(known)].Case(path_parameters=ids, method=method)
                answer = case.call(headers=everyone.headers["aal2"])
                assert answer.status_code == 405
                allowed = set(", ".join(answer.headers["allow"]).split(", "))
                assert allowed - {"HEAD", "OPTIONS"} == known
