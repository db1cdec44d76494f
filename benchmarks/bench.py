"""`make bench`: every figure that this project claims for speed and memory, measured again on this machine.

python -m benchmarks.bench [--side 4096] [--rounds 3] [--tries 4] [--public PYTHON] [--only SECTION,...] [--out FILE]

With --only (start-up, stage-two, growth, fetch, many, classify, uncertain, rothc), rows of other sections are kept as they stand in FILE.

collection -> jobs -> programs in turn (`interleave`) -> means compared -> ratios judged (`table`) -> benchmarks/results.json
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import areas, counting, range_server
from benchmarks.collection import cache, ensure
from benchmarks.interleave import Command, Taken, interleave, ratio, run
from benchmarks.jobs import work
from benchmarks.table import FIGURES, Row, judge, merged, row, rows_of
from benchmarks.workload import Job, Means, difference, read_job

RESULTS = Path(__file__).parent / "results.json"
GDAL = {"GDAL_CACHEMAX": "64", "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR"}  # what GDAL's own advice sets for COGs; every program gets it
DELAY = 0.04  # seconds a request
AGREED = 1e-4  # of an index: the step in which composites are kept
STRATA, FEW_STRATA, DRAWS = "1000", "50", "10000"  # of the Monte Carlo
SOILS, SOIL_DRAWS, PLAIN_SERIES = "1000", "1000", "200"  # of RothC, and how many series plain Python is timed on
SAME_CARBON = 1e-9  # t C/ha
PUBLIC = {"odc-stac": "odc", "odc-stac-plain": "odc-plain", "stackstac": "stackstac", "rioxarray": "rioxarray"}


@dataclass(frozen=True)
class Settings:
    """How large, how often, against whom."""

    side: int
    rounds: int
    tries: int  # of a run that the host disturbs
    areas: int
    public: str | None  # python of the environment that holds the compared libraries
    scratch: Path


class Disagreement(Exception):
    """Two programs gave different means: no figure of such a run is worth anything."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, judge, write, print."""
    asked = _asked(arguments)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    some = set(asked.only) < set(SECTIONS)
    known: list[Row] = json.loads(asked.out.read_text(encoding="utf-8")) if some and asked.out.is_file() else []
    with scratch() as folder:
        settings = Settings(asked.side, asked.rounds, asked.tries, asked.areas, asked.public, folder)
        for name in asked.only:
            known = judge(merged(known, SECTIONS[name](settings)))
            asked.out.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    for one in known:
        figures = "  ".join(f"{field} {one[field]:g}" for field in FIGURES if one[field] is not None)
        print(f"{one['name']:<16} {figures}  {'; '.join(one['target'])}  { ({True: 'met', False: 'NOT MET', None: ''}[one['met']]) }")


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for what a run leaves, beside the collection, removed at the end."""
    cache().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache(), prefix="run-") as folder:
        yield Path(folder)


def start_up(settings: Settings) -> list[Row]:
    """What it costs to ask for help."""
    program = Path(sys.executable).parent / "carbonsink"
    command = Command("start-up", [str(program), "--help"])
    run(command)  # compiles modules, where that hasn't been done
    taken = interleave([command], max(settings.rounds, 3), tell, settings.tries)
    return [row("start-up", taken["start-up"], None, {})]


def stage_two(settings: Settings) -> list[Row]:
    """All programs of stage 2 in turn, the floor first in every round."""
    job, chips = work(ensure(settings.side, 12)), settings.scratch / "chips"
    run(_program("chips", "chips", job, str(chips)))
    taken = _in_turn([floor(job), *ours(job, chips, settings.scratch / "written"), *public(job, settings)], settings)
    agreed = check_agreement(job, taken, settings)
    rows = rows_of(taken, {name: _versions(runs) for name, runs in taken.items()})
    return [one | {"facts": {"difference": agreed[one["name"]]}} if one["name"] in agreed else one for one in rows]


def growth(settings: Settings) -> list[Row]:
    """More dates and more area: ratios to the floor of as many dates, and exponents of time."""
    few = ensure(settings.side, 12)
    jobs = {dates: work(ensure(settings.side, dates)) for dates in (36, 72)}
    areas_of = {f"ours-{16 // n**2}": work(few, (0, 0, settings.side // n, settings.side // n)) for n in (4, 2, 1)}  # blocks of a sixteenth of the tile
    commands = [command for dates, job in jobs.items() for command in (floor(job, f"floor-{dates}"), _ours(f"ours-{dates}", job))]
    taken = _in_turn([*commands, *(_ours(name, job) for name, job in areas_of.items())], settings)
    rows = rows_of({name: runs for name, runs in taken.items() if name not in areas_of}, {name: _versions(runs) for name, runs in taken.items()})
    by_area = _growth("growth-area", [(blocks, taken[f"ours-{blocks}"]) for blocks in (1, 4, 16)])
    by_dates = _growth("growth-dates", [(12, taken["ours-16"]), *((dates, taken[f"ours-{dates}"]) for dates in jobs)])
    return [*rows, by_area, by_dates]


def ours(job: Job, chips: Path, written: Path) -> list[Command]:
    """The engine in each of its ways."""
    return [
        _ours("ours-rasterio", job, "--reader", "rasterio"),
        _ours("ours-direct", job),
        _ours("ours-dask", job, "--by", "dask"),
        _ours("ours-cluster", job, "--by", "cluster"),
        _ours("ours-chips", read_job(chips)),
        _ours("ours-written", job, "--written", str(written)),
    ]


def floor(job: Job, name: str = "floor") -> Command:
    """The decode floor of a job."""
    return _program(name, "floor", job)


def public(job: Job, settings: Settings) -> list[Command]:
    """The public ways, where their environment is there."""
    if settings.public is None:
        return []
    argv = [settings.public, "-m", "benchmarks.programs.xarrays"]
    return [Command(name, [*argv, way, str(job.folder)], GDAL, before=partial(warm, job)) for name, way in PUBLIC.items()]


def check_agreement(job: Job, taken: Mapping[str, Sequence[Taken]], settings: Settings) -> dict[str, float]:
    """Largest difference of each program's means from the plain program's; refused beyond what rounding to a step explains.

    Ours must agree among themselves exactly. The public ways are run once more for it with the lower median, as ours is.
    """
    plain: Means = run(_program("plain", "plain", job)).said["means"]
    means: dict[str, Means] = {name: runs[-1].said["means"] for name, runs in taken.items() if name.startswith("ours-")}
    among = {name: difference(means["ours-direct"], found) for name, found in means.items()}
    for command in public(job, settings):
        means[command.name] = run(Command(command.name, [*command.argv, "lower"], command.environment)).said["means"]
    apart = {name: difference(plain, found) for name, found in means.items()}
    wrong = {name: value for name, value in apart.items() if not value <= AGREED} | {name: value for name, value in among.items() if value != 0}
    if wrong:
        raise Disagreement(", ".join(f"{name} by {value:.3g}" for name, value in wrong.items()))
    return apart


def fetch(settings: Settings) -> list[Row]:
    """Stages 1 and 2 over a server that takes its time, against the local floor and against one request at a time."""
    collection = ensure(settings.side, 12)
    part = min(settings.side, areas.WIDEST)
    job, out, lock = work(collection, (0, 0, part, part)), settings.scratch / "fetched", settings.scratch / "lock.json"
    with counting.serving(collection.folder, settings.scratch / "log") as url:
        area = areas.lay_square(part, settings.scratch / "aoi", url)
        run(Command("lock", [sys.executable, "-m", "benchmarks.programs.locking", str(area), url, str(lock)]))
    log = settings.scratch / "fetch.log"

    def fresh() -> None:
        shutil.rmtree(out, ignore_errors=True)
        warm(job)

    with range_server.serving(collection.folder, DELAY, log) as url, range_server.serving(collection.folder) as near:
        argv = [sys.executable, "-m", "benchmarks.programs.fetching", str(area), str(lock), str(out), near]
        fetching, at_once = (Command(name, [*argv, server], before=fresh) for name, server in (("fetch", url), ("fetch-near", near)))
        run(fetching)  # compiles kernels, where that hasn't been done
        moved = counting.transfers(log)
        taken = _in_turn([floor(job), fetching, at_once, _program("one-by-one", "one_by_one", job, url)], settings)
    alone = [one.said["fetched"] for one in taken["fetch"]]
    slow = row("one-by-one", taken["one-by-one"], None, {}, requests=taken["one-by-one"][0].said["requests"])
    slow["ratio"] = ratio([one.wall for one in taken["one-by-one"]], alone)
    facts = {"fetch_seconds": statistics.median(alone), "requests": moved.count, "moved_mb": moved.moved / 1e6}
    facts["over_tiles"] = moved.moved / taken["one-by-one"][0].said["tiles"]
    whole, latency = (
        row(name, taken["fetch"], taken[base], _versions(taken["fetch"]), **facts) for name, base in (("fetch", "floor"), ("latency", "fetch-near"))
    )
    return [whole, latency, slow]


def many(settings: Settings) -> list[Row]:
    """Many areas in one call, from the catalogue service."""
    collection, log = ensure(settings.side, 24), settings.scratch / "many.log"
    with counting.serving(collection.folder, log) as url:
        folders = areas.lay_areas(collection, settings.scratch / "many", url, settings.areas)
        argv = [sys.executable, "-m", "benchmarks.programs.many", str(settings.scratch / "estimated"), *map(str, folders)]
        taken = interleave([Command("many-areas", argv)], 1, tell)["many-areas"]
    moved, said = counting.transfers(log), taken[0].said
    facts = {
        "transfers": moved.count,
        "moved_mb": moved.moved / 1e6,
        "repeats": moved.repeats,
        **{key: said[key] for key in ("areas", "refused", "too_small", "codes")},
    }
    return [row("many-areas", taken, None, said["versions"], **facts)]


def classify(settings: Settings) -> list[Row]:
    """The classes of many pixels: our kernel, and scikit-learn on the same trees, which must give the same classes."""
    pixels = str(settings.side**2 // 16)
    programs = {"classify": "ours", "classify-sklearn": "sklearn"}
    taken = _in_turn([Command(name, _argv("classify", Path(who), pixels)) for name, who in programs.items()], settings)
    if len({one.said["digest"] for runs in taken.values() for one in runs}) > 1:
        raise Disagreement("classify: other classes than scikit-learn's")
    return rows_of(taken, {name: _versions(runs) for name, runs in taken.items()})


def uncertain(settings: Settings) -> list[Row]:
    """Ten thousand draws of a thousand strata: stage 6 and the same arithmetic in plain NumPy, drawing inside both and outside both; the whole stage."""
    programs = {"uncertain-numpy": "numpy", "uncertain": "ours", "uncertain-drawn-numpy": "numpy-drawn", "uncertain-drawn": "ours-drawn"}
    taken = _in_turn([Command(name, _argv("uncertain", Path(who), STRATA, DRAWS)) for name, who in programs.items()], settings)
    if len({one.said["digest"] for runs in taken.values() for one in runs}) > 1:
        raise Disagreement("uncertain: other tonnes than plain NumPy's")
    rows = rows_of(taken, {name: _versions(runs) for name, runs in taken.items()})
    halves = statistics.median(one.said["half_widths"] for one in taken["uncertain"])
    rows = [one | {"facts": {"half_widths": halves}} if one["name"] == "uncertain" else one for one in rows]
    whole = _in_turn([Command("uncertain-stage", _argv("stage_six", Path(FEW_STRATA), DRAWS))], settings)
    return [*rows, *rows_of(whole, {name: _versions(runs) for name, runs in whole.items()})]


def rothc(settings: Settings) -> list[Row]:
    """RothC over many soils, 1,000 draws each, 360 months: ours, and plain Python month by month; the ratio is by series."""
    sizes = {"rothc": ("ours", SOILS, SOIL_DRAWS), "rothc-own": ("own", SOILS, SOIL_DRAWS), "rothc-plain": ("plain", "1", PLAIN_SERIES)}
    taken = _in_turn([Command(name, _argv("rothc", Path(who), *size)) for name, (who, *size) in sizes.items()], settings)
    first = taken["rothc"][0].said["ends"]
    apart = max(abs(a - b) for runs in taken.values() for one in runs for a, b in zip(one.said["ends"], first, strict=True))
    if not apart <= SAME_CARBON:
        raise Disagreement(f"rothc: stocks differ by {apart:.3g} t C/ha")
    each = {name: [one.wall / one.said["series"] for one in runs] for name, runs in taken.items()}
    rows = [row(name, runs, None, _versions(runs), series=runs[0].said["series"], difference=apart) for name, runs in taken.items()]
    for ours, name in zip(rows, ("rothc", "rothc-own"), strict=False):
        ours["ratio"] = ratio(each["rothc-plain"], each[name])
    return rows


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """The slope of seconds over size, both as logarithms, by least squares."""
    x, y = ([math.log(value) for value in values] for values in zip(*points, strict=True))
    return statistics.linear_regression(x, y).slope


def warm(job: Job) -> None:
    """Read every file once ahead of a run, so that no program pays for the disk: what the system keeps in memory it may drop meanwhile."""
    for scene in job.scenes:
        for path in scene.files.values():
            path.read_bytes()


def tell(line: str) -> None:
    """Progress."""
    print(line, file=sys.stderr, flush=True)


def _in_turn(commands: Sequence[Command], settings: Settings) -> dict[str, list[Taken]]:
    return interleave(commands, settings.rounds, tell, settings.tries)


def _growth(name: str, points: Sequence[tuple[int, Sequence[Taken]]]) -> Row:
    """Exponents in place of ratios: of wall seconds and of CPU seconds; the other figures are the largest size's."""
    grown = row(name, points[-1][1], None, _versions(points[-1][1]))
    walls, cpus = ([(size, statistics.median(getattr(one, field) for one in runs)) for size, runs in points] for field in ("wall", "cpu"))
    return grown | {"ratio": exponent(walls), "cpu_ratio": exponent(cpus)}


def _ours(name: str, job: Job, *options: str) -> Command:
    return _program(name, "ours", job, *options)


def _program(name: str, program: str, job: Job, *options: str) -> Command:
    return Command(name, _argv(program, job.folder, *options), GDAL, before=partial(warm, job))


def _argv(program: str, job: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", f"benchmarks.programs.{program}", str(job), *options]


def _versions(runs: Sequence[Taken]) -> dict[str, str]:
    found: dict[str, str] = runs[0].said.get("versions", {})
    return found


SECTIONS: dict[str, Callable[[Settings], list[Row]]] = {
    "start-up": start_up,
    "stage-two": stage_two,
    "growth": growth,
    "fetch": fetch,
    "many": many,
    "classify": classify,
    "uncertain": uncertain,
    "rothc": rothc,
}


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="measure speed and memory")
    parser.add_argument("--side", type=int, default=4096, help="pixels of 10 m along the tile, a multiple of 512")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tries", type=int, default=4, help="of a run from which the machine's host took processors; the least disturbed counts")
    parser.add_argument("--areas", type=int, default=200)
    parser.add_argument("--public", help="python of the environment with the compared libraries; without it they are left out")
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(SECTIONS))
    parser.add_argument("--out", type=Path, default=RESULTS)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
