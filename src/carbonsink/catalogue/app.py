"""The STAC API's application: stac-fastapi over holdings in memory, and the files below `/files` with ranges."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import attr
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from carbonsink.catalogue.holdings import Entry, Holdings, served, served_collection
from carbonsink.catalogue.search import Search, SearchError, area_of_bbox, filter_of, find, with_fields

logging.getLogger("stac_fastapi.types.config").setLevel(logging.ERROR)  # its import warns of titles that are set below

from fastapi import FastAPI, HTTPException, Request  # noqa: E402
from stac_fastapi.api.app import StacApi  # noqa: E402
from stac_fastapi.api.models import ItemCollectionUri, create_get_request_model, create_post_request_model, create_request_model  # noqa: E402
from stac_fastapi.extensions.fields import FieldsExtension  # noqa: E402
from stac_fastapi.extensions.filter import SearchFilterExtension  # noqa: E402
from stac_fastapi.extensions.filter.client import BaseFiltersClient  # noqa: E402
from stac_fastapi.extensions.pagination import TokenPaginationExtension  # noqa: E402
from stac_fastapi.extensions.query import QueryExtension  # noqa: E402
from stac_fastapi.extensions.sort import SearchSortExtension  # noqa: E402
from stac_fastapi.types.config import ApiSettings  # noqa: E402
from stac_fastapi.types.core import BaseCoreClient  # noqa: E402
from stac_fastapi.types.rfc3339 import str_to_interval  # noqa: E402
from starlette.staticfiles import StaticFiles  # noqa: E402

JSON = dict[str, Any]
SORT_CLASSES = ["https://api.stacspec.org/v1.0.0/item-search#sort", "https://api.stacspec.org/v1.1.0/item-search#sort"]  # clients know the first


def application(folder: Path, holdings: Holdings) -> FastAPI:
    """The ASGI application that serves the holdings of a folder and the folder's files."""
    extensions = [
        SearchFilterExtension(client=Queryables(holdings=holdings)),
        SearchSortExtension(conformance_classes=SORT_CLASSES),
        FieldsExtension(),
        QueryExtension(),
        TokenPaginationExtension(),
    ]
    title = str(holdings.root.get("title") or holdings.root["id"])
    settings = ApiSettings(
        stac_fastapi_title=title,
        stac_fastapi_description=str(holdings.root.get("description") or title),
        stac_fastapi_landing_id=holdings.root["id"],
        stac_fastapi_version="1",
    )
    api = StacApi(
        settings=settings,
        client=Backend(holdings=holdings, landing_page_id=holdings.root["id"]),
        extensions=extensions,
        search_get_request_model=create_get_request_model(extensions),
        search_post_request_model=create_post_request_model(extensions),
        items_get_request_model=cast(Any, create_request_model("Items", ItemCollectionUri, [TokenPaginationExtension()], request_type="GET")),
        middlewares=[],  # no compression: it would break ranges
    )
    api.app.mount("/files", StaticFiles(directory=folder))  # realpath inside the folder, or 404
    return api.app


@attr.s(kw_only=True)
class Queryables(BaseFiltersClient):
    """The names a CQL2 filter can ask for: those the items have."""

    holdings: Holdings = attr.ib()

    def get_queryables(self, collection_id: str | None = None, **kwargs: Any) -> JSON:
        """JSON Schema of the queryable properties."""
        names = {name for entry in self.holdings.entries for name in entry.content["properties"]}
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": str(kwargs["request"].url),
            "type": "object",
            "title": "Queryables",
            "properties": {name: {} for name in sorted(names | {"id", "collection", "geometry"})},
            "additionalProperties": True,
        }


@attr.s(kw_only=True)
class Backend(BaseCoreClient):
    """The STAC API's endpoints over holdings in memory."""

    holdings: Holdings = attr.ib()

    def all_collections(self, **kwargs: Any) -> Any:
        """GET /collections."""
        base = str(kwargs["request"].base_url)
        links = [{"rel": "root", "type": "application/json", "href": base}, {"rel": "self", "type": "application/json", "href": f"{base}collections"}]
        found = [served_collection(collection, base) for _, collection in sorted(self.holdings.collections.items())]
        return {"collections": found, "links": links, "numberMatched": len(found), "numberReturned": len(found)}

    def get_collection(self, collection_id: str, **kwargs: Any) -> Any:
        """GET /collections/{collection_id}."""
        return served_collection(self._collection(collection_id), str(kwargs["request"].base_url))

    def get_item(self, item_id: str, collection_id: str, **kwargs: Any) -> Any:
        """GET /collections/{collection_id}/items/{item_id}."""
        found = [entry for entry in self.holdings.entries if (entry.collection, entry.id) == (collection_id, item_id)]
        if not found:
            raise HTTPException(404, f"no item {item_id} in collection {collection_id}")
        return served(found[0], str(kwargs["request"].base_url))

    def item_collection(self, collection_id: str, *_: Any, **kwargs: Any) -> Any:
        """GET /collections/{collection_id}/items."""
        self._collection(collection_id)
        return self._answer({**kwargs, "collections": [collection_id]}, kwargs["request"])

    def get_search(self, *_: Any, **kwargs: Any) -> Any:
        """GET /search."""
        request = kwargs.pop("request")
        asked = {name: value for name, value in kwargs.items() if value is not None}
        return self._answer(_asked_by_get(asked), request)

    def post_search(self, search_request: Any, **kwargs: Any) -> Any:
        """POST /search."""
        return self._answer(search_request.model_dump(exclude_none=True, mode="json"), kwargs["request"])

    def _collection(self, collection_id: str) -> JSON:
        if collection_id not in self.holdings.collections:
            raise HTTPException(404, f"no collection {collection_id}")
        return self.holdings.collections[collection_id]

    def _answer(self, asked: JSON, request: Request) -> JSON:
        try:
            found = find(self.holdings.entries, _search(asked))
            return _page(found, asked, request)
        except SearchError as error:
            raise HTTPException(400, str(error)) from None


def _asked_by_get(asked: JSON) -> JSON:
    """What a GET asks, in the shape of a POST's body."""
    try:
        parsed = {name: json.loads(asked[name]) for name in ("intersects", "query") if asked.get(name)}
    except ValueError as error:
        raise HTTPException(400, f"not JSON: {error}") from None
    if "sortby" in asked:
        parsed["sortby"] = [{"field": name.lstrip("+- "), "direction": "desc" if name.startswith("-") else "asc"} for name in asked["sortby"]]
    if "fields" in asked:
        names = [name.strip() for name in asked["fields"]]
        include = [name.lstrip("+ ") for name in names if not name.startswith("-")]
        parsed["fields"] = {"include": include, "exclude": [name[1:] for name in names if name.startswith("-")]}
    return {**asked, **parsed}


def _search(asked: JSON) -> Search:
    """The search a body means; SearchError says what is wrong with it."""
    if asked.get("bbox") and asked.get("intersects"):
        raise SearchError("bbox and intersects exclude each other; give one of them")
    if not isinstance(query := asked.get("query") or {}, dict) or not all(isinstance(conditions, dict) for conditions in query.values()):
        raise SearchError("query is no object of objects, like {'eo:cloud_cover': {'lt': 10}}")
    accepts = filter_of(asked["filter_expr"]) if asked.get("filter_expr") else None
    moment = str_to_interval(asked.get("datetime"))
    start, end = moment if isinstance(moment, tuple) else (moment, moment)
    sortby = [(key["field"], key["direction"] == "desc") for key in asked.get("sortby") or ()]
    return Search(asked.get("collections"), asked.get("ids"), _area(asked), start, end, query, accepts, sortby)


def _area(asked: JSON) -> BaseGeometry | None:
    """The area asked for by bbox or intersects."""
    if not asked.get("intersects"):
        return area_of_bbox(asked["bbox"]) if asked.get("bbox") else None
    try:
        area: BaseGeometry = shape(asked["intersects"])
    except (ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise SearchError(f"intersects is no GeoJSON geometry: {error}") from None
    return area


def _page(found: list[Entry], asked: JSON, request: Request) -> JSON:
    """One page of what was found; `token` is the number of items before it."""
    token, limit = str(asked.get("token") or 0), int(asked.get("limit") or 10)
    if not (token.isdecimal() and len(token) < 12):
        raise SearchError(f"token {token[:20]!r} is none of ours")
    first = int(token)
    fields = asked.get("fields") or {}
    features = [served(entry, str(request.base_url)) for entry in found[first : first + limit]]
    if fields.get("include") or fields.get("exclude"):
        features = [with_fields(item, fields.get("include") or (), fields.get("exclude") or ()) for item in features]
    links: list[JSON] = [{"rel": "root", "type": "application/json", "href": str(request.base_url)}]
    if first + limit < len(found):
        links.append(_next(request, str(first + limit)))
    return {"type": "FeatureCollection", "features": features, "links": links, "numberMatched": len(found), "numberReturned": len(features)}


def _next(request: Request, token: str) -> JSON:
    here = f"{str(request.base_url).rstrip('/')}{request.url.path}"
    link = {"rel": "next", "type": "application/geo+json", "method": request.method}
    if request.method == "POST":
        return {**link, "href": here, "body": {"token": token}, "merge": True}
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "token"]
    return {**link, "href": f"{here}?{urlencode([*kept, ('token', token)])}"}
