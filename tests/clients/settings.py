"""The product's settings, but a sign-in provider may be on this machine: the tests' own is."""

from __future__ import annotations

from project.settings import *  # noqa: F403  # a settings module is the names it holds
from project.settings import LINGAUTH

LINGAUTH = {**LINGAUTH, "PROVIDER_PRIVATE_NETWORKS": True}
