"""Sums along the rows of a tile: what a TIFF predictor took apart before compression, put together in one pass.

Predictor 2 (TIFF Revision 6.0, section 14) keeps differences of neighbours; predictor 3 (Adobe Photoshop TIFF
Technical Note 3) keeps differences of the bytes of floats, most significant bytes of the whole row first.
Sums of LANES neighbours are made at once, each round adding what lies 1, 2, 4 ... lanes before: Hillis, W. D. & Steele, G. L.
1986, Data parallel algorithms, Communications of the ACM 29, 1170-1183. numba has no word for moving lanes, its compiler does.
"""
# mypy: disable-error-code="no-untyped-def, no-untyped-call, call-arg"

from __future__ import annotations

from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic

from carbonsink.base.compiled import njit

LANES = 32
ROWS = [f"void({kind}[:, ::1], int64, int64, {kind}[:, :])" for kind in ("uint8", "uint16", "uint32")]


@intrinsic
def summed(_, line, at, out, to, before):  # pragma: no cover
    """Write the running sums of LANES differences, line[at] onwards, on top of `before` from out[to] onwards; the last of them.

    Both lie in memory without gaps; they may be the same.
    """

    def made(context, builder, signature, arguments):
        kind = ir.IntType(line.dtype.bitwidth)
        lanes, place, last = ir.VectorType(kind, LANES), ir.VectorType(ir.IntType(32), LANES), ir.IntType(32)(LANES - 1)
        source, target = (
            builder.bitcast(builder.gep(cgutils.create_struct_proxy(array)(context, builder, value).data, [index]), lanes.as_pointer())
            for array, value, index in ((line, *arguments[:2]), (out, *arguments[2:4]))
        )
        sums = builder.load(source, align=kind.width // 8)
        for by in (1, 2, 4, 8, 16):  # lane n takes lane n - by, the first ones nought
            moved = builder.shuffle_vector(sums, lanes([0] * LANES), place([n - by if n >= by else LANES for n in range(LANES)]))
            sums = builder.add(sums, moved)
        start = builder.insert_element(lanes(ir.Undefined), arguments[4], ir.IntType(32)(0))
        sums = builder.add(sums, builder.shuffle_vector(start, start, place([0] * LANES)))
        builder.store(sums, target, align=kind.width // 8)
        return builder.extract_element(sums, last)

    return line.dtype(line, at, out, to, line.dtype), made


@njit(ROWS, cache=True, nogil=True)
def undo_differences(tile, top, left, out):  # pragma: no cover
    """Write pixels [top, left] onwards of a tile of differences into `out`; both unsigned, of one type."""
    kind = tile.dtype.type
    rows, columns = out.shape
    whole = columns - columns % LANES if out.strides[1] == out.itemsize else 0
    for y in range(rows):
        line, into = tile[top + y], out[y]
        total = kind(0)
        for x in range(left):
            total = kind(total + line[x])
        for x in range(0, whole, LANES):
            total = summed(line, left + x, into, x, total)
        for x in range(whole, columns):
            total = kind(total + line[left + x])
            into[x] = total


@njit("void(uint8[:, ::1], int64, int64, uint32[:, :])", cache=True, nogil=True)
def undo_float_differences(tile, top, left, out):  # pragma: no cover
    """Write floats, as their bits, from rows of 4 * width bytes; `tile` is changed: its rows become running sums."""
    rows, columns = out.shape
    width = tile.shape[1] // 4
    for y in range(rows):
        row = tile[top + y]
        for x in range(1, 4 * width):
            row[x] += row[x - 1]
        for x in range(columns):
            at = left + x
            out[y, x] = (row[at] << 24) | (row[width + at] << 16) | (row[2 * width + at] << 8) | row[3 * width + at]
