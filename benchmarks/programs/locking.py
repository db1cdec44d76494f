"""Freeze an area's scenes, for the programs that are given a lock: python -m benchmarks.programs.locking AREA URL LOCK"""

from __future__ import annotations

import sys
from pathlib import Path

from carbonsink.base.evidence import write_json
from carbonsink.declared.load import load
from carbonsink.scenes.lock import search


def main() -> None:
    """Search and write."""
    write_json(Path(sys.argv[3]), search(load(Path(sys.argv[1])), sys.argv[2], sys.argv[2]))


if __name__ == "__main__":
    main()
