"""Verify a run, offline, from its folder alone. Nothing is written into it.

 0. Where keys are given: every signature over the run's manifest is that of a key on the list, valid and not revoked.
 1. The manifest is whole, every file has the digest it states, and no file is unlisted.
 2. The declarations in the run give the run's plan again, and the library tables are this version's.
 3. Every row of the scenes is what lock and plan give, every chip has the pixels its row states, and every asset the checksum of its locked item.
 4. The pixel budget balances, nothing was left unread, and the chips, counted again as stage 1 counts them, give it.
 5. Every number in the worksheet is that of the table row, the declaration or the area it names.
 6. Every worksheet row, reckoned again from its formula text, gives its result; rows sum to the stock changes.
 7. The areas of the classes sum to the boundary, and parcels to their strata.
 8. Every vintage's postings sum to zero, rounding is under a tonne, and nothing is issued on a net loss or where the plan bars it.
 9. The stages, run again from the chips, give the same content.
10. Where sources are asked: every chip is what is cut again from its source, as long as that is what it was.

The modules hold these sentences, `line` makes them in this order. When one of the first three fails, or a signature is broken, the
evidence isn't authentic and the rest isn't tried; where the last fails, it isn't authentic either. What differs is then weighed
(`comparison`) and put into a class.
"""

from carbonsink.verify.chips import Chips
from carbonsink.verify.declared import check_declared, load_declared
from carbonsink.verify.line import SENTENCES, verify
from carbonsink.verify.papers import write_verdict
from carbonsink.verify.reckoning import check_variables, check_worksheet
from carbonsink.verify.scenes import check_pixel_budget, check_scenes
from carbonsink.verify.sums import check_areas, check_statement
from carbonsink.verify.verdict import AUTHENTIC, Asked, Check, Verdict
from carbonsink.verify.whole import check_whole

__all__ = [
    "AUTHENTIC", "SENTENCES", "Asked", "Check", "Chips", "Verdict", "check_areas", "check_declared", "check_pixel_budget", "check_scenes",
    "check_statement", "check_variables", "check_whole", "check_worksheet", "load_declared", "verify", "write_verdict",
]  # fmt: skip
