"""WARC records of the outlet with old articles, as another crawler writes them."""

from __future__ import annotations

import io

from oldpress import OldPress
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

PRESS = OldPress()


def pages_of(count: int, *, packed: bool = True) -> list[bytes]:
    """Return a record for each of the first articles, fetched on 5 February 2024."""
    made = []
    for number in range(count):
        out = io.BytesIO()
        writer = WARCWriter(out, gzip=packed)
        body = PRESS.article(number).split(b"\r\n\r\n", 1)[1]
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
        date = {"WARC-Date": "2024-02-05T00:00:00Z"}
        record = writer.create_warc_record(
            PRESS.url(number), "response", io.BytesIO(body), len(body), "", date, http_headers=headers
        )
        writer.write_record(record)
        made.append(out.getvalue())
    return made
