#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# IP through a tunnel between two devices of the module: every size, both
# families, both directions, with and without offloads, intact and counted.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

MTU=1400

# Sizes around the MTU, and from one byte up; -M do: without fragments.
ping_sizes() # ping arguments, then sizes of the payload
{
	local address=$1 size

	shift
	for size in "$@"; do
		na ping -c 1 -W 5 -M do -s "$size" "$address" >/dev/null || {
			echo "no answer to a payload of $size bytes"
			return 1
		}
	done
}

offloads() # on|off
{
	local ns

	for ns in "$A" "$B"; do
		ip netns exec "$ns" ethtool -K sstp0 gso "$1" tso "$1" gro "$1" || return 1
	done
}

# tcp DESCRIPTION SERVER CLIENT ADDRESS: some megabytes by iperf3. (It stops
# counting what arrives when all is sent; files tell whether all does.)
tcp()
{
	if ! iperf "$2" "$3" -c "$4" -n 4M >"$tmp/iperf"; then
		not_ok "$1" "$(tail -n 5 "$tmp/iperf")"
		return
	fi
	between "$1" "$(json end.sum_received.bytes <"$tmp/iperf")" 2000000 5000000
}

setup
add_devices $MTU
start_pair
head -c 3000000 /dev/urandom >"$tmp/file"

check 'IPv4, every size up to 64 and around the MTU' \
	ping_sizes $TUN_B {0..64} {1364..1372}
check 'IPv6, the same' ping_sizes $TUN6_B {0..64} {1344..1352}
refuse 'one byte more does not fit' 'too long\|too large\|100%' \
	ping_sizes $TUN_B 1373
check 'fragments of a large IPv4 packet' na ping -c 3 -i 0.2 -W 5 -s 20000 $TUN_B
check 'fragments of a large IPv6 packet' na ping -c 3 -i 0.2 -W 5 -s 20000 $TUN6_B
check 'a hundred pings at once, none lost' eval \
	'nb ping -q -f -c 100 -W 5 $TUN_A | grep " 0% packet loss"'

for state in on off; do
	check "offloads can be turned $state" offloads $state
	tcp "TCP over IPv4, offloads $state" "$B" "$A" $TUN_B
	tcp "TCP over IPv4, the other way, offloads $state" "$A" "$B" $TUN_A
	tcp "TCP over IPv6, offloads $state" "$B" "$A" $TUN6_B
	udp "UDP, nothing lost, offloads $state" "$B" "$A" $TUN_B
	same_file "a file arrives as it was sent, offloads $state" "$A" "$B" $TUN_B
	same_file "and the other way, offloads $state" "$B" "$A" $TUN6_A
done

check 'mixed offloads: only one end segments and merges' eval \
	'na ethtool -K sstp0 gso on tso on gro off && nb ethtool -K sstp0 gso off tso off gro on'
same_file 'a file arrives as it was sent' "$A" "$B" $TUN_B
same_file 'and the other way' "$B" "$A" $TUN_A
offloads on

check 'both directions at once' eval \
	'iperf "$B" "$A" -c $TUN_B -n 2M --bidir | json end.sum_received.bytes'

check 'the tunnel falls silent' wait_for 'silence' quiet
for counter in packets bytes; do
	equal "what A sent is what B received: $counter" \
		"$(link_stat "$A" tx_$counter)" "$(link_stat "$B" rx_$counter)"
	equal "what B sent is what A received: $counter" \
		"$(link_stat "$B" tx_$counter)" "$(link_stat "$A" rx_$counter)"
	equal "the session counts what the link counts: tx $counter" \
		"$(session_stat "$A" tx-$counter)" "$(link_stat "$A" tx_$counter)"
	equal "the session counts what the link counts: rx $counter" \
		"$(session_stat "$A" rx-$counter)" "$(link_stat "$A" rx_$counter)"
done
equal 'each packet cost 8 bytes of framing' "$(session_stat "$A" tx-stream-bytes)" \
	$(($(session_stat "$A" tx-bytes) + 8 * $(session_stat "$A" tx-packets)))
equal 'ethtool -S says the same' \
	"$(na ethtool -S sstp0 | sed -n 's/^ *tx_stream_bytes: //p')" \
	"$(session_stat "$A" tx-stream-bytes)"
equal 'nothing was dropped on receive' \
	"$(link_stat "$A" rx_dropped) $(link_stat "$B" rx_dropped)" '0 0'
equal 'no errors on receive' \
	"$(link_stat "$A" rx_errors) $(link_stat "$B" rx_errors)" '0 0'

# What is little waits for its turn, and none is left behind when nothing follows.
burst() # NAMESPACE ADDRESS: 64 small packets, one by one
{
	ip netns exec "$1" python3 -c 'import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(64): s.sendto(bytes(64), (sys.argv[1], 9))' "$2"
}

few_records()
{
	local before

	before=$(session_stat "$A" tx-records)
	burst "$A" $TUN_B
	wait_for 'all packets' all_sent || return 1
	(($(session_stat "$A" tx-records) - before <= 32))
}

all_sent()
{
	[[ $(session_stat "$A" tx-packets) == "$(link_stat "$B" rx_packets)" &&
	   $(na ethtool -S sstp0 | sed -n 's/^ *tx_queue_bytes: //p') == 0 ]]
}

# Who asks when his packet was sent is told.
sent_at()
{
	na python3 - $TUN_B <<-'END'
		import select, socket, sys
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.setsockopt(socket.SOL_SOCKET, 37, 2 | 16)  # SO_TIMESTAMPING, software
		s.sendto(b"x", (sys.argv[1], 9))
		select.select([], [], [s], 10)
		print(s.recvmsg(100, 100, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT))
	END
}
check 'a packet sent has a timestamp' sent_at
check 'ethtool says so' eval 'na ethtool -T sstp0 | grep -iq software-transmit'

for usecs in 1000 0 50; do
	check "turns of $usecs us can be had" eval \
		"na ethtool -C sstp0 tx-usecs $usecs rx-usecs $usecs && nb ethtool -C sstp0 rx-usecs $usecs"
	if ((usecs == 1000)); then
		check 'small packets share records' wait_for 'few records' few_records
	fi
	burst "$A" $TUN_B
	check "turns of $usecs us: nothing is left behind" wait_for 'all packets' all_sent
	check "turns of $usecs us: pings" na ping -c 20 -i 0.01 -W 5 $TUN_B
done
stop_cli

# Other ciphers and sizes: enough to see that they work at all.
for options in tls=1.2 cipher=aes-256-gcm 'tls=1.2 cipher=chacha20-poly1305'; do
	# shellcheck disable=SC2086 # $options are several words
	start_pair $options
	same_file "a file arrives over ${options}" "$A" "$B" $TUN_B
	stop_cli
done
for mtu in 576 4087; do
	ip -n "$A" link set sstp0 mtu $mtu
	ip -n "$B" link set sstp0 mtu $mtu
	start_pair
	check "MTU $mtu: packets of that size" ping_sizes $TUN_B $((mtu - 28))
	same_file "MTU $mtu: a file arrives" "$A" "$B" $TUN_B
	stop_cli
done

finish
