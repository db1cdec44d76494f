"""Stage 2: chips become composites on one grid, per period: bands, indices, how often and how clear a pixel was seen; means of parcels.

grid      the project grid and its blocks            periods    periods with their acquisitions
observe   one acquisition of a block, as a stack     zones      scenes of a neighbouring UTM zone, by exact nearest
program   index formulas, written to be compiled     kernel     what is done pixel by pixel (kernel_observe, kernel_select)
select    reducers that choose one observation       features   a year's series as features
parcels   how much of a pixel a parcel covers        means      sums of integers as means
block     one task: a block, all its periods         keep       finished blocks as objects of the store
schedule  threads, or a dask cluster                 compose    the stage: tasks, then files
series    parcel means of every acquisition, also of radar beside

Without a run, as a benchmark does: `block.work(Task(...))` for each block of `grid.blocks`, `means.Sums` over the results.
"""
