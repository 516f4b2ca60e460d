"""Ledgers and exports taken apart and put together again, by the formats of Schemas/ alone.

For what an operator could do who holds the log's key, and for what somebody could do to the files.
"""
