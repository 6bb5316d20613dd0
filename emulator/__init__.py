"""The built-in WeCom: the messenger's HTTP API, callbacks and people, played by a program of its own."""
