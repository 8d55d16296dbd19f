"""An S3 server with one empty bucket that takes uploads and never answers them."""

import http.server
import threading


class StallingServer:
    """Use it with `with`; `is_stalling` is set once an upload waits for its answer."""

    def __init__(self, bucket):
        self.is_stalling = threading.Event()
        self._may_end = threading.Event()
        stalling = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                if self.path.split("?")[0].strip("/") == "":
                    body = (
                        "<ListAllMyBucketsResult><Buckets><Bucket><Name>%s</Name>"
                        "<CreationDate>2026-01-01T00:00:00.000Z</CreationDate></Bucket></Buckets>"
                        "</ListAllMyBucketsResult>" % bucket
                    )
                else:
                    body = (
                        "<ListBucketResult><Name>%s</Name><Prefix></Prefix><KeyCount>0</KeyCount><MaxKeys>1000</MaxKeys>"
                        "<IsTruncated>false</IsTruncated></ListBucketResult>" % bucket
                    )
                self._answer(200, body.encode())

            def do_HEAD(self):
                self._answer(404, b"")

            def do_POST(self):
                self._answer(501, b"<Error><Code>NotImplemented</Code></Error>")

            do_DELETE = do_POST

            def do_PUT(self):
                stalling.is_stalling.set()
                stalling._may_end.wait(120)
                self.close_connection = True

            def _answer(self, status, body):
                self.send_response(status)
                self.send_header("Content-Type", "application/xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *_arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_arguments):
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exception):
        self._may_end.set()
        self._server.shutdown()
        self._server.server_close()
