"""签到: once per member and local day."""

from handlers.registry import Arrival, Outcome, command
from handlers.robot import caller, say
from models.groups import robots


@command("签到", "打卡", "sign in")
def sign_in(arrival: Arrival) -> Outcome:
    """每天一次，记下你来了"""
    message, zone = arrival.message, arrival.around.zone
    if not message.user:
        return say(arrival, "平台没有说是谁，没有签到", "没认出你是谁，没有签到。请在企业微信里再试一次")
    signed = robots.sign_in(arrival.session, message.user, message.chat, arrival.now, zone)
    at = f"{signed.at.astimezone(zone):%H:%M}"
    if not signed.first:
        return say(arrival, "今天已经签到过", f"{caller(arrival)}，今天 {at} 已经签到过了，不用再签")
    month = f"这个月第 {signed.days_this_month} 天"
    return say(arrival, f"签到，{month}", f"{caller(arrival)}，签到好了，{at}。{month}")
