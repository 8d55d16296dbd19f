"""boto3 as its documents show it: upload_file with its defaults, ten at a time; or a listing with a paginator."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import boto3


def main() -> None:
    verb, endpoint, bucket = sys.argv[1:4]
    client = boto3.client("s3", endpoint_url=endpoint, verify=os.environ.get("SSL_CERT_FILE") or None)
    if verb == "list":
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        print(sum(len(page.get("Contents", [])) for page in pages))
        return
    prefix, files = sys.argv[4], sys.argv[5:]
    if len(files) == 1 and os.path.isdir(files[0]):
        files = [entry.path for entry in os.scandir(files[0])]
    with ThreadPoolExecutor(10) as pool:
        done = [pool.submit(client.upload_file, file, bucket, f"{prefix}/{os.path.basename(file)}") for file in files]
        for future in done:
            future.result()


if __name__ == "__main__":
    main()
