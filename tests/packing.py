"""Bundles put together by hand, right or wrong."""

import hashlib
import json
import zipfile
from pathlib import Path
from typing import BinaryIO

from infogan.export.container import MANIFEST, Members


def pack(path: Path | BinaryIO, members: Members, compression: int = zipfile.ZIP_STORED) -> Path | BinaryIO:
    """A ZIP of any members."""
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def resealed(members: Members, **changes: object) -> Members:
    """Members whose manifest was edited and whose hashes are true again."""
    manifest = json.loads(members[MANIFEST])
    for key, value in changes.items():
        if value is None:
            manifest.pop(key)
        else:
            manifest[key] = value
    manifest["files"] = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        for name, content in members.items()
        if name != MANIFEST
    }
    return {**members, MANIFEST: json.dumps(manifest).encode()}
