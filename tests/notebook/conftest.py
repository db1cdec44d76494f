"""A finished run as somebody finds it, whole with its manifest."""

from __future__ import annotations

from pathlib import Path

import pytest

from carbonsink.base.evidence import write_json
from carbonsink.base.manifest import NAME
from carbonsink.declared.load import explain_plan
from carbonsink.declared.plan import Plan
from tests.report.conftest import RICE, make_plan, rendered

Finished = tuple[Plan, Path]


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """Rice on eight parcels over three vintages."""
    plan = make_plan(RICE, columns=2)
    run = rendered(plan, tmp_path_factory.mktemp("finished"))
    write_json(run / "plan.json", explain_plan(plan))
    write_json(run / NAME, {"digest": "0" * 64})
    return plan, run
