"""What surrounds a map: degrees along the frame, a scale bar, an arrow, hectares and mu."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from carbonsink.declared.language import read_languages
from carbonsink.declared.plan import Plan
from carbonsink.report.drawings.maps import cover_map
from carbonsink.report.drawings.surround import degrees
from carbonsink.report.results import gather


@pytest.mark.parametrize(
    ("seconds", "letters", "written"),
    [(422640, "EW", "117°24′E"), (422670, "EW", "117°24′30″E"), (-3600, "EW", "1°00′W"), (88570, "NS", "24°36′10″N"), (-30, "NS", "0°00′30″S")],
)
def test_arc_seconds_are_written_as_degrees(seconds: int, letters: str, written: str) -> None:
    assert degrees(seconds, letters) == written


@pytest.mark.parametrize("width", [300.0, 700.0])
def test_a_map_says_where_it_is_how_long_and_how_large(rice: tuple[Plan, Path], width: float) -> None:
    plan, run = rice
    sketch = cover_map(plan, 2022, gather(plan, run).covers[2022], parcels=True, width=width)
    for w in read_languages(["zh", "en"]):
        words = re.findall(r"<text[^>]*>([^<]*)<", sketch.spoken(w))
        assert sum(word.endswith("E") and "°" in word for word in words) >= 2, "longitudes"
        assert sum(word.endswith("N") and "°" in word for word in words) >= 2, "latitudes"
        assert "N" in words and w("map.kilometres", length=w.number(0.2, 1)) in words
        assert any(w("unit.mu") in word and w("unit.ha") in word for word in words), "hectares and mu"
