"""A Django project for apps: as allauth's pages on its headless API set it up.

``BENCH_JWT`` chooses its JWT strategy, with the algorithm that is its default (it has no ES256).
"""

from __future__ import annotations

import os

from benchmarks.peers.databases import configured

SECRET_KEY = "only for measuring, on a database that is thrown away"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "testserver"]
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "rest_framework",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.headless",
    "benchmarks.peers.allauth.policies",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
ROOT_URLCONF = "benchmarks.peers.allauth.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = configured()

PASSWORD_HASHERS = ["benchmarks.hashers.Argon2id"]
if os.environ.get("BENCH_FREE_HASH"):
    PASSWORD_HASHERS = ["benchmarks.hashers.Free"]

ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# One address sends everything here.
ACCOUNT_RATE_LIMITS = False
# What waits for its second step was seeded at the start of the run.
ACCOUNT_LOGIN_TIMEOUT = 3600
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("app",)
if "BENCH_JWT" in os.environ:
    HEADLESS_TOKEN_STRATEGY = "allauth.headless.tokens.strategies.jwt.JWTTokenStrategy"
    HEADLESS_JWT_PRIVATE_KEY = os.environ["BENCH_JWT"]
    HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = 3600

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
}

# As everybody else here: the codes of the neighbouring half minutes too, for phones that are off.
MFA_TOTP_TOLERANCE = 1
