"""The plumbing of every page: sessions, access, forms, errors, assets, words and numbers."""
