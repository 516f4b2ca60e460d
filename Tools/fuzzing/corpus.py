#!/usr/bin/env python3
"""The fuzzers' inputs, kept as one archive of which equal folders make equal bytes.

corpus.py unpack ARCHIVE FOLDER   makes FOLDER hold exactly what the archive does; has nothing to do
                                  when it was made from these bytes
corpus.py pack FOLDER ARCHIVE     writes the archive anew; an input is FOLDER/<target>/<name>
"""

import hashlib
import io
import shutil
import sys
import tarfile
from pathlib import Path

STAMP = ".archive"


def pack(folder):
    """The archive's bytes: each input in the order of its name, without owners, rights or times."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:xz", format=tarfile.USTAR_FORMAT) as archive:
        for path in sorted(folder.glob("*/*"), key=lambda path: path.relative_to(folder).parts):
            data = path.read_bytes()
            entry = tarfile.TarInfo("/".join(path.relative_to(folder).parts))
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return packed.getvalue()


def inputs(archive):
    """Each input of an archive's bytes, as (target, name, data); refuses others than `pack`'s."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:xz") as entries:
        for entry in entries:
            parts = entry.name.split("/")
            if not entry.isfile() or len(parts) != 2 or {"", ".", ".."} & set(parts):
                raise SystemExit(f"corpus: {entry.name!r} is not named TARGET/INPUT")
            yield *parts, entries.extractfile(entry).read()


def unpack(archive, folder):
    """Writes the inputs; the stamp comes last, so that what was interrupted is done again."""
    digest = hashlib.sha256(archive).hexdigest()
    stamp = folder / STAMP
    if stamp.is_file() and stamp.read_text() == digest:
        return
    shutil.rmtree(folder, ignore_errors=True)
    for target, name, data in inputs(archive):
        place = folder / target
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)
    stamp.write_text(digest)


def main(arguments):
    match arguments:
        case ["unpack", archive, folder]:
            unpack(Path(archive).read_bytes(), Path(folder))
        case ["pack", folder, archive]:
            Path(archive).write_bytes(pack(Path(folder)))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
