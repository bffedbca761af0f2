"""`dateline schedule`: what makes a crawl come again and again, filled in for this machine."""

from __future__ import annotations

from pathlib import Path

import click

from crawler.errors import ArgumentError
from crawler.settings import DEFAULT_EDITION
from storage.cli.commands import say, takes_database
from storage.deployment.schedule import KINDS, Machine, scheduled


@click.command("schedule")
@click.argument("kind", type=click.Choice(list(KINDS)), default="cron")
@click.option("--edition", default=DEFAULT_EDITION, show_default=True, metavar="NAME[,NAME]", help="What to crawl.")
@click.option(
    "--every", type=click.IntRange(1, 59), default=5, show_default=True, metavar="MINUTES", help="Minutes between runs."
)
@click.option("--user", metavar="NAME", help="Who crawls (you, unless told otherwise).")
@click.option("--output", type=click.Path(path_type=Path), metavar="FOLDER", help="Write the files there.")
@takes_database
@click.pass_context
def command(context: click.Context, kind: str, edition: str, every: int, user: str | None, output: Path | None) -> None:
    """A crontab line, systemd units, a container file or a logrotate snippet, filled in for this machine.

    \b
      dateline schedule                            a line for crontab -e
      dateline schedule systemd --output units     the service and its timer, as files
      dateline schedule container                  to build an image in the checkout
      dateline schedule logrotate                  where LOG_FILE_SIZE=0 leaves that to logrotate

    Folder and name of the archive are those of --database, the Python is the one that runs this. Each archive gets a
    minute and second of its own, so that not all of them ask the site at once. A file dateline.env beside the archive
    (DATELINE_CONTACT=..., DATELINE_DATABASE_URL=...) is read before every run, by cron and systemd alike.
    """  # noqa: D301 - click takes the control character for "leave these lines alone"
    machine = _machine(context.obj, edition, every, user)
    made = scheduled(kind, machine)
    if machine.user == "root" and kind != "container":
        say("a crawl needs no root: make a user for it and say --user NAME")
    for name, text in made.items():
        if output is None:
            click.echo(text, nl=False)
        else:
            output.mkdir(parents=True, exist_ok=True)
            (output / name).write_text(text, encoding="utf-8")
            say(f"wrote {output / name}")


def _machine(database: str, edition: str, every: int, user: str | None) -> Machine:
    import getpass
    import grp
    import platform
    import pwd
    import shutil
    import sys

    from crawler.sites import editions_named

    name = user or getpass.getuser()
    try:
        group = grp.getgrgid(pwd.getpwnam(name).pw_gid).gr_name
    except KeyError as error:
        raise ArgumentError(f"--user {name}: there is no such user on this machine") from error
    folder = _folder(database)
    return Machine(
        folder=folder,
        python=Path(sys.executable).absolute(),
        user=name,
        group=group,
        edition=",".join(one.name for one in editions_named(edition)),
        every=every,
        name=platform.node(),
        env=(folder / "dateline.env").exists(),
        flock=shutil.which("flock"),
    )


def _folder(database: str) -> Path:
    """Where the archive lies, which is where the crawl runs."""
    if "://" in database:
        return Path.cwd()  # a server; its address may hold a password, and comes from dateline.env
    path = Path(database).absolute()
    if path.name != "archive.db":
        raise ArgumentError(
            f"--database {database}: a scheduled crawl writes archive.db of its folder; name another one in "
            f"{path.parent}/dateline.env as DATELINE_DATABASE_URL={path.name}, and leave it out here"
        )
    return path.parent
