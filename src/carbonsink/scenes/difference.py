"""What is new between two locks of one area: items added, gone and changed, another query, other drops and gaps.

    difference(old, new)  ->  Difference  ->  words, one line each

How a search was asked is no difference, and stands in no lock: a catalogue in trouble is asked in smaller pages and says the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from carbonsink.base.evidence import digest

HEAD = ("schema", "catalogue", "dialect", "collection")
LONGEST = 60  # characters of a value that a line shows


@dataclass(frozen=True)
class Change:
    """One field of one thing: its dotted name, and what it was and is (None: absent)."""

    where: str  # an item's id, "query", or "lock"
    field: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Difference:
    """Between an old and a new lock, each list in order of its names."""

    added: tuple[str, ...]  # ids of items
    gone: tuple[str, ...]
    changed: tuple[Change, ...]
    query: tuple[Change, ...]
    newly_dropped: tuple[str, ...]  # "id: reason (detail)"
    no_longer_dropped: tuple[str, ...]
    new_gaps: tuple[str, ...]  # "2020-01-01/2020-02-01 (31 d)"
    closed_gaps: tuple[str, ...]

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__dataclass_fields__)

    def words(self, language: str = "en") -> tuple[str, ...]:
        """One line a difference, in `en` or `zh`; none where the locks say the same."""
        said = WORDS[language]
        lists = (*((name, getattr(self, name)) for name in NAMED),)
        changes = (said["changed"].format(where=c.where, field=c.field, old=_short(c.old), new=_short(c.new)) for c in (*self.query, *self.changed))
        return (*changes, *(said[name].format(what) for name, all_of in lists for what in all_of))


NAMED = ("added", "gone", "newly_dropped", "no_longer_dropped", "new_gaps", "closed_gaps")
WORDS = {
    "en": {
        "changed": "~ {where} {field}: {old} -> {new}", "added": "+ {}", "gone": "- {}", "newly_dropped": "dropped: {}",
        "no_longer_dropped": "no longer dropped: {}", "new_gaps": "new gap: {}", "closed_gaps": "closed gap: {}",
    },
    "zh": {
        "changed": "~ {where} {field}: {old} -> {new}", "added": "+ {}", "gone": "- {}", "newly_dropped": "舍去：{}",
        "no_longer_dropped": "不再舍去：{}", "new_gaps": "新缺口：{}", "closed_gaps": "已补缺口：{}",
    },
}  # fmt: skip


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> Difference:
    """What the new lock says otherwise than the old one."""
    before, after = ({str(item["id"]): item for item in lock["items"]} for lock in (old, new))
    dropped = [{_drop(one) for one in lock.get("dropped", [])} for lock in (old, new)]
    empty = [{_gap(one) for one in lock.get("gaps", [])} for lock in (old, new)]
    head = _changes("lock", *({name: lock[name] for name in HEAD if name in lock} for lock in (old, new)))
    return Difference(
        added=tuple(sorted(after.keys() - before.keys())),
        gone=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(change for name in sorted(before.keys() & after.keys()) for change in _changes(name, before[name], after[name])),
        query=(*head, *_changes("query", old.get("query", {}), new.get("query", {}))),
        newly_dropped=tuple(sorted(dropped[1] - dropped[0])),
        no_longer_dropped=tuple(sorted(dropped[0] - dropped[1])),
        new_gaps=tuple(sorted(empty[1] - empty[0])),
        closed_gaps=tuple(sorted(empty[0] - empty[1])),
    )


def _changes(where: str, old: Any, new: Any) -> tuple[Change, ...]:
    if digest(old) == digest(new):
        return ()
    before, after = dict(_leaves(old)), dict(_leaves(new))
    return tuple(Change(where, name, before.get(name), after.get(name)) for name in sorted(before.keys() | after.keys()) if before.get(name) != after.get(name))


def _leaves(value: Any, name: str = "") -> Iterable[tuple[str, Any]]:
    """The values of a JSON object by dotted name; a list is one value, but for a list of one object, as of bands."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        yield from _leaves(value[0], name)
    else:
        yield name, value


def _drop(one: Mapping[str, str]) -> str:
    return f"{one['id']}: {one['reason']} ({one.get('detail', '')})"


def _gap(one: Mapping[str, Any]) -> str:
    return f"{one.get('tile', '')} {one['start']}/{one['end']} ({one['days']} d)".lstrip()


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}...{text[-LONGEST // 2 :]}"
