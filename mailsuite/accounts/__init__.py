"""Who? Domains, accounts, addresses and their secrets."""
