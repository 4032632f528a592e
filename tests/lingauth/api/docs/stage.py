"""Where the examples are made: an app whose exchanges can be kept, and how two of them compare."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from lingauth.api.docs.examples import Example
from lingauth.services import policy
from lingauth.services.backends import NewBackend
from lingauth.services.context import Actor
from tests.support.app import App
from tests.support.totp import code_for

EMAIL = "ada@example.com"
LONG = 160
VOLATILE = re.compile(
    r"""
      [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}      # ids
    | \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.:+Z]*        # times
    | [A-Za-z0-9_-]{40,}                             # refresh tokens, keys
    | eyJ[\w.-]+…                                    # access tokens
    | [A-Z2-7]{32}                                   # secrets of authenticators
    | otpauth://totp/Example:ada%40example.com\?secret=[A-Z2-7]{32}&.*
    | <\?xml.*…|<svg.*…                              # their QR codes
    | \S+/auth/v1/authorize\?ticket=\S+             # the way to a provider
    | \S+/mfa/step-up\?ticket=\S+                   # and to our pages
    | \S+/auth/v1/verify\?token=\S+                   # mailed links
    | [0-9a-z]{16}                                   # recovery codes
    | \d+\.\d+\.\d+                                  # our version
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass
class Stage:
    """One backend and one account of it. ``kept`` has what was shown, by operation."""

    made: NewBackend
    app: App
    kept: dict[str, list[Example]] = field(default_factory=dict)

    def show(
        self,
        operation: str,
        name: str,
        method: str,
        path: str,
        body: Any = None,
        **options: Any,
    ) -> Any:
        """Make a call whose exchange becomes an example. Answers what came back."""
        answer = self.app.call(method, path, body, **options)
        return self.keep(operation, name, body, answer)

    def show_raw(self, operation: str, name: str, path: str, body: str, kind: str) -> Any:
        """The same for a POST whose body no client would send."""
        address = f"/b/{self.app.ref}/{path}"
        answer = self.app.http.generic("POST", address, body, content_type=kind)
        return self.keep(operation, name, None, answer)

    def keep(self, operation: str, name: str, body: Any, answer: Any) -> Any:
        value = json.loads(answer.content) if answer.content else None
        example = Example(name, shortened(body), answer.status_code, shortened(value))
        self.kept.setdefault(operation, []).append(example)
        return answer

    def arrive(self, *, level: int = 1, ago: float = 0) -> None:
        """Sign the account up and, for level 2, verify a code of ``ago`` seconds before."""
        self.app.sign_up(EMAIL)
        if level == 2:
            self.app.reach_aal2(self.now - ago)

    def code(self, at: float = 0) -> str:
        return code_for(self.app.secret, self.now + at)

    @property
    def now(self) -> float:
        from lingauth.core import clock

        return clock.now().timestamp()

    def change(self, **settings: Any) -> None:
        """Change the backend's settings."""
        backend_id = self.made.backend.pk
        policy.change(backend_id=backend_id, changes=settings, actor=Actor.system("tests"))


def shortened(value: Any) -> Any:
    """The same with long texts cut, for people."""
    if isinstance(value, dict):
        return {key: shortened(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shortened(inner) for inner in value]
    if isinstance(value, str) and len(value) > LONG:
        return value[: LONG // 2] + "…"
    return value


def differences(recorded: Any, real: Any, where: str = "") -> list[str]:
    """Where two exchanges differ in more than what differs every time."""
    if isinstance(recorded, dict) and isinstance(real, dict):
        found = [f"{where}.{key} is in one of them" for key in recorded.keys() ^ real.keys()]
        for key in recorded.keys() & real.keys():
            found += differences(recorded[key], real[key], f"{where}.{key}")
        return found
    if isinstance(recorded, list) and isinstance(real, list) and len(recorded) == len(real):
        pairs = enumerate(zip(recorded, real, strict=True))
        return [d for n, (a, b) in pairs for d in differences(a, b, f"{where}[{n}]")]
    if isinstance(recorded, str) and isinstance(real, str):
        if VOLATILE.fullmatch(recorded) and VOLATILE.fullmatch(real):
            return []
        if re.fullmatch(r"\d{6}", recorded) and re.fullmatch(r"\d{6}", real):
            return []
    return [] if recorded == real else [f"{where}: {recorded!r} became {real!r}"]
