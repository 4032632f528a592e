"""The faults, one a file, in the order in which they strike."""

from __future__ import annotations

from reliability.chaos.fault import Fault
from reliability.chaos.faults.answers_dropped import AnswersDropped
from reliability.chaos.faults.clock_jumps import ClockJumps
from reliability.chaos.faults.connections_exhausted import ConnectionsExhausted
from reliability.chaos.faults.disk_full import DiskFull
from reliability.chaos.faults.lock_held import LockHeld
from reliability.chaos.faults.node_killed import NodeKilled
from reliability.chaos.faults.postgres_stopped import PostgresKilled, PostgresStopped
from reliability.chaos.faults.rolling_restart import RollingRestart
from reliability.chaos.faults.worker_killed import WorkerKilled

FAULTS: dict[str, Fault] = {
    "worker_killed": WorkerKilled(),
    "node_killed": NodeKilled(),
    "postgres_stopped": PostgresStopped(),
    "postgres_killed": PostgresKilled(),
    "connections_exhausted": ConnectionsExhausted(),
    "disk_full": DiskFull(),
    "clock_jumps": ClockJumps(),
    "answers_dropped": AnswersDropped(),
    "rolling_restart": RollingRestart(),
}
"""By the name that ``--only`` takes."""
SQLITE_FAULTS: dict[str, Fault] = {
    "worker_killed": FAULTS["worker_killed"],
    "node_killed": FAULTS["node_killed"],
    "lock_held": LockHeld(),
}
"""With ``--sqlite``."""
