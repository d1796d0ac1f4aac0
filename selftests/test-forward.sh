#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Transparency. What a peer sends through one session is forwarded by this host
# through another, and must come out there byte for byte (but for the hop count),
# each flow in its order: whatever was merged on receive is taken apart again on
# transmit, what may not be merged is not, and nothing wrong is mended.
#
#	b --kTLS--> [a: sstp0] --forwarding--> [c: sstp1] --kTLS--> d
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# The stack may merge: receive offload as given.
forwarding() # on|off
{
	na ethtool -K sstp0 gro "$1"
}

setup
ip -n "$A" link add sstp0 mtu 1400 type sstp
ip -n "$A" link add sstp1 mtu 1400 type sstp
ip -n "$A" addr add 10.77.0.1/24 dev sstp0
ip -n "$A" addr add 10.78.0.1/24 dev sstp1
ip -n "$A" addr add fd77::1/64 dev sstp0 nodad
ip -n "$A" addr add fd78::1/64 dev sstp1 nodad
na sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
	net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
for dev in sstp0 sstp1; do
	na sysctl -qw "net.ipv4.conf.$dev.rp_filter=0"
	ip -n "$A" link set "$dev" up
	na tc qdisc replace dev "$dev" root pfifo limit 100000
done

# mixed DESCRIPTION SEEDS COUNT RECORD_SIZE...
mixed()
{
	local description=$1 seeds=$2 count=$3 size seed

	shift 3
	{
		echo 'connect a b'
		echo 'connect c d port=4431'
		echo 'a attach sstp0'
		echo 'c attach sstp1'
		for size in "$@"; do
			for ((seed = 1; seed <= seeds; seed++)); do
				mix="seed=$((seed * 1000 + size)) count=$count"
				echo "b send-mix $mix size=$size"
				echo "d recv-mix $mix"
			done
		done
		echo 'a stat rx-dropped == 0 now'
		echo 'c stat tx-dropped == 0 now'
	} | script "$description"
}

for state in on off; do
	check "receive offload $state" forwarding $state
	mixed "a mix of flows comes out as it went in (GRO $state)" 12 300 16384
	mixed "records of other sizes (GRO $state)" 3 150 700 1400 5000 16000
done
check 'receive offload on' forwarding on

# So many that a merged packet must have been among them: else nothing is tested.
script 'segments do get merged on the way' <<-END
	connect a b
	connect c d port=4431
	a tap sstp0
	a attach sstp0
	c attach sstp1
	b send-mix seed=5 count=300
	d recv-mix seed=5 count=300
	a merged 2000
END
script 'so do those whose IPv4 id stays the same, as the stack does it' <<-END
	connect a b
	connect c d port=4431
	a tap sstp0
	a attach sstp0
	c attach sstp1
	b send-mix seed=5 count=300 ids=fixed
	d recv-mix seed=5 count=300 ids=fixed
	a merged 2000 4
END

finish
