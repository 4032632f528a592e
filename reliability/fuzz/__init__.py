"""Calls made up from the API's own description, by everybody who could make them, and below what
any description can say.

Whatever is sent, the answer is one that the description promises, never a failure of the server,
and no secret is in it, in a log line, in an event or in clear in the database, but where the
description gives it to who asked. ``python -m reliability.fuzz`` makes many; the suite makes few.
"""
