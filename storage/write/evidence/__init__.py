"""What came, as it came: requests, answers, bodies, the ledger of crawls, and the seal over all of them."""
