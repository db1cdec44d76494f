"""The tables of a run that an explanation walks through, read once, and the language it speaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from carbonsink.base import records as r
from carbonsink.base.evidence import file_sha256, read_json
from carbonsink.base.measurements import Measurements, read_measurements
from carbonsink.base.tables import read_csv, read_if_there
from carbonsink.declared.language import Language
from carbonsink.declared.methodology import Deduction
from carbonsink.report.tracing.node import Node


@dataclass(frozen=True)
class Evidence:
    """The tables of a run that an explanation walks through."""

    w: Language
    deductions: tuple[Deduction, ...]
    postings: tuple[r.Posting, ...]
    changes: tuple[r.StockChange, ...]
    rows: tuple[r.WorksheetRow, ...]
    variables: dict[str, r.Variable]
    spreads: tuple[r.Spread, ...]
    shares: tuple[r.VarianceShare, ...]
    activity: tuple[r.Activity, ...]
    classes: tuple[r.ClassArea, ...]
    parcels: tuple[r.ParcelShare, ...]
    estimators: tuple[r.EstimatorArea, ...]
    transitions: tuple[r.Transition, ...]
    labels: tuple[r.SampleLabel, ...]
    samples: tuple[r.Confusion, ...]
    periods: tuple[r.CompositePeriod, ...]
    scenes: tuple[r.SceneAsset, ...]
    radar: tuple[r.SceneAsset, ...]
    measured: Measurements
    plot_changes: tuple[r.PlotChange, ...]
    declared: dict[str, str]  # each declared file's copy in the run and its SHA-256, by the name it was declared under
    most: int | None = None  # lines of a list of parcels or scenes; the rest is said by number. None: all of them
    made: dict[tuple[object, ...], Node] = field(default_factory=dict)  # by what it is of, so that trees share their nodes

    def in_words(self, w: Language) -> Evidence:
        """The same tables, told in another language."""
        return replace(self, w=w, made={})

    def once(self, key: tuple[object, ...], make: Callable[[], Node]) -> Node:
        """The node of a key, made the first time it is asked for."""
        if key not in self.made:
            self.made[key] = make()
        return self.made[key]

    def cut(self, nodes: list[Node], file: str) -> tuple[Node, ...]:
        """A long list cut, its last line saying how many more there are and where they stand."""
        if self.most is None or len(nodes) <= self.most:
            return tuple(nodes)
        return (*nodes[: self.most], Node(self.w("trace.more", count=len(nodes) - self.most, file=file)))


def read_evidence(run: Path, w: Language, deductions: tuple[Deduction, ...], most: int | None = None) -> Evidence:
    """Read the tables of a run whose credit stage is done."""
    return Evidence(
        w=w,
        deductions=deductions,
        postings=read_csv(run / "credit/statement.csv", r.Posting),
        changes=read_csv(run / "carbon/stock_change.csv", r.StockChange),
        rows=read_csv(run / "carbon/worksheet.csv", r.WorksheetRow),
        variables={v.id: v for v in read_csv(run / "carbon/variables.csv", r.Variable)},
        spreads=read_csv(run / "uncertainty/uncertainty.csv", r.Spread),
        shares=read_csv(run / "uncertainty/shares.csv", r.VarianceShare),
        activity=read_csv(run / "areas/activity.csv", r.Activity),
        classes=read_csv(run / "areas/classes.csv", r.ClassArea),
        parcels=read_csv(run / "areas/parcels.csv", r.ParcelShare),
        estimators=read_if_there(run / "areas/estimators.csv", r.EstimatorArea),
        transitions=read_if_there(run / "areas/transitions.csv", r.Transition),
        labels=read_if_there(run / "areas/samples.csv", r.SampleLabel),
        samples=read_csv(run / "land/confusion.csv", r.Confusion),
        periods=read_csv(run / "composites/composites.csv", r.CompositePeriod),
        scenes=read_csv(run / "scenes/scenes.csv", r.SceneAsset),
        radar=read_if_there(run / "scenes/radar/scenes.csv", r.SceneAsset),
        measured=read_measurements(run),
        plot_changes=read_if_there(run / "areas/plot_changes.csv", r.PlotChange),
        declared=_declared(run),
        most=most,
    )


def _declared(run: Path) -> dict[str, str]:
    """Where the run keeps what was declared, and the content of each; nothing of a folder that keeps nothing."""
    index = run / "declared" / "files.json"
    copies = read_json(index) if index.is_file() else {}
    return {text: f"declared/{name} sha256 {file_sha256(run / 'declared' / name)}" for text, name in copies.items() if (run / "declared" / name).is_file()}
