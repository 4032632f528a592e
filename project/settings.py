"""Settings of the project in ``project/``. Safe for production as they are; there is no debug mode.

Read from the environment: LINGAUTH_SECRET_KEY, LINGAUTH_SECRET_KEY_FALLBACKS, LINGAUTH_SITE_URL,
LINGAUTH_ALLOWED_HOSTS, LINGAUTH_TRUSTED_PROXIES, LINGAUTH_EMAIL_URL, LINGAUTH_MAIL_FROM,
LINGAUTH_MAIL_DELIVERY, LINGAUTH_MAILBOX, LINGAUTH_PROVIDER_PRIVATE_NETWORKS, LINGAUTH_VAR,
LINGAUTH_LOG_LEVEL, LINGAUTH_LOG_FORMAT, LINGAUTH_ACCESS_LOG, LINGAUTH_METRICS,
LINGAUTH_METRICS_TOKEN, DATABASE_URL; and PROMETHEUS_MULTIPROC_DIR, where metrics are on.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from project import environment

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("LINGAUTH_VAR") or BASE_DIR / "var")
"""What this installation keeps: the demo's database, secret key and mail, and collected files."""

DEBUG = False
SECRET_KEY = environment.secret_key(VAR_DIR / "secret_key")
SECRET_KEY_FALLBACKS = environment.words("LINGAUTH_SECRET_KEY_FALLBACKS")

SITE_URL = os.environ.get("LINGAUTH_SITE_URL") or "http://127.0.0.1:8000"
IS_HTTPS = SITE_URL.startswith("https://")
LINGAUTH = {
    "SITE_URL": SITE_URL,
    "TRUSTED_PROXIES": environment.whole("LINGAUTH_TRUSTED_PROXIES", 0),
    "MAIL_DELIVERY": os.environ.get("LINGAUTH_MAIL_DELIVERY") or "background",
    "PROVIDER_PRIVATE_NETWORKS": environment.whole("LINGAUTH_PROVIDER_PRIVATE_NETWORKS", 0) == 1,
}
ALLOWED_HOSTS = environment.words("LINGAUTH_ALLOWED_HOSTS") or list(
    dict.fromkeys([urlsplit(SITE_URL).hostname or "localhost", "127.0.0.1", "localhost"])
)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_otp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "lingauth",
    "console",
    "project",
    "project.demo",
    "project.mailbox",
]
# Django's admin is not installed: the console is where operators work.

METRICS_PATH, METRICS_TOKEN = environment.metrics()
METRICS_DIR = VAR_DIR / "metrics"
"""Where worker processes count together, unless PROMETHEUS_MULTIPROC_DIR is another place."""

MIDDLEWARE = [
    "project.operations.health.HealthMiddleware",
    "project.operations.requests.RequestMiddleware",
    *(["project.operations.metrics.MetricsMiddleware"] if METRICS_PATH else []),
    "django.middleware.security.SecurityMiddleware",
    "lingauth.middleware.ApiFirstMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "project.urls"
WSGI_APPLICATION = "project.wsgi.application"
# An address is right or it is a 404: clients of an API must not be redirected.
APPEND_SLASH = False

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES = {"default": environment.database(f"sqlite:///{VAR_DIR / 'lingauth.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

PASSWORD_HASHERS = [
    "lingauth.hashers.Argon2idHasher",
    # What adopted and imported users may bring; each is replaced by the first at its next sign-in.
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher",
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
    "lingauth.hashers.BcryptHasher",
    "lingauth.hashers.FirebaseScryptHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "project.static_files.StaticFiles"},
}

REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}

# Django's session belongs to the console alone; hosted pages have a cookie of their own.
SESSION_COOKIE_NAME = "__Host-console" if IS_HTTPS else "console"
SESSION_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 8 * 3600
CSRF_COOKIE_NAME = "__Host-csrf" if IS_HTTPS else "csrf"
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "project.problems.form_too_old"
SECURE_HSTS_SECONDS = 63_072_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_SSL_REDIRECT = IS_HTTPS
# Pages redirect to https; the APIs refuse, so that no client goes on sending tokens in the clear.
SECURE_REDIRECT_EXEMPT = [r"^b/[^/]+/(auth|rest)/v1/"]
# To be in browsers' preload lists is for the owner of the domain to decide, not for us.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
if LINGAUTH["TRUSTED_PROXIES"]:
    # Believed only where a proxy of ours is known to set it.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"

globals().update(environment.email(VAR_DIR / "mail"))
# Without a mail server mail goes to files, and a page shows them to whoever is on this machine.
MAILBOX_IS_OPEN = os.environ.get("LINGAUTH_MAILBOX") == "open"
DEFAULT_FROM_EMAIL = os.environ.get("LINGAUTH_MAIL_FROM") or (
    f"LingAuth <no-reply@{urlsplit(SITE_URL).hostname}>"
)

ACCESS_LOG = environment.whole("LINGAUTH_ACCESS_LOG", 0) == 1
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        "json": {"()": "project.operations.json_lines.JsonLines"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": environment.log_format()}
    },
    "root": {
        "handlers": ["stderr"],
        "level": os.environ.get("LINGAUTH_LOG_LEVEL") or "WARNING",
    },
    # Django's own handlers would mail tracebacks, and with them what a request carried.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        # A refused or unknown request is the client's affair, and is in the events where it counts.
        "django.request": {"level": "ERROR"},
        "lingauth.access": {"level": "INFO"},
        # The heads of the history: worth something where they are kept outside of the database.
        "lingauth.history": {"level": "INFO"},
    },
}
