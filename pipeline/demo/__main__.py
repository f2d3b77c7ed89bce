"""`make demo`: three days of news through a real Airflow."""

import signal
import sys

import click

from pipeline.demo.play import play
from pipeline.errors import WirewatchError


@click.command()
@click.option("--once", is_flag=True, help="End after the third day instead of keeping the Airflow UI up.")
def main(once: bool) -> None:
    """Play three days of invented news through Airflow and print every alert."""
    # Ended from outside, it must stop Airflow and PostgreSQL as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        play(is_once=once)
    except WirewatchError as error:
        click.echo(f"demo: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        click.echo("demo: stopped", err=True)
        sys.exit(130)


if __name__ == "__main__":
    main()
