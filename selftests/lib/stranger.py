# SPDX-License-Identifier: GPL-2.0-or-later
"""Connections, devices and sessions for tests that act as an ordinary user in namespaces
of his own."""

import errno
import os
import socket
import struct
import subprocess
import time

from genl import attribute, attributes, errno_name

SOL_TLS, TLS_TX, TLS_RX, TCP_ULP = 282, 1, 2, 31
IFINDEX, SOCKET_FD, SESSION_FD, PROTOCOLS, PEER_MRU = 2, 3, 4, 5, 6
ECHO_REQUEST = bytes([0x10, 1, 0, 8, 0, 8, 0, 0])


def say(*words):
    print(*words, flush=True)


def tls_key(from_client):
    key = bytes((0x5a if from_client else 0xc3) ^ (i * 7) & 0xff for i in range(28))
    return struct.pack("=HH", 0x0304, 51) + key + bytes(8)


def tcp_pair(family=socket.AF_INET, address="127.0.0.1", sndbuf=0, rcvbuf=0):
    """the client, and the server"""
    with socket.socket(family) as listener:
        if rcvbuf:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        listener.bind((address, 0))
        listener.listen(1)
        client = socket.socket(family)
        if sndbuf:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, sndbuf)
        client.connect(listener.getsockname())
        server, _ = listener.accept()
    return client, server


def start_tls(sock, tx, rx):
    """whose keys it has for each direction: the client's, if true"""
    sock.setsockopt(socket.IPPROTO_TCP, TCP_ULP, b"tls\0")
    sock.setsockopt(SOL_TLS, TLS_TX, tls_key(tx))
    sock.setsockopt(SOL_TLS, TLS_RX, tls_key(rx))


def start_both(client, server):
    start_tls(client, True, False)
    start_tls(server, False, True)


def connection():
    """a TCP connection with kTLS at both ends, which has room for little"""
    client, server = tcp_pair(sndbuf=4608, rcvbuf=4096)
    start_both(client, server)
    return client, server


def make_device(name):
    subprocess.run(["ip", "link", "add", name, "mtu", "1400", "type", "sstp"], check=True)
    subprocess.run(["ip", "link", "set", name, "up"], check=True)


def session_new_request(device, fd):
    body = struct.pack("=BBH", 1, 1, 0)
    for kind, value in ((IFINDEX, device), (SOCKET_FD, fd), (PROTOCOLS, 3), (PEER_MRU, 1400)):
        body += attribute(kind, struct.pack("=I", value))
    return body


def session_new(family, device, fd):
    """the session fd, or -errno; a device by its name, or its index"""
    if isinstance(device, str):
        device = socket.if_nametoindex(device)
    reply = family.ask(session_new_request(device, fd), 0)
    if reply["error"]:
        return -reply["error"]
    return struct.unpack("=I", dict(attributes(reply["messages"][0][4:]))[SESSION_FD])[0]


def session_new_soon(family, device, fd):
    """the same; who has let go may do so in a work of the kernel's own, and kTLS has works
    that use the socket for a moment"""
    deadline = time.monotonic() + 20
    result = session_new(family, device, fd)
    while result == -errno.EBUSY and time.monotonic() < deadline:
        time.sleep(0.05)
        result = session_new(family, device, fd)
    return result


def describe(result):
    return "attached" if result >= 0 else errno_name(-result)


def session_fds():
    where = "/proc/self/fd/"
    return sum(os.path.islink(where + fd) and "sstp" in os.readlink(where + fd)
               for fd in os.listdir(where))
