"""The rows that pass from one stage's file to the next, a module a stage. Units stand in the names."""

from carbonsink.base.records.areas import (
    Activity,
    Agreement,
    Balance,
    BenchmarkYear,
    CensusStock,
    ClassArea,
    EstimatorArea,
    MatchedControl,
    Measured,
    ParcelShare,
    PlotChange,
    PlotEstimate,
    SampleLabel,
    SoilChange,
    SoilStock,
    Transition,
)
from carbonsink.base.records.carbon import StockChange, Variable, WorksheetRow
from carbonsink.base.records.composites import CompositeMean, CompositePeriod, FeatureYear, SeriesPoint
from carbonsink.base.records.credit import Posting, Projected
from carbonsink.base.records.land import SPLITS, Alert, ClassifierTrial, Confusion, ConsistencyChange, LandChange, PracticeEvidence
from carbonsink.base.records.scenes import MapTile, PixelBudget, SceneAsset
from carbonsink.base.records.uncertainty import Spread, VarianceShare

__all__ = [
    "SPLITS",
    "Activity",
    "Agreement",
    "Alert",
    "Balance",
    "BenchmarkYear",
    "CensusStock",
    "ClassArea",
    "ClassifierTrial",
    "CompositeMean",
    "CompositePeriod",
    "Confusion",
    "ConsistencyChange",
    "EstimatorArea",
    "FeatureYear",
    "LandChange",
    "MapTile",
    "MatchedControl",
    "Measured",
    "ParcelShare",
    "PixelBudget",
    "PlotChange",
    "PlotEstimate",
    "Posting",
    "Projected",
    "PracticeEvidence",
    "SampleLabel",
    "SceneAsset",
    "SeriesPoint",
    "SoilChange",
    "SoilStock",
    "Spread",
    "StockChange",
    "Transition",
    "Variable",
    "VarianceShare",
    "WorksheetRow",
]
