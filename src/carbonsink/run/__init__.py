"""The only place that knows all rooms: one area (`line`), many (`many`), where scenes come from (`imagery`), what a run keeps (`copies`)."""

from carbonsink.run.imagery import Sources, lock_name
from carbonsink.run.line import estimate, finish, load_complete, lock_digests, prepare, run_name
from carbonsink.run.many import Outcome, estimate_all
from carbonsink.run.means import Means, Progress, default_store
from carbonsink.run.scenes import make_lock, mirror, sources_again
from carbonsink.run.stages import READS, STAGES, work_stages

__all__ = [
    "READS", "STAGES", "Means", "Outcome", "Progress", "Sources", "default_store", "estimate", "estimate_all",
    "finish", "load_complete", "lock_digests", "lock_name", "make_lock", "mirror", "prepare", "run_name",
    "sources_again", "work_stages",
]  # fmt: skip
