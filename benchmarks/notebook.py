"""docs/notebooks/longshan.ipynb, from the cells below, without outputs; a test runs it and holds the file against this.

python -m benchmarks.notebook     `make readme`
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).parent.parent / "docs" / "notebooks" / "longshan.ipynb"
CELLS = (
    """# A run in a notebook · 在笔记本中查看运行结果

`carbonsink estimate aoi/longshan` made a run; this notebook opens it. Set `RUN` to its folder. Nothing of the run is changed.
`carbonsink estimate aoi/longshan` 已生成一次运行；本笔记本打开它。请把 `RUN` 设为其文件夹。运行内容不会被改动。""",
    """import os

import carbonsink
import carbonsink.xarray  # gives datasets the accessor .carbonsink

RUN = os.environ.get("RUN", "runs/longshan")
run = carbonsink.open_run(RUN)
run.tables""",
    """## The statement · 核算结果

Amounts are decimals: a vintage adds up to zero, to the last digit. 数量为十进制数：每一年度各账户之和为零，分毫不差。""",
    """statement = run.table("credit/statement")
statement.pivot(index="account", columns="vintage", values="co2e_t")""",
    """assert (statement.groupby("vintage").co2e_t.sum() == 0).all()""",
    """## The parcels · 地块

`layers.gpkg` opens in QGIS with its styles; here it is a GeoDataFrame. `layers.gpkg` 在 QGIS 中带样式打开；此处为 GeoDataFrame。""",
    """parcels = run.layer("parcels")
parcels.groupby("outcome")[["area_ha", "area_mu"]].sum()""",
    """## The imagery · 影像

Composites are an xarray dataset of (time, y, x), reflectance from 0 to 1, NaN where nothing was seen.
合成影像是维度为（时间、y、x）的 xarray 数据集，反射率为 0 至 1，无有效观测处为 NaN。""",
    """composites = run.composites()
composites.ndvi.mean(["y", "x"]).to_series().round(3)""",
    """Any index of the library is a method, and months become years. 库中的任何指数都是一个方法；月份可合成为年。""",
    """savi = composites.carbonsink.savi()
yearly = composites[["red", "nir"]].carbonsink.composite("year", "max-ndvi")
yearly.carbonsink.ndvi().mean(["y", "x"]).to_series().round(3)""",
    """## An equation · 方程

Every equation of the book takes numbers, arrays and datasets; its unit and its source come along.
方程集中的每个方程都可用于数值、数组和数据集，并带有单位和出处。""",
    """cover = run.raster(f"land/cover_{run.report['vintages'][-1]['vintage']}")
stock = cover.assign(soc_ref=60.0 + 0.0 * cover.cover).carbonsink.equation("soil.mineral_soil_stock", f_land_use=0.8, f_management=1.0, f_input=1.0)
stock.attrs""",
)


def notebook() -> dict[str, Any]:
    """The notebook as JSON: cells that begin as words are words, the rest is code."""
    cells = [_cell(number, text) for number, text in enumerate(CELLS)]
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _cell(number: int, text: str) -> dict[str, Any]:
    cell = {"id": f"cell-{number:02d}", "metadata": {}, "source": text.splitlines(keepends=True)}
    if any("\u4e00" <= c <= "\u9fff" for c in text):
        return {"cell_type": "markdown", **cell}
    return {"cell_type": "code", "execution_count": None, "outputs": [], **cell}


def page() -> str:
    """The notebook as a page of the documentation site."""
    head = "[`longshan.ipynb`](notebooks/longshan.ipynb) is this page as a notebook; without outputs, a test runs it. 本页即该笔记本的内容。"
    told = [_told(cell) for cell in notebook()["cells"]]
    return "\n\n".join([told[0], head, *told[1:]]) + "\n"


def _told(cell: dict[str, Any]) -> str:
    source = "".join(cell["source"])
    return source if cell["cell_type"] == "markdown" else f"```python\n{source}\n```"


def text() -> str:
    """The file's text."""
    return json.dumps(notebook(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    NOTEBOOK.write_text(text(), encoding="utf-8")
