"""Imports go one way, and the house keeps its proportions."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "carbonsink"
ROOMS = ("scenes", "composites", "land", "areas", "carbon", "uncertainty", "credit", "report", "catalogue", "simulate")
LAYERS = (
    ("__main__",),
    ("cli", "xarray"),
    ("portfolio", "notebook"),
    ("verify", "explain", "ledger", "bundle", "begin"),
    ("run",),
    ROOMS,
    ("declared",),
    ("base",),
)
LEVEL = {name: number for number, names in enumerate(LAYERS) for name in names}
MODULES = sorted(SOURCE.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """The rooms of carbonsink that a module imports, wherever in it the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: imports are absolute"
            names = [f"{node.module}.{a.name}" for a in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith("carbonsink.") and name != "carbonsink.__version__"}
    return found


@pytest.mark.parametrize("path", [p for p in MODULES if room(p) in LEVEL], ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_a_module_imports_only_from_lower_layers(path: Path) -> None:
    mine = room(path)
    for other in imports(path) - {mine}:
        assert LEVEL[other] > LEVEL[mine], f"{path.relative_to(SOURCE)} imports {other}, which is not below {mine}"


def test_every_module_has_its_layer() -> None:
    assert {room(p) for p in MODULES} - LEVEL.keys() == {"__init__"}


def test_only_run_knows_all_rooms() -> None:
    knowing = {room(p) for p in MODULES if len(imports(p) & set(ROOMS) - {room(p)}) > 1}
    assert knowing <= {"run"}


def bodies() -> list[int]:
    """Lines of each function's body, its docstring left out."""
    lengths = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
                lengths.append((node.end_lineno or 0) - body[0].lineno + 1)
    return sorted(lengths)


def test_functions_and_files_stay_small() -> None:
    lengths = bodies()
    assert statistics.median(lengths) <= 8
    assert lengths[int(0.9 * len(lengths))] <= 30
    long_files = {p.name: n for p in MODULES if (n := p.read_text().count("\n")) > 350}
    assert not long_files


MAKES_CODE = SOURCE / "composites/kernel.py"  # from text that program.py writes of checked formulas, for numba; Python never runs it


def test_no_pickle_and_no_eval_in_the_house() -> None:
    for path in MODULES:
        called = {n.func.id for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        assert called & {"eval", "exec", "compile"} == ({"compile"} if path == MAKES_CODE else set()), path
        assert "import pickle" not in path.read_text() and "joblib" not in path.read_text(), path
