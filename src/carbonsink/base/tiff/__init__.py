"""GeoTIFF pixels without GDAL where a file's layout is a known one, and by GDAL where it isn't: the same pixels either way.

tags      first directory of a file -> numbers by tag        layout   numbers -> where each tile lies and how it is packed
codec     one tile's bytes -> pixels in their place          predictor   sums along a row
readers   a path -> windows of pixels, direct or by GDAL, with the reason why        memory   what outlives a read

    source = reader(path)                          # source.kind is "direct" or "gdal", source.why says why it is "gdal"
    pixels = source.read((row, column, height, width))
"""

from carbonsink.base.tiff.codec import TileError, decode, place
from carbonsink.base.tiff.layout import Layout, Window, layout_of
from carbonsink.base.tiff.readers import Reader, reader

__all__ = ["Layout", "Reader", "TileError", "Window", "decode", "layout_of", "place", "reader"]
