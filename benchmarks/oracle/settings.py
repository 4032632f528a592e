"""The project's settings for ``benchmarks.oracle``: as deployed, but that one client may ask as
often as it likes, and that mail goes nowhere."""

from project.settings import *  # noqa: F403  # the settings as they are
from project.settings import LINGAUTH

LINGAUTH = {**LINGAUTH, "MAILS_PER_IP": 10**6, "MAILS_PER_BACKEND": 10**6}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
