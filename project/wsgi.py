"""What the app server loads: ``granian --interface wsgi project.wsgi:application``."""

from __future__ import annotations

import os

import django

from project import memory
from project.handler import Handler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")

django.setup(set_prefix=False)
application = Handler()
memory.settle()
memory.give_back()
