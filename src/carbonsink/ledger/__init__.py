"""The ledger: who holds which tonne of which vintage of which land, in entries that are only ever appended.

rules       what the library says: when land is claimed twice, pools, serial numbers
serials     serial numbers of blocks of units; registers: those of others (Verra)
entries     an entry, its canonical bytes and its hash; units: who holds what, told from entries; book: what an entry does
keyholders  whose key is in force, and the successor of a lost one; ancestry: whether a run's checkpoint is of this ledger
store       the SQLite file: one writer's transaction at a time, triggers that forbid change; schema.sql
land        two claims laid over one another: pass, trim or reject; claims: a new claim against all registered ones
submission  a run read as what it asks to be issued, with every reason against it; submit: the entries of a submission
moves       transfer, retire, cancel, void, reversal; outside: claims of other registers
checking    everything reckoned again from the entries, which lines reads; chain: their hashes, meanwhile; checkpoints: signed heads that leave the machine
exports     JSON Lines, and other registers' tables; audit: every pair of claims looked at again
"""
