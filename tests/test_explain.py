"""What explain says of parcels, points and classes; the way down from a vintage is tested on whole runs (test_whole_way)."""

from __future__ import annotations

import pytest

from carbonsink.base.evidence import write_json
from carbonsink.base.problems import Refusal
from carbonsink.base.records import ClassArea, EstimatorArea, ParcelShare, SampleLabel, Transition
from carbonsink.base.tables import write_csv
from carbonsink.explain import explain
from tests.report.conftest import RICE, Maker
from tests.report.conftest import make as make


def test_areas_are_explained_by_parcel_point_and_class(make: Maker) -> None:
    _, run = make(RICE, 1)
    write_json(run / "manifest.json", {})
    with pytest.raises(Refusal, match="E-EXP-001"):
        explain(run, "p1")
    out = ParcelShare(2020, "LS-001", "single-rice", 0.03, 0.45, None, "paddy", 0.9, 1.0, False, 1, 0.9, "weighted", "too-small")
    write_csv(run / "areas/parcels.csv", [out], ParcelShare)
    write_csv(run / "areas/samples.csv", [SampleLabel(2020, "p1", 117.4, 24.6, "paddy", 0.01, "paddy", "water", "water", "water", True)], SampleLabel)
    adjusted = ClassArea(2020, "sample", True, "paddy", 20.0, 18.5, 0.8, 0.9, 0.1, 0.9, 0.1, 0.9, 0.1, 40, 17.0, 20.0)
    write_csv(run / "areas/classes.csv", [adjusted], ClassArea)
    write_csv(run / "areas/estimators.csv", [EstimatorArea(2020, "parcel", "regression", "paddy", 18.7, 0.7, 17.2, 20.2, 9, False)], EstimatorArea)
    write_csv(run / "areas/transitions.csv", [Transition(2020, 2021, "paddy", "water", 1.0, 0.8, 0.2, 0.5, 1.3, 12)], Transition)
    assert explain(run, "LS-001").under[0].text.endswith("not counted: too-small")
    assert explain(run, "p1").under[0].text == "2020 p1 at 117.4 24.6: map paddy, seen as paddy and water, arbitrated as water; label water"
    assert [node.text for node in explain(run, "paddy").under] == [
        "2020 by sample, used: 20.0 ha mapped, 18.5 ha +- 0.8 (17.0 to 20.0 at 95 %)",
        "2020 regression of parcel: 18.7 ha +- 0.7 (17.2 to 20.2 at 95 %)",
        "2020 paddy to 2021 water: 1.0 ha mapped, 0.8 ha +- 0.2 (0.5 to 1.3 at 95 %) by 12 points",
    ]
