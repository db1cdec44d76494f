"""Paths as people declare them: inside the area's folder, or below a folder that an environment variable names."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from carbonsink.base.problems import refuse

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")


@dataclass(frozen=True)
class Places:
    """Where declared paths lie: below the area's folder, or, for a verifier, at the copies in a run folder."""

    folder: Path
    copies: Mapping[str, Path] = field(default_factory=dict)

    def of(self, text: str, where: str) -> Path:
        """The path meant by a declared text; one that leads out of the folder (absolute, `..`, a link) is refused."""
        if text in self.copies:
            return self.copies[text]
        outside = VARIABLE.match(text)
        if ".." in Path(VARIABLE.sub("", text)).parts or "\0" in text or (Path(text).is_absolute() and not outside):
            raise refuse("E-CFG-021", where, found=text)
        path = self.folder / expand(text, where)
        if not outside and not path.resolve().is_relative_to(self.folder.resolve()):
            raise refuse("E-CFG-021", where, found=text)
        return path

    def existing(self, text: str, where: str) -> Path:
        """The path meant by a declared text, which must exist."""
        path = self.of(text, where)
        if not path.exists():
            raise refuse("E-CFG-020", where, found=text)
        return path


def expand(text: str, where: str) -> str:
    """The text with every `${NAME}` replaced by the environment's value, `${NAME:-default}` by the default where it isn't set.

    An unset name without a default is refused.
    """
    for name, default in VARIABLE.findall(text):
        if not os.environ.get(name) and not default:
            raise refuse("E-CFG-019", where, name=name, found=text)
    return VARIABLE.sub(lambda match: os.environ.get(match[1]) or match[2], text)
