"""Holds the storage on this computer to what Amazon S3 does, as boto3 sees it.

Every test_* function gets a client and a fresh bucket. Endpoint and keys come from the environment.
"""

import base64
import contextlib
import datetime
import hashlib
import http.client
import os
import random
import sys
import time
import traceback
import unicodedata
import urllib.error
import urllib.parse
import urllib.request
import zlib

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


# ---- buckets ---------------------------------------------------------------------------------------------------

def test_buckets(s3, bucket):
    listed = {b["Name"]: b for b in s3.list_buckets()["Buckets"]}
    age = datetime.datetime.now(datetime.timezone.utc) - listed[bucket]["CreationDate"]
    assert abs(age.total_seconds()) < 60
    head = s3.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
    assert head["x-amz-bucket-region"] == REGION and head["date"] and head["x-amz-request-id"]
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == REGION
    with refused(409, "BucketAlreadyOwnedByYou"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    with refused(400, "IllegalLocationConstraintException"):
        s3.create_bucket(Bucket="elsewhere-x", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for name in ["xn--abc", "192.168.1.1", "a..b", "abc-s3alias"]:
        status, _, body = raw("PUT", f"/{name}")
        assert status == 400 and b"InvalidBucketName" in body, (name, status, body)
    for call in (s3.head_bucket, s3.get_bucket_location, s3.list_objects_v2, s3.list_multipart_uploads,
                 s3.get_bucket_versioning, s3.get_bucket_acl, s3.delete_bucket):
        with refused(404, "404" if call == s3.head_bucket else "NoSuchBucket"):
            call(Bucket="no-such-bucket-here")
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    with refused(404, "NoSuchPublicAccessBlockConfiguration"):
        s3.get_public_access_block(Bucket=bucket)
    with refused(404, "NoSuchBucketPolicy"):
        s3.get_bucket_policy_status(Bucket=bucket)


def test_delete_bucket_only_when_empty(s3, bucket):
    s3.put_object(Bucket=bucket, Key="x", Body=b"1")
    with refused(409, "BucketNotEmpty"):
        s3.delete_bucket(Bucket=bucket)
    assert s3.get_object(Bucket=bucket, Key="x")["Body"].read() == b"1"
    s3.delete_object(Bucket=bucket, Key="x")
    s3.create_multipart_upload(Bucket=bucket, Key="under way")
    s3.delete_bucket(Bucket=bucket)
    with refused(404, "404"):
        s3.head_bucket(Bucket=bucket)
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


# ---- objects ---------------------------------------------------------------------------------------------------

def test_objects_keep_what_they_are_given(s3, bucket):
    expires = datetime.datetime(2031, 5, 6, 7, 8, 9, tzinfo=datetime.timezone.utc)
    s3.put_object(
        Bucket=bucket, Key="k", Body=b"bytes", ContentType="text/plain; charset=utf-8", CacheControl="max-age=60",
        ContentDisposition="attachment; filename*=UTF-8''%ED%95%9C", ContentEncoding="gzip", ContentLanguage="ko",
        Expires=expires, Metadata={"one": "1", "two": "b c"}, StorageClass="STANDARD_IA", Tagging="t=1&u=%26",
    )
    for got in (s3.get_object(Bucket=bucket, Key="k"), s3.head_object(Bucket=bucket, Key="k")):
        assert got["ContentType"] == "text/plain; charset=utf-8" and got["CacheControl"] == "max-age=60"
        assert got["ContentDisposition"] == "attachment; filename*=UTF-8''%ED%95%9C"
        assert got["ContentEncoding"] == "gzip" and got["ContentLanguage"] == "ko"
        assert got["ResponseMetadata"]["HTTPHeaders"]["expires"] == "Tue, 06 May 2031 07:08:09 GMT"
        assert got["Metadata"] == {"one": "1", "two": "b c"} and got["StorageClass"] == "STANDARD_IA"
        assert got["ContentLength"] == 5 and got["AcceptRanges"] == "bytes"
        assert got["ETag"] == f'"{hashlib.md5(b"bytes").hexdigest()}"'
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [
        {"Key": "t", "Value": "1"}, {"Key": "u", "Value": "&"}]
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "한", "Value": "글"}]})
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "한", "Value": "글"}]
    s3.delete_object_tagging(Bucket=bucket, Key="k")
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == []
    s3.put_object(Bucket=bucket, Key="plain", Body=b"")
    got = s3.get_object(Bucket=bucket, Key="plain")
    assert got["ContentType"] == "binary/octet-stream" and got["Body"].read() == b"" and got["ContentLength"] == 0
    assert "StorageClass" not in got
    with refused(400, "MetadataTooLarge"):
        s3.put_object(Bucket=bucket, Key="m", Body=b"", Metadata={"a": "x" * 2048})
    s3.put_object(Bucket=bucket, Key="m", Body=b"", Metadata={"a": "x" * 2047})
    with refused(400, "InvalidStorageClass"):
        s3.put_object(Bucket=bucket, Key="s", Body=b"", StorageClass="FANCY")
    with refused(404, "NoSuchKey"):
        s3.get_object(Bucket=bucket, Key="s")
    with refused(404, "404"):
        s3.head_object(Bucket=bucket, Key="s")
    with refused(404, "NoSuchBucket"):
        s3.put_object(Bucket="no-such-bucket-here", Key="s", Body=b"x" * MIB)


def test_every_legal_key(s3, bucket):
    for n, key in enumerate(HOSTILE):
        s3.put_object(Bucket=bucket, Key=key, Body=f"{n}".encode())
    for n, key in enumerate(HOSTILE):
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == f"{n}".encode(), key
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 7})
    listed = [o["Key"] for page in pages for o in page.get("Contents", [])]
    assert listed == sorted(HOSTILE, key=lambda k: k.encode()), set(HOSTILE) ^ set(listed)
    for key in ["k" * 1025, "한" * 342]:
        with refused(400, "KeyTooLongError"):
            s3.put_object(Bucket=bucket, Key=key, Body=b"")
    for n in range(0, len(HOSTILE), 10):
        chunk = [{"Key": key} for key in HOSTILE[n:n + 10] if "\n" not in key and "\ufffe" not in key]
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": chunk})
        assert sorted(d["Key"] for d in answer["Deleted"]) == sorted(c["Key"] for c in chunk)
    left = [o["Key"] for o in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    assert left in ([], ["new\nline"]), left


def test_delete(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    assert s3.delete_object(Bucket=bucket, Key="a")["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert s3.delete_object(Bucket=bucket, Key="a")["ResponseMetadata"]["HTTPStatusCode"] == 204
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "gone"}], "Quiet": True})
    assert "Deleted" not in answer and "Errors" not in answer
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "x", "VersionId": "abc"}, {"Key": "y"}]})
    assert [d["Key"] for d in answer["Deleted"]] == ["y"] and answer["Errors"][0]["Code"] == "NoSuchVersion"
    with refused(400, "MalformedXML"):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": f"{n}"} for n in range(1001)]})
    body = b"<Delete><Object><Key>x</Key></Object></Delete>"
    status, _, answer = raw("POST", f"/{bucket}?delete", body)
    assert status == 400 and b"InvalidRequest" in answer, (status, answer)
    wrong = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    status, _, answer = raw("POST", f"/{bucket}?delete", body, {"Content-MD5": wrong})
    assert status == 400 and b"BadDigest" in answer, (status, answer)


def test_checksums(s3, bucket):
    body = b"checked bytes"
    values = {}
    for name in ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]:
        if name in ("CRC32C", "CRC64NVME"):
            # No independent implementation in the standard library: the value must come back unchanged.
            answer = raw("PUT", f"/{bucket}/{name}", body, {f"x-amz-checksum-{name.lower()}": {
                "CRC32C": crc32c(body), "CRC64NVME": crc64nvme(body)}[name]})
            assert answer[0] == 200, answer
            values[name] = answer[1][f"x-amz-checksum-{name.lower()}"]
        else:
            answer = s3.put_object(Bucket=bucket, Key=name, Body=body, ChecksumAlgorithm=name)
            values[name] = answer[f"Checksum{name}"]
        head = s3.head_object(Bucket=bucket, Key=name, ChecksumMode="ENABLED")
        assert head[f"Checksum{name}"] == values[name] and head["ChecksumType"] == "FULL_OBJECT"
        assert f"Checksum{name}" not in s3.head_object(Bucket=bucket, Key=name)
        wrong = base64.b64encode(b"\0" * len(base64.b64decode(values[name]))).decode()
        status, _, answer = raw("PUT", f"/{bucket}/wrong", body, {f"x-amz-checksum-{name.lower()}": wrong})
        assert status == 400 and b"<Code>BadDigest</Code>" in answer, (name, status, answer)
        status, _, answer = raw("PUT", f"/{bucket}/wrong", body, {f"x-amz-checksum-{name.lower()}": "AAA="})
        assert status == 400 and b"<Code>InvalidRequest</Code>" in answer, (name, status, answer)
    assert values["SHA256"] == base64.b64encode(hashlib.sha256(body).digest()).decode()
    assert values["CRC32"] == base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
    md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
    assert raw("PUT", f"/{bucket}/md5", body, {"Content-MD5": md5})[0] == 200
    wrong = base64.b64encode(hashlib.md5(b"x").digest()).decode()
    status, _, answer = raw("PUT", f"/{bucket}/wrong", body, {"Content-MD5": wrong})
    assert status == 400 and b"<Code>BadDigest</Code>" in answer, (status, answer)
    status, _, answer = raw("PUT", f"/{bucket}/wrong", body, {"Content-MD5": "AAAA"})
    assert status == 400 and b"<Code>InvalidDigest</Code>" in answer, (status, answer)
    two = {"x-amz-checksum-crc32": values["CRC32"], "x-amz-checksum-sha256": values["SHA256"]}
    assert raw("PUT", f"/{bucket}/wrong", body, two)[0] == 400
    assert raw("PUT", f"/{bucket}/wrong", body, {"x-amz-sdk-checksum-algorithm": "CRC32"})[0] == 400
    with refused(404, "404"):
        s3.head_object(Bucket=bucket, Key="wrong")
    # nobody asked: CRC64NVME all the same
    answer = PLAIN.put_object(Bucket=bucket, Key="none", Body=body)
    assert answer["ChecksumCRC64NVME"] == crc64nvme(body), answer
    attributes = s3.get_object_attributes(Bucket=bucket, Key="SHA1", ObjectAttributes=[
        "ETag", "Checksum", "ObjectSize", "StorageClass"])
    assert attributes["Checksum"]["ChecksumSHA1"] == values["SHA1"] and attributes["ObjectSize"] == len(body)


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


def test_trailing_checksums(s3, bucket):
    class Stream:
        """A body that boto3 can only send in chunks with a trailer."""
        def __init__(self, data):
            self.data, self.at = data, 0
        def read(self, n=-1):
            piece = self.data[self.at:] if n is None or n < 0 else self.data[self.at:self.at + n]
            self.at += len(piece)
            return piece
        def seek(self, to, whence=0):
            self.at = to if whence == 0 else len(self.data) + to
            return self.at
        def tell(self):
            return self.at
    data = os.urandom(3 * MIB + 17)
    for name in ["CRC32", "SHA256"]:
        s3.put_object(Bucket=bucket, Key=name, Body=Stream(data), ChecksumAlgorithm=name)
        got = s3.get_object(Bucket=bucket, Key=name, ChecksumMode="ENABLED")
        assert got["Body"].read() == data and got[f"Checksum{name}"]
        assert "ContentEncoding" not in got
    # The same by hand, with a trailer that lies.
    chunk = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"
    headers = {"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x-amz-trailer": "x-amz-checksum-crc32",
               "x-amz-decoded-content-length": "5", "content-encoding": "aws-chunked"}
    status, _, answer = raw_trailer(f"/{bucket}/lie", chunk, headers)
    assert status == 400 and b"<Code>BadDigest</Code>" in answer, (status, answer)


def raw_trailer(path, body, headers):
    request = AWSRequest(method="PUT", url=ENDPOINT + path, data=b"", headers=headers)
    signer = S3SigV4Auth(Credentials(KEY, SECRET), "s3", REGION)
    signer.payload = lambda _request: headers["x-amz-content-sha256"]
    signer.add_auth(request)
    host = urllib.parse.urlsplit(ENDPOINT).netloc
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.request("PUT", path, body=body, headers=dict(request.headers.items()))
    response = connection.getresponse()
    return response.status, response.headers, response.read()


def test_conditional_writes(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
    with refused(412, "PreconditionFailed"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*")
    with refused(412, "PreconditionFailed"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfMatch='"00000000000000000000000000000000"')
    with refused(404, "NoSuchKey"):
        s3.put_object(Bucket=bucket, Key="missing", Body=b"2", IfMatch=etag)
    with refused(501, "NotImplemented"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfNoneMatch=etag)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"1"
    s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=etag)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"3"


def test_conditional_reads(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["ETag"]
    made = s3.head_object(Bucket=bucket, Key="k")["LastModified"]
    before, after = made - datetime.timedelta(hours=1), made + datetime.timedelta(seconds=1)
    for call in (s3.get_object, s3.head_object):
        code = (lambda status, code: (status, str(status) if call == s3.head_object else code))
        call(Bucket=bucket, Key="k", IfMatch=etag)
        with refused(*code(412, "PreconditionFailed")):
            call(Bucket=bucket, Key="k", IfMatch='"x"')
        with refused(304, "304"):
            call(Bucket=bucket, Key="k", IfNoneMatch=etag)
        with refused(304, "304"):
            call(Bucket=bucket, Key="k", IfModifiedSince=made)
        call(Bucket=bucket, Key="k", IfModifiedSince=before)
        call(Bucket=bucket, Key="k", IfNoneMatch='"x"', IfModifiedSince=after)
        call(Bucket=bucket, Key="k", IfMatch=etag, IfUnmodifiedSince=before)
        with refused(*code(412, "PreconditionFailed")):
            call(Bucket=bucket, Key="k", IfUnmodifiedSince=before)


def test_ranges(s3, bucket):
    data = bytes(range(256)) * 4096
    s3.put_object(Bucket=bucket, Key="k", Body=data)
    size = len(data)
    for text, begin, end in [("0-0", 0, 1), ("5-9", 5, 10), ("1000-", 1000, size), ("-7", size - 7, size),
                             ("0-99999999", 0, size), ("-99999999", 0, size), (f"{size - 1}-{size}", size - 1, size)]:
        got = s3.get_object(Bucket=bucket, Key="k", Range=f"bytes={text}")
        assert got["Body"].read() == data[begin:end], text
        assert got["ContentRange"] == f"bytes {begin}-{end - 1}/{size}" and got["ContentLength"] == end - begin
        assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
        assert s3.head_object(Bucket=bucket, Key="k", Range=f"bytes={text}")["ContentLength"] == end - begin
    for text in [f"{size}-", f"{size}-{size + 5}", "-0"]:
        with refused(416, "InvalidRange"):
            s3.get_object(Bucket=bucket, Key="k", Range=f"bytes={text}")
    s3.put_object(Bucket=bucket, Key="empty", Body=b"")
    with refused(416, "InvalidRange"):
        s3.get_object(Bucket=bucket, Key="empty", Range="bytes=0-0")
    with refused(416, "InvalidRange"):
        s3.get_object(Bucket=bucket, Key="empty", Range="bytes=-1")


def test_copy(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a b+한", Body=b"copied", ContentType="text/plain", Metadata={"m": "1"},
                  ACL="public-read", Tagging="t=1")
    source = {"Bucket": bucket, "Key": "a b+한"}
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=source)
    got = s3.get_object(Bucket=bucket, Key="copy")
    assert got["Body"].read() == b"copied" and got["ContentType"] == "text/plain" and got["Metadata"] == {"m": "1"}
    assert s3.get_object_tagging(Bucket=bucket, Key="copy")["TagSet"] == [{"Key": "t", "Value": "1"}]
    assert len(s3.get_object_acl(Bucket=bucket, Key="copy")["Grants"]) == 1
    s3.delete_object(Bucket=bucket, Key="a b+한")
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"copied"
    with refused(400, "InvalidRequest"):
        s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "copy"})
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "copy"},
                   MetadataDirective="REPLACE", ContentType="image/png", Metadata={"n": "2"})
    got = s3.get_object(Bucket=bucket, Key="copy")
    assert got["Body"].read() == b"copied" and got["ContentType"] == "image/png" and got["Metadata"] == {"n": "2"}
    with refused(404, "NoSuchKey"):
        s3.copy_object(Bucket=bucket, Key="x", CopySource={"Bucket": bucket, "Key": "missing"})
    with refused(404, "NoSuchBucket"):
        s3.copy_object(Bucket=bucket, Key="x", CopySource={"Bucket": "no-such-bucket-here", "Key": "missing"})
    with refused(412, "PreconditionFailed"):
        s3.copy_object(Bucket=bucket, Key="x", CopySource={"Bucket": bucket, "Key": "copy"}, CopySourceIfMatch='"x"')
    answer = s3.copy_object(Bucket=bucket, Key="sums", CopySource={"Bucket": bucket, "Key": "copy"},
                            ChecksumAlgorithm="SHA256")
    assert answer["CopyObjectResult"]["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(b"copied").digest()).decode()


# ---- multipart -------------------------------------------------------------------------------------------------

def upload_parts(s3, bucket, key, upload, parts, **more):
    done = []
    for number, body in parts:
        answer = s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=body, **more)
        done.append({"PartNumber": number, "ETag": answer["ETag"],
                     **{name: value for name, value in answer.items() if name.startswith("Checksum")}})
    return done


def test_multipart(s3, bucket):
    one, two, three = os.urandom(5 * MIB), os.urandom(6 * MIB), os.urandom(1234)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="big", ContentType="video/mp4", Metadata={"m": "1"},
                                        ACL="public-read")["UploadId"]
    done = upload_parts(s3, bucket, "big", upload, [(9, three), (2, two), (1, b"first try"), (1, one)])
    done = [done[3], done[1], done[0]]
    listed = s3.list_parts(Bucket=bucket, Key="big", UploadId=upload)
    assert [(p["PartNumber"], p["Size"], p["ETag"]) for p in listed["Parts"]] == [
        (1, len(one), done[0]["ETag"]), (2, len(two), done[1]["ETag"]), (9, len(three), done[2]["ETag"])]
    pages = s3.get_paginator("list_parts").paginate(
        Bucket=bucket, Key="big", UploadId=upload, PaginationConfig={"PageSize": 1})
    assert [[p["PartNumber"] for p in page["Parts"]] for page in pages] == [[1], [2], [9]]
    with refused(404, "NoSuchKey"):
        s3.get_object(Bucket=bucket, Key="big")
    answer = s3.complete_multipart_upload(Bucket=bucket, Key="big", UploadId=upload, MultipartUpload={"Parts": done})
    md5s = b"".join(hashlib.md5(part).digest() for part in (one, two, three))
    assert answer["ETag"] == f'"{hashlib.md5(md5s).hexdigest()}-3"'
    got = s3.get_object(Bucket=bucket, Key="big")
    whole = one + two + three
    assert got["Body"].read() == whole and got["ContentType"] == "video/mp4" and got["Metadata"] == {"m": "1"}
    middle = s3.get_object(Bucket=bucket, Key="big", Range=f"bytes={len(one) - 10}-{len(one) + 9}")["Body"].read()
    assert middle == whole[len(one) - 10:len(one) + 10]
    part = s3.get_object(Bucket=bucket, Key="big", PartNumber=2)
    assert part["Body"].read() == two and part["PartsCount"] == 3
    with refused(416, "InvalidPartNumber"):
        s3.get_object(Bucket=bucket, Key="big", PartNumber=4)
    assert fetch(f"{ENDPOINT}/{bucket}/big")[0] == 200
    with refused(404, "NoSuchUpload"):
        s3.list_parts(Bucket=bucket, Key="big", UploadId=upload)
    with refused(404, "NoSuchUpload"):
        s3.complete_multipart_upload(Bucket=bucket, Key="big", UploadId=upload, MultipartUpload={"Parts": done})
    parts = s3.get_object_attributes(Bucket=bucket, Key="big", ObjectAttributes=["ObjectParts", "ObjectSize"])
    assert parts["ObjectParts"]["TotalPartsCount"] == 3 and parts["ObjectSize"] == len(whole)
    # a copy of it is one piece again
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "big"})
    copy = s3.get_object(Bucket=bucket, Key="copy")
    assert copy["ETag"] == f'"{hashlib.md5(whole).hexdigest()}"' and copy["Body"].read() == whole
    s3.delete_object(Bucket=bucket, Key="big")


def test_multipart_refusals(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    def complete(parts, **more):
        return s3.complete_multipart_upload(
            Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts}, **more)
    small = upload_parts(s3, bucket, "k", upload, [(1, b"small"), (2, b"last")])
    with refused(400, "EntityTooSmall"):
        complete(small)
    with refused(400, "InvalidPartOrder"):
        complete(small[::-1])
    with refused(400, "InvalidPartOrder"):
        complete([small[0], small[0]])
    with refused(400, "InvalidPart"):
        complete([{**small[0], "ETag": '"00000000000000000000000000000000"'}])
    with refused(400, "InvalidPart"):
        complete([{"PartNumber": 7, "ETag": small[0]["ETag"]}])
    with refused(400, "InvalidPart"):
        complete([{**small[0], "ChecksumCRC32": "AAAAAA=="}])
    with refused(400, "MalformedXML"):
        complete([])
    with refused(400, "InvalidRequest"):
        complete(small[:1], MpuObjectSize=99)
    for number in (0, 10001):
        with refused(400, "InvalidArgument"):
            s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=number, Body=b"")
    with refused(404, "NoSuchUpload"):
        s3.upload_part(Bucket=bucket, Key="k", UploadId="nonsense", PartNumber=1, Body=b"")
    with refused(404, "NoSuchUpload"):
        s3.upload_part(Bucket=bucket, Key="other", UploadId=upload, PartNumber=1, Body=b"")
    s3.put_object(Bucket=bucket, Key="k", Body=b"there")
    with refused(412, "PreconditionFailed"):
        complete(small[:1], IfNoneMatch="*")
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"there"
    complete(small[:1], MpuObjectSize=5)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"small"
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    upload_parts(s3, bucket, "k", upload, [(1, b"small")])
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
    with refused(404, "NoSuchUpload"):
        s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)
    with refused(404, "NoSuchUpload"):
        s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)


def test_multipart_checksums(s3, bucket):
    one, two = os.urandom(5 * MIB), os.urandom(100)
    for name, kind in [("CRC32", "COMPOSITE"), ("SHA256", "COMPOSITE"), ("SHA1", "COMPOSITE"), ("CRC32", "FULL_OBJECT")]:
        made = s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm=name, ChecksumType=kind)
        assert made["ChecksumAlgorithm"] == name and made["ChecksumType"] == kind
        upload = made["UploadId"]
        with refused(400, "BadDigest"):
            wrong = base64.b64encode(b"\0" * {"CRC32": 4, "SHA1": 20, "SHA256": 32}[name]).decode()
            s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=one, **{f"Checksum{name}": wrong})
        done = upload_parts(s3, bucket, "k", upload, [(1, one), (2, two)], ChecksumAlgorithm=name)
        listed = s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)
        assert [p[f"Checksum{name}"] for p in listed["Parts"]] == [p[f"Checksum{name}"] for p in done]
        with refused(400, "BadDigest"):
            s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": done},
                                         ChecksumType=kind, **{f"Checksum{name}": wrong})
        other = {"COMPOSITE": "FULL_OBJECT", "FULL_OBJECT": "COMPOSITE"}[kind]
        with refused(400, "InvalidRequest"):
            s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": done},
                                         ChecksumType=other)
        if kind == "COMPOSITE":
            bare = [{"PartNumber": p["PartNumber"], "ETag": p["ETag"]} for p in done]
            with refused(400, "InvalidRequest"):
                s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": bare})
        answer = s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": done})
        assert answer["ChecksumType"] == kind
        value = answer[f"Checksum{name}"]
        if kind == "FULL_OBJECT":
            assert value == base64.b64encode(zlib.crc32(one + two).to_bytes(4, "big")).decode()
        elif name != "CRC32":
            digest = getattr(hashlib, name.lower())
            assert value == base64.b64encode(digest(digest(one).digest() + digest(two).digest()).digest()).decode() + "-2"
        head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
        assert head[f"Checksum{name}"] == value and head["ChecksumType"] == kind
    with refused(400, "InvalidRequest"):
        s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm="SHA256", ChecksumType="FULL_OBJECT")
    with refused(400, "InvalidRequest"):
        s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm="CRC64NVME", ChecksumType="COMPOSITE")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm="SHA256")["UploadId"]
    with refused(400, "InvalidRequest"):
        s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"x", ChecksumAlgorithm="CRC32")
    # CRC64NVME over the whole object, with headers made by hand
    small = b"crc64 of a small part"
    upload = PLAIN.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    path = f"/{bucket}/k?partNumber=1&uploadId={upload}"
    assert raw("PUT", path, small, {"x-amz-checksum-crc64nvme": crc64nvme(b"x")})[0] == 400
    status, headers, _ = raw("PUT", path, small, {"x-amz-checksum-crc64nvme": crc64nvme(small)})
    assert status == 200 and headers["x-amz-checksum-crc64nvme"] == crc64nvme(small)
    parts = {"Parts": [{"PartNumber": 1, "ETag": headers["ETag"]}]}
    with refused(400, "BadDigest"):
        PLAIN.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload=parts,
                                        ChecksumCRC64NVME=crc64nvme(b"x"), ChecksumType="FULL_OBJECT")
    answer = PLAIN.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload=parts,
                                             ChecksumCRC64NVME=crc64nvme(small), ChecksumType="FULL_OBJECT")
    assert answer["ChecksumCRC64NVME"] == crc64nvme(small)


def test_list_multipart_uploads(s3, bucket):
    keys = ["a/1", "a/1", "a/2", "b", "c/x/y", "c/z", "한/글"]
    ids = [(key, s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]) for key in keys]
    def all_of(**query):
        pages = s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, **query)
        uploads, prefixes = [], []
        for page in pages:
            uploads += [(u["Key"], u["UploadId"]) for u in page.get("Uploads", [])]
            prefixes += [p["Prefix"] for p in page.get("CommonPrefixes", [])]
        return uploads, prefixes
    for size in (1, 2, 3, 1000):
        assert all_of(PaginationConfig={"PageSize": size}) == (sorted(ids), []), size
        assert all_of(Delimiter="/", PaginationConfig={"PageSize": size}) == (
            [ids[3]], ["a/", "c/", "한/"]), size
        assert all_of(Prefix="c/", Delimiter="/", PaginationConfig={"PageSize": size}) == ([ids[5]], ["c/x/"]), size


def test_upload_part_copy(s3, bucket):
    data = os.urandom(6 * MIB)
    s3.put_object(Bucket=bucket, Key="source", Body=data)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    source = {"Bucket": bucket, "Key": "source"}
    parts = []
    for number, span in [(1, f"bytes=0-{5 * MIB - 1}"), (2, f"bytes={5 * MIB}-{6 * MIB - 1}")]:
        answer = s3.upload_part_copy(Bucket=bucket, Key="k", UploadId=upload, PartNumber=number, CopySource=source,
                                     CopySourceRange=span)
        parts.append({"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]})
    with refused(400, "InvalidArgument"):
        s3.upload_part_copy(Bucket=bucket, Key="k", UploadId=upload, PartNumber=3, CopySource=source,
                            CopySourceRange=f"bytes=0-{6 * MIB}")
    PLAIN.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == data


# ---- listing ---------------------------------------------------------------------------------------------------

def expected_listing(keys, prefix, delimiter):
    items, prefixes = [], []
    for key in sorted((k for k in keys if k.startswith(prefix)), key=str.encode):
        at = key.find(delimiter, len(prefix)) if delimiter else -1
        if at < 0:
            items.append(key)
        elif not prefixes or prefixes[-1] != key[:at + len(delimiter)]:
            prefixes.append(key[:at + len(delimiter)])
    return items, prefixes


def test_listing_by_pages(s3, bucket):
    random.seed(5)
    alphabet = ["a", "b", "/", "//", "-", "한", "😀", "z/", "a b", "+"]
    keys = {"".join(random.choices(alphabet, k=random.randint(1, 6))) for _ in range(150)}
    for key in keys:
        PLAIN.put_object(Bucket=bucket, Key=key, Body=b"")
    for prefix in ["", "a", "a/", "/", "한", "nothing"]:
        for delimiter in ["", "/", "a", "//", "b-"]:
            expected = expected_listing(keys, prefix, delimiter)
            for size in (1, 3, 1000):
                for operation in ("list_objects_v2", "list_objects"):
                    items, prefixes = [], []
                    query = {"Bucket": bucket, "Prefix": prefix, "Delimiter": delimiter}
                    if size == 1 and len(expected[0]) + len(expected[1]) > 40:
                        continue
                    for page in s3.get_paginator(operation).paginate(**query, PaginationConfig={"PageSize": size}):
                        found = page.get("Contents", []), page.get("CommonPrefixes", [])
                        assert len(found[0]) + len(found[1]) <= size
                        items += [o["Key"] for o in found[0]]
                        prefixes += [p["Prefix"] for p in found[1]]
                    assert (items, prefixes) == expected, (operation, prefix, delimiter, size)
    ordered = sorted(keys, key=str.encode)
    answer = s3.list_objects_v2(Bucket=bucket, StartAfter=ordered[9])
    assert [o["Key"] for o in answer["Contents"]] == ordered[10:] and answer["KeyCount"] == len(ordered) - 10
    answer = s3.list_objects_v2(Bucket=bucket, MaxKeys=0)
    assert "Contents" not in answer and not answer["IsTruncated"]
    with refused(400, "InvalidArgument"):
        s3.list_objects_v2(Bucket=bucket, ContinuationToken="nonsense")
    with refused(400, "InvalidArgument"):
        s3.list_objects_v2(Bucket=bucket, MaxKeys=-1)
    status, _, answer = raw("GET", f"/{bucket}?list-type=2&encoding-type=url&prefix=a%20b%2B")
    assert status == 200 and b"<Prefix>a+b%2B</Prefix>" in answer, answer
    one = s3.list_objects_v2(Bucket=bucket, MaxKeys=1, FetchOwner=True)["Contents"][0]
    assert one["Owner"]["ID"] and one["StorageClass"] == "STANDARD" and one["ETag"] and one["Size"] == 0


# ---- who may -----------------------------------------------------------------------------------------------------

def test_signatures(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    with refused(403, "InvalidAccessKeyId"):
        client(key="AKIANOBODYNOBODYNOBO").get_object(Bucket=bucket, Key="k")
    with refused(403, "SignatureDoesNotMatch"):
        client(secret="wrong" * 8).get_object(Bucket=bucket, Key="k")
    hour = datetime.timedelta(hours=1)
    for when in (datetime.datetime.now(datetime.timezone.utc) - hour, datetime.datetime.now(datetime.timezone.utc) + hour):
        status, headers, body = raw("GET", f"/{bucket}/k", when=when)
        assert status == 403 and b"<Code>RequestTimeTooSkewed</Code>" in body and headers["Date"], (status, body)
    status, headers, body = raw("GET", f"/{bucket}/k", region="eu-central-1")
    assert status == 400 and b"<Code>AuthorizationHeaderMalformed</Code>" in body, (status, body)
    assert f"<Region>{REGION}</Region>".encode() in body and headers["x-amz-bucket-region"] == REGION
    status, _, body = raw("GET", f"/{bucket}/missing")
    assert status == 404 and b"<RequestId>" in body and b"<Code>NoSuchKey</Code>" in body
    # the body is not the one that was signed
    request = AWSRequest(method="PUT", url=f"{ENDPOINT}/{bucket}/tampered", data=b"signed")
    request.context["client_config"] = Config(s3={"payload_signing_enabled": True})
    S3SigV4Auth(Credentials(KEY, SECRET), "s3", REGION).add_auth(request)
    status, _, body = fetch(request.url, "PUT", b"others", dict(request.headers.items()))
    assert status == 400 and b"XAmzContentSHA256Mismatch" in body, (status, body)
    with refused(404, "404"):
        s3.head_object(Bucket=bucket, Key="tampered")


def test_presigned(s3, bucket):
    put = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "p q+한"}, ExpiresIn=60)
    status, _, body = fetch(put, "PUT", b"presigned")
    assert status == 200, body
    get = s3.generate_presigned_url("get_object", ExpiresIn=60, Params={
        "Bucket": bucket, "Key": "p q+한", "ResponseContentDisposition": "attachment; filename=\"x.txt\"",
        "ResponseContentType": "text/x-test"})
    status, headers, body = fetch(get)
    assert (status, body) == (200, b"presigned")
    assert headers["Content-Disposition"] == 'attachment; filename="x.txt"' and headers["Content-Type"] == "text/x-test"
    status, _, body = fetch(get[:-4] + ("0000" if get[-4:] != "0000" else "1111"))
    assert status == 403 and b"SignatureDoesNotMatch" in body, (status, body)
    short = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "p q+한"}, ExpiresIn=1)
    deadline = time.monotonic() + 20
    while True:
        status, _, body = fetch(short)
        if status != 200 or time.monotonic() > deadline:
            break
        time.sleep(0.3)
    assert status == 403 and b"<Code>AccessDenied</Code>" in body and b"Request has expired" in body, (status, body)


def test_anonymous(s3, bucket):
    s3.put_object(Bucket=bucket, Key="public 한", Body=b"for all", ACL="public-read", ContentType="text/plain")
    s3.put_object(Bucket=bucket, Key="private", Body=b"for me")
    base = f"{ENDPOINT}{quoted(bucket, 'public 한')}"
    status, headers, body = fetch(base)
    assert (status, body, headers["Content-Type"]) == (200, b"for all", "text/plain")
    assert fetch(base, "HEAD")[0] == 200
    assert fetch(base, headers={"Range": "bytes=0-2"})[2] == b"for"
    assert fetch(base, headers={"Range": "bytes=0-1,3-4"})[::2] == (200, b"for all")
    denied = [("GET", f"/{bucket}/private"), ("GET", f"/{bucket}/missing"), ("HEAD", f"/{bucket}/private"),
              ("GET", f"/{bucket}"), ("GET", "/"), ("DELETE", quoted(bucket, "public 한")), ("PUT", f"/{bucket}/new"),
              ("GET", quoted(bucket, "public 한") + "?acl"), ("POST", f"/{bucket}?delete"), ("PUT", "/new-bucket"),
              ("POST", f"/{bucket}/x?uploads"), ("GET", f"/{bucket}?uploads")]
    for method, path in denied:
        status, _, body = fetch(ENDPOINT + path, method, b"" if method in ("PUT", "POST") else None)
        assert status == 403 and (method == "HEAD" or b"<Code>AccessDenied</Code>" in body), (method, path, status, body)
    assert fetch(base + "?response-content-type=text/html")[0] == 400
    grants = s3.get_object_acl(Bucket=bucket, Key="public 한")["Grants"]
    assert {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"},
            "Permission": "READ"} in grants
    s3.put_object_acl(Bucket=bucket, Key="public 한", ACL="private")
    assert fetch(base)[0] == 403
    s3.put_object_acl(Bucket=bucket, Key="private", ACL="public-read")
    assert fetch(f"{ENDPOINT}/{bucket}/private")[0] == 200
    s3.put_object(Bucket=bucket, Key="private", Body=b"again")
    assert fetch(f"{ENDPOINT}/{bucket}/private")[0] == 403
    with refused(400, "InvalidArgument"):
        s3.put_object(Bucket=bucket, Key="x", Body=b"", ACL="everyone")


def test_virtual_host(s3, bucket):
    s3.put_object(Bucket=bucket, Key="a/b c", Body=b"vh", ACL="public-read")
    port = urllib.parse.urlsplit(ENDPOINT).port
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/a/b%20c", headers={"Host": f"{bucket}.localhost:{port}"})
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, b"vh")


def test_large_body_streams(s3, bucket):
    data = os.urandom(32 * MIB)
    s3.put_object(Bucket=bucket, Key="big", Body=data)
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == data


# ---- versions --------------------------------------------------------------------------------------------------

def set_versioning(s3, bucket, status):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == status


def versions_of(s3, bucket, **more):
    """Every version and marker as (key, id, is latest, is marker), as the pages have them."""
    found, pages, more = [], 0, dict(more)
    while True:
        page = s3.list_object_versions(Bucket=bucket, **more)
        pages += 1
        rows = [(v["Key"], v["VersionId"], v["IsLatest"], False) for v in page.get("Versions", [])]
        rows += [(m["Key"], m["VersionId"], m["IsLatest"], True) for m in page.get("DeleteMarkers", [])]
        found += rows
        if not page["IsTruncated"]:
            return found, pages
        assert rows or page.get("CommonPrefixes")
        more["KeyMarker"] = page["NextKeyMarker"]
        more.pop("VersionIdMarker", None)
        if "NextVersionIdMarker" in page:
            more["VersionIdMarker"] = page["NextVersionIdMarker"]


def body_of(s3, bucket, key, **more):
    return s3.get_object(Bucket=bucket, Key=key, **more)["Body"].read()


def test_versioning_is_off_at_first(s3, bucket):
    assert "VersionId" not in s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    answer = s3.get_object(Bucket=bucket, Key="k")
    assert "VersionId" not in answer and answer["Body"].read() == b"1"
    assert body_of(s3, bucket, "k", VersionId="null") == b"1"
    assert versions_of(s3, bucket)[0] == [("k", "null", True, False)]
    gone = s3.delete_object(Bucket=bucket, Key="k")
    assert "DeleteMarker" not in gone and "VersionId" not in gone
    assert versions_of(s3, bucket)[0] == []
    for body, code in [(b"<VersioningConfiguration><Status>On</Status></VersioningConfiguration>", b"MalformedXML"),
                       (b"<VersioningConfiguration></VersioningConfiguration>",
                        b"IllegalVersioningConfigurationException")]:
        status, _, answer = raw("PUT", f"/{bucket}?versioning=", body)
        assert status == 400 and code in answer, (status, answer)
    with refused(404, "NoSuchBucket"):
        s3.put_bucket_versioning(Bucket="no-such-bucket-here", VersioningConfiguration={"Status": "Enabled"})


def test_every_write_makes_a_version(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"before")
    set_versioning(s3, bucket, "Enabled")
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"one")["VersionId"]
    second = s3.put_object(Bucket=bucket, Key="k", Body=b"two")["VersionId"]
    copied = s3.copy_object(Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "k", "VersionId": first})
    assert copied["CopySourceVersionId"] == first and copied["VersionId"] not in (first, second, "null")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    done = s3.complete_multipart_upload(
        Bucket=bucket, Key="k", UploadId=upload,
        MultipartUpload={"Parts": upload_parts(s3, bucket, "k", upload, [(1, b"parts")])})
    ids = [done["VersionId"], copied["VersionId"], second, first, "null"]
    assert versions_of(s3, bucket)[0] == [("k", i, n == 0, False) for n, i in enumerate(ids)]
    for version, data in zip(ids, [b"parts", b"one", b"two", b"one", b"before"]):
        assert body_of(s3, bucket, "k", VersionId=version) == data
        head = s3.head_object(Bucket=bucket, Key="k", VersionId=version)
        assert head["VersionId"] == version and head["ContentLength"] == len(data)
    assert s3.head_object(Bucket=bucket, Key="k")["VersionId"] == done["VersionId"]
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["k"]
    with refused(404, "NoSuchVersion"):
        s3.get_object(Bucket=bucket, Key="k", VersionId="0" * 32)
    with refused(400, "InvalidArgument"):
        s3.get_object(Bucket=bucket, Key="k", VersionId="abc")
    with refused(404, "NoSuchVersion"):
        s3.get_object(Bucket=bucket, Key="other", VersionId=first)


def test_delete_markers(s3, bucket):
    set_versioning(s3, bucket, "Enabled")
    one = s3.put_object(Bucket=bucket, Key="k", Body=b"one")["VersionId"]
    gone = s3.delete_object(Bucket=bucket, Key="k")
    assert gone["DeleteMarker"] is True and gone["ResponseMetadata"]["HTTPStatusCode"] == 204
    marker = gone["VersionId"]
    assert versions_of(s3, bucket)[0] == [("k", one, False, False), ("k", marker, True, True)]
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)
    for method in ("GET", "HEAD"):
        status, headers, _ = raw(method, f"/{bucket}/k")
        assert (status, headers["x-amz-delete-marker"], headers["x-amz-version-id"]) == (404, "true", marker)
        status, headers, _ = raw(method, f"/{bucket}/k?versionId={marker}")
        assert (status, headers["x-amz-delete-marker"], headers["allow"]) == (405, "true", "DELETE")
        assert headers["last-modified"]
    assert body_of(s3, bucket, "k", VersionId=one) == b"one"
    with refused(405, "MethodNotAllowed"):
        s3.get_object_tagging(Bucket=bucket, Key="k", VersionId=marker)
    again = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    assert again != marker, "a second delete sets a second marker"
    for version in (again, marker):
        removed = s3.delete_object(Bucket=bucket, Key="k", VersionId=version)
        assert removed["DeleteMarker"] is True and removed["VersionId"] == version
    assert body_of(s3, bucket, "k") == b"one", "without its marker the object is back"
    never = s3.delete_object(Bucket=bucket, Key="never there")
    assert never["DeleteMarker"] is True
    removed = s3.delete_object(Bucket=bucket, Key="k", VersionId=one)
    assert removed["VersionId"] == one and "DeleteMarker" not in removed
    assert s3.delete_object(Bucket=bucket, Key="k", VersionId=one)["VersionId"] == one, "gone already is gone"
    with refused(404, "NoSuchKey"):
        s3.get_object(Bucket=bucket, Key="k")


def test_deleting_the_newest_brings_back_the_one_before(s3, bucket):
    set_versioning(s3, bucket, "Enabled")
    ids = [s3.put_object(Bucket=bucket, Key="k", Body=str(n).encode())["VersionId"] for n in range(3)]
    s3.delete_object(Bucket=bucket, Key="k", VersionId=ids[2])
    assert body_of(s3, bucket, "k") == b"1" and s3.head_object(Bucket=bucket, Key="k")["VersionId"] == ids[1]
    s3.delete_object(Bucket=bucket, Key="k", VersionId=ids[0])
    assert body_of(s3, bucket, "k") == b"1"
    assert versions_of(s3, bucket)[0] == [("k", ids[1], True, False)]


def test_many_are_deleted_by_marker_or_by_version(s3, bucket):
    set_versioning(s3, bucket, "Enabled")
    one = s3.put_object(Bucket=bucket, Key="a", Body=b"1")["VersionId"]
    s3.put_object(Bucket=bucket, Key="b", Body=b"1")
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [
        {"Key": "a", "VersionId": one}, {"Key": "b"}, {"Key": "c"}, {"Key": "a", "VersionId": "abc"}]})
    deleted = {d["Key"]: d for d in answer["Deleted"]}
    assert deleted["a"]["VersionId"] == one and "DeleteMarker" not in deleted["a"]
    for key in "bc":
        assert deleted[key]["DeleteMarker"] is True and deleted[key]["DeleteMarkerVersionId"]
    assert [(e["Key"], e["Code"]) for e in answer["Errors"]] == [("a", "NoSuchVersion")]
    marker = deleted["b"]["DeleteMarkerVersionId"]
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "b", "VersionId": marker}]})
    assert answer["Deleted"] == [
        {"Key": "b", "VersionId": marker, "DeleteMarker": True, "DeleteMarkerVersionId": marker}]
    assert body_of(s3, bucket, "b") == b"1"


def test_suspended_buckets_write_the_null_version(s3, bucket):
    set_versioning(s3, bucket, "Enabled")
    kept = s3.put_object(Bucket=bucket, Key="k", Body=b"kept")["VersionId"]
    set_versioning(s3, bucket, "Suspended")
    assert "VersionId" not in s3.put_object(Bucket=bucket, Key="k", Body=b"null 1")
    s3.put_object(Bucket=bucket, Key="k", Body=b"null 2")
    assert versions_of(s3, bucket)[0] == [("k", "null", True, False), ("k", kept, False, False)]
    assert s3.head_object(Bucket=bucket, Key="k")["VersionId"] == "null"
    gone = s3.delete_object(Bucket=bucket, Key="k")
    assert (gone["DeleteMarker"], gone["VersionId"]) == (True, "null")
    assert sorted(versions_of(s3, bucket)[0]) == sorted([("k", "null", True, True), ("k", kept, False, False)])
    set_versioning(s3, bucket, "Enabled")
    new = s3.put_object(Bucket=bucket, Key="k", Body=b"new")["VersionId"]
    assert sorted(versions_of(s3, bucket)[0]) == sorted(
        [("k", new, True, False), ("k", "null", False, True), ("k", kept, False, False)])
    set_versioning(s3, bucket, "Suspended")
    s3.put_object(Bucket=bucket, Key="k", Body=b"null 3")
    assert versions_of(s3, bucket)[0] == [("k", "null", True, False), ("k", new, False, False), ("k", kept, False, False)]
    assert body_of(s3, bucket, "k", VersionId=kept) == b"kept"


def test_conditions_see_the_current_version(s3, bucket):
    set_versioning(s3, bucket, "Enabled")
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")
    with refused(412, "PreconditionFailed"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*")
    s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfMatch=first["ETag"])
    with refused(412, "PreconditionFailed"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=first["ETag"])
    s3.delete_object(Bucket=bucket, Key="k")
    with refused(404, "NoSuchKey"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=first["ETag"])
    s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfNoneMatch="*")
    assert body_of(s3, bucket, "k") == b"3" and len(versions_of(s3, bucket)[0]) == 4
    s3.delete_object(Bucket=bucket, Key="k")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    parts = upload_parts(s3, bucket, "k", upload, [(1, b"4")])
    s3.complete_multipart_upload(
        Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts}, IfNoneMatch="*")
    assert body_of(s3, bucket, "k") == b"4"


def test_versions_by_pages(s3, bucket):
    set_versioning(s3, bucket, "Enabled")
    for key in ["a/1", "a/2", "b", "c/x/1", "c/y", "한글 +"]:
        for n in range(3):
            s3.put_object(Bucket=bucket, Key=key, Body=str(n).encode())
    s3.delete_object(Bucket=bucket, Key="b")
    everything, pages = versions_of(s3, bucket)
    assert len(everything) == 19 and pages == 1
    for size in (1, 2, 5):
        found, pages = versions_of(s3, bucket, MaxKeys=size)
        assert sorted(found) == sorted(everything), size
        assert sum(latest for _, _, latest, _ in found) == 6
        assert pages >= 19 // size
    assert {row[0] for row in versions_of(s3, bucket, Prefix="c/", MaxKeys=2)[0]} == {"c/x/1", "c/y"}
    page = s3.list_object_versions(Bucket=bucket, Delimiter="/")
    assert [p["Prefix"] for p in page["CommonPrefixes"]] == ["a/", "c/"]
    assert {v["Key"] for v in page["Versions"]} == {"b", "한글 +"}
    for size in (1, 2, 3):
        found, _ = versions_of(s3, bucket, Delimiter="/", MaxKeys=size)
        assert {row[0] for row in found} == {"b", "한글 +"} and len(found) == 7
    page = s3.list_object_versions(Bucket=bucket, MaxKeys=2)
    for v in page["Versions"]:
        s3.delete_object(Bucket=bucket, Key=v["Key"], VersionId=v["VersionId"])
    rest, _ = versions_of(
        s3, bucket, KeyMarker=page["NextKeyMarker"], VersionIdMarker=page["NextVersionIdMarker"])
    assert len(rest) == 17, "a listing goes on behind a version that is gone"
    with refused(400, "InvalidArgument"):
        s3.list_object_versions(Bucket=bucket, VersionIdMarker=page["NextVersionIdMarker"])


def test_tags_and_acls_are_of_a_version(s3, bucket):
    set_versioning(s3, bucket, "Enabled")
    old = s3.put_object(Bucket=bucket, Key="k", Body=b"old", Tagging="n=old")["VersionId"]
    new = s3.put_object(Bucket=bucket, Key="k", Body=b"new", Tagging="n=new")["VersionId"]
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "n", "Value": "new"}]
    answer = s3.put_object_tagging(
        Bucket=bucket, Key="k", VersionId=old, Tagging={"TagSet": [{"Key": "n", "Value": "changed"}]})
    assert answer["VersionId"] == old
    assert s3.get_object_tagging(Bucket=bucket, Key="k", VersionId=old)["TagSet"][0]["Value"] == "changed"
    assert s3.get_object_tagging(Bucket=bucket, Key="k", VersionId=new)["TagSet"][0]["Value"] == "new"
    s3.put_object_acl(Bucket=bucket, Key="k", VersionId=old, ACL="public-read")
    assert fetch(f"{ENDPOINT}/{bucket}/k")[0] == 403
    status, _, body = fetch(f"{ENDPOINT}/{bucket}/k?versionId={old}")
    assert (status, body) == (200, b"old")
    assert fetch(f"{ENDPOINT}/{bucket}/k?versionId={new}")[0] == 403


def test_a_bucket_with_versions_is_not_empty(s3, bucket):
    set_versioning(s3, bucket, "Enabled")
    one = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    with refused(409, "BucketNotEmpty"):
        s3.delete_bucket(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="k", VersionId=one)
    with refused(409, "BucketNotEmpty"):
        s3.delete_bucket(Bucket=bucket)
    s3.delete_object(Bucket=bucket, Key="k", VersionId=marker)
    s3.delete_bucket(Bucket=bucket)


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


if __name__ == "__main__":
    main(globals())
