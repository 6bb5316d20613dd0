"""The page script's stand-in: its signature is judged by the platform, and its calls work in a real browser."""

import hashlib
import json

import pytest
import requests


def signature(world, page):
    ticket = world.call("ticket/get", type="agent_config")["ticket"]
    text = f"jsapi_ticket={ticket}&noncestr=n1&timestamp=1767225600&url={page}"
    return hashlib.sha1(text.encode()).hexdigest()


def test_a_call_is_good_only_with_the_right_signature(world):
    page = "http://127.0.0.1:8000/g/t/1"
    with requests.Session() as visitor:
        visitor.get(
            f"{world.url}/phones/guide/wangfang/open?url=http://127.0.0.1/", allow_redirects=False, timeout=20
        )
        query = {
            "kind": "agent_config",
            "url": page,
            "timestamp": "1767225600",
            "nonce": "n1",
            "signature": signature(world, page),
        }
        address = world.url + "/jssdk/closeWindow"
        closed = visitor.get(address, params=query, allow_redirects=False, timeout=20)
        assert closed.headers["Location"] == "/phones/guide/wangfang/mass-assistant"
        assert world.ledger("jssdk")[0]["what"]["ok"] is True
        for change in (
            {"signature": "0" * 40},
            {"timestamp": "1767225600000"},
            {"kind": "corp"},
            {"url": page + "?x=1"},
        ):
            wrong = visitor.get(address, params=query | change, allow_redirects=False, timeout=20)
            assert (wrong.status_code, wrong.text.startswith("invalid jsapi signature")) == (403, True)


@pytest.mark.browser
def test_closing_the_page_leads_to_her_mass_assistant(world, receiver, browser):
    page_url = f"{receiver.base}/g/t/1"
    receiver.pages["/sign"] = json.dumps(
        {"timestamp": 1767225600, "nonceStr": "n1", "signature": signature(world, page_url)}
    )
    receiver.pages["/favicon.ico"] = " "
    receiver.pages[
        "/g/t/1"
    ] = f"""<!doctype html><title>task</title><script src="{world.url}/jssdk.js"></script>
    <button>done</button><script>
    ww.register({{corpId: "x", agentId: 1000002, jsApiList: ["closeWindow"],
      getAgentConfigSignature: function (url) {{ return fetch("/sign").then(function (r) {{ return r.json(); }}); }}}});
    document.querySelector("button").onclick = function () {{ ww.closeWindow(); }};
    </script>"""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{world.url}/phones/guide/wangfang/open?url={page_url}")
    page.click("button")
    page.wait_for_url("**/phones/guide/wangfang/mass-assistant")
    context.close()
    assert [(row["who"], row["what"]["call"], row["what"]["ok"]) for row in world.ledger("jssdk")] == [
        ("wangfang", "closeWindow", True)
    ]
