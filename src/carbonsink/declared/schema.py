"""How every declaration is read: TOML, strict types, unknown keys refused with the nearest known one, all problems at once."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from carbonsink.base.problems import Phrase, Problem, Refusal, messages, must_be_file

MAX_BYTES = 1_000_000


class Declared(BaseModel):
    """A frozen declaration that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Sourced(Declared):
    """Numbers, or a text, with the document they are from."""

    source: str
    place: str  # where in it


class Graded(Sourced):
    """Sourced, with how sure it is that they stand there so."""

    status: Literal["confirmed", "transcribed", "recalled"]


class Words(Declared):
    """A text in the report's languages."""

    zh: str
    en: str


D = TypeVar("D", bound=Declared)


def read_toml(path: Path, model: type[D]) -> D:
    """Read one declaration; the Refusal lists every problem with its key."""
    return validate(load_toml(path), model, path.name)


def load_toml(path: Path) -> dict[str, Any]:
    """The raw TOML of a file, size-capped, UTF-8."""
    must_be_file(path)
    text = read_text(path, path.name)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # TOML errors, numbers of thousands of digits
        raise Refusal(Problem("E-CFG-005", path.name, {"found": error})) from None


def read_text(path: Path, where: str) -> str:
    """The text of a file, size-capped, UTF-8 with or without its mark, line ends as they are."""
    data = path.read_bytes()
    if len(data) > MAX_BYTES:
        raise Refusal(Problem("E-CFG-013", where, {"size": len(data), "limit": MAX_BYTES}))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal(Problem("E-CFG-016", where, {})) from None


def validate(raw: dict[str, Any], model: type[D], where: str) -> D:
    """A declaration of the raw values, or a Refusal with every problem."""
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise Refusal([_problem(found, model, where) for found in error.errors()]) from None


def nearest(word: str, known: list[str]) -> str:
    """The known word nearest to what was written, or all of them."""
    close = difflib.get_close_matches(word, known, n=1)
    return close[0] if close else ", ".join(sorted(known))


def nearest_alone(word: str, known: Iterable[str]) -> str:
    """The known word nearest to what was written, `-` where none is near: for messages that list them all besides."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1)), "-")


def _problem(found: Any, model: type[BaseModel], where: str) -> Problem:
    path = ".".join(str(part) for part in found["loc"])
    place = f"{where} [{path}]" if path else where
    match found["type"]:
        case "extra_forbidden":
            known = _keys_at(model, found["loc"][:-1])
            return Problem("E-CFG-001", place, {"key": found["loc"][-1], "nearest": nearest(str(found["loc"][-1]), known)})
        case "missing":
            return Problem("E-CFG-002", place, {"key": path})
        case "value_error":  # a validator of ours: it says what is wrong
            scalar = not isinstance(found["input"], dict | list)
            return Problem("E-CFG-037", place, {"found": found["input"] if scalar else path or where, "why": found["ctx"]["error"]})
        case _:
            return Problem("E-CFG-007", place, {"found": found["input"], "why": _wanted(found)})


def _wanted(found: Any) -> str | Phrase:
    """What would have been accepted: signs, which need no translation, or a kind of value in words."""
    limits, kind = found.get("ctx", {}), str(found["type"]).removesuffix("_type")
    if "pattern" in limits:
        return Phrase("P-CFG-pattern", {"pattern": limits["pattern"]})
    if "min_length" in limits:
        return Phrase("P-CFG-least", {"count": limits["min_length"]})
    signs = {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "expected": ""}
    if told := next((f"{sign} {limits[key]}".strip() for key, sign in signs.items() if key in limits), None):
        return told.replace(" or ", " | ")
    return Phrase(f"P-CFG-{kind}") if f"P-CFG-{kind}" in messages() else kind.replace("_", " ")


def _keys_at(model: type[BaseModel], path: tuple[Any, ...]) -> list[str]:
    """The keys a declaration knows at a path; for tables and lists, those of what they hold."""
    current: Any = model
    for part in path:
        field = getattr(current, "model_fields", {}).get(part)
        current = _model_in(field.annotation) if field else current
    return list(getattr(current, "model_fields", {}))


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for a in getattr(annotation, "__args__", ()) if (m := _model_in(a)) is not None), None)
