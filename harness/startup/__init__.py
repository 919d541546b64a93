"""The start-up ledger: what each verb of each artifact loads, opens, asks of the kernel and computes, committed and compared.

Time is noisy and instructions are not: with randomness, clock and environment pinned, a run executes the same number of them every time, so
that growth of two per cent can be told from none, and named.
"""
