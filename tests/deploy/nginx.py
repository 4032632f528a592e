"""nginx with ``deploy/nginx.conf``, on this machine's ports and in a directory of its own.

``python -m tests.deploy.nginx`` makes sure of an nginx and prints its version; it ends red, in
words, where there is none and none could be installed.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import httpx

from tests.deploy.certificate import write_certificate
from tests.support.servers import ROOT, free_port

NAME = "id.example.com"
MAIN = """
{user}
daemon off;
pid {directory}/pid;
error_log {directory}/main.log;
events {{}}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    include {directory}/lingauth.conf;
}}
"""


def find() -> str | None:
    """The path of an nginx, or None."""
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def ensure() -> str:
    """The path of an nginx, installed by apt if need be."""
    if (path := find()) is None and shutil.which("apt-get"):
        sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "-y", "--no-install-recommends", "nginx-light"]):
            command = [*sudo, "apt-get", "-qq", *words]
            subprocess.run(command, check=False, env=environment, stdout=sys.stderr)
        path = find()
    if path is None:
        sys.exit("This needs nginx, and there is none on this machine. Debian: apt install nginx")
    return path


class Nginx:
    """A running nginx in front of two servers. What was put in place of what is in the file is in
    ``places``; each has to be in it."""

    def __init__(
        self,
        directory: Path,
        *,
        app: int,
        hashing: int,
        static: Path,
        second: int | None = None,
        second_hashing: int | None = None,
    ) -> None:
        directory.mkdir(parents=True)
        self.directory = directory
        self.http, self.https = free_port(), free_port()
        self.certificate = write_certificate(directory, NAME)
        line = "server 127.0.0.1:{} max_fails=1 fail_timeout=2s;"

        def servers(*ports: int | None) -> str:
            return "\n".join(line.format(port) for port in ports if port)

        self.configure(
            {
                line.format(8000): servers(app, second),
                line.format(8001): servers(hashing, second_hashing),
                "listen 80": f"listen 127.0.0.1:{self.http}",
                "listen 443": f"listen 127.0.0.1:{self.https}",
                "/etc/lingauth/tls": str(directory),
                "/var/log/nginx": str(directory),
                "root /var/lib/lingauth;": f"root {static};",
            }
        )

    def configure(self, places: Mapping[str, str]) -> None:
        text = (ROOT / "deploy" / "nginx.conf").read_text()
        for given, here in places.items():
            assert given in text, given
            text = text.replace(given, here)
        (self.directory / "lingauth.conf").write_text(text)
        user = "user root;" if os.geteuid() == 0 else ""
        (self.directory / "nginx.conf").write_text(MAIN.format(user=user, directory=self.directory))

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [ensure(), "-c", str(self.directory / "nginx.conf"), "-p", str(self.directory)]
        )
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.https), timeout=1).close()
                return self
            except OSError:
                assert time.monotonic() < end, "nginx does not listen"
                assert self._process.poll() is None, "nginx ended"
                time.sleep(0.05)

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(timeout=10)

    def take_out(self, port: int) -> None:
        """As the page does before a node stops: nothing new is sent there."""
        self._edit(f"server 127.0.0.1:{port} ", f"server 127.0.0.1:{port} down ")

    def put_back(self, port: int) -> None:
        self._edit(f"server 127.0.0.1:{port} down ", f"server 127.0.0.1:{port} ")

    def _edit(self, line: str, by: str) -> None:
        file = self.directory / "lingauth.conf"
        text = file.read_text()
        assert line in text
        file.write_text(text.replace(line, by))
        self._process.send_signal(signal.SIGHUP)
        time.sleep(1)

    def client(
        self, *, https: bool = True, source: str | None = None, **options: Any
    ) -> httpx.Client:
        """A client of the site, whose name leads to this machine; at the address ``source``."""

        def named(request: httpx.Request) -> None:
            request.extensions["sni_hostname"] = NAME

        port, scheme = (self.https, "https") if https else (self.http, "http")
        trusted = ssl.create_default_context(cafile=str(self.certificate))
        if source is not None:
            options["transport"] = httpx.HTTPTransport(verify=trusted, local_address=source)
        return httpx.Client(
            base_url=f"{scheme}://127.0.0.1:{port}",
            headers={"Host": NAME, **options.pop("headers", {})},
            verify=trusted,
            event_hooks={"request": [named]},
            timeout=40,
            **options,
        )

    def log(self) -> list[str]:
        """One line for each request that was answered."""
        time.sleep(0.2)  # it is written after the answer
        return (self.directory / "lingauth.log").read_text().splitlines()


if __name__ == "__main__":
    subprocess.run([ensure(), "-v"], check=True)
