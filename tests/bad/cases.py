"""What may be wrong with an area, one case a row: how to break the tiny area, the codes that must come, and words they must hold.

Names begin with the row of the table of malformed inputs (M) or of attacks (S) that a case stands for.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from tests.bad.area import GOOD, Area, feature, kml, placemark, square

FIELDS = [shapely.Polygon(square(0)), shapely.Polygon(square(1))]


@dataclass(frozen=True)
class Case:
    """One broken input."""

    name: str
    breaks: Callable[[Area], None]
    code: str
    words: tuple[str, ...]  # in every language
    lines: int = 1  # how many problems come in all


CASES: list[Case] = []


def case(name: str, code: str, *words: str, lines: int = 1) -> Callable[[Callable[[Area], None]], Callable[[Area], None]]:
    """Register a function that breaks the area."""

    def register(breaks: Callable[[Area], None]) -> Callable[[Area], None]:
        CASES.append(Case(name, breaks, code, words, lines))
        return breaks

    return register


def declared(name: str, code: str, old: str, new: str, *words: str, lines: int = 1) -> None:
    """A case that is one edit of area.toml."""
    case(name, code, *words, lines=lines)(lambda area: area.declare(old, new))


def recipe(name: str, code: str, old: str, new: str, *words: str, lines: int = 1) -> None:
    """A case that is one edit of the pipeline."""
    case(name, code, *words, lines=lines)(lambda area: area.recipe(old, new))


# --- the land file ---------------------------------------------------------------------------------------------------

declared("M01 land file missing", "E-AOI-001", "parcels.geojson", "plots.geojson", "plots.geojson", "parcels.geojson")


@case("M01 land file is a folder", "E-AOI-001", "plots.geojson")
def _(area: Area) -> None:
    (area.folder / "plots.geojson").mkdir()
    area.use("plots.geojson")


case("M01 land file of 0 bytes", "E-AOI-034", "parcels.geojson")(lambda area: area.write("parcels.geojson", b""))
case("M01 land file of no known kind", "E-AOI-043", ".dwg", ".shp")(lambda area: area.use("parcels.dwg"))
case("M02 no features", "E-AOI-002", " 0 ")(lambda area: area.features())
case("M02 all geometries null", "E-AOI-002", " 2 ", lines=3)(lambda area: area.features(feature(None), feature(None, "P-2")))
case("M03 a point", "E-AOI-003", "#2", "Point")(lambda area: area.features(GOOD[0], feature({"type": "Point", "coordinates": [117.4, 24.6]})))
case("M03 a line", "E-AOI-003", "#1", "LineString")(lambda area: area.features(feature({"type": "LineString", "coordinates": square(0)}), GOOD[1]))


@case("M04 a mixed collection", "E-AOI-003", "#1", "GeometryCollection")
def _(area: Area) -> None:
    mixed = {"type": "GeometryCollection", "geometries": [GOOD[0]["geometry"], {"type": "Point", "coordinates": [117.4, 24.6]}]}
    area.features(feature(mixed), GOOD[1])


case("M05 a ring left open", "E-AOI-004", "#1", " 4 ", "(117.4, 24.6)", "(117.4, 24.601)")(lambda area: area.features(feature(square(0)[:-1]), GOOD[1]))
case("M05 a ring of two points", "E-AOI-004", "#1", " 2 ")(lambda area: area.features(feature(square(0)[:2]), GOOD[1]))


@case("M06 a bow-tie", "E-AOI-007", "#1 (P-1)", "117.401000,24.600500", "Self-intersection")
def _(area: Area) -> None:
    a, b, c, d, _ = square(0)
    area.features(feature([a, c, b, d, a]), GOOD[1])


@case("M07 a hole outside its shell", "E-AOI-007", "#1 (P-1)", "Hole lies outside shell")
def _(area: Area) -> None:
    area.features(feature({"type": "Polygon", "coordinates": [square(0), square(3, 0.001, 0.0005)]}), GOOD[1])


@case("M07 a shell inside a shell", "E-AOI-007", "#1 (P-1)", "Nested shells")
def _(area: Area) -> None:
    inner = [[117.4005, 24.6002], [117.401, 24.6002], [117.401, 24.6005], [117.4005, 24.6005], [117.4005, 24.6002]]
    area.features(feature({"type": "MultiPolygon", "coordinates": [[square(0)], [inner]]}), GOOD[1])


def coordinate(name: str, value: object, *words: str) -> None:
    """A case of one spoilt position."""
    spoilt = [value, *square(0)[1:]]
    case(name, "E-AOI-005", "#1", *words)(lambda area: area.features(feature(spoilt), GOOD[1]))


coordinate("M08 a NaN coordinate", [float("nan"), 24.6], "nan")
coordinate("M08 a text coordinate", ["117.4", 24.6], "'117.4'")
coordinate("M08 a lone coordinate", [117.4], "[117.4]")
coordinate("M08 a true coordinate", [True, 24.6], "True")


@case("M08 an infinite coordinate", "E-AOI-005", "#1", "inf")
def _(area: Area) -> None:
    text = (area.folder / "parcels.geojson").read_text()
    area.write("parcels.geojson", text.replace("117.402", "1e999", 1))


@case("M08 a NaN coordinate in a GeoPackage", "E-AOI-005", "#1", "nan")
def _(area: Area) -> None:
    with np.errstate(invalid="ignore"):
        spoilt = shapely.Polygon([(117.4, 24.6), (float("nan"), 24.6), (117.402, 24.601), (117.4, 24.6)])
    area.vector("parcels.gpkg", geometries=[spoilt, FIELDS[1]])


@case("M09 latitude before longitude", "E-AOI-008", "24.600000", "117.400000")
def _(area: Area) -> None:
    area.features(*[feature([[y, x] for x, y in square(step)], f"P-{step}") for step in (0, 1)])


@case("M10 metres in a file that says degrees", "E-AOI-009", "EPSG:4490", "EPSG:4534-4554", "540509")
def _(area: Area) -> None:
    rings = [list(map(list, g.exterior.coords)) for g in area.projected(4548)]
    area.features(*[feature(ring, f"P-{n}") for n, ring in enumerate(rings)], crs="EPSG:4490")


@case("M11 no .prj", "E-AOI-010", "EPSG:4527")
def _(area: Area) -> None:
    area.vector("parcels.shp", "EPSG:4527", area.projected(4527))
    (area.folder / "parcels.prj").unlink()


def coordinate_system(name: str, code: str, wkt: str, *words: str) -> None:
    """A case of one .prj."""

    @case(name, code, *words)
    def _(area: Area) -> None:
        area.vector("parcels.shp", "EPSG:4548", area.projected(4548))
        area.write("parcels.prj", wkt)


coordinate_system("M12 a .prj that is no CRS", "E-AOI-038", 'PROJCS["my own",', "my own", "EPSG:4534-4554")
coordinate_system("M12 an engineering CRS", "E-AOI-038", 'LOCAL_CS["county grid",UNIT["m",1]]', "county grid")
declared("M12 a declared CRS unknown", "E-AOI-038", "[land]", '[land]\ncrs = "EPSG:4444444"', "EPSG:4444444")
declared("M12 a declared CRS as PROJ text", "E-AOI-038", "[land]", '[land]\ncrs = "+proj=tmerc +lon_0=117"', "+proj=tmerc")
declared("M13 Beijing 1954 declared", "E-AOI-011", "[land]", '[land]\ncrs = "EPSG:4214"', "EPSG:4214", "Beijing 1954", "CGCS2000")
BEIJING = (
    'PROJCS["Beijing_1954_3_Degree_GK_CM_117E",GEOGCS["GCS_Beijing_1954",DATUM["D_Beijing_1954",SPHEROID["Krasovsky_1940",6378245.0,298.3]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",500000.0],'
    'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",117.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)
coordinate_system("M13 Beijing 1954 in the .prj", "E-AOI-011", BEIJING, "Beijing 1954")
coordinate_system(
    "M13 Xian 1980 in the .prj", "E-AOI-011", BEIJING.replace("Beijing_1954", "Xian_1980").replace("6378245.0,298.3", "6378140.0,298.257"), "Xian 1980"
)


@case("M14 zone prefix missing", "E-AOI-012", "540509", " 0", "39", "EPSG:4527", "EPSG:4548")
def _(area: Area) -> None:
    area.vector("parcels.shp", "EPSG:4527", area.projected(4548))


@case("M14 zone prefix too many", "E-AOI-012", "39540509", "39", "EPSG:4548", "EPSG:4527")
def _(area: Area) -> None:
    area.vector("parcels.shp", "EPSG:4548", area.projected(4527))


declared("M16 GCJ-02 declared", "E-AOI-014", "[land]", '[land]\ncrs = "GCJ-02"', "GCJ-02", "CGCS2000")
declared("M16 BD-09 declared", "E-AOI-014", "[land]", '[land]\ncrs = "bd09ll"', "bd09ll")


@case("M16 the file says another CRS than the declaration", "E-AOI-027", "EPSG:4548", "EPSG:4549")
def _(area: Area) -> None:
    area.vector("parcels.shp", "EPSG:4548", area.projected(4548))
    area.declare("[land]", '[land]\ncrs = "EPSG:4549"')


@case("M17 land outside its country", "E-AOI-015", "CN", "3.7000", "73, 3, 136, 54")
def _(area: Area) -> None:
    area.features(*[feature([[x - 113.7, y + 26.4] for x, y in square(step)], f"P-{step}") for step in (0, 1)])


@case("M18 land wider than five degrees", "E-AOI-016", "10.00", "5")
def _(area: Area) -> None:
    area.features(GOOD[0], feature([[x + 9.998, y] for x, y in square(0)], "P-2"))


@case("M19 a parcel under 400 m2", "E-AOI-017", "#2 (P-2)", "22.44", "400")
def _(area: Area) -> None:
    area.features(GOOD[0], feature(square(1, 0.00002, 0.0001), "P-2", 0.0336))
    area.declare("67.3", "33.7")


@case("M19 land under nine pixels", "E-AOI-017", "parcels.geojson:", "560.89", "5 ", "900")
def _(area: Area) -> None:
    area.boundary()
    area.features(feature(square(0, 0.0002, 0.00025)))


@case("M20 land over 100,000 ha", "E-AOI-018", "100000", "112")
def _(area: Area) -> None:
    area.boundary()
    area.features(feature([[117, 24], [117.5, 24], [117.5, 24.2], [117, 24.2], [117, 24]]))


@case("M21 parcels overlap", "E-AOI-019", "#1 (P-1)", "#2 (P-2)", "11217.82")
def _(area: Area) -> None:
    area.features(GOOD[0], feature([[x - 0.002, y] for x, y in square(1)], "P-2"))


case("M21 a parcel twice", "E-AOI-019", "#1 (P-1)", "#2 (P-2)", "22435.64")(lambda area: area.features(GOOD[0], feature(square(0), "P-2")))
case("M22 parcel id twice", "E-AOI-020", "#2", "P-1", "#1")(lambda area: area.features(GOOD[0], feature(square(1), "P-1")))
case("M22 parcel id empty", "E-AOI-032", "#2", "parcel")(lambda area: area.features(GOOD[0], feature(square(1), "  ")))
declared("M22 parcel id column missing", "E-AOI-035", 'parcel_id = "parcel"', 'parcel_id = "parcl"', "parcl", "mu, parcel")
declared("M23 declared area 20 % off", "E-AOI-021", "value = 67.3", "value = 80.76", "80.76", "67.31", "4.4871", "20.0", "1.2")
declared("M23 hectares declared where mu are meant", "E-AOI-021", 'value = 67.3, unit = "mu"', 'value = 67.3, unit = "ha"', "67.30 ha", "15", "0.067")
case("M23 a parcel's declared mu 10 % off", "E-AOI-021", "#2 (P-2)", "37.00", "33.65")(lambda area: area.features(GOOD[0], feature(square(1), "P-2", 37)))
case("M23 a parcel's declared mu is text", "E-AOI-042", "#2 (P-2)", "33,65")(lambda area: area.features(GOOD[0], feature(square(1), "P-2", "33,65")))
case("M23 a parcel's declared mu is missing", "E-AOI-042", "#2 (P-2)", "None")(lambda area: area.features(GOOD[0], feature(square(1), "P-2", None)))


@case("M24 text in no known encoding", "E-AOI-022", "ff ff")
def _(area: Area) -> None:
    shapefile_text(area, b"\xff\xff1", None)


@case("M24 text not in the encoding of the .cpg", "E-AOI-040", "UTF-8", ".cpg")
def _(area: Area) -> None:
    shapefile_text(area, "田一".encode("gbk"), b"UTF-8")


@case("M24 a declared encoding unknown", "E-AOI-040", "klingon", "area.toml")
def _(area: Area) -> None:
    shapefile_text(area, "田一".encode("gbk"), None)
    area.declare("[land]", '[land]\nencoding = "klingon"')


def shapefile_text(area: Area, first: bytes, cpg: bytes | None) -> None:
    """A Shapefile whose first parcel id has the given bytes."""
    area.vector("parcels.shp", encoding="UTF-8", ids=("XXXXXXXX", "P-2"))
    dbf = (area.folder / "parcels.dbf").read_bytes()
    area.write("parcels.dbf", dbf.replace(b"XXXXXXXX", first.ljust(8)))
    (area.folder / "parcels.cpg").unlink()
    if cpg:
        area.write("parcels.cpg", cpg)


def part_missing(part: str) -> None:
    """A case of a Shapefile without one of its parts."""

    @case(f"M25 {part} missing", "E-AOI-023", part)
    def _(area: Area) -> None:
        area.vector("parcels.shp")
        (area.folder / f"parcels{part}").unlink()


part_missing(".shx")
part_missing(".dbf")


@case("M26 .shp and .dbf of different length", "E-AOI-024", " 2 ", " 1 ")
def _(area: Area) -> None:
    area.vector("parcels.shp")
    dbf = bytearray((area.folder / "parcels.dbf").read_bytes())
    struct.pack_into("<I", dbf, 4, 1)
    area.write("parcels.dbf", bytes(dbf))


def archive(name: str, code: str, *words: str, change: Callable[[zipfile.ZipFile, dict[str, bytes]], None]) -> None:
    """A case of one zip archive, written from the parts of a good Shapefile."""
    case(name, code, "parcels.zip", *words)(lambda area: area.zipped(change))


def with_parts(archive: zipfile.ZipFile, parts: dict[str, bytes], folder: str = "") -> None:
    for name, data in parts.items():
        archive.writestr(folder + name, data)


def two_layers(archive: zipfile.ZipFile, parts: dict[str, bytes]) -> None:
    with_parts(archive, parts, "a/")
    with_parts(archive, parts, "b/")


def and_entry(name: str, data: bytes = b"x", mode: int = 0) -> Callable[[zipfile.ZipFile, dict[str, bytes]], None]:
    """The good parts and one entry more."""

    def change(archive: zipfile.ZipFile, parts: dict[str, bytes]) -> None:
        with_parts(archive, parts)
        entry = zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        archive.writestr(entry, data)

    return change


def encrypted(archive: zipfile.ZipFile, parts: dict[str, bytes]) -> None:
    with_parts(archive, parts)
    for info in archive.filelist:
        info.flag_bits |= 1  # as the central directory will say


def bomb(archive: zipfile.ZipFile, parts: dict[str, bytes]) -> None:
    with_parts(archive, parts)
    archive.writestr("parcels.sbn", bytes(50_000_000), zipfile.ZIP_DEFLATED)


def crowd(archive: zipfile.ZipFile, parts: dict[str, bytes]) -> None:
    for number in range(21):
        archive.writestr(f"{number}.txt", b"")


archive("M27 zip with two layers", "E-AOI-025", "2", "a/parcels.shp", "b/parcels.shp", change=two_layers)
archive("M27 zip without a Shapefile", "E-AOI-025", "0", "readme.txt", change=lambda archive, parts: archive.writestr("readme.txt", "x"))
archive("M27 zip encrypted", "E-AOI-041", change=encrypted)
archive("S7 zip entry that climbs", "E-SEC-008", "../parcels.shp", change=and_entry("../parcels.shp"))
archive("S7 zip entry with an absolute path", "E-SEC-008", "/etc/passwd", change=and_entry("/etc/passwd"))
archive("S7 zip entry on a drive", "E-SEC-008", "C:", change=and_entry("C:/x.shp"))
archive("S7 zip entry that is a link", "E-SEC-008", "link", change=and_entry("link", b"/etc/passwd", 0o120777))
archive("S7 zip in a zip", "E-SEC-008", "inner.zip", change=and_entry("inner.zip"))
archive("S7 zip entry twice", "E-SEC-008", "PARCELS.SHP", change=and_entry("PARCELS.SHP"))
archive("S7 zip bomb", "E-SEC-009", "200", change=bomb)
archive("S7 zip of too many files", "E-SEC-009", "21", "20", change=crowd)


@case("M27 zip cut short", "E-AOI-037", "parcels.zip", "zip")
def _(area: Area) -> None:
    area.zipped()
    area.write("parcels.zip", (area.folder / "parcels.zip").read_bytes()[:-30])


def as_kml(name: str, code: str, text: str | bytes, *words: str, lines: int = 1) -> None:
    """A case of one KML file."""

    @case(name, code, *words, lines=lines)
    def _(area: Area) -> None:
        area.write("parcels.kml", text)
        area.use("parcels.kml")


ENTITY = '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LINK = "<NetworkLink><Link><href>https://example.org/a.kml</href></Link></NetworkLink>"
as_kml("M28 KML with a DTD", "E-SEC-004", kml(placemark(0), placemark(1, "P-2"), head=ENTITY), "<!DOCTYPE>")
as_kml("S6 KML with a DTD in UTF-16", "E-SEC-004", kml(placemark(0), head=ENTITY).replace("UTF-8", "UTF-16").encode("utf-16"), "<!DOCTYPE>")
as_kml("M28 KML with a link elsewhere", "E-SEC-004", kml(placemark(0), LINK), "<NetworkLink>")
as_kml("M28 placemark without polygon", "E-AOI-003", kml(placemark(0), placemark(1, "P-2", "")), "#2")
as_kml("M28 placemark with a point", "E-AOI-003", kml(placemark(0), placemark(1, "P-2", "<Point><coordinates>117,24</coordinates></Point>")), "#2", "Point")
as_kml("M28 KML not well formed", "E-AOI-037", kml(placemark(0))[:-9], "KML")
as_kml("S5 an OGR VRT called .kml", "E-SEC-010", '<OGRVRTDataSource><OGRVRTLayer name="x"/></OGRVRTDataSource>', "KML", "<OGRVRTDataSource>")
as_kml("S5 GeoJSON called .kml", "E-SEC-010", '{"type": "FeatureCollection"}', "kml")


@case("M29 GeoPackage with two layers", "E-AOI-026", "fields", "woods", "layer")
def _(area: Area) -> None:
    area.vector("parcels.gpkg", layer="fields")
    area.declare('file = "parcels.gpkg"', 'file = "parcels.geojson"')
    area.vector("parcels.gpkg", layer="woods", append=True)


@case("M29 GeoPackage without the layer named", "E-AOI-026", "fields", "paddies")
def _(area: Area) -> None:
    area.vector("parcels.gpkg", layer="fields")
    area.declare("[land]", '[land]\nlayer = "paddies"')


@case("M29 a database that is no GeoPackage", "E-SEC-010", "GeoPackage", "NOPE")
def _(area: Area) -> None:
    area.vector("parcels.gpkg", layer="fields")
    data = bytearray((area.folder / "parcels.gpkg").read_bytes())
    data[68:72] = b"NOPE"
    area.write("parcels.gpkg", bytes(data))


declared("M29 a layer of a file that has none", "E-AOI-044", "[land]", '[land]\nlayer = "zzz"', "zzz", ".geojson", "layer")


@case("S11 a GeoPackage whose layer is a view", "E-AOI-026", "fields")
def _(area: Area) -> None:
    import sqlite3

    area.vector("parcels.gpkg", layer="fields")
    with sqlite3.connect(area.folder / "parcels.gpkg") as database:
        database.execute("ALTER TABLE fields RENAME TO hidden")
        database.execute("CREATE VIEW fields AS SELECT * FROM hidden")
        database.execute("UPDATE gpkg_contents SET table_name = 'fields'")
    database.close()
    area.declare("[land]", '[land]\nlayer = "fields"')


@case("M29 a GeoPackage cut short", "E-AOI-037", "GeoPackage")
def _(area: Area) -> None:
    area.vector("parcels.gpkg", layer="fields")
    area.write("parcels.gpkg", (area.folder / "parcels.gpkg").read_bytes()[:5000])


@case("M30 a curved outline", "E-AOI-003", "#1", "CurvePolygon")
def _(area: Area) -> None:
    import sqlite3

    area.vector("parcels.gpkg", layer="fields")
    point = b"".join(struct.pack("<dd", x, y) for x, y in ((117.4, 24.6), (117.402, 24.601), (117.4, 24.6)))
    curve = b"\x01" + struct.pack("<II", 10, 1) + b"\x01" + struct.pack("<II", 8, 3) + point
    with sqlite3.connect(area.folder / "parcels.gpkg") as database:
        for name in [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]:
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE fields SET geom = ? WHERE fid = 1", (b"GP\x00\x01" + struct.pack("<i", 4490) + curve,))
    database.close()


@case("S13 GeoJSON a hundred thousand levels deep", "E-AOI-037", "GeoJSON")
def _(area: Area) -> None:
    area.write("parcels.geojson", '{"features":' + "[" * 100_000 + "]" * 100_000 + "}")


@case("S13 GeoJSON with a key twice", "E-AOI-037", "'type'")
def _(area: Area) -> None:
    area.write("parcels.geojson", '{"type": "Feature", "type": "FeatureCollection", "features": []}')


case("S13 GeoJSON cut short", "E-AOI-037", "GeoJSON")(lambda area: area.write("parcels.geojson", '{"type": "FeatureColl'))
case("S2 a list called .geojson", "E-SEC-010", "geojson")(lambda area: area.write("parcels.geojson", "[]"))
case("S16 a parcel id that turns its text around", "E-SEC-007", "#2", "U+202E")(lambda area: area.features(GOOD[0], feature(square(1), "P-\u202e2")))
case("S16 a parcel id of 300 characters", "E-SEC-011", "#2", "300", "200")(lambda area: area.features(GOOD[0], feature(square(1), "P" * 300)))


@case("M21 a hundred overlaps are counted, not listed", "E-AOI-029", "E-AOI-019", lines=21)
def _(area: Area) -> None:
    area.boundary()
    area.features(*[feature(square(0), f"P-{n}") for n in range(10)])


# --- area.toml -------------------------------------------------------------------------------------------------------

declared("M31 an unknown key", "E-CFG-001", "parcel_area_mu", "parcel_area_mo", "parcel_area_mo", "parcel_area_mu", "[land.parcel_area_mo]")
recipe("M31 an unknown key in the pipeline", "E-CFG-001", "max_cloud_cover", "max_cloud_covr", "max_cloud_covr", "max_cloud_cover", "tiny.toml")
declared("M32 a required key missing", "E-CFG-002", "start = 2020-01-01, ", "", "period.start")
recipe("M32 a required section missing in the pipeline", "E-CFG-002", '[areas]\nmethod = "parcels"\n', "", "areas", "tiny.toml")
declared(
    "M33 the period ends before it starts",
    "E-CFG-003",
    "start = 2020-01-01, end = 2021-12-31",
    "start = 2021-12-31, end = 2020-01-01",
    "2021-12-31",
    "2020-01-01",
)
declared("M33 a period of one day", "E-CFG-024", "end = 2021-12-31", "end = 2020-01-01", "2020-01-01")
declared(
    "M33 a day less than a year",
    "E-CFG-024",
    "start = 2020-01-01, end = 2021-12-31",
    "start = 2020-07-01, end = 2021-06-29",
    "2020-07-01",
    "2021-06-29",
    "364",
)
declared("M33 month 13", "E-CFG-005", "2020-01-01", "2020-13-01")
declared("M33 29 February of a common year", "E-CFG-005", "end = 2021-12-31", "end = 2021-02-29")
declared("M33 the period ends in the future", "E-CFG-023", "end = 2021-12-31", "end = 2199-12-31", "2199-12-31", "20")
declared("M34 the period begins before the sensor", "E-CFG-004", "start = 2020-01-01", "start = 2015-01-01", "2015-01-01", "sentinel-2-l2a", "2015-06-23")
declared("M35 a key twice", "E-CFG-005", 'country = "CN"', 'country = "CN"\ncountry = "CN"')
declared("M36 a leading zero", "E-CFG-005", "value = 5.0", "value = 012")
declared("M36 text without quotes", "E-CFG-005", 'country = "CN"', "country = CN")
declared("M36 a date as text", "E-CFG-007", "start = 2020-01-01", 'start = "2020-01-01"', "2020-01-01", "date")
declared("M36 a number as text", "E-CFG-007", "value = 5.0", 'value = "1e3"', "1e3", "float")
recipe("M37 cloud cover 150 %", "E-CFG-007", "max_cloud_cover = 90.0", "max_cloud_cover = 150.0", "150", "<= 100")
recipe("M37 a seed below zero", "E-CFG-007", "seed = 1", "seed = -1", "-1", ">= 0")
recipe("M37 a seed beyond 64 bits", "E-CFG-005", "seed = 1", "seed = 1" + "0" * 5000, "tiny.toml")
recipe("M37 a seed of 2^70", "E-CFG-007", "seed = 1", "seed = 1180591620717411303424", "1180591620717411303424", "< 9")
declared("M38 an unknown unit of area", "E-CFG-007", 'unit = "mu"', 'unit = "亩"', "亩", "'mu' | 'ha'")
declared("M38 an unknown unit of a value", "E-CFG-008", 'unit = "t ha^-1"', 'unit = "tC/ha"', "straw_rate", "tC/ha", "t ha^-1")
declared("M38 another unit than the symbol's", "E-CFG-008", 'unit = "t ha^-1"', 'unit = "kg ha^-1"', "kg ha^-1", "t ha^-1")
declared("M39 a value that is not a number", "E-CFG-007", "value = 5.0", "value = nan", "nan", "finite number")
declared("M39 a decimal comma", "E-CFG-007", "value = 5.0", 'value = "5,0"', "5,0")
declared("M39 full-width digits", "E-CFG-005", "value = 5.0", "value = ５")
declared("M40 a catalogue over http", "E-CFG-010", '"simulated"', '"http://stac.example.org/v1"', "stac.example.org", "http")
declared("M40 a catalogue address with a password", "E-CFG-017", '"simulated"', '"https://me:s3cret@stac.example.org/v1"', "stac.example.org")
declared("S2 a catalogue path of GDAL's", "E-CFG-021", '"simulated"', '"/vsicurl/http:/10.0.0.5/"', "/vsicurl/")
declared("S1 a catalogue in a file address", "E-CFG-010", '"simulated"', '"file:///etc"', "file")
declared("M40 a catalogue folder that does not exist", "E-CFG-020", '"simulated"', '"mirror"', "mirror")
declared(
    "M40 an environment variable not set", "E-CFG-019", '"simulated"', '"${CARBONSINK_NOWHERE}/mirror"', "CARBONSINK_NOWHERE", "${CARBONSINK_NOWHERE}/mirror"
)
recipe("M41 an unknown methodology", "E-CFG-011", '"rice-water-management"', '"rice-water-managment"', "rice-water-managment", "rice-water-management")
recipe("M41 an unknown sensor", "E-CFG-011", '"sentinel-2-l2a"', '"sentinel-2"', "sentinel-2-l2a")
declared("M41 a dialect the sensor doesn't know", "E-CFG-011", '"simulated"', '"simulated", dialect = "earth-serch"', "earth-serch", "earth-search")
recipe("M41 an unknown index", "E-CFG-011", '["ndvi"]', '["ndvi", "ndvj"]', "ndvj", "ndvi")
recipe("M41 an unknown feature", "E-CFG-011", 'indices = ["ndvi"]', 'indices = ["ndvi"]\nfeatures = ["ndvi.amplitud1"]', "ndvi.amplitud1", "ndvi.amplitude1")
recipe(
    "M41 a feature of a layer the composites lack", "E-CFG-011", 'indices = ["ndvi"]', 'indices = ["ndvi"]\nfeatures = ["evi.mean"]', "evi.mean", "ndvi.mean"
)
recipe("M41 dry-downs of a layer without thresholds", "E-CFG-011", 'indices = ["ndvi"]', 'indices = ["ndvi"]\nfeatures = ["ndvi.drydowns"]', "ndvi.drydowns")
recipe("M41 an unknown band", "E-CFG-011", '["red", "nir"]', '["red", "nir", "infrared"]', "infrared", "nir")
declared("M41 an unknown pipeline", "E-CFG-011", 'pipeline = "tiny"', 'pipeline = "tinny"', "tinny")
declared("S17 a pipeline that climbs", "E-CFG-021", 'pipeline = "tiny"', 'pipeline = "../tiny.toml"', "../tiny.toml")
declared("M41 an unknown symbol", "E-CFG-011", '"straw_rate"', '"straw_rat"', "straw_rat", "straw_rate")
declared("M41 a value of an unknown stratum", "E-CFG-011", "value = 5.0", 'value = 5.0\nstratum = "double-rice"', "double-rice", "single-rice")
declared("M41 a stratum of an unknown cover", "E-CFG-011", 'cover = "paddy"', 'cover = "padi"', "padi", "paddy", "tiny.toml", "area.toml")
case("M43 area.toml of two megabytes", "E-CFG-013", "1000000")(lambda area: area.write("area.toml", "#" * 2_000_000))
case("M43 area.toml in UTF-16", "E-CFG-016", "area.toml")(lambda area: area.write("area.toml", 'id = "x"'.encode("utf-16")))
case("M43 area.toml in GBK", "E-CFG-016", "area.toml")(lambda area: area.write("area.toml", 'name = "稻田"'.encode("gbk")))
case("M01 area.toml missing", "E-CFG-015", "area.toml")(lambda area: (area.folder / "area.toml").unlink())
declared("M47 a value without its source", "E-CFG-002", 'source = "farm records"\nplace = "book 1"', 'place = "book 1"', "value.0.source")
declared("M47 a value without its unit", "E-CFG-002", 'unit = "t ha^-1"\n', "", "value.0.unit")
declared("M48 a value outside its own range", "E-CFG-018", "value = 5.0", "value = 5.0\nlow = 6.0\nhigh = 8.0", "straw_rate", " 5 ", " 6 ", " 8")
declared("M47 a distribution without a range", "E-CFG-033", "value = 5.0", 'value = 5.0\ndistribution = "lognormal"', "straw_rate", "lognormal")
declared(
    "M52 a normal distribution that reaches zero",
    "E-CFG-030",
    "value = 5.0",
    'value = 5.0\nlow = 0.0\nhigh = 11.0\ndistribution = "normal"',
    "straw_rate",
    "0",
)
declared("M54 a number mangled into a date", "E-CFG-007", "value = 5.0", "value = 2005-05-05", "2005-05-05", "float")
declared("S16 a name with a zero-width space", "E-SEC-007", "Tiny paddies", "Tiny\u200bpaddies", "U+200B", "[name.en]")
declared("S16 a name with a line break", "E-SEC-007", "Tiny paddies", "Tiny\\npaddies", "U+000A")
declared("S16 a name of 300 characters", "E-SEC-011", "Tiny paddies", "T" * 300, "300", "200")
declared("S17 an id that climbs", "E-CFG-007", 'id = "tiny-paddies"', 'id = "../etc"', "../etc", "pattern")
declared("S17 a land file that climbs", "E-CFG-021", 'file = "parcels.geojson"', 'file = "../parcels.geojson"', "../parcels.geojson")
declared("S17 a land file with an absolute path", "E-CFG-021", 'file = "parcels.geojson"', 'file = "/etc/passwd"', "/etc/passwd")


@case("S18 a land file that is a link out of the folder", "E-CFG-021", "parcels.geojson")
def _(area: Area) -> None:
    (area.folder / "parcels.geojson").unlink()
    (area.folder / "parcels.geojson").symlink_to("/etc/passwd")


# --- declarations that disagree --------------------------------------------------------------------------------------


@case("rules without a rule", "E-CFG-025", "tiny.toml")
def _(area: Area) -> None:
    text = (area.folder / "tiny.toml").read_text()
    start, end = text.index("rules = ["), text.index("[areas]")
    area.write("tiny.toml", text[:start] + text[end:])


recipe("a classifier with rules and without samples", "E-CFG-027", 'method = "rules"', 'method = "classifier"', " 2 ", lines=2)
recipe("areas adjusted without samples", "E-CFG-026", 'method = "parcels"', 'method = "error_adjusted"', "error_adjusted", "[reference]")
recipe("a rule for a class that is not there", "E-CFG-011", 'land_class = "water"', 'land_class = "watter"', "watter", "water", "[land.rules.0.land_class]")
recipe("a rule that is no formula", "E-CFG-022", "max(ndvi) < 0.2", "max(ndvi) <", "[land.rules.0.when]")
recipe("S12 a rule that would run code", "E-CFG-022", "max(ndvi) < 0.2", "max(ndvi.__class__) < 0.2", "__class__")
recipe("a rule by a function that is none", "E-CFG-022", "max(ndvi) < 0.2", "maxx(ndvi) < 0.2", "[land.rules.0.when]", "'maxx'", "max, mean, median, min")
recipe("a rule that is a number", "E-LND-008", "max(ndvi) < 0.2", "1 + 1", "[land.rules.0.when]", "“1 + 1”")
recipe("a rule that is a statistic", "E-LND-008", "max(ndvi) < 0.2", "max(ndvi)", "[land.rules.0.when]", "“max(ndvi)”")
recipe("a rule with its dates left", "E-LND-008", "max(ndvi) < 0.2", "ndvi < 0.2", "[land.rules.0.when]", "“ndvi < 0.2”")
recipe("a statistic of a statistic", "E-CFG-022", "max(ndvi) < 0.2", "max(max(ndvi)) < 0.2", "[land.rules.0.when]", "max()")
recipe("a rule over a layer the composites lack", "E-CFG-011", "max(ndvi) < 0.2", "max(lswi) < 0.2", "lswi", "ndvi")
recipe("a rule over a feature nobody declared", "E-CFG-011", "max(ndvi) < 0.2", "ndvi_amplitude1 < 0.2", "ndvi_amplitude1", "ndvi")
recipe("two classes of one code", "E-CFG-031", "code = 2", "code = 1", " 2 ")
declared("parcels asked for, no column of ids", "E-CFG-028", 'parcel_id = "parcel"\nparcel_area_mu = "mu"\n', "", "parcel_id", "tiny.toml")
declared("a column of areas without one of ids", "E-CFG-002", 'parcel_id = "parcel"\n', "", "parcel_id", lines=2)
SECOND = '[strata.double-rice]\ncover = "paddy"\nname = { zh = "双季稻", en = "Double rice" }\n\n[[value]]'
declared("two strata, no column of strata", "E-CFG-029", "[[value]]", SECOND, " 2 ", "single-rice, double-rice")


@case("a parcel of an undeclared stratum", "E-AOI-036", "#2 (P-2)", "tea", "single-rice")
def _(area: Area) -> None:
    area.declare("[land]", '[land]\nstratum = "crop"')
    area.features(feature(square(0), crop="single-rice"), feature(square(1), "P-2", crop="tea"))


REFERENCE = (
    '[reference]\nfile = "labels.tif"\nyear = 2020\nsource = "survey"\nplace = "sheet 1"\nlegend = { "1" = "paddy", "x" = "paddy", "2" = "tea" }\n\n[[value]]'
)
declared("a reference that is not there, with a bad legend", "E-CFG-020", "[[value]]", REFERENCE, "labels.tif", lines=3)
declared("a negative amount", "E-CFG-035", "value = 150.0", "value = -150.0", "[value.1]", "nitrogen_rate", "-150 kg_N ha^-1 yr^-1", ">= 0")
declared("a negative base of a power", "E-CFG-035", "value = 5.0", "value = -5.0", "[value.0]", "straw_rate", "-5 t ha^-1", ">= 0")
RANGE = 'value = 5.0\ndistribution = "triangular"\nlow = -1.0\nhigh = 9.0'
declared("a range that reaches below zero", "E-CFG-035", "value = 5.0", RANGE, "[value.0]", "straw_rate", "low", "-1 t ha^-1", ">= 0")
BURNT = '[[value]]\nsymbol = "burnt_share"\nvalue = 30.0\nunit = "1"\nsource = "farm records"\nplace = "book 4"\n\n[[value]]'
declared("a share in percent", "E-CFG-036", "[[value]]", BURNT, "[value.0]", "burnt_share", "30 1", "0 .. 1", "0.3")


def value_file(name: str, code: str, row: str, *words: str) -> None:
    """A case of one row of a value file."""

    @case(name, code, "values.csv:3", *words)
    def _(area: Area) -> None:
        area.declare('imagery = { catalogue = "simulated" }', 'imagery = { catalogue = "simulated" }\nvalue_files = ["values.csv"]')
        head = "symbol,value,unit,year,source,place\n"
        area.write("values.csv", f"{head}organic_nitrogen_rate,10,kg_N ha^-1 yr^-1,2020,farm records,book 5\n{row}\n")


value_file(
    "a negative amount of a year", "E-CFG-035", "organic_nitrogen_rate,-10,kg_N ha^-1 yr^-1,2021,farm records,book 5", "organic_nitrogen_rate", "-10", ">= 0"
)
value_file("a factor below zero", "E-CFG-035", "ef_rice,-3,kg_CH4 ha^-1 day^-1,,station,table 1", "ef_rice", "-3", ">= 0")
value_file("more nitrogen lost than applied", "E-CFG-036", "frac_leach,1.4,t_N t_N^-1,,station,table 2", "frac_leach", "1.4", "0 .. 1")
recipe("a window without a middle", "E-CFG-037", "[areas]", "[land.consistency]\nwindow = 4\n\n[areas]", "[land.consistency.window]", "“4”")
declared("a practice the methodology does not take", "E-MET-001", '"continuously_flooded"', '"single_drainage"', "baseline-flooded", "single_drainage")
