"""Password hashers for measuring, the same for every Django participant."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher, BasePasswordHasher
from django.utils.crypto import constant_time_compare


class Argon2id(Argon2PasswordHasher):
    """The parameters of LingAuth's own, for those who do not have it."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1


class Free(BasePasswordHasher):
    """Costs nothing and protects nothing: it leaves what a sign-in costs besides the hash.

    Never use it for anything but this.
    """

    algorithm = "free"

    def salt(self) -> str:
        return ""

    def encode(self, password: str, salt: str) -> str:
        return f"free${password}"

    def verify(self, password: str, encoded: str) -> bool:
        return constant_time_compare(self.encode(password, ""), encoded)

    def decode(self, encoded: str) -> dict[str, Any]:
        return {"algorithm": self.algorithm, "salt": ""}

    def safe_summary(self, encoded: str) -> dict[Any, Any]:
        return {}

    def must_update(self, encoded: str) -> bool:
        return False

    def harden_runtime(self, password: str, encoded: str) -> None:
        return None
