"""The doctor's look at the proxies in front: does ONETAP_TRUSTED_PROXIES name as many as there are?"""

import requests

from models.sentences import Sentence
from pages.web import proxies
from settings import Settings

SECONDS = 5


class Unanswered(Exception):
    """Nobody answered at the public address, or not this program."""


def look(settings: Settings) -> proxies.ProxyChain:
    """Ask through the public address, as a browser comes, with an address that we invent."""
    query, headers = proxies.question(settings.secret_keys)
    try:
        answer = requests.get(
            settings.public_url + proxies.PATH,
            params=query,
            headers=headers,
            timeout=SECONDS,
            allow_redirects=False,
        )
        found: dict[str, object] = answer.json() if answer.ok else {}
        return proxies.ProxyChain(int(str(found["proxies"])), bool(found["invented"]))
    except (requests.RequestException, ValueError, KeyError, TypeError):
        raise Unanswered from None


def fault(way: proxies.ProxyChain, trusted: int) -> str:
    """What is wrong with the setting, and what it should be; empty when it is right."""
    said = {"trusted": trusted, "proxies": way.proxies}
    if way.invented:
        return Sentence(
            "ONETAP_TRUSTED_PROXIES 是 {trusted}，前面只有 {proxies} 层代理：谁都能自己编一个来源地址，"
            "躲过限速。请改成 {proxies}",
            **said,
        )
    if way.proxies > trusted:
        return Sentence(
            "ONETAP_TRUSTED_PROXIES 是 {trusted}，前面有 {proxies} 层代理：所有人看起来来自同一个地址，"
            "会一起被限速。请改成 {proxies}",
            **said,
        )
    if way.proxies < trusted:
        return Sentence(
            "ONETAP_TRUSTED_PROXIES 是 {trusted}，前面只有 {proxies} 层代理。请改成 {proxies}，"
            "不然谁都能自己编一个来源地址",
            **said,
        )
    return ""
