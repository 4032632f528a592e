"""The SDK under test, bundled from its source, for Node and for pages alike."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.support.servers import ROOT

SDK = ROOT / "sdk"
LIVE = SDK / "test" / "live"


def bundled(directory: Path) -> Path:
    """The SDK with what it needs, as an ES module; what is loaded later may lie beside it."""
    node = shutil.which("node")
    vite = SDK / "node_modules" / "vite" / "bin" / "vite.js"
    if node is None or not vite.is_file():
        raise RuntimeError("The SDK's own packages are not installed: run `make test-sdk`.")
    subprocess.run(
        [node, str(vite), "build", "--config", "vite.demo.config.ts", "--outDir", str(directory)],
        cwd=SDK,
        check=True,
    )
    return directory / "lingauth.js"


class App:
    """An app of the SDK's on a site of its own, beside the server's."""

    def __init__(self, url: str) -> None:
        self.url = url

    def at(self, backend: str, step: str = "") -> str:
        """The app of that backend, with that way of taking the second step."""
        return f"{self.url}/?backend={backend}" + (f"&step={step}" if step else "")


@contextmanager
def serving(bundle: Path, backends: dict[str, dict[str, str]]) -> Iterator[App]:
    """The app's files, the SDK's, and the keys that it may know."""
    public = {
        ref: {name: made[name] for name in ("url", "anon_key")} for ref, made in backends.items()
    }
    scripts = [LIVE / "app" / "main.js", *bundle.parent.glob("*.js")]
    files = {f"/{file.name}": (file, "text/javascript") for file in scripts}
    files["/"] = (LIVE / "app" / "index.html", "text/html")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/backends.json":
                body, kind = json.dumps(public).encode(), "application/json"
            elif path in files:
                body, kind = files[path][0].read_bytes(), files[path][1]
            else:
                return self.send_error(404)
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield App(f"http://app.localhost:{server.server_port}")
        server.shutdown()
