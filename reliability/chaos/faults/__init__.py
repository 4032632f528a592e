"""The faults, one a file, in the order in which they strike."""

from __future__ import annotations

from reliability.chaos.fault import Fault
from reliability.chaos.faults.connections_exhausted import ConnectionsExhausted
from reliability.chaos.faults.node_killed import NodeKilled
from reliability.chaos.faults.postgres_stopped import PostgresKilled, PostgresStopped
from reliability.chaos.faults.worker_killed import WorkerKilled

FAULTS: dict[str, Fault] = {
    "worker_killed": WorkerKilled(),
    "node_killed": NodeKilled(),
    "postgres_stopped": PostgresStopped(),
    "postgres_killed": PostgresKilled(),
    "connections_exhausted": ConnectionsExhausted(),
}
"""By the name that ``--only`` takes."""
