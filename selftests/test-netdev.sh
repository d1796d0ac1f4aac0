#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An sstp device in the hands of an administrator: nftables, tc, VRF and network
# namespaces work on it as on any other, `ip monitor`, notifications and
# tracepoints say what happens to it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

C=sstp-test-$$-c
TRACE=/sys/kernel/tracing

pings() # [ping argument...]
{
	na ping -c 3 -i 0.2 -W 5 "$@" "$TUN_B"
}

no_ping()
{
	! na ping -c 2 -i 0.2 -W 1 "$TUN_B"
}

counted() # name: the nft counter has seen packets
{
	na nft list counter inet test "$1" | grep -E 'packets [1-9]'
}

nat_seen() # from B's point of view the peer has this address
{
	timeout "$PATIENCE" ip netns exec "$B" tcpdump -n -c 1 -i sstp0 "src $1 and icmp" \
		>"$tmp/dump" 2>"$tmp/dump.err" &
	local dump=$!
	wait_for 'tcpdump' grep -q 'listening on' "$tmp/dump.err" || return 1
	pings >/dev/null
	wait "$dump"
}

slow() # milliseconds: no answer comes sooner
{
	pings | awk -F '[/= ]+' -v least="$1" '/^rtt/ { exit !($6 >= least) }'
}

logged() # file, pattern
{
	wait_for "$2" grep -qE -- "$2" "$1" || {
		tail -n 5 "$1"
		return 1
	}
}

setup
add_devices
start_pair

# ---- nftables ----

na nft -f - <<-END
	table inet test {
		counter in { }
		counter out { }
		chain input {
			type filter hook input priority 0
			iifname sstp0 icmp type echo-reply counter name in
		}
		chain output {
			type filter hook output priority 0
			oifname sstp0 icmp type echo-request counter name out
		}
	}
END
check 'packets pass' pings
check 'nftables counts what arrives' counted in
check 'and what leaves' counted out
check 'a rule that drops' na nft add rule inet test input iifname sstp0 drop
check 'lets nothing through' no_ping
na nft flush chain inet test input
check 'it goes, they pass' pings
na nft add table ip nat
na nft add chain ip nat post '{ type nat hook postrouting priority 100; }'
ip -n "$A" addr add 10.77.0.9/32 dev sstp0
na nft add rule ip nat post oifname sstp0 snat to 10.77.0.9
check 'source NAT acts, and answers find back' nat_seen 10.77.0.9
na nft delete table ip nat

# ---- tc ----

check 'netem as root qdisc' na tc qdisc replace dev sstp0 root netem delay 150ms
check 'delays' slow 150
check 'htb with a class and fq_codel below' eval \
	'na tc qdisc replace dev sstp0 root handle 1: htb default 10 &&
	 na tc class add dev sstp0 parent 1: classid 1:10 htb rate 8mbit &&
	 na tc qdisc add dev sstp0 parent 1:10 fq_codel'
check 'carries packets' pings
check 'and counts them' eval 'na tc -s class show dev sstp0 | grep -E "pkt" | grep -vw "0 pkt"'
na tc qdisc del dev sstp0 root
check 'an ingress filter' eval 'na tc qdisc add dev sstp0 clsact &&
	na tc filter add dev sstp0 ingress protocol ip matchall action drop'
check 'drops' no_ping
check 'an egress filter that drops' eval 'na tc filter del dev sstp0 ingress &&
	na tc filter add dev sstp0 egress protocol ip matchall action drop'
check 'does too' no_ping
check 'without them packets pass' eval 'na tc qdisc del dev sstp0 clsact && pings'

# ---- what whoever makes it, or has it, may set ----

gso_segs() # device
{
	ip -n "$A" -d link show dev "$1" | grep -oE 'gso_max_segs [0-9]+' | cut -d' ' -f2
}

# made [OPTION...]: segments of a device that is made so
made()
{
	ip -n "$A" link add sstp8 "$@" type sstp || return 1
	gso_segs sstp8
	ip -n "$A" link del sstp8
}

# As many segments as fill the buffer, 4 * 16336 bytes, each with 8 of headers.
equal 'a GSO packet fills the buffer of transmit' "$(gso_segs sstp0)" $((4 * 16336 / 1408))
ip -n "$A" link set sstp0 mtu 700
equal 'with another MTU, too' "$(gso_segs sstp0)" $((4 * 16336 / 708))
ip -n "$A" link set sstp0 mtu 1400
equal 'with one that it was made with, too' "$(made mtu 700)" $((4 * 16336 / 708))
equal 'who makes it with fewer segments has these' "$(made mtu 700 gso_max_segs 5)" 5
ip -n "$A" link set sstp0 gso_max_segs 5
ip -n "$A" link set sstp0 mtu 1300
equal 'who sets fewer keeps them when the MTU changes' "$(gso_segs sstp0)" 5
check 'packets pass' pings -s 30000
ip -n "$A" link set sstp0 mtu 1400
equal 'and when it changes back' "$(gso_segs sstp0)" 5

# ---- VRF ----

ip -n "$A" link add red type vrf table 10
ip -n "$A" link set red up
check 'the device joins a VRF' ip -n "$A" link set sstp0 master red
check 'its routes are in the table of that' eval \
	'ip -n "$A" route show table 10 | grep "10.77.0.0/24 dev sstp0"'
check 'packets pass inside of it' pings -I red
check 'and not outside' no_ping
check 'it leaves the VRF' ip -n "$A" link set sstp0 nomaster
check 'packets pass as before' pings

# ---- network namespaces ----

ip netns add "$C"
at_exit ip netns del "$C"
check 'the device moves to another namespace with its session' \
	ip -n "$A" link set sstp0 netns "$C"
check 'is set up there' eval \
	'ip -n "$C" addr add "$TUN_A/24" dev sstp0 && ip -n "$C" link set sstp0 up'
check 'packets pass there' ip netns exec "$C" ping -c 3 -i 0.2 -W 5 "$TUN_B"
check 'the session is seen there' eval \
	'echo "a dump count=1" | sstp-cli -e "a=$C"'
check 'and no longer where it began' no_sessions "$A"
check 'it moves back' eval 'ip -n "$C" link set sstp0 netns "$A" &&
	ip -n "$A" addr add "$TUN_A/24" dev sstp0 && ip -n "$A" link set sstp0 up && pings'
stop_cli
script 'of a device that has moved, the owner finds the session by its fd' -e "x=$C" <<-END
	connect a b
	a attach sstp0 peer-mru=1500
	x monitor
	a exec ip link set sstp0 netns $C
	a show fails ENOENT
	a set protocols=1 fails ENOENT
	a del fails ENOENT
	a show by=fd
	a set by=fd protocols=1
	a set by=fd peer-mru=1399 fails EINVAL MTU
	a dump count=0
	x dump count=1
	x exec ip link set sstp0 mtu 1501 2>&1 | grep -q maximum
	a del by=fd
	a notified admin
	a expect end admin
	x exec ip link set sstp0 mtu 1501
	x exec ip link set sstp0 mtu 1400
	x exec ip link set sstp0 netns $A
END

# The session tells of its end where its device is, which goes away meanwhile. A kernel
# with KASAN sees who looks at the namespace then.
moved_away()
{
	local i move

	for ((i = 0; i < 20; i++)); do
		move="ip -n $C-$i link set sstp9 netns $B; ip netns del $C-$i"
		ip netns add "$C-$i" && ip -n "$A" link add sstp9 mtu 1400 type sstp || return 1
		run_script <<-END || return 1
			connect a b
			a attach sstp9
			a exec ip link set sstp9 netns $C-$i
			a exec ($move) >/dev/null 2>&1 &
			a close
		END
		wait_for 'the namespace to go' no_namespace "$C-$i" || return 1
		ip -n "$B" link del sstp9 || return 1
	done
}

no_namespace()
{
	[[ ! -e /run/netns/$1 ]]
}

check 'sessions end while their devices move, and namespaces end' moved_away
ip -n "$A" addr add "$TUN_A/24" dev sstp0
ip -n "$A" link set sstp0 up

# ---- what it tells ----

ip -n "$A" monitor link >"$tmp/monitor" 2>&1 &
at_exit kill $!
wait_for 'ip monitor' monitoring "$A" "$tmp/monitor"
mountpoint -q $TRACE || mount -t tracefs none $TRACE
echo >$TRACE/trace
check 'there are tracepoints' eval "echo 1 >$TRACE/events/sstp/enable"
at_exit eval "echo 0 >$TRACE/events/sstp/enable"

script 'notifications tell of begin and end' <<-END
	connect a b
	a monitor
	a attach sstp0 protocols=1
	a notified new
	b send [ ff03 ]
	a stat drops-rx-malformed == 1
	b send data6:60
	a stat drops-rx-protocol == 1
	a del
	a notified admin
END
check 'ip monitor tells of the carrier' logged "$tmp/monitor" 'sstp0: .*LOWER_UP'
check 'and of its loss' logged "$tmp/monitor" 'sstp0: .*NO-CARRIER'
cat $TRACE/trace >"$tmp/trace"
echo 0 >$TRACE/events/sstp/enable
check 'a tracepoint tells of the begin' \
	logged "$tmp/trace" 'sstp_session_new: id=[0-9]+ dev=sstp0 .*tls_version=0x30[34]'
check 'of each packet dropped, and why' eval \
	'logged "$tmp/trace" "sstp_drop: .*dev=sstp0 .*why=rx-malformed" &&
	 logged "$tmp/trace" "sstp_drop: .*dev=sstp0 .*why=rx-protocol"'
check 'of the end, and why' logged "$tmp/trace" 'sstp_session_end: .* reason=admin'
equal 'two packets were dropped, no more' "$(grep -c sstp_drop: "$tmp/trace")" 2
check 'ip -s -d link shows kind and drops' eval \
	'ip -n "$A" -s -d link show dev sstp0 | tr -s " \n" " " |
	 grep -E " sstp .*RX: .* dropped .*TX: "'

finish
