"""One call and everything that is looked at after it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core import mail
from schemathesis import Case

from lingauth.models import Backend, Event
from project.handler import Handler
from reliability.fuzz import judging, places
from reliability.fuzz.canaries import Canaries
from reliability.fuzz.isolation import undone
from reliability.fuzz.listening import Listener
from reliability.fuzz.sent import Answer, Sent, call
from reliability.fuzz.tally import Tally
from reliability.fuzz.world import MOODS, World
from tests.invariants.canary import Secrets, everything_stored
from tests.support.mailbox import LINK, letters

SECRET_MEMBERS = frozenset(
    "password current_password password_hash code token token_hash refresh_token access_token "
    "id_token auth_code code_verifier nonce".split()
)
"""Members of bodies that are secrets whatever is in them."""
_LONG_ENOUGH = 12
DATABASE_EACH, METRICS_EACH = 20, 500
"""Calls between two looks at every value that is stored, and at the page of the metrics."""


class Watch:
    """Makes calls, and tells ``tally`` what was wrong with each."""

    def __init__(self, here: World, listener: Listener, tally: Tally) -> None:
        self.here, self.listener, self.tally = here, listener, tally
        self.canaries = Canaries(here)
        self.site = Handler()  # not ``project.wsgi``, which would set up logging anew
        self.calls = 0

    def alone(
        self, operation: str, kind: str, sent: Sent, case: Case[Any] | None, mood: str = "open"
    ) -> Answer:
        """One call, which is undone. ``case`` is what its answer is held to, if to anything."""
        with undone():
            if changes := MOODS[mood]:
                Backend.objects.filter(pk=self.here.made.backend.pk).update(**changes)
            return self.one(operation, kind, sent, case, Secrets())

    def one(
        self, operation: str, kind: str, sent: Sent, case: Case[Any] | None, fresh: Secrets
    ) -> Answer:
        """One call. ``fresh`` are secrets that came up since the world was made; those of this call
        are added."""
        self.listener.forget()
        last = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        answer = call(self.site, sent)
        self.calls += 1
        problems = list(judging.general(sent, answer))
        if case is not None:
            problems += judging.described(case, answer)
        problems += self._leaks(operation, sent, answer, fresh, last)
        self.tally.add(operation, kind, sent, answer, problems)
        mail.outbox.clear()
        return answer

    def _leaks(
        self, operation: str, sent: Sent, answer: Answer, fresh: Secrets, last: int
    ) -> Iterator[str]:
        said, given = places.stripped(operation, answer)
        own = sent.text()
        news = [(name, value) for name, value in given if value.encode() not in own]
        for name, value in (*news, *sent_secrets(sent)):
            if len(value) >= _LONG_ENOUGH:
                fresh.add(name, value)
        for name, value in mailed_secrets():
            fresh.add(name, value)
        known = (self.canaries.clear, self.canaries.stored, fresh)
        quoted = own if places.is_quoting(sent.path, answer) else b""
        yield from _found(known, said, "the answer", but=quoted)
        if not self.listener.lines:
            yield "no access line was heard"
        else:
            yield from _found(known, "\n".join(self.listener.lines), "a log line")
        for row in Event.objects.filter(pk__gt=last).values():
            yield from _found(known, places.event_text(row), f"an event ({row['kind']})")
        if self.calls % DATABASE_EACH == 0:
            yield from self.stored(fresh)
        if self.calls % METRICS_EACH == 0:
            yield from self.metrics()

    def stored(self, fresh: Secrets) -> Iterator[str]:
        """What is in clear in the database, but for words that people are to read again."""
        for place, value in everything_stored():
            text = places.stored_text(place, value)
            yield from _found((self.canaries.clear, fresh), text, place)

    def metrics(self) -> Iterator[str]:
        """What the page of the metrics says, if there is one."""
        if not getattr(settings, "METRICS_PATH", ""):
            return
        token = (("Authorization", f"Bearer {settings.METRICS_TOKEN}"),)
        answer = call(self.site, Sent("GET", settings.METRICS_PATH, token))
        if answer.status != 200 or b"lingauth_request_seconds" not in answer.body:
            yield f"the metrics answer {answer.status}"
        yield from _found((self.canaries.clear, self.canaries.stored), answer.body, "the metrics")


def sent_secrets(sent: Sent) -> Iterator[tuple[str, str]]:
    """What a call says that only its receiver may know, unless it says it elsewhere as well."""
    key = sent.header("Idempotency-Key")
    pairs: list[tuple[str, Any]] = [("idempotency key", key)] if key else []
    if sent.body[:1] == b"{" and len(sent.body) < 65_536:
        try:
            members: Mapping[str, Any] = json.loads(sent.body)
        except (ValueError, RecursionError):
            members = {}
        pairs += [(f"{n} that was sent", members[n]) for n in SECRET_MEMBERS & members.keys()]
    text = sent.text()
    for name, value in pairs:
        if not isinstance(value, str) or len(set(value)) < 6:
            continue
        raw, escaped = value.encode(errors="replace"), json.dumps(value)[1:-1].encode()
        if text.count(raw) + (text.count(escaped) if escaped != raw else 0) <= 1:
            yield name, raw.decode()


def mailed_secrets() -> Iterator[tuple[str, str]]:
    """The codes and links of the mails that wait in memory."""
    for letter in letters():
        if "/verify?" in letter.body:
            yield "mailed link", letter.token
        if re.search(r"\b\d{6}\b", LINK.sub("", letter.body)):
            yield "mailed code", letter.code


def _found(
    known: tuple[Secrets, ...], text: str | bytes, where: str, but: bytes = b""
) -> Iterator[str]:
    names = {name for secrets in known for name in secrets.found_in(text)}
    if names and but:
        names -= {name for secrets in known for name in secrets.found_in(but)}
    if names:
        yield f"secret in {where}: {', '.join(sorted(names))}"
