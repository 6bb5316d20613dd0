"""The console: what HQ, branches and store managers see at a desk."""
