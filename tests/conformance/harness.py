"""What the conformance tests share: clients for the storage on this computer, bare requests, and the loop that runs them.

Every test_* function of a module gets a client and a fresh bucket. Endpoint and keys come from the environment.
"""

import base64
import contextlib
import http.client
import os
import sys
import time
import traceback
import unicodedata
import urllib.error
import urllib.parse
import urllib.request

import boto3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.client import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

ENDPOINT = os.environ["AWS_ENDPOINT_URL_S3"]
REGION = os.environ["AWS_REGION"]
KEY = os.environ["AWS_ACCESS_KEY_ID"]
SECRET = os.environ["AWS_SECRET_ACCESS_KEY"]
MIB = 1024 * 1024


def client(key=KEY, secret=SECRET, region=REGION, **config):
    settings = {"s3": {"addressing_style": "path"}, "retries": {"max_attempts": 0}, **config}
    return boto3.client(
        "s3", endpoint_url=ENDPOINT, region_name=region, aws_access_key_id=key, aws_secret_access_key=secret,
        config=Config(signature_version="s3v4", **settings),
    )


S3 = client()
PLAIN = client(request_checksum_calculation="when_required", response_checksum_validation="when_required")


@contextlib.contextmanager
def refused(status, code):
    try:
        yield
    except ClientError as error:
        found = (error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"])
        assert found == (status, code), f"expected {(status, code)}, got {found}: {error}"
        return
    raise AssertionError(f"expected {(status, code)}, but it was accepted")


def raw(method, path, body=b"", headers=None, key=KEY, secret=SECRET, region=REGION, sign=True, when=None):
    """One request signed by hand: (status, headers, body)."""
    headers = dict(headers or {})
    if sign:
        request = AWSRequest(method=method, url=ENDPOINT + path, data=body, headers=headers)
        request.context["client_config"] = Config(s3={"payload_signing_enabled": True})
        signer = S3SigV4Auth(Credentials(key, secret), "s3", region)
        if when:
            import botocore.auth
            real = botocore.auth.get_current_datetime
            botocore.auth.get_current_datetime = lambda *_: when
            try:
                signer.add_auth(request)
            finally:
                botocore.auth.get_current_datetime = real
        else:
            signer.add_auth(request)
        headers = dict(request.headers.items())
    host = urllib.parse.urlsplit(ENDPOINT).netloc
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.request(method, path, body=body, headers=headers)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    return response.status, response.headers, answer


def fetch(url, method="GET", data=None, headers=None):
    request = urllib.request.Request(url, method=method, data=data, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def quoted(bucket, key):
    return f"/{bucket}/{urllib.parse.quote(key, safe='/~')}"


HOSTILE = [
    "a", "a/b", "a/", "a//b", "/", "//", "/lead", "trail/", "trail//", ".", "..", "./x", "../x", "x/../y", "x/./y",
    "A", "Case", "case", "sp ace", " lead", "trail ", "plus+plus", "per%cent", "per%20cent", "hash#x", "q?x=y", "amp&x",
    "quote'\"", "(paren)[br]{x}", "a*b", "a~b", "a=b;c,d:e@f!$", "back\\slash", "<xml>&amp;", "tab\tx", "new\nline",
    unicodedata.normalize("NFC", "한글 파일.txt"), unicodedata.normalize("NFD", "한글 파일.txt"),
    unicodedata.normalize("NFC", "é"), unicodedata.normalize("NFD", "é"), "emoji 😀👨‍👩‍👧/x", "日本/文字", "ألف",
    "\U0010ffff", "\ue000", "\ufffd", "k" * 1024, "한" * 341, "x/" * 512,
]


def upload_parts(s3, bucket, key, upload, parts, **more):
    done = []
    for number, body in parts:
        answer = s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=body, **more)
        done.append({"PartNumber": number, "ETag": answer["ETag"],
                     **{name: value for name, value in answer.items() if name.startswith("Checksum")}})
    return done


def reflected_crc(body, polynomial, bits):
    mask = (1 << bits) - 1
    value = mask
    for byte in body:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (polynomial if value & 1 else 0)
    return base64.b64encode((value ^ mask).to_bytes(bits // 8, "big")).decode()


def crc32c(body):
    return reflected_crc(body, 0x82F63B78, 32)


def crc64nvme(body):
    return reflected_crc(body, 0x9A6C9329AC4BC9B5, 64)


def main(found):
    """Runs the tests of a module, or those that are named on the command line."""
    chosen = sys.argv[1:]
    tests = [(name, f) for name, f in found.items() if name.startswith("test_") and (not chosen or name in chosen)]
    failed = 0
    for n, (name, test) in enumerate(tests):
        bucket = f"conformance-{n:02}"
        S3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        began = time.monotonic()
        try:
            test(S3, bucket)
            print(f"ok     {name} ({time.monotonic() - began:.1f} s)")
        except Exception:
            failed += 1
            print(f"FAILED {name}")
            traceback.print_exc(file=sys.stdout)
    print(f"{len(tests) - failed} of {len(tests)} passed")
    sys.exit(1 if failed else 0)
