"""帮助: what the robot understands."""

from handlers.registry import Arrival, Outcome, command, commands
from handlers.robot import say


@command("帮助", "help", "?", "菜单")
def help_lines(arrival: Arrival) -> Outcome:
    """看看可以对我说什么"""
    lines = [f"**{one.words[0]}**　{one.line}" for one in commands()]
    return say(arrival, "列出了命令", "\n".join(lines))
