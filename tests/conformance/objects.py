"""Buckets and objects on this computer, held to what Amazon S3 does, as boto3 sees it. Run as `harness.py` says."""

import base64
import datetime
import hashlib
import http.client
import os
import urllib.parse
import zlib

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from harness import ENDPOINT, HOSTILE, KEY, MIB, PLAIN, REGION, SECRET, crc32c, crc64nvme, main, raw, refused


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


def test_objects_keep_what_they_are_given(s3, bucket):
    expires = datetime.datetime(2031, 5, 6, 7, 8, 9, tzinfo=datetime.timezone.utc)
    s3.put_object(
        Bucket=bucket, Key="k", Body=b"bytes", ContentType="text/plain; charset=utf-8", CacheControl="max-age=60",
        ContentDisposition="attachment; filename*=UTF-8''%ED%95%9C", ContentEncoding="gzip", ContentLanguage="ko",
        Expires=expires, Metadata={"one": "1", "two": "b c"}, StorageClass="STANDARD_IA", Tagging="t=1&u=%2B+%40",
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
        {"Key": "t", "Value": "1"}, {"Key": "u", "Value": "+ @"}]
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": "한", "Value": "글"}]})
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == [{"Key": "한", "Value": "글"}]
    for name, value in [("a", "x&y"), ("a,b", ""), ("a", "tab\t"), ("aws:a", ""), ("Aws:a", ""), ("a" * 129, "")]:
        with refused(400, "InvalidTag"):
            s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": [{"Key": name, "Value": value}]})
        with refused(400, "InvalidTag"):
            s3.put_object(Bucket=bucket, Key="k", Body=b"", Tagging=urllib.parse.urlencode({name: value}))
    signs = [{"Key": "+ - = . _ : / @", "Value": "말 1 aws:"}]
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": signs})
    assert s3.get_object_tagging(Bucket=bucket, Key="k")["TagSet"] == signs
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


def test_large_body_streams(s3, bucket):
    data = os.urandom(32 * MIB)
    s3.put_object(Bucket=bucket, Key="big", Body=data)
    assert s3.get_object(Bucket=bucket, Key="big")["Body"].read() == data


if __name__ == "__main__":
    main(globals())
