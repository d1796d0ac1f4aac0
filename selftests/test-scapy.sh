#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Packets built by another's hand, scapy's, and not by a builder of ours: fragments,
# extension headers, checksums, GSO (sstp-scapy). They go into sstp0 of one end, and what
# comes out at the other is compared there.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

RANDOM_PACKETS=${KSSTP_SCAPY_PACKETS:-200}

setup
bare_device "$A"
bare_device "$B"
# What came is to be seen as it came.
nb ethtool -K sstp0 gro off
start_pair

# One process for all: Python and scapy take seconds to start here.
nb selftests/sstp-scapy "$A" sstp0 1 "$RANDOM_PACKETS" >"$tmp/judged" 2>"$tmp/err" || true
while read -r line; do
	case $line in
	'ok '*) ok "${line#ok }" ;;
	'not ok '*) line=${line#not ok } && not_ok "${line%%: *}" "${line#*: }" ;;
	esac
done <"$tmp/judged"
check 'all of them were judged' grep ' at random' "$tmp/judged"
[[ ! -s $tmp/err ]] || sed 's/^/# /' "$tmp/err"
equal 'nothing was dropped' "$(lost)" 0
stop_cli
finish
