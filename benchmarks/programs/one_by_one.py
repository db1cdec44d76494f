"""Fetching as plain code does: on one connection, each file's header and then block after block, one request at a time.

python -m benchmarks.programs.one_by_one JOB URL
"""

from __future__ import annotations

import http.client
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import rasterio

from benchmarks import workload
from benchmarks.workload import Job, Window

HEADER = 16_384
Span = tuple[int, int]  # first byte, end


def main() -> None:
    """Ask for everything the job needs, and report."""
    job = workload.read_job(Path(sys.argv[1]))
    asked = list(requests(job))
    connection = http.client.HTTPConnection(urlsplit(sys.argv[2]).netloc)
    clock = workload.Clock()
    with clock.running():
        moved = sum(fetch(connection, path, span) for path, span in asked)
    headers = sum(span[1] for _, span in asked if span == (0, HEADER))
    workload.report(clock, requests=len(asked), tiles=moved - headers)


def requests(job: Job) -> Iterator[tuple[str, Span]]:
    """Every file's header and needed blocks, in order."""
    for scene in job.scenes:
        for band, path in scene.files.items():
            name = f"/files/{path.relative_to(job.catalogue).as_posix()}"
            yield name, (0, HEADER)
            yield from ((name, span) for span in blocks(path, job.needed[scene.item][band]))


def blocks(path: Path, windows: list[Window]) -> Iterator[Span]:
    """The bytes of each block that the windows touch."""
    with rasterio.open(path) as source:
        tall, wide = source.block_shapes[0]
        for row, column, height, width in windows:
            for down in range(row // tall, (row + height - 1) // tall + 1):
                for right in range(column // wide, (column + width - 1) // wide + 1):
                    offset, size = (int(source.get_tag_item(f"BLOCK_{what}_{right}_{down}", "TIFF", bidx=1)) for what in ("OFFSET", "SIZE"))
                    yield offset, offset + size


def fetch(connection: http.client.HTTPConnection, path: str, span: Span) -> int:
    """One range; its bytes."""
    connection.request("GET", path, headers={"Range": f"bytes={span[0]}-{span[1] - 1}"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 206:
        raise SystemExit(f"{path}: HTTP {answer.status}")
    return len(body)


if __name__ == "__main__":
    main()
