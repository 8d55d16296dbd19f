"""Listings on this computer, held to what Amazon S3 does, as boto3 sees it. Run as `harness.py` says."""

import random

from harness import PLAIN, main, raw, refused


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


if __name__ == "__main__":
    main(globals())
