#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Checksums that are left to the device come out as the stack would make them.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

PACKETS=${KSSTP_TWIN_PACKETS:-500}

# zero_sum ADDRESS: datagrams to there whose checksum comes out as zero, which is sent
# as ffff; and one of either side of it. Prints how often each was received.
zero_sum()
{
	ip netns exec "$B" python3 - "$1" <<-'END' &
		import collections, socket, sys
		v6 = ":" in sys.argv[1]
		s = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM)
		s.bind((sys.argv[1], 5000))
		s.settimeout(30)
		got = collections.Counter()
		while True:
		    payload = s.recv(100)
		    if payload == b"end":
		        break
		    got[payload] += 1
		print(*[got[k] for k in sorted(got)])
	END
	wait_for 'the receiver' bound_udp "$B" 5000
	na python3 - "$1" <<-'END'
		import ipaddress, socket, struct, sys
		to = sys.argv[1]
		v6 = ":" in to
		s = socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_DGRAM)
		s.bind(("::" if v6 else "0.0.0.0", 5001))
		s.connect((to, 5000))
		ends = [ipaddress.ip_address(a).packed for a in (s.getsockname()[0], to)]
		sum = 17 + 10 + 5001 + 5000 + 10
		for end in ends:
		    sum += __builtins__.sum(struct.unpack(">%dH" % (len(end) // 2), end))
		while sum >> 16:
		    sum = (sum & 0xffff) + (sum >> 16)
		for i in range(10):
		    for payload in (-1, 0, 1):
		        s.send(struct.pack(">H", 0xffff - sum + payload & 0xffff))
		s.send(b"end")
	END
	wait $!
}

udp_errors() # in $B
{
	nb cat /proc/net/snmp6 /proc/net/snmp | awk '/^Udp6InCsumErrors/ { n += $2 }
		/^Udp: [0-9]/ { n += $8 } END { print n }'
}

setup
add_devices
start_pair
for address in $TUN_B $TUN6_B; do
	equal "UDP to $address whose checksum comes out as zero" "$(zero_sum $address)" '10 10 10'
done
equal 'no checksum was wrong' "$(udp_errors)" 0
stop_cli
ip -n "$A" link del sstp0
ip -n "$B" link del sstp0

bare_device "$A"
bare_device "$B"
nb ethtool -K sstp0 gro off
start_pair
modprobe tun
for seed in 1 2 3; do
	for state in on off; do
		na ethtool -K sstp0 gso $state tso $state
		check "random packets as the stack would send them, seed $seed, GSO $state" \
			nb selftests/sstp-twin "$A" sstp0 $seed "$PACKETS"
	done
done
stop_cli

finish
