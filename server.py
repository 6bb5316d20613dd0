"""Onetap's entry: the Flask application and every command; `python server.py --help` explains them.

Each command loads what it needs: `demo` only starts other processes, and should not load the whole program for that.
"""

import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops import demo, sockets
from ops.database_file import UnusableFile, damaged, flaw, is_broken, keep_private, refuse_damaged
from ops.database_lock import lock_database, locked, sqlite_path
from ops.supervisor import Program, replace_process
from settings import BadConfiguration, Settings, read_settings, require

if TYPE_CHECKING:
    from flask import Flask

    from ops.wiring import Parts

ROOT = Path(__file__).resolve().parent
THIS = str(ROOT / "server.py")


def create_app(settings: Settings | None = None, parts: "Parts | None" = None) -> "Flask":
    """The web application."""
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    import pages
    from handlers import callback
    from ops import doctor, readiness, wiring
    from pages.web import domain_verification, health

    parts = parts or wiring.build(settings or configured())
    wiring.follow_brand(parts)
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.register_blueprint(callback.blueprint(parts.receiver))
    app.register_blueprint(health.blueprint(parts.db, readiness.asking(parts), readiness.counting(parts)))
    parts.site.examine = lambda: list(doctor.examine(doctor.patient(parts)))
    pages.register(app, parts.site)
    if parts.settings.verify_dir:
        app.register_blueprint(domain_verification.blueprint(parts.settings.verify_dir))
    if proxies := parts.settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    app.extensions["onetap.parts"] = parts
    return app


def configured(**overrides: Any) -> Settings:
    """The settings of this installation. Only the signing key must be there: a fresh one still has to be connected,
    and the platform verifies the callback address before it hands out anything else."""
    found = read_settings(**overrides)
    require(found, "secret_key")
    if found.wecom_token:
        require(found, "wecom_corp_id")
    return found


class Commands(click.Group):
    """Bad configuration, or a file that cannot be used, ends any command with one line and exit code 2.

    What any of them writes is for this account alone.
    """

    def invoke(self, ctx: click.Context) -> Any:
        os.umask(0o077)
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise  # --help, or a wrong word: nothing is wrong with the disk
        except Exception as error:
            words = _unusable(error)
            if not words and ctx.invoked_subcommand != "app":  # which is started again, unless it ends with 2
                words = _disk_says(error)
            if not words:
                raise
            click.echo(words, err=True)
            ctx.exit(2)


def _unusable(error: Exception) -> str:
    """What stays wrong until a person mends it, in one line; empty for anything else."""
    if isinstance(error, BadConfiguration):
        return str(error) if isinstance(error, UnusableFile) else f"配置不对：{error}"
    return str(damaged(f"坏了（{getattr(error, 'orig', error)}）")) if is_broken(error) else ""


def _disk_says(error: Exception) -> str:
    """What is wrong with a file or the disk when this error is its doing; empty for any other."""
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename is not None else ""
    from models.db.writable import probe, why
    from ops.doctor import DISK

    unwritable, path = why(error), sqlite_path(read_settings().database_url)
    if unwritable and path and path.is_dir():
        return str(damaged(f"{path} {flaw(path)}"))
    if unwritable and path:  # the disk itself knows better than SQLite
        unwritable = probe(path) or unwritable
    return f"磁盘：{DISK[unwritable]}" if unwritable else ""


host_option = click.option("--host", default="127.0.0.1", show_default=True, help="监听地址")
port_option = click.option("--port", default=8000, show_default=True, help="端口，0 表示任意空闲端口")
no_input = click.option("--no-input", is_flag=True, help="不提问，缺什么就报错")


@click.group(cls=Commands)
def cli() -> None:
    """Onetap：导购在企业微信里一键转发，总部把其余的事做完。"""


@cli.command()
@host_option
@port_option
@no_input
def run(host: str, port: int, no_input: bool) -> None:
    """一条命令跑起全部角色（单机；数据库默认 SQLite）。"""
    from ops import administration

    settings = configured()
    database = sqlite_path(settings.database_url)
    inherits = [lock_database(database)] if database else []
    administration.refuse_demo(settings)
    listening = sockets.listen(host, port)
    inherits.append(listening.detach())
    replace_process(
        [Program("onetap", [sys.executable, THIS, "app", "--socket", str(inherits[-1])], inherits)]
    )


@cli.command(hidden=True)
@click.option("--socket", "number", type=int, required=True)
def app(number: int) -> None:
    """The one process behind `run` and `demo`; its socket comes from the supervisor."""
    from ops import serve, wiring

    settings = configured()
    if path := sqlite_path(settings.database_url):
        keep_private(path)
        refuse_damaged(path)
    parts = wiring.build(settings)
    serve.serve(create_app(parts=parts), parts, socket.socket(fileno=number))


@cli.command(name="demo")
@host_option
@port_option
@click.option("--reset", is_flag=True, help="从头来过，丢掉上次演示的数据")
@no_input
def run_demo(host: str, port: int, reset: bool, no_input: bool) -> None:
    """在内置的企业微信上跑完整个系统，带一家虚构的零售商；不需要任何账号。"""
    demo.refuse_real_platform()
    plan = demo.prepare(sockets.listen(host, port), reset=reset)
    replace_process(plan.programs(THIS))


@cli.command()
@host_option
@port_option
@click.option("--workers", default=2, type=click.IntRange(1, 64), show_default=True, help="网页进程数")
def web(host: str, port: int, workers: int) -> None:
    """只跑网页和回调（分布式；要 PostgreSQL 和 Redis）。"""
    from ops import administration, serve, wiring

    settings = configured()
    serve.require_distributed(settings)
    administration.refuse_demo(settings)
    with wiring.build(settings) as parts:
        administration.invite(parts)  # once, not in each process
    listening = sockets.listen(host, port)
    print(f"listening on {sockets.address(listening)}", flush=True)
    number = listening.detach()
    command = [sys.executable, THIS, "web-process", "--socket", str(number)]
    replace_process([Program(f"web-{place}", command, [number]) for place in range(1, workers + 1)])


@cli.command(name="web-process", hidden=True)
@click.option("--socket", "number", type=int, required=True)
def web_process(number: int) -> None:
    """One of the processes behind `web`; its socket comes from the supervisor."""
    from ops import serve, wiring

    parts = wiring.build(configured())
    serve.answer(create_app(parts=parts), parts, socket.socket(fileno=number))


@cli.command()
def worker() -> None:
    """只跑队列：调用平台、处理回调、画海报（分布式）。"""
    from ops import serve, wiring

    settings = configured()
    serve.require_distributed(settings)
    serve.work(wiring.build(settings))


@cli.command()
def scheduler() -> None:
    """只跑时间表（分布式；多开几个也只有一个在领头）。"""
    from ops import serve, wiring

    settings = configured()
    serve.require_distributed(settings)
    serve.run_timetable(wiring.build(settings))


@cli.command(name="migrate")
def run_migrations() -> None:
    """把数据库升级到这个版本，存下的密钥改用第一把 ONETAP_SECRET_KEY 加密。"""
    from models import migrate
    from ops import administration, wiring

    with wiring.build(configured()) as parts:
        administration.upgrade(parts)
        click.echo(f"数据库是 {migrate.current(parts.db)}")


@cli.command(name="doctor")
def examine() -> None:
    """逐项检查安装：回调、密钥、权限、地址、时钟、数据库、队列、字体，每项一行，说该做什么。"""
    from ops import doctor, wiring

    findings = []
    with wiring.build(read_settings()) as parts:
        for finding in doctor.examine(doctor.patient(parts)):
            findings.append(finding)
            click.echo(str(finding))
    sys.exit(1 if any(finding.grade == doctor.BAD for finding in findings) else 0)


@cli.group()
def admin() -> None:
    """总部账号。"""


@admin.command(name="create")
@click.option("--login", help="登录名")
@click.option("--name", help="姓名")
@click.option("--userid", default="", help="她的企业微信账号，活动的测试发到那里；可以不写")
@click.option(
    "--password",
    help="密码；不写就提问。写在命令行里，同一台机器上的人看得到",
    envvar="ONETAP_ADMIN_PASSWORD",
)
@no_input
def create_admin(
    login: str | None, name: str | None, userid: str, password: str | None, no_input: bool
) -> None:
    """建一个总部账号。"""
    from ops import administration, wiring

    asked = {"登录名": login, "姓名": name, "密码": password}
    for words, value in asked.items():
        if not value and no_input:
            raise BadConfiguration(
                f"缺{words}，用 --login、--name、--password（或 ONETAP_ADMIN_PASSWORD）给出"
            )
        asked[words] = value or click.prompt(words, hide_input=words == "密码")
    with wiring.build(configured()) as parts:
        given = [value or "" for value in asked.values()]
        click.echo(administration.create_admin(parts, *given, userid=userid))


@cli.group()
def token() -> None:
    """JSON API 的令牌。"""


@token.command(name="create")
@click.option("--name", required=True, help="给谁用")
@click.option("--writes", is_flag=True, help="可以写；不给就只能读")
def create_token(name: str, writes: bool) -> None:
    """发一个令牌，只显示这一次。"""
    from ops import administration, wiring

    with wiring.build(configured()) as parts:
        click.echo(administration.create_token(parts, name, writes))


@cli.command(name="import")
@click.argument("noun", type=click.Choice(["branches", "stores", "guides", "shifts"]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="先看一看：说每一行会怎样，什么都不存")
def import_rows(noun: str, file: Path, dry_run: bool) -> None:
    """从 CSV、XLSX 或 JSON 导入分公司、门店、导购、排班；好的行留下，坏的行逐行说明。"""
    from ops import administration, wiring

    with wiring.build(configured()) as parts:
        bring = administration.look_at_file if dry_run else administration.import_file
        report, good = bring(parts, noun, file)
    click.echo(report)
    sys.exit(0 if good else 1)


@cli.command(name="backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def make_backup(file: Path) -> None:
    """把数据库备份到一个文件，运行中也可以。"""
    from ops.backup import backup

    click.echo(f"备份好了：{file}，{backup(configured().database_url, file):,} 字节")


@cli.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="不再确认")
@no_input
def restore(file: Path, yes: bool, no_input: bool) -> None:
    """用备份替换数据库；恢复后到期的都先扣住，等人放行。"""
    from ops import backup, wiring

    settings = configured()
    with locked(settings.database_url):
        if not yes and no_input:
            raise BadConfiguration("恢复会替换现在的数据库，加 --yes 表示同意")
        if not yes:
            click.confirm("恢复会替换现在的数据库，继续吗", abort=True)
        held = backup.restore(settings.database_url, file, wiring.clock())
    click.echo(
        f"恢复好了。{held} 条投递先扣着，到控制台「投递」里核对后放行；活动和到点的公告也停着，核对后继续"
    )


@cli.command()
def prune() -> None:
    """删掉过期的回调正文和旧账（天数在设置里）。"""
    from ops import administration, wiring

    with wiring.build(configured()) as parts:
        click.echo(administration.prune(parts))


@cli.command()
@click.argument("parts", nargs=-1)
@click.option("--quick", is_flag=True, help="小一号，几分钟跑完")
@click.option(
    "--distributed",
    is_flag=True,
    help="只量 doors、launch 或 assignment，分进程跑；要一个空的 PostgreSQL 库和一个空的 Redis",
)
def bench(parts: tuple[str, ...], quick: bool, distributed: bool) -> None:
    """量一量：每个说法都和同一次运行里的基线相比。

    PARTS 可选 callbacks、doors、welcome、taps、results、posters、memory、failing、start、launch、budget、assignment。
    """
    from ops import serve
    from ops.bench import suite
    from ops.bench.stage import Servers

    servers = None
    if distributed:
        settings = read_settings()
        serve.require_distributed(settings)
        servers = Servers(settings.database_url, settings.redis_url)
    sys.exit(suite.run(list(parts), quick=quick, servers=servers))


if __name__ == "__main__":
    cli(prog_name="server.py")
