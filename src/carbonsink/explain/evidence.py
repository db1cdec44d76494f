"""The tables of a run that an explanation walks through, read once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from carbonsink.base.evidence import read_json
from carbonsink.base.measurements import Measurements, read_measurements
from carbonsink.base.problems import Exit, refuse
from carbonsink.base.records import (
    Activity,
    ClassArea,
    CompositePeriod,
    Confusion,
    EstimatorArea,
    ParcelShare,
    PlotChange,
    Posting,
    SampleLabel,
    SceneAsset,
    Spread,
    StockChange,
    Transition,
    Variable,
    VarianceShare,
    WorksheetRow,
)
from carbonsink.base.tables import read_csv, read_if_there


@dataclass(frozen=True)
class Evidence:
    """The tables of a run that an explanation walks through."""

    postings: tuple[Posting, ...]
    changes: tuple[StockChange, ...]
    rows: tuple[WorksheetRow, ...]
    variables: dict[str, Variable]
    spreads: tuple[Spread, ...]
    shares: tuple[VarianceShare, ...]
    activity: tuple[Activity, ...]
    classes: tuple[ClassArea, ...]
    parcels: tuple[ParcelShare, ...]
    estimators: tuple[EstimatorArea, ...]
    transitions: tuple[Transition, ...]
    labels: tuple[SampleLabel, ...]
    samples: tuple[Confusion, ...]
    periods: tuple[CompositePeriod, ...]
    scenes: tuple[SceneAsset, ...]
    radar: tuple[SceneAsset, ...]
    measured: Measurements
    plot_changes: tuple[PlotChange, ...]
    declared: dict[str, str]  # each declared file's copy in the run and its SHA-256, by the name it was declared under


def read_evidence(run: Path) -> Evidence:
    """Read the tables of a run."""
    if not (run / "manifest.json").is_file():
        raise refuse("E-EXP-002", str(run), Exit.USAGE)
    return Evidence(
        postings=read_csv(run / "credit/statement.csv", Posting),
        changes=read_csv(run / "carbon/stock_change.csv", StockChange),
        rows=read_csv(run / "carbon/worksheet.csv", WorksheetRow),
        variables={v.id: v for v in read_csv(run / "carbon/variables.csv", Variable)},
        spreads=read_csv(run / "uncertainty/uncertainty.csv", Spread),
        shares=read_csv(run / "uncertainty/shares.csv", VarianceShare),
        activity=read_csv(run / "areas/activity.csv", Activity),
        classes=read_csv(run / "areas/classes.csv", ClassArea),
        parcels=read_csv(run / "areas/parcels.csv", ParcelShare),
        estimators=read_if_there(run / "areas/estimators.csv", EstimatorArea),
        transitions=read_if_there(run / "areas/transitions.csv", Transition),
        labels=read_if_there(run / "areas/samples.csv", SampleLabel),
        samples=read_csv(run / "land/confusion.csv", Confusion),
        periods=read_csv(run / "composites/composites.csv", CompositePeriod),
        scenes=read_csv(run / "scenes/scenes.csv", SceneAsset),
        radar=read_if_there(run / "scenes/radar/scenes.csv", SceneAsset),
        measured=read_measurements(run),
        plot_changes=read_if_there(run / "areas/plot_changes.csv", PlotChange),
        declared=_declared(run),
    )


def _declared(run: Path) -> dict[str, str]:
    """Where the run keeps what was declared, and what it states of it; nothing of a folder that keeps nothing."""
    if not (run / "declared" / "files.json").is_file():
        return {}
    stated = read_json(run / "manifest.json").get("declared", {})
    copies = {text: f"declared/{name}" for text, name in read_json(run / "declared" / "files.json").items()}
    return {text: f"{path} sha256 {stated.get(path, '-')}" for text, path in copies.items()}
