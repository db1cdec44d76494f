"""Rules read like agronomy: a year of a field, month by month, and what it is."""

from __future__ import annotations

import numpy as np
import pytest

from carbonsink.base.problems import Refusal
from carbonsink.declared.pipeline import Rule
from carbonsink.land.rules import decide, in_own_unit, layers_in
from tests.land.trial import MISSING

CODES = {"water": 1, "built-up": 2, "paddy": 3, "forest": 4, "tea": 5}
RULES = (
    Rule(land_class="water", when="max(ndvi) < 0.2 and max(lswi) > 0.2"),
    Rule(land_class="built-up", when="max(ndvi) < 0.35"),
    Rule(land_class="paddy", when="any(lswi + 0.05 >= evi) and max(ndvi) > 0.55 and min(ndvi) < 0.4"),
    Rule(land_class="forest", when="min(ndvi) > 0.6 and max(evi) < 0.55"),
    Rule(land_class="tea", when="1 == 1"),
)
NO = None  # a month of cloud
FIELDS = {
    # month                 1     3     5     6     7     8     9     11
    "paddy": {
        "ndvi": (0.22, 0.25, 0.15, 0.35, 0.70, 0.80, 0.60, 0.25),
        "lswi": (0.0, 0.1, 0.35, 0.3, 0.4, 0.4, 0.2, 0.0),
        "evi": (0.1, 0.15, 0.08, 0.2, 0.5, 0.6, 0.4, 0.15),
    },
    "forest": {"ndvi": (0.72, 0.74, 0.80, 0.82, 0.84, 0.84, 0.82, 0.75), "lswi": (0.3,) * 8, "evi": (0.36, 0.4, 0.45, 0.5, 0.52, 0.5, 0.48, 0.4)},
    "tea": {"ndvi": (0.55, 0.60, 0.70, 0.74, 0.75, 0.74, 0.70, 0.60), "lswi": (0.2,) * 8, "evi": (0.3, 0.35, 0.5, 0.6, 0.6, 0.58, 0.5, 0.4)},
    "water": {"ndvi": (-0.1,) * 8, "lswi": (0.6,) * 8, "evi": (-0.05,) * 8},
    "built-up": {"ndvi": (0.12,) * 8, "lswi": (-0.2,) * 8, "evi": (0.08,) * 8},
}


def year(**layers: tuple[float | None, ...]) -> dict[str, np.ndarray]:
    """One pixel's months as composites hold them."""
    return {name: np.array([MISSING if v is None else round(v * 10_000) for v in values], np.int16)[:, None, None] for name, values in layers.items()}


def decided(when: str, **layers: tuple[float | None, ...]) -> bool:
    return bool(decide([Rule(land_class="paddy", when=when)], CODES, year(**layers))[0, 0])


@pytest.mark.parametrize("field", FIELDS)
def test_a_year_of_a_field_is_recognised(field: str) -> None:
    assert decide(RULES, CODES, year(**FIELDS[field]))[0, 0] == CODES[field]


@pytest.mark.parametrize("field", FIELDS)
def test_two_months_of_cloud_don_t_change_what_a_field_is(field: str) -> None:
    cloudy = {name: (NO, *values[1:3], values[3], NO, *values[5:]) for name, values in FIELDS[field].items()}
    assert decide(RULES, CODES, year(**cloudy))[0, 0] == CODES[field]


def test_paddy_whose_flooding_was_under_cloud_isn_t_seen_as_paddy() -> None:
    paddy = FIELDS["paddy"]
    hidden = {name: (*values[:2], NO, NO, *values[4:]) for name, values in paddy.items()}
    unflooded = hidden | {"lswi": (-0.2, -0.2, NO, NO, 0.3, 0.3, 0.1, -0.2)}
    assert decide(RULES, CODES, year(**unflooded))[0, 0] != CODES["paddy"]


def test_a_pixel_never_observed_is_not_monitored_even_by_a_rule_that_always_holds() -> None:
    assert decide(RULES, CODES, year(ndvi=(NO,) * 8, lswi=(NO,) * 8, evi=(NO,) * 8))[0, 0] == 0


def test_where_no_rule_holds_the_pixel_is_not_monitored() -> None:
    assert decide(RULES[:2], CODES, year(**FIELDS["forest"]))[0, 0] == 0


def test_the_first_rule_that_holds_decides() -> None:
    one, other = Rule(land_class="tea", when="max(ndvi) > 0.5"), Rule(land_class="forest", when="max(ndvi) > 0.7")
    green = year(ndvi=(0.8, 0.9))
    assert decide([one, other], CODES, green)[0, 0] == CODES["tea"]
    assert decide([other, one], CODES, green)[0, 0] == CODES["forest"]


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("any(ndvi > 0.7)", True),
        ("any(ndvi > 0.9)", False),
        ("all(ndvi > 0.1)", True),  # the cloudy month is no counter-example
        ("all(ndvi > 0.3)", False),
        ("not all(ndvi > 0.3)", True),
        ("count(ndvi) == 4", True),
        ("count(ndvi > 0.6) == 2", True),
        ("max(ndvi) == 0.8 and min(ndvi) == 0.2", True),
        ("mean(ndvi) > 0.524 and mean(ndvi) < 0.526", True),
        ("median(ndvi) > 0.549 and median(ndvi) < 0.551", True),
        ("max(ndvi) - min(ndvi) > 0.5", True),
        ("count(ndvi > mean(ndvi)) == 2", True),
        ("max(ndvi / (ndvi - ndvi)) > 0", False),  # a quotient by zero is no value
    ],
)
def test_reducers_collapse_the_year_and_ignore_cloud(when: str, holds: bool) -> None:
    assert decided(when, ndvi=(0.2, 0.4, NO, 0.8, 0.7)) is holds


def test_no_condition_holds_on_a_layer_without_values() -> None:
    for when in ("all(evi > 0)", "any(evi > 0)", "max(evi) > 0", "min(evi) < 9", "mean(evi) < 9", "median(evi) < 9"):
        assert not decided(when, ndvi=(0.5, 0.6), evi=(NO, NO)), when
    assert decided("count(evi) == 0", ndvi=(0.5, 0.6), evi=(NO, NO))


def test_only_the_layers_that_rules_name_are_read() -> None:
    assert layers_in(RULES, ("nir", "ndvi", "evi", "lswi")) == ("ndvi", "evi", "lswi")
    assert layers_in(RULES[4:], ("nir", "ndvi")) == ("nir",), "one layer tells what was observed"


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ("ndvi > 0.5", "E-LND-008"),
        ("max(ndvi)", "E-LND-008"),
        ("max(ndvi) >", "E-LND-007"),
        ("max(max(ndvi)) > 0", "E-LND-007"),
        ("max(ndvi, ndvi) > 0", "E-LND-007"),
        ("0.2 < max(ndvi) < 0.5", "E-LND-007"),
        ("__import__('os')", "E-LND-007"),
        ("max(moisture) > 0.5", "E-LND-009"),
    ],
)
def test_a_rule_that_can_t_be_worked_is_refused_with_its_place_and_text(when: str, code: str) -> None:
    rules = [RULES[0], Rule(land_class="tea", when=when)]
    with pytest.raises(Refusal) as caught:
        layers_in(rules, ("ndvi", "lswi"))
        decide(rules, CODES, year(ndvi=(0.5, 0.6), lswi=(0.1, 0.1)))
    (problem,) = caught.value.problems
    assert problem.code == code
    assert "rules.1" in problem.line("en")
    assert when in problem.line("en")
    assert problem.line("zh") != problem.line("en")


# --- features of the whole series ---------------------------------------------------------------------------------------


def by_features(when: str, **counts: int) -> bool:
    """Whether a rule holds for a pixel with the given features, `ndvi_amplitude1` standing for ndvi.amplitude1."""
    declared = [name.replace("_", ".", 1) for name in counts]
    features = in_own_unit(declared, np.array(list(counts.values()), np.int16)[:, None, None])
    rules = [Rule(land_class="paddy", when=when)]
    layers = layers_in(rules, ("ndvi",), declared)
    return bool(decide(rules, CODES, {name: year(ndvi=(0.2, None, 0.6))[name] for name in layers}, features)[0, 0])


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("ndvi_amplitude1 > 0.24 and ndvi_amplitude1 < 0.26", True),  # in the layer's own unit
        ("lswi_drydowns >= 2", True),  # as a count
        ("lswi_drydowns > 2", False),
        ("ndvi_phase1 == 205", True),  # in days
        ("any(ndvi > ndvi_amplitude1 + 0.3)", True),  # against every period of a layer
        ("max(ndvi) - ndvi_amplitude1 > 0.4", False),
    ],
)
def test_rules_ask_for_features_of_the_whole_series(when: str, holds: bool) -> None:
    assert by_features(when, ndvi_amplitude1=2500, lswi_drydowns=2, ndvi_phase1=205) is holds


def test_where_a_feature_is_missing_no_comparison_with_it_holds() -> None:
    for when in ("ndvi_phase1 > 100", "ndvi_phase1 <= 100", "ndvi_phase1 == 100", "any(ndvi > ndvi_phase1)"):
        assert not by_features(when, ndvi_phase1=MISSING)


def test_a_feature_that_was_not_declared_is_refused_and_one_has_no_time_to_collapse() -> None:
    with pytest.raises(Refusal, match="E-LND-009.*ndvi_phase2.*known|E-LND-009.*ndvi_phase2"):
        by_features("ndvi_phase2 > 100", ndvi_phase1=100)
    with pytest.raises(Refusal, match="E-LND-007"):
        by_features("max(ndvi_phase1) > 100", ndvi_phase1=100)
