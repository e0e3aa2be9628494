"""A connection to an IMAP server in TLS, which gives answers as they are."""

import re
import socket
import ssl


class Server:
    def __init__(self, port, ca):
        trust = ssl.create_default_context(cafile=ca)
        plain = socket.create_connection(("127.0.0.1", int(port)), timeout=30)
        self.socket = trust.wrap_socket(plain, server_hostname="localhost")
        self.file = self.socket.makefile("rb")
        self.file.readline()
        self.count = 0

    def response(self):
        """A response, with its literals."""
        whole = b""
        while True:
            line = self.file.readline()
            assert line, "the server hung up"
            whole += line
            literal = re.search(rb"\{(\d+)\}\r\n$", line)
            if not literal:
                return whole
            whole += self.file.read(int(literal.group(1)))

    def ask(self, command):
        self.count += 1
        tag = b"t%d " % self.count
        self.socket.sendall(tag + (command if isinstance(command, bytes) else command.encode()) + b"\r\n")
        untagged = []
        while not (line := self.response()).startswith(tag):
            untagged.append(line)
        return untagged, line[len(tag):].split(b" ")[0].decode()
