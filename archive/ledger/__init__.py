"""The ledger: sources, addresses and runs, with their requests, results and due times."""
