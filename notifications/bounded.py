"""smtplib with an end to every reply: a server that talks without end, or drop by drop, costs one letter its time."""

from __future__ import annotations

import smtplib
import socket
import time

LONGEST_REPLY = 65_536  # octets; the longest of real servers have some hundred
CHUNK = 4096


class _Bounded:
    """`getreply` reads a whole reply within the socket's timeout, however it comes, and at most `LONGEST_REPLY`."""

    sock: socket.socket | None
    _heard: bytes = b""
    _heard_from: socket.socket | None = None

    def getreply(self) -> tuple[int, bytes]:
        """The code and the text of one reply, as smtplib's own.

        Raises:
            SMTPServerDisconnected: the server hung up, took too long, or said too much; the connection is closed.
        """
        sock = self.sock
        if sock is None:
            raise smtplib.SMTPServerDisconnected("please run connect() first")
        if sock is not self._heard_from:  # a new connection, or TLS on the old one: what was heard before is nothing
            self._heard, self._heard_from = b"", sock
        patience = sock.gettimeout()
        try:
            return self._reply(sock, patience)
        except OSError as error:
            self.close()
            raise smtplib.SMTPServerDisconnected(f"Connection unexpectedly closed: {error}") from error
        finally:
            if self.sock is sock:
                sock.settimeout(patience)

    def close(self) -> None:
        """smtplib's own; here for who reads types."""
        super().close()  # type: ignore[misc]

    def _reply(self, sock: socket.socket, patience: float | None) -> tuple[int, bytes]:
        deadline, read, lines = time.monotonic() + (patience or 0), 0, []
        while True:
            line = self._line(sock, deadline if patience else None, LONGEST_REPLY - read)
            read += len(line)
            lines.append(line[4:].strip(b" \t\r\n"))
            code = line[:3]
            if not code.isdigit():
                raise OSError("no reply of SMTP")
            if line[3:4] != b"-":
                return int(code), b"\n".join(lines)

    def _line(self, sock: socket.socket, deadline: float | None, room: int) -> bytes:
        while b"\n" not in self._heard:
            if len(self._heard) > room:
                raise OSError("reply too long")
            if deadline is not None:
                sock.settimeout(max(deadline - time.monotonic(), 0.001))
            more = sock.recv(CHUNK)
            if not more:
                raise OSError("the server hung up")
            self._heard += more
        line, _, self._heard = self._heard.partition(b"\n")
        if len(line) > room:
            raise OSError("reply too long")
        return line + b"\n"


class BoundedSMTP(_Bounded, smtplib.SMTP):
    """A connection in the clear, or that becomes encrypted by STARTTLS."""


class BoundedSMTPOverTLS(_Bounded, smtplib.SMTP_SSL):
    """A connection that is encrypted from its first octet."""
