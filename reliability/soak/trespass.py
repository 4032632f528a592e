"""What one backend gave out, presented at another: INV-8."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from reliability.soak.acts.reading import Trespass
from reliability.soak.model import Person, Want
from reliability.soak.wire import Sent
from reliability.soak.world import HERE, THERE, World

_REFRESH = "auth/v1/token?grant_type=refresh_token"
_SIGN_IN = "auth/v1/token?grant_type=password"


def trespass(random: Random, world: World) -> Trespass | None:
    """One such attempt, with something of a random person. None where they have nothing."""
    owner = random.choice(world.people)
    at = THERE if owner.ref == HERE else HERE
    victim = random.choice([person for person in world.people if person.ref == at])
    attempts = [*_attempts(owner, victim, at, world.wire.keys[owner.ref], world.now)]
    return random.choice(attempts) if attempts else None


def _attempts(owner: Person, victim: Person, at: str, key: str, now: int) -> Iterator[Trespass]:
    session = owner.devices[-1]
    token = owner.access[session].token
    signed_in = owner.refuses(session, owner.access[session], now) is None
    if signed_in:
        refused = Want(401, "invalid_token")
        yield Trespass(at, "access token", Sent("GET", "rest/v1/notes", token=token), refused)
        write = Sent("POST", "auth/v1/logout", token=token)
        yield Trespass(at, "access token", write, Want(403, "bad_jwt"))
    body = {"refresh_token": owner.chains[session][-1]}
    unknown = Want(400, "refresh_token_not_found")
    yield Trespass(at, "refresh token", Sent("POST", _REFRESH, body), unknown)
    not_ours = Want(401, "invalid_api_key")
    body = {"email": victim.email, "password": "correct horse battery"}
    yield Trespass(at, "API key", Sent("POST", _SIGN_IN, body), not_ours, key)
    yield Trespass(at, "API key", Sent("GET", "rest/v1/notes"), not_ours, key)
    mine = victim.devices[-1]
    if victim.refuses(mine, victim.access[mine], now) is not None:
        return
    held = victim.access[mine].token
    missing = Want(404, "mfa_factor_not_found")
    for factor in owner.owner.factors[:1]:
        remove = Sent("DELETE", f"auth/v1/factors/{factor.id}", token=held)
        yield Trespass(at, "factor's id", remove, missing)
        body = {"factor_id": factor.id, "code": "123456"}
        prove = Sent("POST", "auth/v1/mfa/verify", body, token=held)
        yield Trespass(at, "factor's id", prove, missing)
    for challenge in [*owner.challenges.values()][:1]:
        for factor in victim.owner.factors[:1]:
            path = f"auth/v1/factors/{factor.id}/verify"
            body = {"challenge_id": challenge.id, "code": "123456"}
            answer = Sent("POST", path, body, token=held)
            yield Trespass(at, "challenge", answer, Want(422, "mfa_challenge_expired"))
    end = Sent("DELETE", f"auth/v1/sessions/{session}", token=held)
    yield Trespass(at, "session's id", end, Want(404, "session_not_found"))
