"""帮助: what the robot understands."""

from handlers.registry import EventContext, Outcome, command, commands
from handlers.robot import say
from models.sentences import Sentence


@command("帮助", "help", "?", "菜单")
def help_lines(context: EventContext) -> Outcome:
    """看看可以对我说什么"""
    lines = [f"**{one.words[0]}**　{one.line}" for one in commands()]
    return say(context, Sentence("列出了命令"), "\n".join(lines))
