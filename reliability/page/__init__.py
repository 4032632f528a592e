"""What the last runs came to, as ``docs/reliability.md`` tells it: one file a part of the page."""
