"""What a measurement printed."""

import re

LINE = re.compile(r"^[✓✕·] .+ · 负载 \d+\.\d，\d+ 核$")


def lines(capsys) -> list[str]:
    printed = capsys.readouterr().out.splitlines()
    assert printed and all(LINE.match(line) for line in printed), printed
    return printed
