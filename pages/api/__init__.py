"""The JSON API for the retailer's own systems, version 1."""
