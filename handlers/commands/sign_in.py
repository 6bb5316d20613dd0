"""签到: once per member and local day."""

from handlers.registry import EventContext, Outcome, command
from handlers.robot import caller, say
from models.groups import robots
from models.sentences import Sentence
from wecom.limits import ID_LETTERS


@command("签到", "打卡", "sign in")
def sign_in(context: EventContext) -> Outcome:
    """每天一次，记下你来了"""
    message, zone = context.message, context.handler_context.zone
    if not 0 < len(message.user) <= ID_LETTERS:
        return say(
            context, Sentence("平台没有说是谁，没有签到"), "没认出你是谁，没有签到。请在企业微信里再试一次"
        )
    signed = robots.sign_in(context.session, message.user, message.chat, context.now, zone)
    at = f"{signed.at.astimezone(zone):%H:%M}"
    if not signed.first:
        return say(
            context, Sentence("今天已经签到过"), f"{caller(context)}，今天 {at} 已经签到过了，不用再签"
        )
    month = f"这个月第 {signed.days_this_month} 天"
    said = Sentence("签到，这个月第 {n} 天", n=signed.days_this_month)
    return say(context, said, f"{caller(context)}，签到好了，{at}。{month}")
