"""The ledger: sources, addresses and runs, with requests, results and due times."""
