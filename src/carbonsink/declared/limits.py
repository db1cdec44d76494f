"""How much is read and what is still accepted of an area: limits of care, none of which enters a result."""

from __future__ import annotations

FILE_BYTES = 200_000_000  # a county's parcels take a few megabytes; anything larger is the wrong file or an attack
VERTICES = 1_000_000
ARCHIVE_ENTRIES = 20  # a Shapefile has at most about a dozen parts
ARCHIVE_BYTES = 200_000_000  # unpacked
ARCHIVE_RATIO = 200  # unpacked to packed; real Shapefiles stay below 30
SHORT_TEXT = 200  # characters of a name or an id
LONG_TEXT = 2_000  # characters of a source or a reason

MINIMUM_AREA_M2 = 400.0  # least forest area of GB/T 26424, taken for all land
MINIMUM_PIXELS = 9  # 3 x 3: below, every pixel is an edge
MAXIMUM_AREA_HA = 100_000.0
MAXIMUM_SPAN_DEGREES = 5.0
OVERLAP_TOLERANCE_M2 = 1.0  # slivers of digitising
DECLARED_TOLERANCE_PERCENT = 5.0
TRANSFORMATION_ACCURACY_M = 2.0  # worse datum transformations move land by a pixel's share
LISTED_PER_CODE = 20  # problems of one kind that are shown before the rest is only counted

# west, south, east, north [degrees]: coarse boxes that tell swapped or misread coordinates, not borders
COUNTRY_BOXES = {"CN": (73.0, 3.0, 136.0, 54.0)}
