"""The password hasher new projects start with."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2idHasher(Argon2PasswordHasher):
    """Argon2id at 19 MiB, two passes, one lane (OWASP Password Storage; ASVS 5.0 appendix C).

    Django's own class takes 100 MiB and eight lanes, which a sign-in storm turns into an outage.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
