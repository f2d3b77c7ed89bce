"""The `wirewatch` command: every step without Airflow, and the line filters.

Nothing heavy is imported before a command needs it: `wirewatch clean` must start as fast as it works.
"""

from __future__ import annotations

import signal

import click

from pipeline.cli.feedback import feedback
from pipeline.cli.filters import classify, clean, export, replay
from pipeline.cli.hosts import hosts
from pipeline.cli.label import label
from pipeline.cli.models import evaluate, models, train
from pipeline.cli.routes import routes
from pipeline.cli.screen import EXIT_UNUSABLE
from pipeline.cli.sources import sources
from pipeline.cli.tune import tune
from pipeline.cli.upkeep import migrate, resend, retry, show_settings
from pipeline.cli.walk import attend, run, why
from pipeline.cli.wishes import ack, follow, list_wishes, mute, unfollow, unmute
from pipeline.errors import WirewatchError


class _OneLineErrors(click.Group):
    """Errors of ours are one line on stderr, never a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except WirewatchError as error:
            click.echo(f"wirewatch: {error}", err=True)
            ctx.exit(EXIT_UNUSABLE)


@click.group(cls=_OneLineErrors, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Watch the news, tell every new development once.

    Start with `wirewatch sources add URL`, then `wirewatch run`. Settings come from the environment:
    `wirewatch settings` lists them. Exit status: 0 all well, 1 something was refused or is missing, 2 it
    could not start: a wrong option or setting, no database.
    """
    # Ended from outside (a container that stops), it must give back its database as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


for _command in (
    run,
    attend,
    why,
    sources,
    hosts,
    routes,
    mute,
    unmute,
    follow,
    unfollow,
    ack,
    list_wishes,
    feedback,
    clean,
    classify,
    replay,
    label,
    train,
    tune,
    export,
    evaluate,
    models,
    migrate,
    resend,
    retry,
    show_settings,
):
    main.add_command(_command)
