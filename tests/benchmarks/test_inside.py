"""A request of a plan, as the application is called with it."""

from __future__ import annotations

from benchmarks.inside.caller import environ, play
from benchmarks.load import Script
from benchmarks.plans import Plans, request


def test_a_request_becomes_an_environment() -> None:
    script = Script({"mode": "once", "status": 200, "has": "", "requests": []})
    sent = request("POST", "/a%20b?c=%20d", {"apikey": "key"}, {"code": "{{code}}"})
    made = environ(script.fill(sent.encode(), b"JBSWY3DPEHPK3PXP"))
    assert (made["REQUEST_METHOD"], made["PATH_INFO"], made["QUERY_STRING"]) == (
        *("POST", "/a b"),
        "c=%20d",
    )
    assert made["HTTP_APIKEY"] == "key"
    assert made["CONTENT_TYPE"] == "application/json"
    body = made["wsgi.input"].read()
    assert len(body) == int(made["CONTENT_LENGTH"])
    assert b"{{" not in body


def test_a_chain_goes_on_with_the_token_of_each_answer() -> None:
    plans = Plans()
    seen: list[bytes] = []
    first = (request("POST", "/", body={"token": "{{token}}"}), "0")
    plans.add("refresh", [first], mode="chain", has="next", after='"next":"')

    def application(called, start_response):  # type: ignore[no-untyped-def]  # WSGI's shape
        seen.append(called["wsgi.input"].read())
        start_response("200 OK", [])
        return [b'{"next":"%d"}' % len(seen)]

    found = play(application, Script(plans.all["refresh"]), 3, None)
    assert found["requests"] == 3
    assert seen == [b'{"token": "0"}', b'{"token": "1"}', b'{"token": "2"}']
