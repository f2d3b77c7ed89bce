"""Everything Wirewatch raises on purpose.

    WirewatchError
    ├── SettingError        a setting is missing or makes no sense; the text names it and says what to do
    ├── StoreError          the database
    │   ├── StoreUnavailable    it does not answer
    │   └── StoreOutdated       its tables are not those of this version
    ├── ModelError          a model file is missing, damaged or not ours
    ├── SourceError         a source cannot be used as given (bad address, unknown kind, bad OPML)
    └── DeliveryError       a message was not accepted
        ├── DeliveryRefused     the other side said no, and will again (bad channel, bad token)
        │   └── DeliveryGone        what was to be changed is not there any more; nobody can mend it
        ├── DeliveryUnknown     the connection broke: it may or may not have arrived
        └── DeliveryPostponed   not now; `retry_after_seconds` says when

What a page, feed or site does wrong is not an error but an outcome with a reason.
"""


class WirewatchError(Exception):
    """Base of the tree; `str()` of any of them is one line for a person."""


class SettingError(WirewatchError):
    """A setting is missing or makes no sense."""


class StoreError(WirewatchError):
    """The database."""


class StoreUnavailable(StoreError):
    """The database does not answer."""


class StoreOutdated(StoreError):
    """The tables are not those of this version."""


class ModelError(WirewatchError):
    """A model file is missing, damaged or not ours."""


class SourceError(WirewatchError):
    """A source cannot be used as given."""


class DeliveryError(WirewatchError):
    """A message was not accepted."""


class DeliveryRefused(DeliveryError):
    """The other side said no, and would say it again."""


class DeliveryGone(DeliveryRefused):
    """What was to be changed is not there any more."""


class DeliveryUnknown(DeliveryError):
    """The connection broke: the message may or may not have arrived."""


class DeliveryPostponed(DeliveryError):
    """Not now; try again after `retry_after_seconds`."""

    def __init__(self, text: str, retry_after_seconds: float) -> None:
        super().__init__(text)
        self.retry_after_seconds = retry_after_seconds
