"""What is measured, and what is asked of the figures."""

from __future__ import annotations

from dataclasses import dataclass, field

KIB, MIB, GIB = 1024, 1024**2, 1024**3


@dataclass(frozen=True)
class Bar:
    """Our median of a figure may be at most so many times the peer's."""

    figure: str
    peer: str
    most: float


@dataclass(frozen=True)
class Limit:
    """A figure of ours that may be at most so much, whatever others do."""

    figure: str
    most: float


@dataclass(frozen=True)
class Work:
    """One kind of work: files of a size, over a kind of line."""

    name: str
    files: int
    file_bytes: int
    scheme: str = "https"
    #: Round trip and rate of the line; None for none but the machine's own.
    line: tuple[int, int] | None = None
    peers: tuple[str, ...] = ()
    bars: tuple[Bar, ...] = field(default=())
    limits: tuple[Limit, ...] = field(default=())
    verb: str = "upload"

    @property
    def total_bytes(self) -> int:
        return self.files * self.file_bytes


def fastest(figure: str, most: float) -> Bar:
    """Against whichever peer is best."""
    return Bar(figure, "*", most)


#: Ourselves, with a journal that cannot be used.
WITHOUT_JOURNAL = "without-journal"

#: Beyond parts + 2 for each file in parts and 1 for each other one: the look at a key that is asked for before a file
#: is sent, once to learn whether the server heeds conditions, and before each file in parts.
ONE_LOOK = Limit("extra_requests", 1)

EVERYBODY = ("boto3", "aws-cli", "s5cmd", "rclone", "object_store", "transfer-manager")

WORKS = (
    Work(
        "big-https", 1, 2 * GIB, peers=(*EVERYBODY, "raw"),
        bars=(
            Bar("cpu", "boto3", 0.35), Bar("cpu", "aws-cli", 0.35), Bar("cpu", "s5cmd", 0.30),
            Bar("cpu", "transfer-manager", 1.0), fastest("wall", 1.05), Bar("rss", "transfer-manager", 0.6),
        ),
        limits=(Limit("rss", 200), ONE_LOOK),
    ),
    Work(
        "small-https", 2000, 16 * KIB, peers=EVERYBODY,
        bars=(
            Bar("wall", "s5cmd", 0.30), Bar("wall", "boto3", 0.10), Bar("wall", "aws-cli", 0.10),
            Bar("wall", "rclone", 0.40), Bar("wall", "transfer-manager", 0.65), Bar("wall", "object_store", 1.4),
        ),
        limits=(Limit("rss", 200), ONE_LOOK),
    ),
    Work(
        "small-http", 2000, 16 * KIB, scheme="http", peers=("s5cmd", "object_store", "transfer-manager", "raw", WITHOUT_JOURNAL),
        bars=(
            Bar("cpu", "s5cmd", 0.45), Bar("cpu", "transfer-manager", 0.55), Bar("cpu", "object_store", 1.5),
            Bar("cpu", WITHOUT_JOURNAL, 1.20),
        ),
        limits=(ONE_LOOK,),
    ),
    Work(
        "middle-https", 200, 4 * MIB, peers=EVERYBODY,
        bars=(Bar("cpu", "boto3", 0.27), Bar("cpu", "aws-cli", 0.27), Bar("cpu", "s5cmd", 0.30), fastest("wall", 1.05)),
        limits=(Limit("rss", 200), ONE_LOOK),
    ),
    Work(
        "far-big", 1, 512 * MIB, scheme="http", line=(50, 1000),
        peers=("s5cmd", "rclone", "object_store", "transfer-manager"),
        bars=(Bar("wall", "line", 1.12), fastest("wall", 1.05)),
        limits=(Limit("rss", 200), ONE_LOOK),
    ),
    Work(
        "far-small", 2000, 16 * KIB, scheme="http", line=(50, 1000), peers=("s5cmd", "boto3", "object_store", WITHOUT_JOURNAL),
        bars=(Bar("wall", "s5cmd", 0.75), Bar("wall", "boto3", 0.05), Bar("wall", WITHOUT_JOURNAL, 1.05)),
        limits=(ONE_LOOK,),
    ),
    Work(
        "list", 0, 0, scheme="http", verb="list", peers=("rclone", "s5cmd", "boto3", "object_store"),
        bars=(Bar("wall", "rclone", 0.35), Bar("wall", "s5cmd", 0.25)),
    ),
)
