"""The requests of LingAuth's operations, each with the secret that is put into it when sent."""

from __future__ import annotations

from typing import Any

from benchmarks.plans import PASSWORD, Request, request

AUTH, REST = "/b/bench/auth/v1", "/b/bench/rest/v1"


def orders(token: str) -> Request:
    """The host's own view."""
    return request("GET", "/host/orders", _bearer(token)), ""


def user(key: str, token: str) -> Request:
    return request("GET", f"{AUTH}/user", {"apikey": key} | _bearer(token)), ""


def note(key: str, number: int, token: str | None = None) -> Request:
    """One row of the data API, by its key."""
    headers = {"apikey": key} | (_bearer(token) if token else {})
    return request("GET", f"{REST}/notes?select=id,title&id=eq.{number}", headers), ""


def refresh(key: str, token: str) -> Request:
    body = {"refresh_token": "{{token}}"}
    return _post("token?grant_type=refresh_token", {"apikey": key}, body), token


def verify(key: str, token: str, secret: str) -> Request:
    return _post("mfa/verify", {"apikey": key} | _bearer(token), {"code": "{{code}}"}), secret


def sign_in(key: str, email: str) -> Request:
    body = {"email": email, "password": PASSWORD}
    return _post("token?grant_type=password", {"apikey": key}, body), ""


def _post(path: str, headers: dict[str, str], body: Any) -> str:
    return request("POST", f"{AUTH}/{path}", headers, body)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
