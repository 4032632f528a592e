"""Signals tell what has happened. They never steer: a receiver that fails is logged, no more.

``event_recorded`` is sent once for each audit row, after its transaction was committed:

* ``sender``: the class ``lingauth.models.Event``;
* ``event``: the row. ``event.kind`` is a value of ``lingauth.services.events.Kind``, such as
  ``factor_enrolled``, ``refresh_replayed`` or ``policy_changed``.
"""

from __future__ import annotations

from django.dispatch import Signal

event_recorded = Signal()
