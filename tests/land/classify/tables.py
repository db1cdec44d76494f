"""Tables to train on, and scikit-learn's own models grown the same way."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from carbonsink.land.classify.bins import binned, cuts_of
from carbonsink.land.classify.table import MISSING, class_weights

FILL = -32768  # of composites, below every count


def counts(seed: int, samples: int, classes: int = 3, columns: int = 6) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Months of NDVI counts of overlapping classes 2, 4, 6 ..., some months missing."""
    random = np.random.default_rng(seed)
    codes = random.integers(1, classes + 1, samples).astype(np.uint8) * 2
    features = (codes[:, None].astype(float) * 900 + random.normal(0, 1500, (samples, columns))).round().astype(np.int32)
    features[random.random(features.shape) < 0.1] = FILL
    return features, codes


def fractions(seed: int, samples: int, classes: int = 3, columns: int = 7) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Fractions of overlapping classes 0, 1, 2 ..., some NaN, one column of few values, one constant."""
    random = np.random.default_rng(seed)
    codes = random.integers(0, classes, samples)
    features = codes[:, None] * 0.3 + random.normal(0, 1, (samples, columns))
    features[:, 1] = np.rint(features[:, 1])
    features[:, 2] = 0.25
    features[random.random(features.shape) < 0.05] = np.nan
    return features, codes


def filled(features: NDArray[Any]) -> NDArray[np.float32]:
    """What trees are grown on: float32, MISSING for NaN."""
    table = features.astype(np.float32)
    return np.where(np.isnan(table), MISSING, table)


def their_forest(features: NDArray[Any], codes: NDArray[Any], **given: Any) -> Any:
    """scikit-learn's random forest."""
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(**{"n_estimators": 12, "max_depth": 12, **given}).fit(filled(features), codes, sample_weight=class_weights(codes))


class TheirBoosting:
    """scikit-learn's boosted trees, over our bins."""

    def __init__(self, features: NDArray[Any], codes: NDArray[Any], **given: Any) -> None:
        from sklearn.ensemble import HistGradientBoostingClassifier
        from threadpoolctl import threadpool_limits

        self.cuts = [cuts_of(column) for column in filled(features).T]
        weights = class_weights(codes)
        model = HistGradientBoostingClassifier(**{"max_iter": 12, "max_depth": 12, "min_samples_leaf": 1, "early_stopping": False, **given})
        with threadpool_limits(1):
            self.model = model.fit(binned(filled(features), self.cuts), codes, sample_weight=weights / weights.min())

    def predict(self, features: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(self.model.predict(binned(filled(features), self.cuts)))

    def predict_proba(self, features: NDArray[Any]) -> NDArray[np.float64]:
        return np.asarray(self.model.predict_proba(binned(filled(features), self.cuts)))
