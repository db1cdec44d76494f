"""The ledger's figures: python -m benchmarks.ledger [ENTRIES] [AREAS] -> one line each, in a folder of its own.

append      submissions, and transfers, acknowledged a second (each its own transaction, on the disk), and the flushes that the disk does a second
overlap     a new area held against so many registered ones, the look for double counting alone
check       a ledger of so many entries checked from end to end, as JSON Lines and as the file
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import shapely

from carbonsink.base.geometry import canonical_wkb
from carbonsink.base.signing import make_key, public_text
from carbonsink.ledger.accounts import Account
from carbonsink.ledger.checking import check
from carbonsink.ledger.claims import judge, meetings
from carbonsink.ledger.exports import jsonl
from carbonsink.ledger.moves import transfer
from carbonsink.ledger.store import Ledger, init, opened
from carbonsink.ledger.submission import Submission, Vintage
from carbonsink.ledger.submit import Terms, block_of, submit

KEY = make_key()
PARCELS = 10  # a side: 100 parcels an area
STEP = 0.02  # degrees between areas
SIDE = 0.0018  # of a parcel, with a path between
SPLIT = 1_000  # transfers an issue


def area(number: int, shift: float = 0.0) -> Submission:
    """An area of 100 parcels; areas lie in rows of 100."""
    west, south = 100 + STEP * (number % 100) + shift, 24 + STEP * (number // 100)
    boxes = [
        shapely.box(west + x * 0.002, south + y * 0.002, west + x * 0.002 + SIDE, south + y * 0.002 + SIDE) for x in range(PARCELS) for y in range(PARCELS)
    ]
    parcels = tuple((f"P{n}", canonical_wkb(box)) for n, box in enumerate(boxes))
    name = f"area-{number}-{shift:g}"
    return Submission(
        name,
        f"{number:064x}",
        "",
        "",
        name,
        {"zh": name, "en": name},
        "rice-water-management 1",
        parcels,
        ("CH4-soil",),
        (Vintage(2020, SPLIT, 0),),
        Account("2020-01-01", "2021-01-01"),
    )


@contextmanager
def together(ledger: Ledger) -> Iterator[None]:
    """Many submissions in one transaction, so that building a ledger doesn't take an hour; never done outside of a benchmark."""
    real = Ledger.writing

    @contextmanager
    def nothing(_: Ledger) -> Iterator[None]:
        yield

    with real(ledger):
        Ledger.writing = nothing  # type: ignore[method-assign]
        try:
            yield
        finally:
            Ledger.writing = real  # type: ignore[method-assign]


def append(folder: Path, count: int = 200) -> None:
    """Each submission and each transfer its own transaction."""
    path = folder / "append"
    init(path, "benchmark", public_text(KEY))
    with opened(path) as ledger:
        listed = [area(n) for n in range(count)]
        began = time.perf_counter()
        blocks = [block_of(ledger, submit(ledger, one, Terms("350627", "village"), KEY).entries[-1]) for one in listed]
        between = time.perf_counter()
        for n, block in enumerate(blocks):
            transfer(ledger, str(block), "village", f"factory-{n}", 10)
        ended = time.perf_counter()
    print(f"append: {count / (between - began):,.0f} submissions/s of {PARCELS**2} parcels, {count / (ended - between):,.0f} transfers/s")
    print(f"append: the disk does {flushes(folder, count):,.0f} flushes/s of a page, which bounds both")


def flushes(folder: Path, count: int) -> float:
    """How many pages a second can be written and flushed one after another, as each acknowledged entry is."""
    with (folder / "flushed").open("wb", buffering=0) as stream:
        began = time.perf_counter()
        for _ in range(count):
            stream.write(bytes(4096))
            os.fsync(stream.fileno())
        return count / (time.perf_counter() - began)


def overlap(folder: Path, areas: int) -> None:
    """A new area among so many: a neighbour's edge, half of another, free land."""
    path = folder / "overlap"
    init(path, "benchmark", public_text(KEY))
    with opened(path) as ledger:
        with together(ledger):
            for n in range(areas):
                submit(ledger, area(n), Terms("350627", "village"), KEY)
        for name, shift in (("beside another", STEP - 0.0002), ("half over another", 0.011), ("on free land", 100.0)):
            times, worked = [], []
            for n in range(areas // 2, areas // 2 + 15):
                claim = area(n, shift).claim("unstated")
                began, core = time.perf_counter(), time.process_time()
                tract = claim.tract
                found = meetings(ledger, claim, tract)
                if not found:
                    judge(claim, tract, found, False)
                times.append(time.perf_counter() - began)
                worked.append(time.process_time() - core)
            took, core = (statistics.median(one) * 1e3 for one in (times, worked))
            print(f"overlap: {name}, among {areas:,} areas of {PARCELS**2} parcels: {took:.1f} ms ({core:.1f} ms of one core)")


def checked(folder: Path, entries: int) -> None:
    """A ledger of mostly transfers, which are the shortest and most."""
    path = folder / "check"
    init(path, "benchmark", public_text(KEY))
    with opened(path) as ledger:
        with together(ledger):
            for n in range(entries // SPLIT):
                seq = submit(ledger, area(n), Terms("350627", "village"), KEY).entries[-1]
                first = seq.facts["first"]
                for unit in range(SPLIT - 2):
                    ledger.append("transfer", {"issue": seq.seq, "first": first + unit, "last": first + unit, "from": "village", "to": f"factory-{unit % 7}"})
        lines = folder / "check.jsonl"
        with lines.open("w", encoding="utf-8") as stream:
            stream.writelines(jsonl(ledger))
    for one in (path, lines):
        began, worked = time.perf_counter(), time.process_time()
        report = check(one)
        took, worked = time.perf_counter() - began, time.process_time() - worked
        assert report.passed, report.problems[0].line("en")
        print(f"check: {report.entries:,} entries, {one.stat().st_size / 1e6:,.0f} MB {one.name}: {took:.1f} s ({worked:.1f} s of one core)")


if __name__ == "__main__":
    entries, areas = (*map(int, sys.argv[1:]), *(1_000_000, 10_000)[len(sys.argv) - 1 :])
    with tempfile.TemporaryDirectory(prefix="carbonsink-ledger-") as temporary:
        append(Path(temporary))
        overlap(Path(temporary), areas)
        checked(Path(temporary), entries)
