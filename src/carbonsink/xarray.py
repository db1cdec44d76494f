"""The xarray accessor: `import carbonsink.xarray` gives every dataset `.carbonsink`.

ds.carbonsink.ndvi()                            an index of library/indices.toml, by its name
ds.carbonsink.composite("month")                one value a period and pixel
ds.carbonsink.equation("soil.mineral_soil_stock", soc_ref=60.0)     an equation of the book over variables of the dataset
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import xarray

from carbonsink.base.problems import Exit, refuse
from carbonsink.declared.indices import read_indices
from carbonsink.declared.schema import nearest_alone
from carbonsink.notebook.series import PeriodName, Reducer, composite_of, index_of, require


@xarray.register_dataset_accessor("carbonsink")  # type: ignore[no-untyped-call]
class Carbonsink:
    """What the library can reckon over a dataset; variables are named as sensors of the library name their bands: red, nir, swir16."""

    def __init__(self, dataset: xarray.Dataset) -> None:
        self._dataset = dataset

    def __getattr__(self, name: str) -> Callable[[], xarray.DataArray]:
        """An index as a method: `ds.carbonsink.evi()`."""
        if name not in read_indices().index:
            raise AttributeError(f"{name!r} is neither a method of the accessor nor an index of the library")
        return lambda: self.index(name)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *read_indices().index]

    def index(self, name: str) -> xarray.DataArray:
        """An index of `library/indices.toml` over reflectance from 0 to 1; NaN where it has no value. A Refusal names the bands that lack."""
        return index_of(self._dataset, name)

    def composite(self, period: PeriodName = "month", reducer: Reducer = "median", minimum_observations: int = 1) -> xarray.Dataset:
        """One value a period and pixel of every variable over (time, y, x), and `count`; a pixel seen less often than asked is NaN."""
        return composite_of(self._dataset, period, reducer, minimum_observations)

    def equation(self, name: str, **given: Any) -> xarray.DataArray:
        """An equation of the book over the dataset's variables, `given` standing before them; its unit and source are in `attrs`.

        Numbers must be in the units of their symbols (`carbonsink methods --equations NAME` lists them): none is converted.
        """
        from carbonsink.carbon.book import equations

        known = equations()
        if name not in known:
            raise refuse("E-NBK-004", name, Exit.USAGE, nearest=nearest_alone(name, known), known=", ".join(known))
        equation = known[name]
        require(self._dataset.assign(given), name, equation.arguments)
        values = {argument: given.get(argument, self._dataset.get(argument)) for argument in equation.arguments}
        result = xarray.DataArray(equation(**values)).rename(equation.returns.name)
        return result.assign_attrs(units=equation.returns.unit, long_name=equation.returns.meaning["en"], source=equation.cites, formula=equation.formula)
