"""BACK DOOR: the only writer to e-mail, webhooks and other services, through apprise.

Apprise answers yes or no. Why it says no is read from what its logger is told while the error is handled: the
error itself, or the HTTP status ("error=503" in every plugin). Its own lines hold addresses, so none leaves here.
"""

from __future__ import annotations

import logging
import re
import smtplib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from socket import gaierror

from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat
from apprise.attachment.memory import AttachMemory
from apprise.plugins.email import NotifyEmail
from requests.exceptions import ConnectTimeout
from urllib3.exceptions import NewConnectionError

from pipeline.alert.chart import PICTURE_NAME, draw_bars
from pipeline.alert.letter import Letter, write_letter, write_operations_letter
from pipeline.alert.outbox import OneWay
from pipeline.alert.summary import BARS_TITLE
from pipeline.errors import DeliveryError, DeliveryPostponed, DeliveryRefused, DeliveryUnknown, SettingError
from pipeline.models import Alert, Notice, ThreadLink

RETRY_SECONDS = 60.0
# Errors from before anything had left this machine.
_NEVER_SENT = (ConnectionRefusedError, gaierror, NewConnectionError, ConnectTimeout, smtplib.SMTPConnectError)
_SMTP_ANSWERS = (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)
_NOT_NOW = frozenset({408, 425, 429, 503})
_STATUS = re.compile(r"error=(\d{3})\b")


class DestinationDelivery(OneWay):
    """Sends to one address that only the environment knows. Raises SettingError when apprise cannot read it.

    Nobody can look there for what has arrived, so `has_history` is false.
    """

    def __init__(self, name: str, address: str) -> None:
        self._name = name
        self._service = _open_service(name, address)

    def post(
        self,
        message: Alert | Notice,
        thread_ts: str | None,
        is_repeat: bool = False,
        elsewhere: ThreadLink | None = None,
    ) -> str:
        """Send one message; the ts is empty. Raises DeliveryRefused, DeliveryPostponed, DeliveryUnknown."""
        bars = message.bars if isinstance(message, Notice) and isinstance(self._service, NotifyEmail) else ()
        self.send(write_letter(message, is_repeat), draw_bars(BARS_TITLE, bars) if bars else b"")
        return ""

    def notify(self, text: str) -> None:
        """Send a message to operations here; raises DeliveryError."""
        self.send(write_operations_letter(text))

    def send(self, letter: Letter, picture: bytes = b"") -> None:
        """Hand a letter over, once, with a PNG if there is one; raises like `post`."""
        is_html = self._service.resolve_format(None) is NotifyFormat.HTML
        body, body_format = (letter.html, NotifyFormat.HTML) if is_html else (letter.text, NotifyFormat.TEXT)
        shown = _attach(picture) if picture else None
        with _listen() as heard:
            is_sent = self._service.notify(body=body, title=letter.subject, body_format=body_format, attach=shown)
        if not is_sent:
            raise _judge_failure(self._name, heard)


def _open_service(name: str, address: str) -> NotifyBase:
    # A redirect of a POST may arrive twice or become a GET; nothing is written to disk.
    asset = AppriseAsset(
        app_id="Wirewatch", app_desc="Wirewatch", app_url="", http_redirects=False, storage_mode="memory"
    )
    with _listen():
        service = Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
    if not isinstance(service, NotifyBase):
        raise SettingError(
            f"the address of to:{name} in WIREWATCH_DESTINATIONS cannot be read:"
            " see https://appriseit.com/services/ for its form"
        )
    if isinstance(service, NotifyEmail):
        service.inline = True  # a picture stands in the mail, not beside it
    return service


def _attach(picture: bytes) -> AttachMemory:
    return AttachMemory(picture, name=PICTURE_NAME, mimetype="image/png")  # type: ignore[no-untyped-call]


class _Ear(logging.Handler):
    """Keeps the error that is being handled while something is logged, and the HTTP status that a line names."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.error: BaseException | None = None
        self.status = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.error = sys.exc_info()[1] or self.error
        if found := _STATUS.search(record.getMessage()):
            self.status = int(found[1])


@contextmanager
def _listen() -> Iterator[_Ear]:
    """Hear what apprise logs, and let nobody else: it may name addresses, and urllib3 logs the paths of webhooks."""
    ear = _Ear()
    talkers = [logging.getLogger("apprise"), logging.getLogger("urllib3")]
    before = [(logger.level, logger.propagate) for logger in talkers]
    for logger in talkers:
        logger.propagate = False
        logger.addHandler(ear)
    talkers[0].setLevel(logging.DEBUG)
    try:
        yield ear
    finally:
        for logger, (level, propagate) in zip(talkers, before, strict=True):
            logger.removeHandler(ear)
            logger.setLevel(level)
            logger.propagate = propagate


def _judge_failure(name: str, heard: _Ear) -> DeliveryError:
    """What a failure means for the message; the reason names no address."""
    errors = list(_list_causes(heard.error))
    answer = next((error for error in errors if isinstance(error, _SMTP_ANSWERS)), None)
    if any(isinstance(error, _NEVER_SENT) for error in errors):
        return DeliveryPostponed(f"to:{name} cannot be reached: {type(errors[-1]).__name__}", RETRY_SECONDS)
    if answer is not None:
        code = _read_smtp_code(answer)
        kind = f"to:{name} said {code} ({type(answer).__name__})"
        return DeliveryPostponed(kind, RETRY_SECONDS) if 400 <= code < 500 else DeliveryRefused(kind)
    if heard.status in _NOT_NOW:
        return DeliveryPostponed(f"to:{name} asks to wait: HTTP {heard.status}", RETRY_SECONDS)
    if heard.error is None and 300 <= heard.status < 500:
        return DeliveryRefused(f"to:{name} refused: HTTP {heard.status}")
    what = f"HTTP {heard.status}" if heard.status else type(errors[-1]).__name__ if errors else "no reason given"
    return DeliveryUnknown(f"to:{name} failed: {what}")


def _list_causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it was made of: requests wraps urllib3, which wraps the operating system."""
    while error is not None:
        yield error
        inner = (getattr(error, "reason", None), *error.args, error.__cause__)
        error = next((each for each in inner if isinstance(each, BaseException)), None)


def _read_smtp_code(answer: BaseException) -> int:
    if isinstance(answer, smtplib.SMTPRecipientsRefused):
        return max((code for code, _ in answer.recipients.values()), default=0)
    return int(getattr(answer, "smtp_code", 0))
