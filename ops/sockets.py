"""The listening socket: made by whoever starts the program, served by the process that is started."""

import socket

from settings import BadConfiguration


def listen(host: str, port: int) -> socket.socket:
    """A listening socket that outlives the process which serves it: during a restart callers wait instead of failing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
        made.listen(1024)
    except OSError as error:
        made.close()
        raise BadConfiguration(
            f"{host}:{port} 用不了（{error.strerror}），换一个 --port，0 表示任意空闲端口"
        ) from None
    return made


def address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
