"""The ledger: sources, addresses and runs; what was asked, what came back, when it is due again."""
