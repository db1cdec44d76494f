"""One line of an explanation with the lines beneath it, as JSON or as text."""

from __future__ import annotations

from collections.abc import Iterator
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

    def lines(self, depth: int = 0) -> Iterator[str]:
        """The same as indented lines."""
        yield "  " * depth + self.text
        for node in self.under:
            yield from node.lines(depth + 1)
