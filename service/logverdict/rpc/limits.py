"""How much a call may bring, take and cost."""

from datetime import UTC, datetime, timedelta

MAX_MESSAGE = 4 * 1024 * 1024
"""Bytes of a request; what grpc allows a client to receive by default, too."""
MAX_ANSWER = 3 * 1024 * 1024
"""Bytes of an answer: below what a client takes, with room for the frame around the parts that are counted."""
MAX_UNARY = 256
MAX_STREAMS = 1_000
"""Calls of each kind that are served at the same time."""

DEFAULT_PAGE = 50
MAX_PAGE = 1_000

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(3000, 1, 1, tzinfo=UTC)
LONGEST = timedelta(days=366)
"""Times and spans beyond these are slips, and would overflow once they are added."""

MAX_ITEMS = 1_000
"""Entries of a list or map, where nothing smaller is named below."""
MAX_LABELS = 32
MAX_LABEL_KEY = 63
MAX_TEXT = 200
"""Characters of a text, where nothing else is named below."""
TEXTS = {
    "filter": 4_000,
    "link": 1_000,
    "note": 1_000,
    "text": 1_000,
    "labels": 256,
    "options": 1_000,
    "page_token": 4_000,
    "pattern": 1_000,
    "query": 16_000,
    "evidence": 16_000,
    "request_id": 100,
    "reason": 1_000,
    "sample": 16_000,
    "template": 16_000,
    "ticket": 1_000,
    "yaml": 1_000_000,
}
"""Characters of the texts of that name."""

OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE),
    ("grpc.max_send_message_length", MAX_MESSAGE),
    ("grpc.so_reuseport", 0),  # a second server on the same port is a mistake, not a helper
    ("grpc.keepalive_time_ms", 30_000),  # finds watchers that went without a word
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_recv_ping_interval_without_data_ms", 9_000),  # clients may ping every 10 s, timers are not exact
    ("grpc.http2.max_ping_strikes", 3),
)
"""What the server tells grpc."""
