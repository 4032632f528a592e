"""What the app server loads: ``granian --interface wsgi project.wsgi:application``."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from project import memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

application = get_wsgi_application()
memory.settle()
memory.give_back()
