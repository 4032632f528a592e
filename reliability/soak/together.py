"""What is done at the same moment: acts of one account that want the same thing."""

from __future__ import annotations

from collections.abc import Callable

from reliability.soak.acts.act import Act
from reliability.soak.acts.recovery import UseCode
from reliability.soak.acts.refreshing import Refresh
from reliability.soak.acts.signing import SignIn
from reliability.soak.choice import KEYS, NO_CODE, NO_DIGITS, Choice
from reliability.soak.crew import SIZE
from reliability.soak.model import WRONG


def batch(choice: Choice) -> list[Act]:
    """Two to four acts."""
    theme = choice.random.choice(_THEMES)
    if not choice.person.owner.factors and choice.random.random() < 0.5:
        theme = set_ups
    acts = theme(choice)
    while len(acts) < 2:
        acts.append(choice.act())
    choice.random.shuffle(acts)
    return acts[:SIZE]


def one_refresh_token(choice: Choice) -> list[Act]:
    """Tabs that share a key, tabs that do not, and a thief."""
    session = choice.session()
    key = choice.random.choice(KEYS)
    acts = [choice.refresh(session, key) for _ in range(_some(choice))]
    if choice.random.random() < 0.3:
        acts.append(_traded(choice, session))
    return acts


def a_refresh_beside_more(choice: Choice) -> list[Act]:
    session = choice.session()
    others = (choice.prove, choice.use_code, choice.sign_out, choice.unenrol, choice.revoke)
    return [
        choice.refresh(session),
        *(choice.random.choice(others)() for _ in range(_some(choice) - 1)),
    ]


def one_code(choice: Choice) -> list[Act]:
    """In one session, or on several devices."""
    code = choice.code()
    session = choice.session() if choice.random.random() < 0.5 else None
    return [choice.prove(session, code) for _ in range(_some(choice))]


def codes_in_one_session(choice: Choice) -> list[Act]:
    session = choice.session()
    return [choice.prove(session) for _ in range(_some(choice))]


def one_recovery_code(choice: Choice) -> list[Act]:
    code = choice.recovery_code()
    acts = [choice.use_code(None, code) for _ in range(_some(choice))]
    if choice.random.random() < 0.4:
        acts[0] = choice.random.choice(
            (choice.make_codes, choice.remove_codes, choice.read_self, choice.prove)
        )()
    return acts


def guesses(choice: Choice) -> list[Act]:
    """Wrong ones, and perhaps the right one among them."""
    ref, email = choice.person.ref, choice.person.email
    wrong: Callable[[], Act] = choice.random.choice(
        (
            lambda: choice.prove(None, NO_DIGITS),
            lambda: UseCode(*choice.asking(), NO_CODE),
            lambda: SignIn(ref, email, WRONG, 0),
        )
    )
    acts = [wrong() for _ in range(_some(choice))]
    if choice.random.random() < 0.5:
        acts[0] = choice.random.choice((choice.prove, choice.use_code, choice.sign_in))()
    return acts


def passwords(choice: Choice) -> list[Act]:
    """A change, and who signs in with the old one or the new one meanwhile."""
    device = choice.random.randrange(len(choice.person.devices))
    sign_ins = [
        SignIn(choice.person.ref, choice.person.email, password, device)
        for password in choice.random.sample((0, 1), k=choice.random.choice((1, 2)))
    ]
    more = (choice.refresh, choice.change_password, choice.read, choice.sign_out)
    return [choice.change_password(), *sign_ins, choice.random.choice(more)()]


def set_ups(choice: Choice) -> list[Act]:
    """Two devices at once: first to begin, and when this comes again, to finish."""
    sessions = choice.random.sample(choice.person.devices, k=2)
    return [
        choice.finish(session) if session in choice.person.pending else choice.enrol(session)
        for session in sessions
    ]


def turns(choice: Choice) -> list[Act]:
    """What changes who can sign in, of which each may make the others impossible."""
    kinds = (
        choice.change_password,
        choice.change_password,
        choice.unenrol,
        choice.make_codes,
        choice.remove_codes,
        choice.enrol,
    )
    return [choice.random.choice(kinds)() for _ in range(_some(choice))]


def a_removal(choice: Choice) -> list[Act]:
    more = (choice.prove, choice.use_code, choice.make_codes, choice.read, choice.unenrol)
    return [choice.unenrol(), *(choice.random.choice(more)() for _ in range(_some(choice) - 1))]


def the_switch(choice: Choice) -> list[Act]:
    more = (choice.read, choice.read, choice.read_anonymously, choice.prove)
    return [choice.flip(), *(choice.random.choice(more)() for _ in range(_some(choice) - 1))]


def endings(choice: Choice) -> list[Act]:
    more = (choice.refresh, choice.read, choice.prove, choice.revoke, choice.sign_out)
    return [choice.sign_out(), *(choice.random.choice(more)() for _ in range(_some(choice) - 1))]


def anything(choice: Choice) -> list[Act]:
    acts = [choice.act() for _ in range(_some(choice))]
    flips = [act for act in acts if type(act).__name__ == "Flip"]
    return [act for act in acts if act not in flips[1:]]


def _some(choice: Choice) -> int:
    return choice.random.choice((2, 2, 3, 3, 4))


def _traded(choice: Choice, session: str) -> Act:
    chain = choice.person.chains[session]
    back = min(1, len(chain) - 1)
    key = choice.random.choice(KEYS)
    return Refresh(choice.person.ref, session, len(chain) - back, chain[-1 - back], key)


_THEMES: tuple[Callable[[Choice], list[Act]], ...] = (
    one_refresh_token,
    a_refresh_beside_more,
    one_code,
    codes_in_one_session,
    one_recovery_code,
    guesses,
    passwords,
    set_ups,
    turns,
    a_removal,
    the_switch,
    endings,
    anything,
)
