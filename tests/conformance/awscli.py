"""The AWS command line against the storage on this computer: copy, list, sync, remove."""

import json
import os
import pathlib
import subprocess
import tempfile

MIB = 1024 * 1024


def aws(*words, fails=False):
    done = subprocess.run(["aws", *words], capture_output=True, text=True, check=False)
    assert fails == (done.returncode != 0), f"aws {' '.join(words)}\n{done.stdout}{done.stderr}"
    return done.stdout if not fails else done.stderr


def tree(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def main():
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        aws("s3", "mb", "s3://cli-bucket")
        assert "cli-bucket" in aws("s3", "ls")

        big = place / "big 한글.bin"
        big.write_bytes(os.urandom(20 * MIB))
        aws("s3", "cp", "--no-progress", str(big), "s3://cli-bucket/dir/big 한글.bin", "--content-type", "video/mp4")
        head = json.loads(aws("s3api", "head-object", "--bucket", "cli-bucket", "--key", "dir/big 한글.bin"))
        assert head["ContentLength"] == 20 * MIB and head["ContentType"] == "video/mp4", head
        assert head["ETag"].endswith('-3"'), head
        aws("s3", "cp", "--no-progress", "s3://cli-bucket/dir/big 한글.bin", str(place / "back.bin"))
        assert (place / "back.bin").read_bytes() == big.read_bytes()
        aws("s3", "cp", "--no-progress", "s3://cli-bucket/dir/big 한글.bin", "s3://cli-bucket/copy.bin")
        assert "PRE dir/" in aws("s3", "ls", "s3://cli-bucket")

        source, target = place / "source", place / "target"
        for name, body in {"a": b"1", "b/c d": b"2", "b/+%#&한": b"3", "empty": b""}.items():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes(body)
        aws("s3", "sync", "--no-progress", str(source), "s3://cli-bucket/tree/")
        aws("s3", "sync", "--no-progress", "s3://cli-bucket/tree/", str(target))
        assert tree(source) == tree(target), (tree(source), tree(target))
        assert aws("s3", "sync", "--no-progress", str(source), "s3://cli-bucket/tree/") == "", "nothing has changed"
        (source / "a").unlink()
        aws("s3", "sync", "--no-progress", "--delete", str(source), "s3://cli-bucket/tree/")
        listed = aws("s3", "ls", "--recursive", "s3://cli-bucket/tree/")
        assert len(listed.splitlines()) == 3 and "tree/b/+%#&한" in listed, listed

        assert "BucketNotEmpty" in aws("s3", "rb", "s3://cli-bucket", fails=True)
        aws("s3", "rm", "--recursive", "s3://cli-bucket")
        assert aws("s3", "ls", "--recursive", "s3://cli-bucket", fails=False) == ""
        aws("s3", "rb", "s3://cli-bucket")
        assert "NoSuchBucket" in aws("s3", "ls", "s3://cli-bucket", fails=True)


main()
