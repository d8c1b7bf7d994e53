"""Packed files made to hurt: refused before they are unpacked, and without unpacking more than allowed."""

import io
import struct
import time
import tracemalloc
import zipfile
import zlib

import pytest

from app.storage.sniff import check
from app.storage.zips import ZipLimits, ZipReader, ZipRefusedError

SMALL = ZipLimits(entries=20, directory=10_000, unpacked=1_000_000, ratio=50, ratio_from=100_000)


def packed(*entries, method=zipfile.ZIP_DEFLATED, **options) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method, **options) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return target.getvalue()


def codes(content: bytes, name="a.zip", limits=SMALL):
    return [p.code for p in check(io.BytesIO(content), name, limits)]


def lie_about_size(content: bytes, told: int) -> bytes:
    """Write another unpacked size into the central directory and the local header of the first entry."""
    changed = bytearray(content)
    struct.pack_into("<L", changed, content.index(b"PK\x01\x02") + 24, told)
    struct.pack_into("<L", changed, 22, told)
    return bytes(changed)


@pytest.mark.parametrize("name", ["a.zip", "a.docx"])
def test_too_many_entries_are_refused(name):
    assert "too_many_entries" in codes(packed(*((str(n), "x") for n in range(21))), name)


def test_a_huge_unpacked_size_is_refused_from_what_is_declared():
    assert "unpacks_too_large" in codes(packed(("a", b"\0" * 1_000_001)))


def test_a_suspicious_ratio_is_refused():
    assert "packed_too_tightly" in codes(packed(("a", b"\0" * 500_000)))


def test_a_ratio_is_no_matter_in_small_files():
    assert codes(packed(("a", b"\0" * 90_000))) == []


def test_a_file_that_lies_about_its_size_is_never_unpacked_beyond_the_lie():
    bomb = packed(("a", b"\0" * 50_000_000))
    tracemalloc.start()
    try:
        found = codes(lie_about_size(bomb, 1000), limits=ZipLimits())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == ["damaged"]
    assert peak < 4 * 1024 * 1024


def test_a_bomb_in_the_part_that_names_the_type_is_not_unpacked():
    bomb = packed(("[Content_Types].xml", b"\0" * 50_000_000))
    tracemalloc.start()
    try:
        found = codes(lie_about_size(bomb, 1000), "a.docx", ZipLimits())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert "damaged" in found
    assert peak < 4 * 1024 * 1024


def test_overlapping_entries_are_refused():
    content = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = content.compress(b"\0" * 1000) + content.flush()
    crc = zlib.crc32(b"\0" * 1000)
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 8, 0, 0, crc, len(body), 1000, 1, 0) + b"a" + body
    central = b"".join(
        struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 8, 0, 0, crc, len(body), 1000, 1, 0, 0, 0, 0, 0, 0) + name
        for name in (b"a", b"a")
    )
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, len(central), len(local), 0)
    reader = ZipReader(io.BytesIO(local + central + end))
    reader._by_name = dict(enumerate(reader.entries))  # the overlap alone, without the repeated name
    with pytest.raises(ZipRefusedError) as raised:
        reader.check_all()
    assert raised.value.code == "packed_too_tightly"


def test_two_entries_of_one_name_are_refused():
    with pytest.warns(UserWarning, match="Duplicate"):
        content = packed(("a", "1"), ("a", "2"))
    assert codes(content) == ["damaged"]


@pytest.mark.parametrize(
    "name", ["../../etc/cron.d/x", "/etc/passwd", "..\\..\\x", "C:\\Windows\\x", "a/../../b", "\\\\server\\x"]
)
def test_a_path_that_leads_outside_is_refused(name):
    info = zipfile.ZipInfo("placeholder")
    info.filename = name
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(info, "x")
    assert "unsafe_entry" in codes(target.getvalue())


def test_a_symbolic_link_is_refused():
    info = zipfile.ZipInfo("innocent")
    info.create_system = 3
    info.external_attr = 0o120777 << 16
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert "unsafe_entry" in codes(target.getvalue())


def test_a_program_inside_is_refused():
    assert codes(packed(("Công văn/setup.EXE", "x"))) == ["program_inside"]


def test_an_encrypted_archive_is_told():
    changed = bytearray(packed(("a", "1")))
    for at in (6, bytes(changed).index(b"PK\x01\x02") + 8):
        changed[at] |= 1
    assert codes(bytes(changed)) == ["encrypted"]


def test_a_method_that_cannot_be_checked_is_refused():
    assert codes(packed(("a", "x" * 1000), method=zipfile.ZIP_BZIP2)) == ["unreadable_entry"]


def test_a_large_archive_with_64_bit_fields_is_read():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive, archive.open("a", "w", force_zip64=True) as entry:
        entry.write(b"content")
    assert codes(target.getvalue()) == []


def test_bytes_before_or_after_the_archive_are_refused():
    content = packed(("a", "1"))
    assert codes(b"PK\x03\x04" + content) == ["damaged"]
    assert codes(content + b"x") == ["damaged"]


def test_bytes_hidden_between_the_parts_of_the_archive_are_refused():
    content = packed(("a", "1"))
    at = content.index(b"PK\x05\x06")
    assert codes(content[:at] + b"hidden" + content[at:]) == ["damaged"]


def test_a_directory_that_names_other_files_than_the_content_is_refused():
    content = packed(("aaaa", "1"))
    at = content.index(b"PK\x01\x02")
    assert codes(content[:at] + content[at:].replace(b"aaaa", b"bbbb")) == ["damaged"]


def test_changed_bytes_are_noticed():
    content = bytearray(packed(("a", "x" * 100), method=zipfile.ZIP_STORED))
    content[50] ^= 1
    assert codes(bytes(content)) == ["damaged"]


def test_no_cut_and_no_flipped_byte_makes_the_reader_fall_over():
    content = packed(("a.txt", "abc" * 50), ("b.txt", "def"))
    started = time.monotonic()
    for n in range(len(content)):
        codes(content[:n])
        flipped = bytearray(content)
        flipped[n] ^= 0xFF
        codes(bytes(flipped))
    assert time.monotonic() - started < 20


def test_a_directory_that_claims_the_whole_memory_is_refused_unread():
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 10, 10, 0xFFFFFFF0, 0, 0)
    assert codes(b"PK\x03\x04" + b"\0" * 100 + end) == ["damaged"]


def test_a_directory_of_excessive_length_is_refused_unread(tmp_path):
    length = 200 * 1024 * 1024
    with (tmp_path / "a.zip").open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(4 + length)  # sparse
        file.seek(0, 2)
        file.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 10, 10, length, 4, 0))
    tracemalloc.start()
    try:
        found = [p.code for p in check(tmp_path / "a.zip", "a.zip")]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found == ["damaged"]
    assert peak < 4 * 1024 * 1024
