"""Which files of the trust folder count, found without opening one: by the program, and by the workers that read them.

Certificates that lie directly in the folder are trusted, those in ``other/`` only help to build a chain, ``crls/``
holds lists of revoked certificates (``*.crl``) and answers about single ones (``*.ocsp``, ``*.ors``).
"""

from pathlib import Path

CERTIFICATES = (".pem", ".crt", ".cer", ".der")
REVOCATION = (".crl", ".ocsp", ".ors")
MOST_FILES = 1000

State = tuple[tuple[str, int, int], ...]
"""Path, time of the last change (of the file or of who may read it) and size of each file: while it is the same, what
they say is the same."""


def files_of(folder: str) -> list[tuple[str, Path]]:
    """What each file is (``roots``, ``others``, ``crls``) and where; nothing where there is no folder."""
    if not folder:
        return []
    found: list[tuple[str, Path]] = []
    for name, place, suffixes in (
        ("roots", Path(folder), CERTIFICATES),
        ("others", Path(folder) / "other", CERTIFICATES),
        ("crls", Path(folder) / "crls", REVOCATION),
    ):
        try:
            paths = sorted(path for path in place.iterdir() if path.suffix.lower() in suffixes)
        except OSError:  # not there, or not for us
            continue
        found += [(name, path) for path in paths]
    return found[:MOST_FILES]


def state_of(files: list[tuple[str, Path]]) -> State:
    """The files as they lie there now."""
    return tuple((str(path), *_stamp(path)) for _, path in files)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_ctime_ns, status.st_size
