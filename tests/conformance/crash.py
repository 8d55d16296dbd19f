"""Writes until the server is gone and prints what was confirmed; or checks that all of it is there.

A body is made from its key, so a reader knows what it must be.
"""

import concurrent.futures
import hashlib
import os
import sys

import boto3
from botocore.client import Config

BUCKET = "crash-bucket"


def body_of(key):
    return hashlib.sha256(key.encode()).digest() * (1 + len(key) * 97 % 4000)


def main():
    s3 = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL_S3"], config=Config(
        s3={"addressing_style": "path"}, retries={"max_attempts": 0}, max_pool_connections=8))
    if sys.argv[1] == "write":
        def write(n):
            key = f"{sys.argv[2]}/{n}" + "x" * (n % 50)
            try:
                s3.put_object(Bucket=BUCKET, Key=key, Body=body_of(key))
            except Exception:
                os._exit(0)
            os.write(1, f"{key}\n".encode())
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(write, range(100_000)))
    else:
        stored = set()
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            stored |= {entry["Key"] for entry in page.get("Contents", [])}
        lost = set(sys.argv[2:]) - stored
        assert not lost, f"confirmed but lost: {sorted(lost)}"
        for key in stored:
            assert s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() == body_of(key), key
        print(len(stored))


main()
