"""What phones show of texts that came from elsewhere."""

import re

from emulator.phones import wording


def opened(url: str) -> str:
    return f"/open?{url}"


def test_a_message_cannot_bring_its_own_tags():
    shown = wording.plain("<script>alert(1)</script> & 您好", opened)
    assert shown == "&lt;script&gt;alert(1)&lt;/script&gt; &amp; 您好"


def test_a_link_in_a_message_opens_on_this_phone():
    shown = wording.plain('还差一步。<a href="http://h/g/tasks/x?a=1&b=2">打开任务</a>', opened)
    assert shown == '还差一步。<a href="/open?http://h/g/tasks/x?a=1&amp;b=2">打开任务</a>'


def test_only_web_addresses_become_links():
    for bad in (
        '<a href="javascript:alert(1)">x</a>',
        '<a href="data:text/html,x">x</a>',
        "[x](javascript:alert(1))",
    ):
        assert "<a" not in wording.plain(bad, opened)
        assert "<a" not in wording.markdown(bad, opened)


def test_a_link_cannot_break_out_of_its_attribute():
    for text in (
        '<a href="http://h/" onclick="x">y</a>',
        '<a href="http://h/&quot; onclick=">z</a>',
        '<a href="http://h/"onclick=1">z</a>',
    ):
        shown = wording.plain(text, opened)
        assert re.sub(r'<a href="[^"<>]*">|</a>', "", shown).count("<") == 0, shown


def test_a_mention_of_the_robot_stands_out_and_nobody_elses():
    assert wording.plain("@小霁 今日任务", opened, names=("小霁",)) == "<b class=at>@小霁</b> 今日任务"
    assert wording.plain("@小明 好", opened, names=("小霁",)) == "@小明 好"


def test_robots_may_use_a_little_markdown():
    shown = wording.markdown(
        '# 早报\n**10:00** 开卖\n> 先问尺码\n[详情](http://h/x)\n<font color="info">好</font>', opened
    )
    assert shown == (
        '<b>早报</b><br><b>10:00</b> 开卖<br><span class="quote">先问尺码</span><br>'
        '<a href="/open?http://h/x">详情</a><br><span class="font-info">好</span>'
    )


def test_markdown_cannot_bring_its_own_tags():
    assert "<img" not in wording.markdown('**<img src=x onerror=1>** <font color="red">x</font>', opened)
