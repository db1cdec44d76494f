"""Stage 7: one balanced list of postings per vintage, in decimals."""
