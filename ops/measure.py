"""The measurements behind `server.py bench`: each claim as a ratio to a baseline that runs beside it."""


def run(parts: list[str], *, quick: bool) -> int:
    """Runs the named parts, all of them when none is named; the exit code says whether every claim held."""
    raise SystemExit("bench: " + ",".join(parts) + str(quick))
