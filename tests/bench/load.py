"""A small HTTP load generator: keep-alive connections in a process of its own, requests made ready beforehand."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from time import perf_counter

import uvloop


async def _connection(host: str, port: int, requests: Iterator[bytes], until: float, tally: dict[int, int]) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    done = 0
    while perf_counter() < until:
        writer.write(next(requests))
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        length = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))[15:])
        await reader.readexactly(length)
        tally[status] = tally.get(status, 0) + 1
        done += 1
    writer.close()
    return done


async def _run(host: str, port: int, queues: list[list[bytes]], seconds: float, repeat: bool) -> dict[str, object]:
    tally: dict[int, int] = {}

    def endless(requests: list[bytes]) -> Iterator[bytes]:
        while True:
            yield from requests
            if not repeat:
                raise RuntimeError("more requests were sent than made ready: give the slice more of them")

    started = perf_counter()
    counts = await asyncio.gather(
        *(_connection(host, port, endless(queue), started + seconds, tally) for queue in queues)
    )
    return {"rate": sum(counts) / (perf_counter() - started), "statuses": tally}


def main() -> None:
    """Reads one JSON job from standard input, writes the rate and the statuses to standard output."""
    job = json.loads(sys.stdin.read())
    queues = [[request.encode() for request in queue] for queue in job["queues"]]
    result = uvloop.run(_run(job["host"], job["port"], queues, job["seconds"], job["repeat"]))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
