"""`python -m emulator`: the built-in WeCom as a process of its own."""

import argparse
import signal
import socket
import sys
from types import FrameType

from .app import Server
from .company import BadCorp, Corp


def main() -> int:
    parser = argparse.ArgumentParser(prog="emulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--socket", type=int, help="a listening socket that was inherited, instead of a port")
    parser.add_argument("--corp", required=True, help="CORP.json: the invented company")
    parser.add_argument("--state", default=":memory:", help="SQLite file that survives a restart")
    chosen = parser.parse_args()
    try:
        inherited = None if chosen.socket is None else socket.socket(fileno=chosen.socket)
        server = Server(Corp.read(chosen.corp), chosen.state, chosen.host, chosen.port, inherited)
    except (BadCorp, OSError) as error:
        print(f"emulator: {error}", file=sys.stderr)
        return 2

    def leave(number: int, frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, leave)
    print(f"emulator listening on {server.url}", flush=True)
    server.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
