"""The directory of an OLE compound file ([MS-CFB]): enough to tell DOC, XLS, PPT and what hides in them."""

import struct
from typing import BinaryIO

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = 0xFFFFFFFA  # sector numbers from here on are marks
_MAX_DIRECTORY_SECTORS = 4096
_MAX_FAT_SECTORS = 131_072


def stream_names(file: BinaryIO) -> set[str]:
    """Names of all streams and storages; empty if the structure cannot be followed. Reads the directory only."""
    try:
        return _stream_names(file)
    except (struct.error, ValueError, IndexError):
        return set()


def _stream_names(file: BinaryIO) -> set[str]:
    file.seek(0)
    header = file.read(512)
    if len(header) < 512 or header[:8] != SIGNATURE:
        return set()
    (shift,) = struct.unpack_from("<H", header, 30)
    if shift not in (9, 12):
        return set()
    sector_size = 1 << shift
    fat_count, first_directory = struct.unpack_from("<LL", header, 44)
    first_difat, difat_count = struct.unpack_from("<LL", header, 68)
    if fat_count > _MAX_FAT_SECTORS or difat_count > _MAX_FAT_SECTORS:
        return set()
    fat_sectors = list(struct.unpack_from("<109L", header, 76))
    per_sector = sector_size // 4
    at = first_difat
    for _ in range(difat_count):
        if at >= _END:
            break
        *more, at = struct.unpack(f"<{per_sector}L", _sector(file, at, sector_size))
        fat_sectors += more

    def following(number: int) -> int:
        fat_sector = _sector(file, fat_sectors[number // per_sector], sector_size)
        (found,) = struct.unpack_from("<L", fat_sector, number % per_sector * 4)
        return int(found)

    names: set[str] = set()
    seen: set[int] = set()
    at = first_directory
    while at < _END and at not in seen and len(seen) < _MAX_DIRECTORY_SECTORS:
        seen.add(at)
        sector = _sector(file, at, sector_size)
        for entry in range(0, sector_size, 128):
            (length,) = struct.unpack_from("<H", sector, entry + 64)
            if sector[entry + 66] in (1, 2, 5) and 2 <= length <= 64:
                names.add(sector[entry : entry + length - 2].decode("utf-16-le", errors="replace"))
        at = following(at)
    return names


def _sector(file: BinaryIO, number: int, size: int) -> bytes:
    if number >= _END:
        raise ValueError("a mark, not a sector")
    file.seek((number + 1) * size)
    content = file.read(size)
    if not content:
        raise ValueError("beyond the end of the file")
    return content.ljust(size, b"\0")  # the last sector of a file is sometimes cut short by its writer
