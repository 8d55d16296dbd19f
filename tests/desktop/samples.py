"""Files with the names and sizes that go wrong."""

import os
import pathlib
import random
import unicodedata

# What each extension has to arrive as; text carries its character set.
CONTENT_TYPES = {
    ".txt": "text/plain; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".png": "image/png",
    ".pdf": "application/pdf",
    ".bin": "application/octet-stream",
}

BIG_BYTES = 20 * 1024 * 1024


def make(folder):
    """Makes them below `folder`; gives (what to drag, {key below the target prefix: local path})."""
    folder = pathlib.Path(folder)
    names = {
        unicodedata.normalize("NFC", "한국어 파일 (최종).txt"): "안녕하세요\n".encode(),
        unicodedata.normalize("NFD", "한글 자모.txt"): b"composed differently\n",
        "100% & #1 +x [draft].txt": b"every one of these means something in a URL\n",
        "two  spaces.html": b"<!doctype html><title>x</title>",
        "empty.bin": b"",
        "report (final) 2.pdf": b"%PDF-1.4\n",
        "party \U0001f389.json": b"{}",
        "big.bin": random.Random(20).randbytes(BIG_BYTES),
    }
    folder.mkdir(parents=True)
    paths, keys = [], {}
    for name, content in names.items():
        (folder / name).write_bytes(content)
        paths.append(folder / name)
        keys[name] = folder / name
    tree = folder / "사진 2026"
    inside = {
        "a.png": b"\x89PNG\r\n\x1a\n",
        "깊은 폴더/더 깊이/b.txt": b"deep\n",
        "#+%/c.txt": b"folders have names, too\n",
        "깊은 폴더/empty.txt": b"",
    }
    for name, content in inside.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        keys[f"{tree.name}/{name}"] = path
    # Left out by the rule for system files, and since links are not followed.
    (tree / ".DS_Store").write_bytes(b"x")
    os.symlink("a.png", tree / "link.png")
    paths.append(tree)
    return paths, keys


def content_type(key):
    return CONTENT_TYPES[pathlib.PurePosixPath(key).suffix]
