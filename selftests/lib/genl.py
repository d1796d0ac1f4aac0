# SPDX-License-Identifier: GPL-2.0-or-later
"""Raw requests to the generic netlink family "sstp", for tests."""

import errno
import socket
import struct
import sys

NETLINK_GENERIC = 16
SOL_NETLINK, NETLINK_CAP_ACK, NETLINK_EXT_ACK = 270, 10, 11
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP, NLM_F_CAPPED, NLM_F_ACK_TLVS = 1, 4, 0x300, 0x100, 0x200
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLA_F_NESTED = 0x8000
GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_NAME, CTRL_ATTR_FAMILY_ID = 16, 3, 2, 1


def attribute(kind, data):
    head = struct.pack("=HH", 4 + len(data), kind)
    return head + data + bytes(-len(data) % 4)


def attributes(data):
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        yield kind & 0x3fff, data[4:length]
        data = data[(length + 3) & ~3:]


def errno_name(number):
    # one number, two names
    return "EOPNOTSUPP" if number == errno.EOPNOTSUPP else errno.errorcode[number]


class Family:
    def __init__(self):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_CAP_ACK, 1)
        self.sock.setsockopt(SOL_NETLINK, NETLINK_EXT_ACK, 1)
        self.sock.settimeout(20)
        self.seq = 0
        self.id = GENL_ID_CTRL
        name = attribute(CTRL_ATTR_FAMILY_NAME, b"sstp\0")
        reply = self.ask(struct.pack("=BBH", CTRL_CMD_GETFAMILY, 1, 0) + name, 0)
        if not reply["messages"]:
            sys.exit("no such family: is the module loaded?")
        found = dict(attributes(reply["messages"][0][4:]))
        self.id = struct.unpack("=H", found[CTRL_ATTR_FAMILY_ID])[0]

    def tell(self, body, flags):
        """a request whose answer nobody reads"""
        self.seq += 1
        self.sock.send(struct.pack("=IHHII", 16 + len(body), self.id,
                                   NLM_F_REQUEST | NLM_F_ACK | flags, self.seq, 0) + body)

    def ask(self, body, flags):
        self.tell(body, flags)
        reply = {"error": None, "messages": []}
        while reply["error"] is None:
            self.take(self.sock.recv(65536), reply)
        return reply

    def take(self, data, reply):
        while len(data) >= 16:
            length, kind, flags, seq = struct.unpack_from("=IHHI", data)
            body, data = data[16:length], data[(length + 3) & ~3:]
            if seq != self.seq:
                continue
            if kind not in (NLMSG_ERROR, NLMSG_DONE):
                reply["messages"].append(body)
                continue
            reply["error"] = -struct.unpack_from("=i", body)[0]
            if flags & NLM_F_ACK_TLVS:
                start = 20 if kind == NLMSG_ERROR else 4
                reply.update(attributes(body[start:]))
