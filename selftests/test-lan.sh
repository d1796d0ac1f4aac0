#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A host behind the gateway, on a LAN whose card merges packets in the two ways that
# the stack has: into fragments, which the module takes apart itself, and into lists
# of packets (rx-gro-list), which it has the stack take apart.
#
#	c: 10.99.1.2 --veth-- [a: lan, sstp0] --kTLS-- [b: sstp0]
set -euo pipefail
. "$(dirname "$0")/lib.sh"

C=sstp-test-$$-c
HOST=10.99.1.2 HOST6=fd99::2

setup
add_devices 1400
start_pair
ip netns add "$C"
at_exit ip netns del "$C"
ip link add lan netns "$A" type veth peer name eth0 netns "$C"
ip -n "$A" addr add 10.99.1.1/24 dev lan
ip -n "$A" addr add fd99::1/64 dev lan nodad
ip -n "$C" addr add $HOST/24 dev eth0
ip -n "$C" addr add $HOST6/64 dev eth0 nodad
ip -n "$A" link set lan up
ip -n "$C" link set eth0 up
ip -n "$C" link set lo up
ip -n "$C" route add default via 10.99.1.1
ip -n "$C" route add default via fd99::1
ip -n "$B" route add 10.99.1.0/24 dev sstp0
ip -n "$B" route add fd99::/64 dev sstp0
na sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
# Single packets on the LAN, of a size that goes through the tunnel.
ip netns exec "$C" ethtool -K eth0 tso off gso off
ip -n "$C" link set eth0 mtu 1400
ip -n "$A" link set lan mtu 1400
head -c 3000000 /dev/urandom >"$tmp/file"

for list in off on; do
	check "the gateway's card merges, rx-gro-list $list" \
		na ethtool -K lan gro on rx-gro-list $list
	same_file "rx-gro-list $list: a file from the LAN" "$C" "$B" $TUN_B
	same_file "rx-gro-list $list: over IPv6" "$C" "$B" $TUN6_B
	same_file "rx-gro-list $list: a file to the LAN" "$B" "$C" $HOST
	udp "rx-gro-list $list: UDP, nothing lost" "$B" "$C" $TUN_B
	equal "rx-gro-list $list: nothing dropped" "$(link_stat "$A" tx_dropped)" 0
done
finish
