"""ZIP files whose entries lie in them as they are: nothing is unpacked, so nothing can grow."""

import io
import stat
import struct
import zipfile
from collections.abc import Mapping

from ..trainer.errors import first_line

EPOCH = (1980, 1, 1, 0, 0, 0)  # the format's first date, so that equal members make equal files
_END = struct.Struct("<4s4H2LH")  # end of central directory record; APPNOTE.TXT 6.3.10, section 4.3.16
_MOST_DIRECTORY = 64 << 10  # bytes


def write_stored(members: Mapping[str, bytes]) -> bytes:
    """A ZIP of these members, in their order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def read_stored(data: bytes, most: int) -> list[tuple[str, bytes]]:
    """The members of a ZIP, in its order: names, which may be doubled, and contents, whose checksums are true.

    Args:
        data: the whole file.
        most: how many members it may have.

    Raises:
        ValueError: no such ZIP, with more members, damaged, with bytes before it or after it, a member that is
            compressed, encrypted, a folder or a link, or members that together are larger than the file.
    """
    _check_end(data, most)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            for entry in entries:
                _check_entry(entry)
            if sum(entry.file_size for entry in entries) > len(data):
                raise ValueError("its members are larger than itself")
            return [(entry.filename, archive.read(entry)) for entry in entries]
    except Exception as error:  # zipfile raises whatever the damage happens to trigger
        raise ValueError(first_line(error)) from error


def _check_end(data: bytes, most: int) -> None:
    """The last record must end the file and say where the directory is, directly before it.

    zipfile itself would search for the record, allow bytes around the ZIP, and read a directory of any size.
    """
    if len(data) < _END.size or data[-_END.size :][:4] != b"PK\5\6":
        raise ValueError("it is no ZIP, or its end is missing")
    _, _, _, here, entries, size, offset, comment = _END.unpack(data[-_END.size :])
    if entries > most or size > _MOST_DIRECTORY:
        raise ValueError(f"it has {entries} members, at most {most} are expected")
    if comment or here != entries or offset + size + _END.size != len(data):
        raise ValueError("something stands before, between or after its parts")


def _check_entry(entry: zipfile.ZipInfo) -> None:
    if entry.compress_type != zipfile.ZIP_STORED or entry.compress_size != entry.file_size or entry.flag_bits & 1:
        raise ValueError(f"{entry.filename} is compressed or encrypted")
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG) or entry.filename.endswith("/"):
        raise ValueError(f"{entry.filename} is no plain file")
    if entry.orig_filename != entry.filename:
        raise ValueError(f"the name {entry.orig_filename!r} is none")
