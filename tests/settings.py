"""The project's settings, as the tests want them: cheap passwords, kept mail, a database to choose.

SQLite in a file with the product's own options, or PostgreSQL with ``pytest --postgres``.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ["LINGAUTH_SECRET_KEY"] = "only-for-tests-" + "0123456789abcdef" * 3
# A developer's own environment must not steer the tests.
for _name in (
    "DATABASE_URL",
    "LINGAUTH_SITE_URL",
    "LINGAUTH_ALLOWED_HOSTS",
    "LINGAUTH_EMAIL_URL",
    "LINGAUTH_MAIL_DELIVERY",
    "LINGAUTH_PROVIDER_PRIVATE_NETWORKS",
    "LINGAUTH_LOG_FORMAT",
    "LINGAUTH_ACCESS_LOG",
    "LINGAUTH_METRICS",
    "PROMETHEUS_MULTIPROC_DIR",
):
    os.environ.pop(_name, None)
os.environ["DATABASE_URL"] = os.environ.get("LINGAUTH_TEST_DATABASE_URL", "sqlite://:memory:")

from project.settings import *  # noqa: E402, F403
from project.settings import BASE_DIR, DATABASES, LINGAUTH, PASSWORD_HASHERS  # noqa: E402

del os.environ["DATABASE_URL"]

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: write-ahead logging and waiting writers are part of what is tested.
    _file = Path(tempfile.gettempdir()) / f"lingauth-test-{os.getpid()}.sqlite3"
    DATABASES["default"]["TEST"] = {"NAME": str(_file)}
DATABASES["default"]["ATOMIC_REQUESTS"] = "LINGAUTH_TEST_ATOMIC_REQUESTS" in os.environ

# Where hashing is the subject, a test names the real hashers itself.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]

# Nothing is collected for unit tests; WhiteNoise wants a directory that is there.
STATIC_ROOT = BASE_DIR / "lingauth" / "static"
# A test reads the mail it caused in its next line.
LINGAUTH = {**LINGAUTH, "MAIL_DELIVERY": "inline"}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
