"""The peers: each a small project with its own pinned packages, as a user would make it."""
