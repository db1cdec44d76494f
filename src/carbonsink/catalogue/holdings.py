"""A static STAC catalogue as it lies in a folder: catalog.json -> collections -> items -> asset files.

read_folder(folder) -> Holdings     or one Refusal with every problem of the folder
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from carbonsink.base.problems import Exit, Problem, Refusal

MAX_JSON_BYTES = 10_000_000
REMOTE_SCHEMES = frozenset({"http", "https", "s3", "gs"})  # left as they are; whoever fetches decides
STRUCTURE = frozenset({"self", "root", "parent", "child", "item", "items", "collection"})


@dataclass(frozen=True)
class Entry:
    """One item: its JSON, its place in time and space, and the path below the folder of every asset that is ours."""

    id: str
    collection: str
    start: datetime
    end: datetime
    geometry: BaseGeometry
    content: dict[str, Any]
    files: dict[str, str]


@dataclass(frozen=True)
class Holdings:
    """What a catalogue folder holds: its root, the collections by id, the items newest first."""

    root: dict[str, Any]
    collections: dict[str, dict[str, Any]]
    entries: tuple[Entry, ...]


def read_folder(folder: Path) -> Holdings:
    """The holdings of a static catalogue; refuses a broken one with every problem found."""
    reading = _Reading(folder.resolve())
    root = reading.walk("catalog.json", None) or {}
    reading.check_collections()
    if not reading.problems and not reading.entries:
        reading.problem("E-CAT-010", "catalog.json", folder=folder)
    if reading.problems:
        raise Refusal(reading.problems, Exit.SOURCE)
    by_id = sorted(reading.entries, key=lambda entry: (entry.collection, entry.id))
    return Holdings(root, reading.collections, tuple(sorted(by_id, key=lambda entry: entry.start, reverse=True)))


@dataclass
class _Reading:
    """One walk over a folder, collecting what is there and what is wrong."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)
    collections: dict[str, dict[str, Any]] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)  # path of a JSON, or collection and id of an item, to where it was met

    def problem(self, code: str, where: str, **facts: object) -> None:
        self.problems.append(Problem(code, where, facts))

    def walk(self, path: str, collection: str | None) -> dict[str, Any] | None:
        """Read the catalogue or collection at a path and everything it links to."""
        content = self.read(path, ("Catalog", "Collection"))
        if content is None:
            return None
        if content["type"] == "Collection":
            collection = content["id"]
            self.once(f"collection {collection}", path)
            self.collections[content["id"]] = content
        for rel, target in self.targets(content, path):
            if rel == "child":
                self.walk(target, collection)
            elif (item := self.read(target, ("Feature",))) is not None:
                self.add(item, target, collection)
        return content

    def targets(self, content: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
        """The child and item links, as paths below the folder, each once."""
        for link in _links(content):
            if link.get("rel") in ("child", "item") and (target := self.inside(str(link.get("href")), path)):
                if target in self.seen:
                    continue
                self.seen[target] = path
                if (self.folder / target).is_file():
                    yield link["rel"], target
                else:
                    self.problem("E-CAT-002", path, href=link["href"])

    def read(self, path: str, kinds: tuple[str, ...]) -> dict[str, Any] | None:
        """A STAC object of one of the kinds, with an id; else a problem."""
        if not (self.folder / path).is_file():
            self.problem("E-CAT-001", path, folder=self.folder)
            return None
        try:
            return _stac_object(self.folder / path, kinds)
        except (ValueError, RecursionError) as error:
            self.problem("E-CAT-003", path, expected=" / ".join(kinds), found=error)
            return None

    def inside(self, href: str, origin: str) -> str | None:
        """The path below the folder that a relative href of the JSON at `origin` means; else a problem."""
        if urlsplit(href).scheme:
            self.problem("E-CAT-009", origin, href=href)
            return None
        target = ((self.folder / origin).parent / unquote(href)).resolve()
        if not target.is_relative_to(self.folder):
            self.problem("E-CAT-004", origin, href=href, folder=self.folder)
            return None
        return target.relative_to(self.folder).as_posix()

    def once(self, what: str, path: str) -> None:
        """Note that something was met; a second meeting is a problem."""
        if what in self.seen:
            self.problem("E-CAT-007", path, what=what, first=self.seen[what])
        self.seen[what] = path

    def add(self, item: dict[str, Any], path: str, collection: str | None) -> None:
        """Take an item in, or say what it lacks."""
        try:
            start, end = _times(item["properties"])
            geometry = shape(item["geometry"])
            files = dict(self.files(item["assets"], path))
        except (KeyError, TypeError, ValueError, AttributeError, ShapelyError) as error:
            self.problem("E-CAT-006", path, found=f"{type(error).__name__} {error}")
            return
        name = item.get("collection") or collection or ""
        self.once(f"item {name}/{item['id']}", path)
        self.entries.append(Entry(item["id"], name, start, end, geometry, item, files))

    def files(self, assets: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
        """Asset key and path below the folder of every asset that isn't remote."""
        for key, asset in assets.items():
            if urlsplit(asset["href"]).scheme in REMOTE_SCHEMES:
                continue
            target = self.inside(asset["href"], path)
            if target and not (self.folder / target).is_file():
                self.problem("E-CAT-005", path, asset=key, href=asset["href"])
            elif target:
                yield key, target

    def check_collections(self) -> None:
        """Every item's collection is one of the catalogue's."""
        for entry in self.entries:
            if entry.collection not in self.collections:
                self.problem("E-CAT-008", entry.id, found=entry.collection, known=", ".join(sorted(self.collections)))


def served(entry: Entry, base_url: str) -> dict[str, Any]:
    """The item's JSON as the API gives it: our assets below `files/`, links of structure made of the API's addresses."""
    assets = {key: dict(asset) for key, asset in entry.content["assets"].items()}
    for key, path in entry.files.items():
        assets[key]["href"] = f"{base_url}files/{quote(str(PurePosixPath(path)))}"
    home = f"{base_url}collections/{quote(entry.collection)}"
    links = _foreign_links(entry.content) + [
        {"rel": "self", "type": "application/geo+json", "href": f"{home}/items/{quote(entry.id)}"},
        {"rel": "parent", "type": "application/json", "href": home},
        {"rel": "collection", "type": "application/json", "href": home},
        {"rel": "root", "type": "application/json", "href": base_url},
    ]
    return {**entry.content, "collection": entry.collection, "assets": assets, "links": links}


def served_collection(collection: dict[str, Any], base_url: str) -> dict[str, Any]:
    """The collection's JSON as the API gives it."""
    home = f"{base_url}collections/{quote(collection['id'])}"
    links = _foreign_links(collection) + [
        {"rel": "self", "type": "application/json", "href": home},
        {"rel": "parent", "type": "application/json", "href": base_url},
        {"rel": "items", "type": "application/geo+json", "href": f"{home}/items"},
        {"rel": "root", "type": "application/json", "href": base_url},
    ]
    return {**collection, "links": links}


def _stac_object(file: Path, kinds: tuple[str, ...]) -> dict[str, Any]:
    """The JSON of a STAC object; ValueError says what is there instead."""
    if (size := file.stat().st_size) > MAX_JSON_BYTES:
        raise ValueError(f"{size} bytes; at most {MAX_JSON_BYTES} are read")
    content = json.loads(file.read_bytes())
    if not isinstance(content, dict) or content.get("type") not in kinds or not isinstance(content.get("id"), str):
        found = f"type {content.get('type')!r}, id {content.get('id')!r}" if isinstance(content, dict) else type(content).__name__
        raise ValueError(found)
    return content


def _links(content: dict[str, Any]) -> list[dict[str, Any]]:
    links = content.get("links")
    return [link for link in links if isinstance(link, dict)] if isinstance(links, list) else []


def _foreign_links(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Links that are neither structure of the catalogue nor relative to its files: licences, sources."""
    return [link for link in _links(content) if link.get("rel") not in STRUCTURE and urlsplit(str(link.get("href"))).scheme]


def _times(properties: dict[str, Any]) -> tuple[datetime, datetime]:
    if properties.get("datetime"):
        moment = _moment(properties["datetime"])
        return moment, moment
    return _moment(properties["start_datetime"]), _moment(properties["end_datetime"])


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
