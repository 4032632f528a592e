"""The files in ``deploy/``, in use."""
