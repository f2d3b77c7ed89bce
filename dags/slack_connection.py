"""The Slack token from the Airflow Connection `wirewatch_slack`, for whoever keeps no secrets in the environment."""

from __future__ import annotations

import os

CONNECTION_ID = "wirewatch_slack"
TOKEN_VARIABLE = "WIREWATCH_SLACK_TOKEN"


def use_slack_connection() -> None:
    """Give this task's process the token that stands as password in the Connection; the variable itself wins.

    Without a Connection nothing happens: messages then go to the log of the task. Airflow masks the password in logs.
    """
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    if os.environ.get(TOKEN_VARIABLE, "").strip():
        return
    try:
        password = Connection.get(CONNECTION_ID).password
    except AirflowNotFoundException:
        return
    if password:
        os.environ[TOKEN_VARIABLE] = password
