"""The built-in WeCom: the platform's HTTP API, callbacks and people, played by a program of its own."""
