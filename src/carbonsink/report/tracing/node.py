"""One sentence of an explanation with the sentences it stands on: as JSON, as text, and interned for a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Node:
    """One line of the explanation, with what it stands on beneath it."""

    text: str
    under: tuple[Node, ...] = field(default=())

    def value(self) -> dict[str, Any]:
        """The same as JSON."""
        return {"text": self.text, "under": [node.value() for node in self.under]}

    def lines(self, above: str | None = None) -> Iterator[str]:
        """The same as indented lines; with a word for `as above`, what stands beneath a line is told the first time only."""
        yield from self._lines(0, above, set())

    def _lines(self, depth: int, above: str | None, told: set[int]) -> Iterator[str]:
        again = above is not None and bool(self.under) and id(self) in told
        yield "  " * depth + self.text + (f"  ({above})" if again else "")
        told.add(id(self))
        if not again:
            for node in self.under:
                yield from node._lines(depth + 1, above, told)


def interned(roots: Mapping[str, Node]) -> dict[str, Any]:
    """Trees for a page, each sentence once: `nodes` is a list of [text, numbers of those beneath], `roots` names where to begin."""
    numbers: dict[tuple[str, tuple[int, ...]], int] = {}
    known: dict[int, int] = {}

    def place(node: Node) -> int:
        if id(node) not in known:  # a node that several trees share is walked once
            under = tuple(place(one) for one in node.under)
            known[id(node)] = numbers.setdefault((node.text, under), len(numbers))
        return known[id(node)]

    begun = {name: place(node) for name, node in roots.items()}
    return {"nodes": [[text, list(under)] for text, under in numbers], "roots": begun}
