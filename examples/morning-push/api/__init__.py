"""Takes payouts over HTTP."""
