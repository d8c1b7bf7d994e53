"""Looking into ZIP-based files without trusting them.

Our own reader, because the one of the standard library loads whatever the central directory claims,
reads past disagreements between directory and content, and so cannot say "this is a trap".
"""

import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

_EOCD = struct.Struct("<4s4H2LH")
_EOCD64_LOCATOR = struct.Struct("<4sLQL")
_EOCD64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_CHUNK = 256 * 1024
_STORED, _DEFLATED = 0, 8


@dataclass(frozen=True)
class ZipLimits:
    """How much a packed file may hold; sizes in bytes. ``ratio`` counts only above ``ratio_from`` bytes."""

    entries: int = 10_000
    directory: int = 8 * 1024 * 1024
    unpacked: int = 512 * 1024 * 1024
    ratio: int = 200
    ratio_from: int = 16 * 1024 * 1024


DEFAULT_LIMITS = ZipLimits()


class ZipRefusedError(Exception):
    """The file must not be taken in; ``code`` and ``params`` are those of a :class:`Problem`."""

    def __init__(self, code: str, **params: Any):
        super().__init__(code, params)
        self.code = code
        self.params = params


@dataclass(frozen=True)
class ZipEntry:
    """One packed file as the central directory tells of it; sizes in bytes."""

    name: str
    raw_name: bytes
    method: int
    encrypted: bool
    symlink: bool
    crc: int
    packed: int
    unpacked: int
    offset: int

    @property
    def directory(self) -> bool:
        """Whether it is a folder."""
        return self.name.endswith("/")

    @property
    def unsafe(self) -> bool:
        """Whether unpacking it could write outside the chosen folder."""
        path = self.name.replace("\\", "/")
        return self.symlink or path.startswith("/") or ".." in path.split("/") or path[1:2] == ":" or "\0" in path


class ZipReader:
    """The entries of one ZIP file that is exactly a ZIP file, from its first byte to its last.

    Raises :class:`ZipRefusedError`: ``damaged`` where structure and content disagree,
    ``too_many_entries``, ``unpacks_too_large`` and ``packed_too_tightly`` from what the directory declares.
    """

    def __init__(self, file: BinaryIO, limits: ZipLimits = DEFAULT_LIMITS):
        self._file = file
        self.limits = limits
        count, size, self._directory_at = self._find_directory()
        if size > limits.directory and count <= limits.entries:
            raise ZipRefusedError("damaged")  # kilobytes of description for each entry: nobody packs like that
        if count > limits.entries:
            raise ZipRefusedError("too_many_entries", count=count, limit=limits.entries)
        self.entries = list(self._read_directory(count, size))
        self._by_name = {entry.name: entry for entry in self.entries}
        self._check_declared_sizes()

    def names(self) -> list[str]:
        """Names of all entries, in the order of the directory."""
        return [entry.name for entry in self.entries]

    def get(self, name: str) -> ZipEntry | None:
        """The entry of exactly this name, or None."""
        return self._by_name.get(name)

    def read(self, name: str, limit: int) -> bytes:
        """An entry unpacked, checked, and never more than ``limit`` bytes of it in memory."""
        entry = self._by_name.get(name)
        if entry is None or entry.unpacked > limit:
            raise ZipRefusedError("damaged")
        return b"".join(self._unpack(entry))

    def check_all(self) -> None:
        """Unpack everything that is not encrypted, keeping nothing, and compare with what was declared."""
        if len(self._by_name) != len(self.entries):
            raise ZipRefusedError("damaged")  # two entries of one name: each program would show another one
        at = 0
        for entry in sorted(self.entries, key=lambda e: e.offset):
            if entry.offset < at:
                raise ZipRefusedError("packed_too_tightly")  # overlapping entries: the same bytes counted many times
            at = self._content_at(entry) + entry.packed
            if at > self._directory_at:
                raise ZipRefusedError("damaged")
            if not entry.encrypted:
                for _ in self._unpack(entry):
                    pass

    # ---- inside

    def _find_directory(self) -> tuple[int, int, int]:
        """Number of entries, size and position of the central directory."""
        end = find_end_of_zip(self._file)
        if end is None:
            raise ZipRefusedError("damaged")
        at, record = end
        _, disk, first_disk, here, count, size, offset, _ = _EOCD.unpack(record)
        if 0xFFFF in (here, count) or 0xFFFFFFFF in (size, offset):
            at, disk, first_disk, here, count, size, offset = self._zip64_end(at)
        if disk or first_disk or here != count or offset + size != at:
            raise ZipRefusedError("damaged")  # parts on other disks, or bytes that no entry accounts for
        return count, size, offset

    def _zip64_end(self, end_at: int) -> tuple[int, int, int, int, int, int, int]:
        locator = self._exactly(end_at - _EOCD64_LOCATOR.size, _EOCD64_LOCATOR.size)
        signature, _, at, _ = _EOCD64_LOCATOR.unpack(locator)
        if signature != b"PK\x06\x07":
            raise ZipRefusedError("damaged")
        record = _EOCD64.unpack(self._exactly(at, _EOCD64.size))
        if record[0] != b"PK\x06\x06":
            raise ZipRefusedError("damaged")
        _, _, _, _, disk, first_disk, here, count, size, offset = record
        return at, disk, first_disk, here, count, size, offset

    def _read_directory(self, count: int, size: int) -> Iterator[ZipEntry]:
        directory, at = self._exactly(self._directory_at, size), 0
        for _ in range(count):
            if at + _CENTRAL.size > size:
                raise ZipRefusedError("damaged")
            head = _CENTRAL.unpack_from(directory, at)
            signature, made_by, _, flags, method, _, _, crc, packed, unpacked = head[:10]
            name_length, extra_length, comment_length, _, _, attributes, offset = head[10:]
            at += _CENTRAL.size
            after = at + name_length + extra_length + comment_length
            if signature != b"PK\x01\x02" or after > size:
                raise ZipRefusedError("damaged")
            raw_name = directory[at : at + name_length]
            extra = directory[at + name_length : at + name_length + extra_length]
            unpacked, packed, offset = _zip64_values(extra, unpacked, packed, offset)
            at = after
            yield ZipEntry(
                name=_name(raw_name, utf8=bool(flags & 0x800)),
                raw_name=raw_name,
                method=method,
                encrypted=bool(flags & 0x2041) or method == 99,
                symlink=made_by >> 8 == 3 and stat.S_ISLNK(attributes >> 16),
                crc=crc,
                packed=packed,
                unpacked=unpacked,
                offset=offset,
            )
        if at != size:
            raise ZipRefusedError("damaged")

    def _check_declared_sizes(self) -> None:
        unpacked = sum(entry.unpacked for entry in self.entries)
        packed = sum(entry.packed for entry in self.entries)
        if unpacked > self.limits.unpacked:
            raise ZipRefusedError("unpacks_too_large", limit_mb=self.limits.unpacked // 1024**2)
        if unpacked > self.limits.ratio_from and unpacked > packed * self.limits.ratio:
            raise ZipRefusedError("packed_too_tightly")

    def _content_at(self, entry: ZipEntry) -> int:
        head = _LOCAL.unpack(self._exactly(entry.offset, _LOCAL.size))
        name_length, extra_length = head[-2:]
        name = self._exactly(entry.offset + _LOCAL.size, name_length)
        if head[0] != b"PK\x03\x04" or name != entry.raw_name or (head[3] != entry.method):
            raise ZipRefusedError("damaged")  # directory and content name different files
        return entry.offset + _LOCAL.size + name_length + extra_length

    def _unpack(self, entry: ZipEntry) -> Iterator[bytes]:
        """The content in pieces; stops with ``damaged`` at the first byte more than declared."""
        if entry.encrypted or entry.method not in (_STORED, _DEFLATED):
            raise ZipRefusedError("unreadable_entry", entry=shown(entry.name))
        crc, length = 0, 0
        for piece in self._pieces(entry):
            length += len(piece)
            crc = zlib.crc32(piece, crc)
            if length > entry.unpacked:
                raise ZipRefusedError("damaged")
            yield piece
        if length != entry.unpacked or crc != entry.crc:
            raise ZipRefusedError("damaged")

    def _pieces(self, entry: ZipEntry) -> Iterator[bytes]:
        at, left = self._content_at(entry), entry.packed
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            while left:
                packed = self._exactly(at, min(_CHUNK, left))
                at += len(packed)
                left -= len(packed)
                if entry.method == _STORED:
                    yield packed
                    continue
                while packed:
                    yield unpacker.decompress(packed, _CHUNK)
                    packed = unpacker.unconsumed_tail
                    if unpacker.eof and (left or unpacker.unused_data):
                        raise ZipRefusedError("damaged")
            if entry.method == _DEFLATED:
                yield unpacker.flush()
                if not unpacker.eof:
                    raise ZipRefusedError("damaged")
        except zlib.error as error:
            raise ZipRefusedError("damaged") from error

    def _exactly(self, at: int, length: int) -> bytes:
        if at < 0:
            raise ZipRefusedError("damaged")
        self._file.seek(at)
        content = self._file.read(length)
        if len(content) != length:
            raise ZipRefusedError("damaged")
        return content


def find_end_of_zip(file: BinaryIO) -> tuple[int, bytes] | None:
    """Position and bytes of the record that ends a ZIP file, if the file ends as a ZIP file does."""
    total = file.seek(0, 2)
    start = max(0, total - _EOCD.size - 0xFFFF)
    file.seek(start)
    tail = file.read(total - start)
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        record = tail[at : at + _EOCD.size]
        if len(record) == _EOCD.size and at + _EOCD.size + _EOCD.unpack(record)[-1] == len(tail):
            return start + at, record
        at = tail.rfind(b"PK\x05\x06", 0, at)
    return None


def shown(name: str) -> str:
    """A packed name short and harmless enough for a message."""
    return "".join(c if c.isprintable() else "?" for c in name)[-80:]


def _name(raw: bytes, *, utf8: bool) -> str:
    if utf8:
        return raw.decode("utf-8", errors="replace")
    try:
        return raw.decode("utf-8")  # many packers write UTF-8 without saying so
    except UnicodeDecodeError:
        return raw.decode("cp437")


def _zip64_values(extra: bytes, unpacked: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Replace the values that did not fit into 32 bits by those of the ZIP64 extra field."""
    if 0xFFFFFFFF not in (unpacked, packed, offset):
        return unpacked, packed, offset
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, at)
        if tag == 1:
            values = iter(struct.unpack(f"<{min(length, len(extra) - at - 4) // 8}Q", _eights(extra, at + 4, length)))
            try:
                unpacked = next(values) if unpacked == 0xFFFFFFFF else unpacked
                packed = next(values) if packed == 0xFFFFFFFF else packed
                offset = next(values) if offset == 0xFFFFFFFF else offset
            except StopIteration:
                break
            return unpacked, packed, offset
        at += 4 + length
    raise ZipRefusedError("damaged")


def _eights(extra: bytes, at: int, length: int) -> bytes:
    field = extra[at : at + length]
    return field[: len(field) // 8 * 8]
