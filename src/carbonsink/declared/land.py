"""Stage 3 as declared: the classes of the cover map, the way it is made, and what keeps the maps of the years consistent.

Three ways give a map: rules over features, a trained classifier, or a published map.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from carbonsink.base.problems import Wrong
from carbonsink.declared.categories import IPCC as IPCC
from carbonsink.declared.change import Change
from carbonsink.declared.gbt import category_of
from carbonsink.declared.growth import Candidate, Criterion, Depth, Kind, LearningRate, MinimumLeaf, Seed, SplitFeatures, Trees
from carbonsink.declared.legend import is_file
from carbonsink.declared.schema import Declared, Words


class LandClass(Declared):
    """A class of the cover map. Code 0 is kept for not monitored. The IPCC category follows from GB/T 21010-2017 where that is named."""

    id: str
    code: int = Field(ge=1, le=250)
    ipcc: IPCC
    gbt: str | None = None  # GB/T 21010-2017, of its first level (two digits) or its second (four)
    name: Words
    colour: str = Field(pattern="^#[0-9a-f]{6}$")

    @model_validator(mode="before")
    @classmethod
    def _follow(cls, raw: Any) -> Any:
        if isinstance(raw, dict) and "ipcc" not in raw and isinstance(raw.get("gbt"), str) and (category := category_of(raw["gbt"])):
            return raw | {"ipcc": category}
        return raw


class Rule(Declared):
    """`when` is formula text over the year's features; the first rule that holds gives the class."""

    land_class: str
    when: str


class PublishedMap(Declared):
    """A map made by others: its legend, of the library or a file of the area, and the class each of its values becomes.

    A value that isn't named becomes the only class of its IPCC category.
    """

    legend: str
    values: dict[str, str] = {}  # value of the map -> class


class Markov(Declared):
    """The smoother "hidden-markov": the likeliest true classes of a pixel's years, given how often land changes and how often the map errs."""

    transitions: Literal["declared", "estimated"] = "declared"  # estimated from the maps themselves (Baum-Welch), started from the declared
    stay: float = Field(default=0.95, gt=0, lt=1)  # share of land that keeps its class from one year to the next; setting of this library
    emission: Literal["confusion", "declared"] = "confusion"  # how often the map errs: from the reference samples, or
    accuracy: float = Field(default=0.85, gt=0, lt=1)  # declared: the share of every class that is mapped right; setting of this library
    prior_samples: float = Field(
        default=1.0, gt=0
    )  # confusion: of every map class, right as often as declared, so that no error is impossible; setting of this library
    iterations: int = Field(default=20, ge=1, le=200)  # of the estimate; setting of this library


class Consistency(Declared):
    """What is done to the yearly maps, in this order: the smoother, the minimum unit, the allowed transitions."""

    smoother: Literal["none", "majority", "hidden-markov"] = "none"
    window: int = Field(default=3, ge=3, le=11)  # years of the majority, the pixel's own in the middle
    markov: Markov = Markov()
    minimum_unit_m2: float = Field(default=0.0, ge=0)  # smaller patches go to the neighbour they share the longest border with
    neighbours: Literal[4, 8] = 8  # pixels that touch a pixel: along edges, or at corners too
    allowed: dict[str, list[str]] = {}  # class -> the classes it may become in the next year; a class not named may become any

    @field_validator("window")
    @classmethod
    def _odd(cls, window: int) -> int:
        if window % 2 == 0:
            raise Wrong("P-VAL-odd", found=window)
        return window


class Land(Declared):
    """Stage 3: a cover map a year, by rules over features, by a trained classifier or from a published map."""

    method: Literal["rules", "classifier", "published"]
    classes: list[LandClass] = Field(min_length=2)
    rules: list[Rule] = []
    published: PublishedMap | None = None
    consistency: Consistency | None = None
    change: Change | None = None
    classifier: Kind = "forest"
    trees: Trees = 50
    depth: Depth = 10
    minimum_leaf: MinimumLeaf = 20
    split_features: SplitFeatures = "root"
    criterion: Criterion = "gini"
    learning_rate: LearningRate = 0.1
    folds: int = Field(default=5, ge=2, le=20)  # in which samples are held out, to judge and to tune
    seed: Seed = 0
    candidates: list[Candidate] = []

    @property
    def files(self) -> tuple[str, ...]:
        """The declared files this section names: the legend, where it is the area's own."""
        return (self.published.legend,) if self.published and is_file(self.published.legend) else ()
