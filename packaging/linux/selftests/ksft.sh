#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sourced by lib.sh: where the helper program is, and what a machine must have for the
# tests to say anything. One that lacks it skips them, by kselftest's exit status 4.

PATH=${BASH_SOURCE[0]%/*}:$PATH

skip_all() # reason
{
	printf 'KTAP version 1\n1..0 # SKIP %s\n' "$1"
	exit 4
}

((EUID == 0)) || skip_all 'needs root: network namespaces, a module'
for tool in ethtool ip iperf3 nft ping python3 sha256sum socat sstp-cli tc tcpdump; do
	[[ $(type -t $tool) ]] || skip_all "no $tool here"
done
for module in tls sstp; do
	modprobe -q $module || skip_all "no module $module here"
done
