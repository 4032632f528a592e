"""What not every machine lets be done to it."""


class NotAllowed(RuntimeError):
    """This machine cannot do it; the message says why. A fault that raises it was not run."""
