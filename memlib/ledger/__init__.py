"""The ledger: records of what was run, one JSON file each."""
