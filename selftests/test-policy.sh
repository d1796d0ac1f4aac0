#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The device under nftables, tc and VRF, as any other would be.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

counted() # namespace, chain: packets of its only rule
{
	ip netns exec "$1" nft list chain inet vpn "$2" |
		sed -n 's/.*counter packets \([0-9]*\).*/\1/p'
}

ping_peer()
{
	na ping -c 3 -i 0.2 -W 5 "$@" "$TUN_B"
}

setup
add_devices
start_pair

na nft add table inet vpn
na nft add chain inet vpn out '{ type filter hook output priority filter; }'
na nft add rule inet vpn out oifname 'sstp*' icmp type echo-request counter
check 'ping' ping_peer
equal 'nftables matches the name of the device' "$(counted "$A" out)" 3
check 'a rule that drops' na nft add rule inet vpn out oifname sstp0 drop
refuse 'stops packets' '100% packet loss' ping_peer
check 'its end lets them pass' eval 'na nft delete table inet vpn && ping_peer'

nb nft add table netdev vpn
check 'nftables takes an ingress hook on the device' nb nft add chain netdev vpn \
	in '{ type filter hook ingress device sstp0 priority 0; policy drop; }'
refuse 'which drops what arrives' '100% packet loss' ping_peer
check 'and does not, when it is gone' eval 'nb nft delete table netdev vpn && ping_peer'

check 'tc limits the rate' na tc qdisc replace dev sstp0 root tbf rate 8mbit \
	burst 16kb latency 200ms
sent=$(iperf "$B" "$A" -c "$TUN_B" -n 2M | json end.sum_received.bits_per_second)
between 'to what was asked for' "${sent%.*}" 1000000 9000000
check 'a filter drops by address' eval 'na tc qdisc replace dev sstp0 clsact &&
	na tc filter add dev sstp0 egress protocol ip u32 match ip dst "$TUN_B" action drop'
refuse 'its packets' '100% packet loss' ping_peer
check 'fq_codel can be put in their place' eval 'na tc qdisc del dev sstp0 clsact &&
	na tc qdisc replace dev sstp0 root fq_codel && ping_peer'

check 'the device can be a member of a VRF' eval '
	ip -n "$A" link add blue type vrf table 100 && ip -n "$A" link set blue up &&
	ip -n "$A" link set sstp0 master blue'
refuse 'its routes are not in the main table' 'unreachable\|100% packet loss' ping_peer
check 'packets pass inside of the VRF' ping_peer -I blue
check 'and outside, when it has left' eval 'ip -n "$A" link set sstp0 nomaster && ping_peer'
stop_cli
finish
