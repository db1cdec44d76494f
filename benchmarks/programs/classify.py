"""A forest asked for the classes of many pixels: by our kernel, or by scikit-learn's own predict on the same trees.

python -m benchmarks.programs.classify ours|sklearn PIXELS
"""

from __future__ import annotations

import hashlib
import sys
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import workload
from carbonsink.land.classify import train
from carbonsink.land.classify.table import class_weights

SAMPLES, FEATURES, CLASSES, CENTRES = 8_000, 20, 8, 3
TREES, DEPTH, SEED = 100, 12, 2018
FIRST = 1_000  # pixels asked for unmeasured: what is compiled or laid out once isn't the speed


def main() -> None:
    """Train, ask, report the digest of the classes."""
    who, pixels = sys.argv[1], int(sys.argv[2])
    features, classes = table(SAMPLES, SEED)
    asked, truth = table(pixels, SEED + 1)
    model: Any = ours(features, classes) if who == "ours" else theirs(features, classes)
    model.predict(asked[:FIRST])
    clock = workload.Clock()
    with clock.running():
        found = model.predict(asked)
    digest = hashlib.sha256(np.ascontiguousarray(found, np.int64).tobytes()).hexdigest()
    workload.report(clock, digest=digest, right=float((found == truth).mean()), versions=workload.versions() | {"scikit-learn": version("scikit-learn")})


def table(rows: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Pixels of classes that overlap, each class around a few centres."""
    centres = np.random.Generator(np.random.Philox(SEED)).normal(0, 1, (CLASSES, CENTRES, FEATURES))
    random = np.random.Generator(np.random.Philox(seed))
    classes, near = random.integers(0, CLASSES, rows), random.integers(0, CENTRES, rows)
    features = centres[classes, near] + random.normal(0, 1.5, (rows, FEATURES))
    return features.astype(np.float32), classes


def ours(features: NDArray[np.float32], classes: NDArray[np.int64]) -> Any:
    """Our classifier of the same trees, on all cores."""
    return train(features, classes, classes=range(CLASSES), seed=SEED, trees=TREES, depth=DEPTH)


def theirs(features: NDArray[np.float32], classes: NDArray[np.int64]) -> Any:
    """scikit-learn's forest, on all cores."""
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(TREES, max_depth=DEPTH, random_state=SEED, n_jobs=-1)
    return forest.fit(features, classes, sample_weight=class_weights(classes))


if __name__ == "__main__":
    main()
