"""The example notebook: it is what its cells say, holds no outputs, and runs from the first cell to the last."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from benchmarks.notebook import NOTEBOOK, text
from nbclient import NotebookClient

from tests.notebook.conftest import Finished


def test_the_file_is_the_script_s_and_holds_no_outputs() -> None:
    assert NOTEBOOK.read_text(encoding="utf-8") == text()
    nbformat.validate(nbformat.read(NOTEBOOK, as_version=4))
    assert all(not cell.get("outputs") and not cell.get("execution_count") for cell in json.loads(text())["cells"])


def test_it_runs_to_its_end(finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUN", str(finished[1]))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}).execute()
    told = ["".join(out.get("data", {}).get("text/plain", "") for out in cell.get("outputs", [])) for cell in notebook.cells]
    assert any("withheld" in one for one in told) and any("condition" in one and "counted" in one for one in told)
    assert "'units': 't_C ha^-1'" in told[-1]
    assert not any(out.output_type in ("error", "stream") for cell in notebook.cells for out in cell.get("outputs", []))
