"""Every knob: from the environment, from a file that NAME_FILE names, from .env; and what is never printed."""

from pathlib import Path

import pytest

import settings
from settings import BadConfiguration, Settings

KEYS = ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8")


@pytest.fixture(autouse=True)
def an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ONETAP_{name.upper()}", raising=False)
        monkeypatch.delenv(f"ONETAP_{name.upper()}_FILE", raising=False)


def test_nothing_set_is_the_embedded_mode_on_the_real_platform():
    found = settings.read_settings()
    assert found.database_url == "sqlite:///var/onetap.sqlite3" and not found.distributed
    assert found.wecom_api_url == "https://qyapi.weixin.qq.com/cgi-bin/"
    assert str(found.zone) == "Asia/Shanghai" and found.trusted_proxies == 0 and not found.demo


def test_a_slash_at_the_end_of_our_own_address_is_not_doubled_in_links(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ONETAP_PUBLIC_URL", "https://guide.example.com/")
    assert settings.read_settings().public_url == "https://guide.example.com"


def test_the_database_of_an_embedded_one_lives_in_its_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ONETAP_DATA_DIR", str(tmp_path / "shop"))
    assert settings.read_settings().database_url == f"sqlite:///{tmp_path / 'shop/onetap.sqlite3'}"


def test_a_secret_may_stand_in_a_file_as_container_platforms_hand_it_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "key").write_text("one from the file it names\n")
    monkeypatch.setenv("ONETAP_SECRET_KEY_FILE", str(tmp_path / "key"))
    assert settings.read_settings().secret_key == "one from the file it names"
    monkeypatch.setenv("ONETAP_SECRET_KEY", "one from the environment")
    assert settings.read_settings().secret_key == "one from the environment"


def test_the_environment_goes_before_the_file_beside_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / ".env").write_text(
        "ONETAP_SECRET_KEY=what stands in the file\nONETAP_WECOM_AGENT_ID=7\nSOMEBODY_ELSE=1\n"
    )
    monkeypatch.setenv("ONETAP_WECOM_AGENT_ID", "8")
    found = settings.read_settings()
    assert (found.secret_key, found.wecom_agent_id) == ("what stands in the file", 8)


def test_while_a_key_is_exchanged_both_pairs_are_kept_in_order_A19(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ONETAP_WECOM_TOKEN", "old, new")
    monkeypatch.setenv("ONETAP_WECOM_AES_KEY", ",".join(KEYS))
    found = settings.read_settings()
    assert found.key_pairs("wecom") == [("old", KEYS[0]), ("new", KEYS[1])]
    assert found.key_pairs("robot") == []


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("WECOM_AGENT_ID", "seven", "ONETAP_WECOM_AGENT_ID"),
        ("TRUSTED_PROXIES", "-1", "ONETAP_TRUSTED_PROXIES"),
        ("DATABASE_URL", "mysql://root@db/onetap", "postgresql\\+psycopg"),
        ("TIMEZONE", "../etc/passwd", "ONETAP_TIMEZONE"),
        ("REDIS_URL", "localhost:6379", "ONETAP_REDIS_URL: 要写成 redis://"),
        ("REDIS_URL", "redis://cache:sixthousand/0", "ONETAP_REDIS_URL"),
        ("PUBLIC_URL", "guide.example.com", "ONETAP_PUBLIC_URL: 要写成 http:// 或 https://"),
        ("PUBLIC_URL", "https://", "ONETAP_PUBLIC_URL"),
        ("PUBLIC_URL", "", "ONETAP_PUBLIC_URL"),
        ("PUBLIC_URL", "https://[guide", "ONETAP_PUBLIC_URL"),
        ("WECOM_API_URL", "qyapi.weixin.qq.com/cgi-bin/", "ONETAP_WECOM_API_URL"),
        ("WECOM_OAUTH_URL", "open.weixin.qq.com", "ONETAP_WECOM_OAUTH_URL"),
        ("WECOM_LOGIN_URL", "ftp://login.work.weixin.qq.com", "ONETAP_WECOM_LOGIN_URL"),
        ("WECOM_JSSDK_URL", "jssdk.js", "ONETAP_WECOM_JSSDK_URL"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_the_variable_N02(
    name: str, value: str, words: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(f"ONETAP_{name}", value)
    with pytest.raises(BadConfiguration, match=words) as refused:
        settings.read_settings()
    assert "\n" not in str(refused.value)


WRAPPED = [
    '"{}"',
    "'{}'",
    "“{}”",
    "{} ",
    " {}",
    "\t{}",
    "{}\r",
    "{}\r\n",
    "\ufeff{}",
    "{}\u200b",
    "{}\xa0",
    '"{}"\r',
    "' {} '",
]
GOOD_KEY = "5d41402abc4b2a76b9719d911017c592"
RIGHT = {
    "WECOM_CORP_ID": "wwdeadbeef00000001",
    "WECOM_SECRET": "s3cret-_S",
    "PUBLIC_URL": "https://guide.example.com",
    "WECOM_AGENT_ID": "1000002",
    "TIMEZONE": "Asia/Tokyo",
    "SECRET_KEY": "a key for the settings, an older key",
    "WECOM_API_URL": "https://qyapi.example.com/cgi-bin/",
    "REDIS_URL": "redis://:hush@cache/1",
    "DATABASE_URL": "postgresql+psycopg://onetap:hush@db/onetap",
    "HTTP_PROXY": "http://proxy:3128",
    "TRUSTED_PROXIES": "1",
}
"""Values as they are meant"""


@pytest.fixture(params=["environment", ".env", "file"])
def put(request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Set a variable, in each way that there is; the bytes stand as they are given."""

    def set_it(name: str, value: str) -> None:
        if request.param == "environment":
            monkeypatch.setenv(f"ONETAP_{name}", value)
        elif request.param == ".env":
            (tmp_path / ".env").write_bytes(f"ONETAP_{name}={value}\n".encode())
        else:
            (tmp_path / "value").write_bytes(value.encode())
            monkeypatch.setenv(f"ONETAP_{name}_FILE", str(tmp_path / "value"))

    return set_it


@pytest.mark.parametrize("wrapped", WRAPPED)
@pytest.mark.parametrize("name", ["WECOM_CORP_ID", "PUBLIC_URL", "WECOM_AGENT_ID"])
def test_what_copying_leaves_around_a_value_is_taken_off(put, name: str, wrapped: str):
    put(name, wrapped.format(RIGHT[name]))
    assert str(getattr(settings.read_settings(), name.lower())) == RIGHT[name]


@pytest.mark.parametrize("name", RIGHT)
def test_every_variable_is_cleaned(name: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(f"ONETAP_{name}", RIGHT[name])
    meant = getattr(settings.read_settings(), name.lower())
    monkeypatch.setenv(f"ONETAP_{name}", f' "{RIGHT[name]}"\r')
    assert getattr(settings.read_settings(), name.lower()) == meant


@pytest.mark.parametrize("value", ['"KEY", "old"', '"KEY,old"', "'KEY','old'\r", "KEY ,\told,"])
def test_each_of_several_values_is_cleaned(monkeypatch: pytest.MonkeyPatch, value: str):
    monkeypatch.setenv("ONETAP_SECRET_KEY", value.replace("KEY", GOOD_KEY))
    assert settings.read_settings().secret_keys == [GOOD_KEY, "old"]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("WECOM_SECRET", '"s3cret', "引号只有一半"),
        ("WECOM_SECRET", "s3cret'", "引号只有一半"),
        ("WECOM_SECRET", "s3cret\rsecond", "换行"),
        ("WECOM_SECRET", "s3\u200bcret", "看不见"),
        ("WECOM_CORP_ID", "wwdeadbeef00000001 our corp", "空格"),
        ("WECOM_CORP_ID", "ｗｗdeadbeef00000001", "半角"),
        ("WECOM_TOKEN", "old，new", "半角"),
        ("WECOM_AGENT_ID", "10 00002", "空格"),
        ("WECOM_AGENT_ID", "1000002号", "半角"),
        ("WECOM_AGENT_ID", "1e6", "要是一个整数，现在是「1e6」"),
        ("PUBLIC_URL", "https://example.com/onetap/", "不能带路径"),
        ("PUBLIC_URL", "https://example.com/callback/app", "不能带路径"),
        ("PUBLIC_URL", "https://example.com?x=1", "不能带路径"),
        ("PUBLIC_URL", "https://example.com/#top", "不能带路径"),
        ("PUBLIC_URL", "https://me:hush@example.com", "不能带路径"),
        ("PUBLIC_URL", "https：//example.com", "半角"),
        ("PUBLIC_URL", "https://exam ple.com", "空格"),
        ("PUBLIC_URL", "https://exam..ple.com", "不是域名"),
        ("PUBLIC_URL", "https://example.com;", "不是域名"),
        ("PUBLIC_URL", "https://*.example.com", "不是域名"),
        ("PUBLIC_URL", "https://%65xample.com", "不是域名"),
        ("PUBLIC_URL", "https://示例.中国", "半角"),
        ("WECOM_API_URL", "https://qyapi.example.com/cgi-bin/?debug=1", "不能带参数"),
        ("WECOM_API_URL", "https://me:hush@qyapi.example.com/cgi-bin/", "不能带参数或密码"),
        ("WECOM_CORP_ID", "wwdeadbeef00000001;", "只有字母和数字"),
        ("WECOM_CORP_ID", "<your-corp-id>", "占位符"),
        ("HTTP_PROXY", "socks5://proxy", "不支持 socks"),
        ("HTTP_PROXY", "http://me:hush@proxy:99999", "主机:3128"),
        ("TRUSTED_PROXIES", "11", "要在 0 到 10 之间，现在是 11"),
        ("TRUSTED_PROXIES", "-1", "要在 0 到 10 之间"),
        ("WECOM_AGENT_ID", "-1", "要在 0 到"),
        ("TIMEZONE", "Asia", "没有叫「Asia」的时区"),
    ],
)
def test_what_cannot_be_cleaned_is_refused_in_one_line_that_names_it(put, name: str, value: str, words: str):
    put(name, value if "\r" not in value else f'"{value}"')
    with pytest.raises(BadConfiguration, match=words) as refused:
        settings.read_settings()
    assert f"ONETAP_{name}" in str(refused.value) and "\n" not in str(refused.value)
    assert "s3cret" not in str(refused.value) and "hush" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    ["https://Guide.Example.com/", "HTTPS://guide.example.com//", '"https://guide.example.com/"', "https://guide.example.com.",
     "https://guide.example.com:443", "https://guide.example.com:", "https://guide.example.com.:443/"],
)  # fmt: skip
def test_our_own_address_is_a_scheme_and_a_host(monkeypatch: pytest.MonkeyPatch, url: str):
    monkeypatch.setenv("ONETAP_PUBLIC_URL", url)
    assert settings.read_settings().public_url == "https://guide.example.com"


def test_a_value_that_broke_in_two_is_named_in_the_file_beside_the_program(tmp_path: Path):
    (tmp_path / ".env").write_text("ONETAP_WECOM_SECRET=s3\ncret\n")
    with pytest.raises(BadConfiguration, match="^ONETAP_WECOM_SECRET: .env 第 2 行不是「名字=值」"):
        settings.read_settings()
    (tmp_path / ".env").write_text("ONETAP_WECOM_SECRET=s3cret\nSOMEBODY_ELSE=1\nexport\n")
    assert settings.read_settings().wecom_secret == "s3cret"


def test_an_unfilled_hole_of_a_template_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ONETAP_WECOM_SECRET", "${WECOM_SECRET}")
    with pytest.raises(BadConfiguration, match="ONETAP_WECOM_SECRET: 还是没有换掉的占位符"):
        settings.read_settings()


def test_other_ports_and_addresses_stay(monkeypatch: pytest.MonkeyPatch):
    for url in (
        "https://guide.example.com:8443",
        "http://[::1]:8000",
        "http://10.0.0.7",
        "http://shop_1:8000",
    ):
        monkeypatch.setenv("ONETAP_PUBLIC_URL", url)
        assert settings.read_settings().public_url == url


def test_a_folder_may_begin_at_home(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ONETAP_DATA_DIR", "~/shop")
    assert settings.read_settings().data_dir == Path.home() / "shop"


def test_the_file_beside_the_program_may_have_the_mark_of_windows(tmp_path: Path):
    (tmp_path / ".env").write_bytes("\ufeffONETAP_WECOM_CORP_ID=ww1\r\nONETAP_WECOM_SECRET=s\r\n".encode())
    found = settings.read_settings()
    assert (found.wecom_corp_id, found.wecom_secret) == ("ww1", "s")


def test_a_file_of_a_secret_may_be_named_in_the_file_beside_the_program(tmp_path: Path):
    (tmp_path / "key").write_bytes(b"\xef\xbb\xbfs3cret\r\n")
    (tmp_path / ".env").write_text(f'ONETAP_WECOM_SECRET_FILE="{tmp_path / "key"}"\n')
    assert settings.read_settings().wecom_secret == "s3cret"


@pytest.mark.parametrize("content", ["钥匙".encode("gbk"), "\ufeffkey".encode("utf-16")])
def test_a_file_in_another_encoding_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
):
    (tmp_path / "key").write_bytes(content)
    monkeypatch.setenv("ONETAP_WECOM_SECRET_FILE", str(tmp_path / "key"))
    with pytest.raises(BadConfiguration, match="ONETAP_WECOM_SECRET_FILE: .* 不是 UTF-8"):
        settings.read_settings()
    monkeypatch.delenv("ONETAP_WECOM_SECRET_FILE")
    (tmp_path / ".env").write_bytes(content)
    with pytest.raises(BadConfiguration, match=".env: 不是 UTF-8"):
        settings.read_settings()


def test_a_number_or_folder_left_empty_is_as_if_it_were_not_there(monkeypatch: pytest.MonkeyPatch):
    for name in ("WECOM_AGENT_ID", "TRUSTED_PROXIES", "DATA_DIR", "VERIFY_DIR"):
        monkeypatch.setenv(f"ONETAP_{name}", " ")
    found = settings.read_settings()
    assert (found.wecom_agent_id, found.trusted_proxies) == (0, 0)
    assert (found.data_dir, found.verify_dir) == (Path("var"), None)


def test_an_address_that_may_be_left_out_may_be_empty(monkeypatch: pytest.MonkeyPatch):
    for name in ("REDIS_URL", "WECOM_LOGIN_URL", "WECOM_JSSDK_URL"):
        monkeypatch.setenv(f"ONETAP_{name}", "")
    found = settings.read_settings()
    assert not found.distributed and not found.wecom_login_url and not found.wecom_jssdk_url


@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1:6379/0", "rediss://:hush@cache/1", "unix:///run/redis.sock?db=2"]
)
def test_a_shared_queue_is_reached_by_any_way_that_redis_knows(monkeypatch: pytest.MonkeyPatch, url: str):
    monkeypatch.setenv("ONETAP_REDIS_URL", url)
    assert settings.read_settings().redis_url == url


def test_what_is_missing_is_named_all_at_once():
    with pytest.raises(BadConfiguration, match="ONETAP_SECRET_KEY、ONETAP_WECOM_CORP_ID"):
        settings.require(settings.read_settings(), "secret_key", "public_url", "wecom_corp_id")


def test_the_secret_key_is_a_list_of_which_nothing_else_is_one():
    assert Settings(secret_key=f" {GOOD_KEY} , old,").secret_keys == [GOOD_KEY, "old"]
    with pytest.raises(BadConfiguration, match="ONETAP_SECRET_KEY"):
        settings.require(Settings(secret_key=" , "), "secret_key")


def test_no_secret_is_in_what_gets_printed_B16():
    """Settings end up in tracebacks and logs."""
    secret = {
        name: f"hush-{name}-0123456789"
        for name in ("secret_key", "wecom_secret", "contacts_secret", "http_proxy")
    }
    pairs = {
        f"{noun}_{part}": value
        for noun in ("wecom", "contacts", "robot")
        for part, value in (("token", "hush-token"), ("aes_key", KEYS[0]))
    }
    printed = repr(Settings(**secret, **pairs))
    assert "hush" not in printed and KEYS[0] not in printed


@pytest.mark.parametrize(
    "key",
    ["k", "fifteen letters", "changeme", "CHANGE-ME-CHANGE-ME-please", "your-secret-key-goes-here", "<paste it here, please>",
     "${SECRET_KEY_OF_PRODUCTION}", "...", "secret", "Secret_Key_123456789", "aaaaaaaaaaaaaaaaaaaaaaaa", "12345678901234567890",
     "请替换成你自己的一串随机字符谢谢", "django-insecure-8f3k2j4h5g6f7d8s"],
)  # fmt: skip
def test_a_secret_key_that_protects_nothing_is_refused_without_being_repeated(
    key: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ONETAP_SECRET_KEY", key)
    with pytest.raises(BadConfiguration, match="^ONETAP_SECRET_KEY: .*openssl rand -hex 32") as refused:
        settings.read_settings()
    assert key not in str(refused.value) or len(key) < 4


@pytest.mark.parametrize(
    "key", [GOOD_KEY, "9f86d081884c7d65", "Zm9vYmFyYmF6cXV4_-0", "九月的雨落在沈阳中街的屋檐上很久没停"]
)
def test_a_good_secret_key_is_taken(key: str):
    assert Settings(secret_key=key).signing_keys == [key]


def test_a_weak_key_of_before_reads_what_it_encrypted_and_signs_nobody_in():
    found = Settings(secret_key=f"{GOOD_KEY},changeme,k")
    assert found.secret_keys == [GOOD_KEY, "changeme", "k"] and found.signing_keys == [GOOD_KEY]
