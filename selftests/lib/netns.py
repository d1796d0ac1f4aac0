# SPDX-License-Identifier: GPL-2.0-or-later
"""Another network namespace."""
import ctypes
import os

CLONE_NEWNET = 0x40000000


def enter_netns(name):
    """This process is in that of `ip netns` from then on. Python has it since 3.12 only"""
    libc = ctypes.CDLL(None, use_errno=True)
    fd = os.open("/run/netns/" + name, os.O_RDONLY)
    if libc.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns: " + name)
    os.close(fd)
