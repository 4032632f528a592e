"""Signals tell what has happened. They never steer: a receiver that fails is logged, no more.

``event_recorded`` is sent once for each audit row, after its transaction was committed:

* ``sender``: the class ``lingauth.models.Event``;
* ``event``: the row. ``event.kind`` is a value of ``lingauth.services.events.Kind``, such as
  ``factor_enrolled``, ``refresh_replayed`` or ``policy_changed``.

Two tell of what has no row, for whoever counts:

* ``hashing_refused``: a request was answered 503 because others hash. ``reason`` is
  ``queue_full`` or ``waited_too_long``;
* ``mail_tried``: a mail was handed to the mail server, or not. ``kind`` is the job's, ``outcome``
  is ``sent``, ``put_off`` or ``given_up``. It is sent in the process that delivers.
"""

from __future__ import annotations

from django.dispatch import Signal

event_recorded = Signal()
hashing_refused = Signal()
mail_tried = Signal()
