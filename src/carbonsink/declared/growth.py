"""How a classifier is grown, as declared: a forest or boosted trees, their number and depth, and the candidates among which the best is found.

[land]
classifier = "boosting"
trees = 150
[[land.candidates]]      each tried out of fold with the section's settings but for its own; the first of the best is taken
depth = 4
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from carbonsink.declared.schema import Declared

DEEPEST = 12  # levels: a tree is asked as a complete one, of 2^12 leaves at most

Kind = Literal["forest", "boosting"]
Trees = Annotated[int, Field(ge=1, le=500)]  # of a forest; of boosting rounds, each of one tree a class
Depth = Annotated[int, Field(ge=1, le=DEEPEST)]
MinimumLeaf = Annotated[int, Field(ge=1, le=10_000)]  # samples in a leaf of a tree
SplitFeatures = Literal["root", "log2", "all"]  # of all features, tried at each split of a forest
Criterion = Literal["gini", "entropy"]  # of a forest's splits
LearningRate = Annotated[float, Field(gt=0, le=1)]  # share of each boosted tree's answer that is taken
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class Growth(Declared):
    """The settings of one classifier. The defaults are settings of this library; scikit-learn has the same names for them, but for depth and leaves."""

    classifier: Kind = "forest"
    trees: Trees = 100
    depth: Depth = DEEPEST
    minimum_leaf: MinimumLeaf = 1
    split_features: SplitFeatures = "root"
    criterion: Criterion = "gini"
    learning_rate: LearningRate = 0.1
    seed: Seed = 0


class Candidate(Declared):
    """What a candidate has of its own; the rest is the section's."""

    classifier: Kind | None = None
    trees: Trees | None = None
    depth: Depth | None = None
    minimum_leaf: MinimumLeaf | None = None
    split_features: SplitFeatures | None = None
    criterion: Criterion | None = None
    learning_rate: LearningRate | None = None

    def of(self, growth: Growth) -> Growth:
        """The settings with the candidate's own."""
        return growth.model_copy(update=self.model_dump(exclude_none=True))
