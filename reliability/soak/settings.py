"""The tests' settings. Mail is stored and not sent: who was told is counted, not read. Everybody
calls from one network, whose limit is not what is walked here."""

from __future__ import annotations

from tests.settings import *  # noqa: F403  # all of them
from tests.settings import LINGAUTH

LINGAUTH = {**LINGAUTH, "MAIL_DELIVERY": "queue", "WRONG_PASSWORDS_PER_IP": 1_000_000}
