"""The demo's fixed names, and what may be said about it in public."""

from __future__ import annotations

from dataclasses import dataclass

from lingauth.models import Backend
from lingauth.services import backends

REF = "demo"
NAME = "Demo"
OPERATOR = "operator@example.com"
PEOPLE = ("ada@example.com", "grace@example.com")
MANAGE = ".venv/bin/python manage.py"
RESET_OPERATOR = f"{MANAGE} create_operator {OPERATOR} \\\n    --backend {REF} --role owner --reset"


@dataclass(frozen=True, slots=True)
class Demo:
    """Where the demo is. Everything here is public."""

    backend: Backend
    base_url: str
    anon_key: str

    @property
    def docs_url(self) -> str:
        return f"{self.base_url}/docs"

    @property
    def curl(self) -> str:
        """A command that reads what anybody may read."""
        address = f"{self.base_url}/rest/v1/notes?select=id,title"
        return f"curl -H 'apikey: {self.anon_key}' \\\n     '{address}'"


def find() -> Demo | None:
    """The demo, if this installation has it."""
    backend = Backend.objects.filter(ref=REF).first()
    key = backends.anon_key(backend) if backend else None
    if backend is None or key is None:
        return None
    return Demo(backend, backends.base_url(backend), key)
