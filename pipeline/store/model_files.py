"""Model files on disk: bytes in, bytes out, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from pipeline.errors import ModelError


def read_model_file(path: Path) -> bytes | None:
    """The content, or None when there is no such file; ModelError when it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ModelError(f"cannot read the model {path}: {error.strerror}") from error


def write_model_file(path: Path, content: bytes) -> None:
    """Write beside the target and rename: a reader, or a second writer, never sees half a file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise ModelError(f"cannot save the model {path}: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise ModelError(f"cannot save the model {path}: {error.strerror}") from error
