"""The process that calls a WSGI application: commands on standard input, answers on its output.

Requests are those of the load generator's plans. Making one, and looking at its answer, is not
counted.
"""

from __future__ import annotations

import cProfile
import io
import json
import pstats
import statistics
import sys
import time
from collections.abc import Callable
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from benchmarks.load import Script, WrongAnswer

Application = Callable[[dict[str, Any], Callable[..., Any]], Any]


def main() -> None:
    application: Application = import_module(sys.argv[1]).application
    script = Script(json.loads(Path(sys.argv[2]).read_text())[sys.argv[3]])
    for text in sys.stdin:
        command = json.loads(text)
        profile = cProfile.Profile() if command["top"] else None
        answer = play(application, script, command["requests"], profile)
        if profile is not None:
            answer["profile"] = shown(profile, command["top"])
        print(json.dumps(answer), flush=True)


def play(
    application: Application, script: Script, count: int, profile: cProfile.Profile | None
) -> dict[str, Any]:
    """CPU time in microseconds of a request: of this thread, and of all threads together."""
    times: list[float] = []
    everything = 0.0
    status: list[str] = []

    def start_response(line: str, *_: Any) -> None:
        status.append(line)

    for _ in range(count):
        taken = script.take()
        if taken is None:
            break
        sent = script.fill(*taken)
        called = environ(sent)
        status.clear()
        process = time.process_time()
        if profile is not None:
            profile.enable()
        begun = time.thread_time()
        result = application(called, start_response)
        body = b"".join(result)
        if hasattr(result, "close"):
            result.close()
        times.append(1e6 * (time.thread_time() - begun))
        if profile is not None:
            profile.disable()
        everything += 1e6 * (time.process_time() - process)
        _check(script, taken[0], status[0], body)
    times.sort()
    return {
        "requests": len(times),
        "median": statistics.median(times),
        "mean": statistics.mean(times),
        "fast": times[len(times) // 10],
        "process": everything / len(times),
    }


def _check(script: Script, template: bytes, status: str, body: bytes) -> None:
    if script.status not in f" {status[:3]} ".encode() or script.has not in body:
        raise WrongAnswer(f"{status} {body[:1500]!r} to {template[:300]!r}")
    if script.mode == "chain":
        _, _, rest = body.partition(script.after)
        script.give(template, rest[: rest.index(b'"')])


def environ(sent: bytes) -> dict[str, Any]:
    """A request of a plan, as an app server hands it on (PEP 3333)."""
    head, _, body = sent.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, protocol = first.split(" ")
    path, _, query = target.partition("?")
    made: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(path, "latin-1"),
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": protocol,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for line in lines:
        name, _, value = line.partition(": ")
        key = name.upper().replace("-", "_")
        made[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return made


def shown(profile: cProfile.Profile, top: int) -> str:
    """The costliest functions, with paths from the package's directory on."""
    out = io.StringIO()
    stats = pstats.Stats(profile, stream=out)
    for order in ("tottime", "cumulative"):
        stats.sort_stats(order).print_stats(top)
    home = str(Path(__file__).resolve().parents[2])
    text = out.getvalue().replace(home + "/", "")
    for library in sys.path:
        if library.endswith("-packages"):
            text = text.replace(library.replace(home + "/", "") + "/", "")
    return text


if __name__ == "__main__":
    main()
