"""Which encoding a file is in, judged by a library; what is none is refused, and a bad place spoils only itself."""

import codecs

import pytest

from models.errors import Refused
from models.org.encodings import SPOILT, decoded

LISTS = [
    "编号,名称\ndb,东北分公司\n",
    "门店编号,门店名称,分公司编号,地址\ns1,大连店,B01,大连市中山区人民路 8 号\n",
    "账号,姓名,门店编号,店长\nwangfang,王芳,S100,否\nli,李喆,S100,是\n",
    "code,name\na,北京\n",
    "userid,name,store\nli,李\n",
    "code,name\nx,联通大厦店\n",
]
TRADITIONAL = [
    "code,name\na,臺北\n",
    "編號,名稱\nx,東北分公司\n",
    "userid,name,store\nchen,陳大文,S1\n",
    "code,name,branch,address\nr1,臺中店,B01,臺中市西屯區臺灣大道三段\n",
]


@pytest.mark.parametrize("text", LISTS)
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_a_list_of_china_is_read(text, encoding):
    assert decoded(text.encode(encoding)) == text


@pytest.mark.parametrize("text", TRADITIONAL)
@pytest.mark.parametrize("encoding", ["utf-8", "big5", "utf-16"])
def test_a_list_of_taiwan_is_read(text, encoding):
    assert decoded(text.encode(encoding)) == text


def test_marks_may_stand_twice():
    assert decoded(codecs.BOM_UTF8 * 3 + "编号".encode()) == "编号"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_bad_place_spoils_only_itself(encoding):
    text = decoded(
        "编号,名称\n".encode(encoding) + "东北分公司,华东分公司\n".encode(encoding) * 20 + b"\xff\xe4\n"
    )
    assert text.startswith("编号,名称\n东北分公司") and 1 <= len(SPOILT.findall(text)) <= 2


@pytest.mark.parametrize(
    "content", [b"\x00\x01\x02\x03", bytes(range(256)) * 3, b"\xff\xd8\xff\xe0" + bytes(200)]
)
def test_what_is_no_text_is_refused(content):
    with pytest.raises(Refused, match="编码认不出来"):
        decoded(content)
