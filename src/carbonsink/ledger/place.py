"""Where a ledger may lie: on a disk of this machine, since SQLite's locks don't hold on network filesystems."""

from __future__ import annotations

from pathlib import Path

from carbonsink.base.problems import Exit, refuse

MOUNTS = Path("/proc/self/mounts")
NETWORK = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "glusterfs", "lustre", "fuse.sshfs", "fuse.glusterfs", "davfs", "fuse.davfs2"}


def check_place(path: Path, mounts: Path = MOUNTS) -> None:
    """Refuse a ledger on a network filesystem, where the system tells."""
    kind = filesystem(path, mounts)
    if kind in NETWORK:
        raise refuse("E-LED-004", str(path), Exit.RESOURCES, kind=kind)


def filesystem(path: Path, mounts: Path = MOUNTS) -> str:
    """The kind of filesystem a path lies on; empty where the system doesn't tell."""
    if not mounts.is_file():
        return ""
    lines = [line.split() for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines()]
    where = path.absolute().parent.resolve()
    over = [(len(folder), kind) for _, folder, kind, *_ in lines if where.is_relative_to(folder.replace("\\040", " "))]
    return max(over)[1] if over else ""
