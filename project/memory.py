"""What a worker keeps of the memory that hashing passwords takes: little, and not for long. And how
often it looks for what nobody uses any more.

A hash fills 19 MiB for some milliseconds. The C library (glibc) keeps such a block for the next
one, and is right to: a fresh block has to be paged in, which costs half as much again as the hash.
But it keeps one for each thread, and for good.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import time
from threading import Thread

ENVIRONMENT = {
    # One arena for all threads: as many blocks are kept as are hashed at once, rather than one for
    # each thread. And of other arenas than this one, what lies at their end is never given back.
    "MALLOC_ARENA_MAX": "1",
    # Both fixed, at more than hashes take. By itself glibc moves them, to where it gives memory
    # back between one hash and the next. With a threshold of 1 MiB it keeps no block at all: that
    # made a hash 50 % slower.
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(128 * 2**20),
}
"""Has to be there when a process begins: it is read once, before any Python."""


def settle() -> None:
    """What is loaded by now stays: Python's collector need not walk it again. And a request makes
    more objects than the 700 after which it would look for new ones to collect, several times over:
    with fewer looks a gated read takes 5 % less.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


def give_back(every: float = 30.0) -> Thread | None:
    """Hand free memory to the operating system, again and again, in a thread of its own.

    That takes 3 ms after hashing and a tenth of one otherwise; of steady hashing, the two hashes
    after it take half as long again. None where the C library has no such function.
    """
    if sys.platform != "linux":
        return None
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is None:
        return None

    def again() -> None:
        while True:
            time.sleep(every)
            trim(0)

    thread = Thread(target=again, name="give-back-memory", daemon=True)
    thread.start()
    return thread
