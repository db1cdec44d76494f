"""A run with everything the page's map can show: series, evidence that contradicts, a change and an alert; and its page alone, in a moment."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

from carbonsink.base.records import Alert, CompositeMean, LandChange, PracticeEvidence, SeriesPoint
from carbonsink.base.tables import write_csv
from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.report.page.html import page, sketches_of
from carbonsink.report.results import gather
from carbonsink.report.stamps import stamps

AGAINST = "LS-003"
DRAINED = "2020-06-20/2020-06-28 2020-07-10/2020-07-16"


def with_everything(plan: Plan, run: Path, folder: Path) -> Path:
    """A copy of a run with the tables that the map reads besides."""
    copy = Path(shutil.copytree(run, folder / run.name, ignore=shutil.ignore_patterns("report")))
    names = [p.id for p in plan.land.parcels]
    days = [date(2020, 1, 4) + timedelta(days=10 * n) for n in range(100)]
    seen = [
        SeriesPoint(str(day), "sentinel-2a", name, layer, 0.2 + 0.005 * n, 40.0, 50.0)
        for n, day in enumerate(days)
        for name in names
        for layer in ("ndvi", "lswi")
    ]
    write_csv(copy / "composites/series.csv", seen, SeriesPoint)
    means = [CompositeMean(f"2020-{m:02d}", name, "ndvi", None if m == 6 else 0.03 * m, 40.0, 50.0) for m in range(1, 13) for name in names]
    write_csv(copy / "composites/means.csv", means, CompositeMean)
    write_csv(copy / "land/practice.csv", [evidence(name) for name in names], PracticeEvidence)
    middle = plan.land.parcels[0].geometry.centroid
    where = (middle.x, middle.y)
    change = LandChange(
        "2021-08-17-001",
        "felling",
        "2021-08-17",
        "2021-08-01",
        "2021-09-01",
        "2021-08-17",
        "2021-08-17",
        40,
        0.4,
        *where,
        "LS-001",
        0.4,
        "ndvi",
        -0.4,
        None,
        "",
        0.0,
        None,
        "paddy",
        "other",
    )
    alert = Alert(
        "A-1",
        "line",
        change.id,
        "felling",
        "2021-08-17",
        "2021-08-01",
        "2021-09-01",
        0.4,
        "LS-001",
        *where,
        "2021-07",
        "2021-09",
        "alerts/b.png",
        "alerts/a.png",
        "red green blue",
    )
    write_csv(copy / "land/changes.csv", [change], LandChange)
    write_csv(copy / "land/alerts.csv", [alert], Alert)
    return copy


def evidence(parcel: str) -> PracticeEvidence:
    """A season of a paddy: drained twice as recorded, or under water throughout against the record."""
    wet = parcel == AGAINST
    found, verdict = ("continuously_flooded", "contradicts") if wet else ("multiple_drainage", "supports")
    seen = (None, None, 100, 0, 0) if wet else (0.98, 0.98, 71, 15, 2)
    season = ("2020-05-01", "2020-09-20")
    return PracticeEvidence(
        2020, parcel, "single-rice", "water_regime", 1, *season, found, "multiple_drainage", verdict, *seen, None, 24, "" if wet else DRAINED
    )


def only_page(plan: Plan, run: Path) -> Path:
    """The run's page, without the rest of its report."""
    languages = read_languages(plan.pipeline.report.languages)
    results = gather(plan, run)
    text = page(plan, results, run, stamps(plan, results), languages, sketches_of(plan, results, run))
    (run / "report").mkdir(exist_ok=True)
    (run / "report/report.html").write_text(text, encoding="utf-8")
    return run / "report/report.html"
