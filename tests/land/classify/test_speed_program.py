"""The benchmark asks both programs for the same classes of the same pixels."""

from __future__ import annotations

import sys

from benchmarks.interleave import Command, run


def test_our_kernel_and_scikit_learn_give_the_benchmark_the_same_classes() -> None:
    said = [run(Command(who, [sys.executable, "-m", "benchmarks.programs.classify", who, "3000"])).said for who in ("ours", "sklearn")]
    assert said[0]["digest"] == said[1]["digest"]
    assert said[0]["right"] > 0.5
