# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the parts of the bench share variables
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The cases of the bench: case_NAME, with what it is for in front.

ALL_PEERS='sstp-kernel sstp-tun openvpn-tcp openvpn-dco-tcp wireguard esp sstpc-softether'
# Those whose packets the kernel carries.
KERNEL_PEERS='sstp-kernel openvpn-dco-tcp wireguard esp'

# both_ways FLOWS: through the tunnel that is up
both_ways()
{
	local direction rate of

	for direction in down up; do
		yardstick "$1" $direction "$tls" "$cipher"
		if [[ $direction == down ]]; then
			rate=$(steady inner "$B" "$A" "$far" "$1")
		else
			rate=$(steady inner "$A" "$B" "$near" "$1")
		fi
		of=$(share "$rate" "${yardsticks[$1 $direction $tls $cipher]}")
		result "$name" flows="$1" direction=$direction mtu="$mtu" cipher="$suite" \
			mbit_s="$rate" of_raw_ktls="$of"
	done
}

# Throughput of one TCP connection, of everybody.
case_one_flow()
{
	local peer rate

	rate=$(steady stream "$B" "$A" $ADDR_B 1 --plain)
	result raw-tcp flows=1 direction=down mbit_s="$rate"
	for peer in ${peers:-$ALL_PEERS}; do
		with "$peer" both_ways 1
	done
}

# Several connections at a time.
case_four_flows()
{
	local peer

	for peer in ${peers:-$KERNEL_PEERS}; do
		with "$peer" both_ways 4
	done
}

# The same with IPv6 in the tunnel.
case_ipv6()
{
	local ipv6=yes

	with sstp-kernel both_ways 1
	with sstp-kernel both_ways 4
}

# Two ends of ours agree on large packets.
case_large_mru()
{
	local mtu=4080

	with sstp-kernel both_ways 1
	with sstp-kernel both_ways 4
}

# The usual suite of Windows 10.
case_tls12()
{
	local tls=1.2 cipher=aes-256-gcm

	with sstp-kernel both_ways 1
}

# Keys that change each 2^14 records, as often as none does by default, against none.
case_new_keys()
{
	local key_limit='' rate without

	if ! keys_change; then
		echo 'new-keys: left out, this kernel changes no keys' >&2
		return
	fi
	with sstp-kernel one_way
	without=$rate
	# Half of what is allowed.
	key_limit=$((2 << 14))
	with sstp-kernel one_way
	echo "new-keys: $(share "$rate" "$without") of the rate with one key" >&2
}

# one_way: longer than other cases, for there are 6000 full records in a second
one_way()
{
	local seconds=$((seconds * 3)) id updates

	id=$(session_of server id)
	rate=$(steady inner "$B" "$A" "$far" 1)
	updates=$(tls_number server "$id" tx_updates)
	[[ ! $key_limit ]] || ((updates >= 2)) || bail "keys have changed $updates times"
	[[ ! $key_limit ]] || name+=-new-keys
	result "$name" flows=1 direction=down mtu="$mtu" cipher="$suite" mbit_s="$rate"
	echo "$name: keys have changed $updates times" >&2
}

# Hosts behind the gateways, with MTU 1500: maximum segment size clamped.
#
#	LAN_A 10.99.1.2 -- $A == tunnel == $B -- 10.99.2.2 LAN_B
case_forwarded()
{
	local peer

	for peer in ${peers:-$KERNEL_PEERS}; do
		with "$peer" forwarded
	done
}

forwarded()
{
	local direction rate

	[[ -e /run/netns/$LAN_A ]] || {
		lan "$LAN_A" "$A" 10.99.1
		lan "$LAN_B" "$B" 10.99.2
	}
	# Of ksstp's server they come with the user.
	[[ $name == sstp-* ]] || ip -n "$A" route replace $BEHIND_FAR via "$far" dev "$dev_near"
	ip -n "$B" route replace $BEHIND_NEAR via "$near" dev "$dev_far"
	for direction in down up; do
		yardstick 1 $direction
		if [[ $direction == down ]]; then
			rate=$(steady inner "$LAN_B" "$LAN_A" 10.99.2.2 1)
		else
			rate=$(steady inner "$LAN_A" "$LAN_B" 10.99.1.2 1)
		fi
		result "$name" flows=1 direction=$direction mtu="$mtu" cipher="$suite" \
			mbit_s="$rate" \
			of_raw_ktls="$(share "$rate" "${yardsticks[1 $direction]}")"
	done
}

# lan NS GATEWAY_NS PREFIX: a network with one host behind a gateway
lan()
{
	ip netns add "$1"
	at_exit ip netns del "$1"
	ip -n "$1" link set lo up
	ip link add eth0 netns "$1" type veth peer name lan netns "$2"
	ip -n "$1" addr add "$3.2/24" dev eth0
	ip -n "$2" addr add "$3.1/24" dev lan
	ip -n "$1" link set eth0 up
	ip -n "$2" link set lan up
	ip -n "$1" route add default via "$3.1"
	ip netns exec "$2" sysctl -qw net.ipv4.ip_forward=1
	ip netns exec "$2" nft -f - <<-'END'
	table inet vpn {
		chain forward {
			type filter hook forward priority filter
			oifname != "lan" tcp flags syn tcp option maxseg size set rt mtu
		}
	}
	END
}

# Packets per second of small packets: 64 bytes of payload, UDP.
case_small_packets()
{
	local peer

	for peer in ${peers:-sstp-kernel sstp-tun openvpn-tcp openvpn-dco-tcp wireguard esp}; do
		with "$peer" small_packets
	done
}

small_packets()
{
	result "$name" flows=1 direction=down mtu="$mtu" cipher="$suite" \
		pps="$(steady packets "$B" "$A" "$far" 64)"
	result "$name" flows=1 direction=up mtu="$mtu" cipher="$suite" \
		pps="$(steady packets "$A" "$B" "$near" 64)"
}

# A peer that sends each packet in a record of its own, as userspace does; beside
# raw kTLS with records of that size. The sender is a program without a tunnel.
case_one_packet_records()
{
	local rate best pid

	best=$(steady stream "$A" "$B" $ADDR_A 1 -l 1408)
	result raw-ktls-1408 flows=1 direction=up cipher=aes-128-gcm mbit_s="$best"
	add_devices 1400
	na udp-rate -s $TUN_A -w $((WARM_UP_S * 1000)) >"$tmp/pps" &
	pid=$!
	wait_for 'the receiver' bound_udp "$A" 9
	sstp-cli -t 60000 -e "a=$A@$ADDR_A" -e "b=$B@$ADDR_B" >&2 <<-END
	connect a b
	a attach sstp0
	b load seconds=$((seconds + WARM_UP_S)) data4:1400
	END
	wait $pid
	rate=$(awk '{ printf "%.1f", $1 * 1408 * 8 / 1e6 }' "$tmp/pps")
	result sstp-kernel flows=1 direction=up mtu=1400 cipher=aes-128-gcm \
		mbit_s="$rate" of_raw_ktls="$(share "$rate" "$best")" pps="$(<"$tmp/pps")"
	ip -n "$A" link del sstp0
	ip -n "$B" link del sstp0
}

# ---- a slow link with a deep buffer ----

LINK_MBIT=20 LINK_DELAY_MS=10 LINK_PACKETS=1000

# slow_link [LOSS]: both ways; 1000 packets are 600 ms
slow_link()
{
	local ns

	for ns in "$A" "$B"; do
		# a modem sees packets, not super-packets
		ip netns exec "$ns" ethtool -K veth tso off gso off gro off >/dev/null
		ip netns exec "$ns" tc qdisc replace dev veth root handle 1: \
			tbf rate ${LINK_MBIT}mbit burst 3000 limit 4000000
		ip netns exec "$ns" tc qdisc replace dev veth parent 1:1 handle 10: \
			netem delay ${LINK_DELAY_MS}ms limit $LINK_PACKETS ${1:+loss $1}
	done
}

fast_link()
{
	local ns

	for ns in "$A" "$B"; do
		ip netns exec "$ns" tc qdisc del dev veth root
		ip netns exec "$ns" ethtool -K veth tso on gso on gro on >/dev/null
	done
}

# bulk_and_ping [LOSS]: what a ping takes beside a TCP connection, and what the
# sender's end says that packets wait there
bulk_and_ping()
{
	local length=20 times rate pid session WARM_UP_S=5

	[[ $name != sstp-kernel ]] || session=$(session_of server id)
	inner "$B" "$A" "$far" 1 $((length + 2)) >"$tmp/goodput" &
	pid=$!
	sleep $((WARM_UP_S + 1))
	[[ $name != sstp-kernel ]] || sample_delay "$session" $length >"$tmp/delay" &
	times=$(rtt "$B" "$near" $length) || times='0 0'
	wait $pid
	rate=$(<"$tmp/goodput")
	result "$name" flows=1 direction=down mtu="$mtu" cipher="$suite" mbit_s="$rate" \
		rtt_p50="${times% *}" rtt_p95="${times#* }" loss="${1:-}" \
		delay_ms="$(cat "$tmp/delay" 2>/dev/null)"
	rm -f "$tmp/delay"
}

# sample_delay SESSION SECONDS: 95th percentile of what sstpctl shows, ms
sample_delay()
{
	local end=$((SECONDS + $2 - 2))

	while ((SECONDS < end)); do
		# the text: to start an interpreter takes the processor's time
		sstpctl -s "$tmp/server.sock" show "$1" |
			sed -n 's/.*queue .*about \([0-9.]*\) ms.*/\1/p'
		sleep 0.5
	done | sort -n | awk '{ t[NR] = $1 } END { printf "%.1f", t[int(NR * 0.95) + 1] }'
}

# Delay under load. Who thinks of queues?
case_latency()
{
	local peer

	slow_link
	for peer in ${peers:-plain sstp-kernel wireguard esp openvpn-tcp openvpn-dco-tcp \
			sstpc-softether}; do
		with "$peer" bulk_and_ping
	done
	fast_link
}

# The same link, and it loses packets.
case_loss()
{
	local peer loss

	for loss in 0.1% 1%; do
		slow_link $loss
		for peer in ${peers:-plain sstp-kernel openvpn-tcp openvpn-dco-tcp wireguard esp}; do
			with "$peer" bulk_and_ping "${loss%\%}"
		done
		fast_link
	done
}

# A bottleneck that the tunnel shares with a connection outside of it: what each has of it,
# by the tunnel's congestion control, with a deep buffer and with one of 40 ms; two plain
# connections beside each other are what is usual.
case_fairness()
{
	local congestion LINK_PACKETS

	for LINK_PACKETS in 1000 67; do
		slow_link
		name=plain-beside-plain beside_plain $ADDR_B
		for congestion in bbr cubic; do
			with sstp-kernel through_and_beside
		done
		fast_link
	done
}

through_and_beside()
{
	name=sstp-$congestion-beside-plain beside_plain "$far"
}

# beside_plain ADDRESS: that connection beside a plain one with CUBIC. The share is that of
# both, of the first.
beside_plain()
{
	local seconds=30 WARM_UP_S=5 pid rate others

	inner "$B" "$A" "$1" 1 $seconds >"$tmp/first" &
	pid=$!
	others=$(iperf_port=5202 iperf_name=beside inner "$B" "$A" $ADDR_B 1 $seconds)
	wait $pid
	rate=$(<"$tmp/first")
	echo "$name, $LINK_PACKETS packets: $rate and $others Mbit/s," \
		"$(share "$rate" "$(awk "BEGIN { print $rate + $others }")") of both" >&2
	result "$name" flows=2 direction=down mtu="$mtu" mbit_s="$rate"
}

# Two sessions on two processors against one on one. Needs the wall clock.
case_two_sessions()
{
	local one two online=/sys/devices/system/cpu/cpu1/online

	if [[ $clock != wall || ! -w $online ]]; then
		echo 'two-sessions: left out, needs two processors and the wall clock' >&2
		return
	fi
	echo 0 >$online
	with sstp-kernel one_session
	echo 1 >$online
	two_sessions
}

one_session()
{
	# An emulator translates what runs for the first time.
	inner "$B" "$A" "$far" 1 >/dev/null
	one=$(inner "$B" "$A" "$far" 1)
	result "$name" flows=1 direction=down mtu="$mtu" cipher="$suite" mbit_s="$one"
}

both_up()
{
	[[ $(sessions_of client) == 2 ]]
}

two_sessions()
{
	local pids=() i device address

	server_conf "mtu = $mtu" | start_sstpd server "$A"
	{
		client_conf "mtu = $mtu"
		client_conf "mtu = $mtu" 'interface = sstp1' | sed 's/client test/client other/'
	} | start_sstpd client "$B"
	wait_for 'two sessions' both_up || bail 'no two sessions'
	i=0
	# Both have the same peer: the device says which tunnel answers go through.
	ip -n "$B" -4 -o addr show | awk '$2 ~ /^sstp/ { print $2, $4 }' >"$tmp/ends"
	while read -r device address; do
		address=${address%/*} i=$((i + 1))
		ip netns exec "$B" iperf3 -s -1 -p $((5201 + i)) -B "$address" \
			--bind-dev "$device" >/dev/null </dev/null &
		wait_for 'iperf3' listening "$B" $((5201 + i))
		ip netns exec "$A" iperf3 -c "$address" -p $((5201 + i)) -O 1 -t "$seconds" \
			--json >"$tmp/iperf.$i" </dev/null &
		pids+=($!)
	done <"$tmp/ends"
	wait "${pids[@]}"
	two=$(for i in 1 2; do
		json end.sum_received.bits_per_second <"$tmp/iperf.$i"
	done | awk '{ sum += $1 } END { printf "%.1f", sum / 1e6 }')
	result sstp-kernel flows=2 direction=down mtu="$mtu" cipher="$cipher" mbit_s="$two"
	close_sstp
}
