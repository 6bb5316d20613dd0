"""What the tests of the wire share: bad answers, and how a failure is caught and looked through."""

import threading
import traceback

import pytest

from tests.wecom.fake_platform import Hang, Raw, Reset
from wecom.errors import PlatformError

SEND = "message/send"
READ = "user/get"
BROKEN = {
    "HTML with 200": Raw(b"<html>hello</html>", 200, {"Content-Type": "text/html"}),
    "HTML with 502": Raw(b"<html>bad gateway</html>", 502, {"Content-Type": "text/html"}),
    "500 without a body": Raw(b"", 500),
    "empty": Raw(b""),
    "truncated JSON": Raw(b'{"errcode":0,"errm'),
    "truncated body": Raw(b'{"errcode":0,"errmsg":"ok"}', cut=10),
    "a list": Raw(b"[]"),
    "no errcode": Raw(b'{"msgid":"m"}'),
    "errcode as text": Raw(b'{"errcode":"0"}'),
    "errcode as truth": Raw(b'{"errcode":true}'),
    "errcode null": Raw(b'{"errcode":null}'),
    "success with 500": Raw(b'{"errcode":0}', 500),
    "bottomless": Raw(b"[" * 100_000),
    "reset after sending": Reset(),
    "no answer in time": Hang(3600),
    "odd length": Raw(b"{}", headers={"Content-Length": "abc"}),
    "unknown packing": Raw(b"{}", headers={"Content-Encoding": "br"}),
    "broken packing": Raw(b"\x1f\x8bnonsense", headers={"Content-Encoding": "gzip"}),
}


def failure(call, *args, **more):
    with pytest.raises(PlatformError) as caught:
        call(*args, **more)
    return caught.value


def at_once(number, work):
    """Run the work in so many threads that start together; answers or errors, in no order."""
    gate, found = threading.Barrier(number), []

    def run():
        gate.wait()
        try:
            found.append(work())
        except Exception as error:
            found.append(error)

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def everything(error):
    """All that a log could show of an error: its words, its parts, and the errors behind it."""
    seen, parts = error, []
    while seen is not None:
        parts += [str(seen), repr(seen), repr(seen.args), repr(vars(seen))]
        seen = seen.__cause__ or seen.__context__
    return "\n".join([*parts, *traceback.format_exception(error)])
