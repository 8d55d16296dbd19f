"""Who gets in on this computer: signatures, presigned addresses and strangers, as boto3 and bare requests see it.

Run as `harness.py` says.
"""

import base64
import datetime
import http.client
import time
import urllib.parse
import zlib

from botocore.auth import HmacV1Auth, HmacV1QueryAuth, S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.client import Config
from botocore.credentials import Credentials

from harness import ENDPOINT, KEY, REGION, SECRET, client, fetch, main, quoted, raw, refused


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


class Forgetful(S3SigV4Auth):
    """Signs all headers but one."""

    def __init__(self, forgets):
        super().__init__(Credentials(KEY, SECRET), "s3", REGION)
        self._forgets = forgets

    def headers_to_sign(self, request):
        headers = super().headers_to_sign(request)
        del headers[self._forgets]
        return headers


CRC32_OF_X = base64.b64encode(zlib.crc32(b"x").to_bytes(4, "big")).decode()
NOT_SIGNED = b"There were headers present in the request which were not signed"


def test_headers_that_are_not_signed(s3, bucket):
    address = f"{ENDPOINT}/{bucket}/k"
    given = {"x-amz-acl": "public-read", "x-amz-meta-a": "1", "x-amz-storage-class": "STANDARD", "x-amz-tagging": "a=1",
             "if-none-match": "*", "x-amz-checksum-crc32": CRC32_OF_X}
    for forgets in ["x-amz-acl", "x-amz-meta-a", "x-amz-storage-class", "x-amz-tagging", "x-amz-checksum-crc32",
                    "x-amz-date", "host"]:
        request = AWSRequest(method="PUT", url=address, data=b"x", headers=given)
        Forgetful(forgets).add_auth(request)
        status, _, body = fetch(address, "PUT", b"x", dict(request.headers.items()))
        assert status == 403 and b"<Code>AccessDenied</Code>" in body and NOT_SIGNED in body, (forgets, status, body)
    with refused(404, "404"):
        s3.head_object(Bucket=bucket, Key="k")
    # what is not Amazon's may come without
    for forgets in ["if-none-match", "nothing"]:
        request = AWSRequest(method="PUT", url=address, data=b"x", headers=given)
        Forgetful(forgets).add_auth(request)
        status, _, body = fetch(address, "PUT", b"x", dict(request.headers.items()))
        assert status == 200, (forgets, status, body)
        s3.delete_object(Bucket=bucket, Key="k")


def test_presigned_addresses_take_no_further_headers(s3, bucket):
    plain = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=60)
    status, _, body = fetch(plain, "PUT", b"x", {"x-amz-acl": "public-read"})
    assert status == 403 and NOT_SIGNED in body, (status, body)
    with refused(404, "404"):
        s3.head_object(Bucket=bucket, Key="k")
    public = s3.generate_presigned_url(
        "put_object", Params={"Bucket": bucket, "Key": "k", "ACL": "public-read"}, ExpiresIn=60)
    status, _, body = fetch(public, "PUT", b"x", {"x-amz-acl": "public-read"})
    assert status == 200 and fetch(f"{ENDPOINT}/{bucket}/k")[0] == 200, (status, body)


def test_presigned_addresses_are_good_for_a_week_at_most(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    week = 7 * 24 * 3600
    def status_for(seconds):
        return fetch(s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=seconds))
    assert status_for(week)[0] == 200
    status, _, body = status_for(week + 1)
    assert status == 400 and b"<Code>AuthorizationQueryParametersError</Code>" in body, (status, body)


def test_signatures_of_version_2(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    for signer in (HmacV1Auth(Credentials(KEY, SECRET)), HmacV1QueryAuth(Credentials(KEY, SECRET))):
        request = AWSRequest(method="GET", url=f"{ENDPOINT}/{bucket}/k")
        signer.add_auth(request)
        status, _, body = fetch(request.url, headers=dict(request.headers.items()))
        assert status == 400 and b"<Code>InvalidRequest</Code>" in body and b"AWS4-HMAC-SHA256" in body, (status, body)


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


if __name__ == "__main__":
    main(globals())
