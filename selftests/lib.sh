# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the guest tests share: KTAP output, namespaces, devices, waiting.
#
#	namespace $A                            namespace $B
#	+-------------------------+            +-------------------------+
#	| sstp0  10.77.0.1/24     |            | sstp0  10.77.0.2/24     |
#	|        fd77::1/64       |            |        fd77::2/64       |
#	|   :                     |            |                     :   |
#	|   : session             |            |             session :   |
#	|   :                     |            |                     :   |
#	| veth   192.0.2.1/24 ----+--- TCP ----+---- 192.0.2.2/24   veth |
#	|                         |   + kTLS   |                         |
#	+-------------------------+            +-------------------------+
#
# A test script sources this file, calls setup, states its checks and ends with
# finish. Each check is one KTAP line; what a failed one printed follows as
# comments. Both namespaces, and everything in them, go away on exit.

# `... | script` must count in this shell.
shopt -s lastpipe

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
KSSTP_BUILD=${KSSTP_BUILD:-$here/../build/host}
PATH=$KSSTP_BUILD/selftests:$KSSTP_BUILD:$PATH

# A word of their name tells the namespaces of concurrent runs apart.
A=sstp-test-$$-a
B=sstp-test-$$-b
ADDR_A=192.0.2.1
ADDR_B=192.0.2.2
ADDR6_A=2001:db8::1
ADDR6_B=2001:db8::2
TUN_A=10.77.0.1
TUN_B=10.77.0.2
TUN6_A=fd77::1
TUN6_B=fd77::2

# An emulated machine is slow, a kernel that checks itself is slower.
[[ $(uname -r) == *-@(debug|debug-rt|kcsan) ]] && slowness=5 || slowness=1
# Longest wait for anything, in seconds. Nothing that works takes that long, whatever the
# machine does beside it.
PATIENCE=${PATIENCE:-$((60 + 60 * slowness))}
# Longest time for one file to go over.
TRANSFER_LIMIT=${TRANSFER_LIMIT:-$((240 * slowness))}

ktap_count=0
ktap_failed=0
ktap_skipped=0
ktap_marker=
cleanup_jobs=()
traffic=()
tmp=

# ---- KTAP ----

ktap_result() # ok|not ok, description, [directive]
{
	ktap_count=$((ktap_count + 1))
	printf '%s %d %s%s\n' "$1" "$ktap_count" "$2" "${3:+ # $3}"
}

ok() # description
{
	ktap_result ok "$1"
}

not_ok() # description, [reason...]
{
	ktap_failed=$((ktap_failed + 1))
	ktap_result 'not ok' "$1"
	shift
	(($# == 0)) || printf '%s\n' "$@" | sed 's/^/# /'
}

skip() # description, reason
{
	ktap_skipped=$((ktap_skipped + 1))
	ktap_result ok "$1" "SKIP $2"
}

bail() # reason
{
	printf 'Bail out! %s\n' "$1"
	exit 1
}

# check DESCRIPTION COMMAND...: the command must succeed
check()
{
	local description=$1 output

	shift
	if output=$("$@" 2>&1); then
		ok "$description"
	else
		not_ok "$description" "$*" "$output"
	fi
}

# refuse DESCRIPTION PATTERN COMMAND...: it must fail, and say PATTERN
refuse()
{
	local description=$1 pattern=$2 output

	shift 2
	if output=$("$@" 2>&1); then
		not_ok "$description" "succeeded: $*"
	elif ! grep -q -- "$pattern" <<<"$output"; then
		not_ok "$description" "$*" "said: $output" "expected: $pattern"
	else
		ok "$description"
	fi
}

# equal DESCRIPTION GOT WANT
equal()
{
	if [[ $2 == "$3" ]]; then
		ok "$1"
	else
		not_ok "$1" "is $2, expected $3"
	fi
}

# between DESCRIPTION NUMBER LOW HIGH
between()
{
	if (($2 >= $3 && $2 <= $4)); then
		ok "$1"
	else
		not_ok "$1" "is $2, expected $3 to $4"
	fi
}

# script DESCRIPTION [OPTION...]: an sstp-cli script on stdin between the ends
# a, b and, over connections of their own, c and d, or over IPv6 e and f
script()
{
	local description=$1 text output

	shift
	text=$(cat)
	if output=$(run_script "$@" <<<"$text" 2>&1); then
		ok "$description"
	else
		not_ok "$description" "$output"
	fi
}

run_script()
{
	sstp-cli -t $((30000 * slowness)) -e "a=$A@$ADDR_A" -e "b=$B@$ADDR_B" \
		-e "c=$A@$ADDR_A" -e "d=$B@$ADDR_B" -e "e=$A@$ADDR6_A" -e "f=$B@$ADDR6_B" "$@"
}

# Lines of a script: wait until TCP takes no more of what end a has put, and packets
# wait in its device. How many depends on the rate of the connection, two at least
# (kmod/limit.c); what has gone from the device stands still then, and is noted.
queue_full()
{
	echo 'a stat tx-queue-bytes >= 3000'
	echo 'a note tx-packets'
}

# Whether kTLS takes further keys, by what the kernel itself says: it counts them then.
keys_change()
{
	grep -q '^TlsTxRekeyOk' /proc/net/tls_stat
}

# ---- set-up ----

# Not for the background: $! would be a shell around the command.
na() { ip netns exec "$A" "$@"; }
nb() { ip netns exec "$B" "$@"; }

# at_exit COMMAND...: run it, whatever happens, last one first
at_exit()
{
	cleanup_jobs=("$(printf '%q ' "$@")" "${cleanup_jobs[@]}")
}

cleanup()
{
	local job

	trap - EXIT INT TERM
	for job in "${cleanup_jobs[@]}"; do
		eval "$job" >/dev/null 2>&1 || true
	done
}

make_namespaces()
{
	local ns

	for ns in "$A" "$B"; do
		ip netns add "$ns"
		at_exit ip netns del "$ns"
		ip -n "$ns" link set lo up
	done
	ip link add veth netns "$A" type veth peer name veth netns "$B"
	ip -n "$A" addr add "$ADDR_A/24" dev veth
	ip -n "$B" addr add "$ADDR_B/24" dev veth
	ip -n "$A" addr add "$ADDR6_A/64" dev veth nodad
	ip -n "$B" addr add "$ADDR6_B/64" dev veth nodad
	ip -n "$A" link set veth up
	ip -n "$B" link set veth up
}

begin_test()
{
	echo 'KTAP version 1'
	trap cleanup EXIT
	trap 'exit 130' INT TERM
	tmp=$(mktemp -d)
	at_exit rm -rf "$tmp"
	ktap_marker="sstp-test $$ ${0##*/}"
	echo "$ktap_marker" >/dev/kmsg
}

setup()
{
	begin_test
	# What udev loads elsewhere: without it, AES is the generic code.
	modprobe -q "$(cat /sys/devices/system/cpu/modalias)" || true
	modprobe tls || bail 'no kernel TLS here (CONFIG_TLS)'
	[[ -d /sys/module/sstp ]] || modprobe sstp ||
		bail 'module sstp cannot be loaded; build it with "make module"'
	make_namespaces
}

# add_devices [MTU]: sstp0 in both namespaces, with addresses
add_devices()
{
	local mtu=${1:-1400}

	ip -n "$A" link add sstp0 mtu "$mtu" type sstp
	ip -n "$B" link add sstp0 mtu "$mtu" type sstp
	ip -n "$A" addr add "$TUN_A/24" dev sstp0
	ip -n "$B" addr add "$TUN_B/24" dev sstp0
	((mtu < 1280)) || ip -n "$A" addr add "$TUN6_A/64" dev sstp0 nodad
	((mtu < 1280)) || ip -n "$B" addr add "$TUN6_B/64" dev sstp0 nodad
	ip -n "$A" link set sstp0 up
	ip -n "$B" link set sstp0 up
}

# bare_device NS [NAME]: up, but without addresses, so that it says nothing; first in,
# first out, as no fair queue is between flows
bare_device()
{
	ip netns exec "$1" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	ip -n "$1" link add "${2:-sstp0}" mtu 1400 type sstp
	ip netns exec "$1" tc qdisc replace dev "${2:-sstp0}" root pfifo
	ip -n "$1" link set "${2:-sstp0}" up
}

# network_behind NS DEVICE NET: NET, the first three octets, behind that gateway:
# somebody answers at .1
network_behind()
{
	ip -n "$1" link add "$2" type dummy
	ip -n "$1" addr add "$3.1/24" dev "$2"
	ip -n "$1" link set "$2" up
}

# Datagrams that came, and nobody fetched in time.
not_fetched() # NS
{
	ip netns exec "$1" awk '/^Udp: [0-9]/ { print $6 }' /proc/net/snmp
}

# Packets that fq_codel dropped at either end, having waited for long on a busy machine.
waited_too_long()
{
	local ns

	for ns in "$A" "$B"; do
		tc -n "$ns" -s qdisc show dev sstp0
	done | awk '$1 == "Sent" { gsub(",", ""); n += $7 } END { print n + 0 }'
}

# udp DESCRIPTION SERVER CLIENT ADDRESS: at a rate that nothing should lose, but for
# a receiver, or a sender, that a busy machine lets wait; of what those missed iperf3 does
# not know the last, behind which nothing came
udp()
{
	local before late

	before=$(($(not_fetched "$2") + $(waited_too_long)))
	if ! iperf "$2" "$3" -c "$4" -u -b 4M -l 1200 -t 1 >"$tmp/iperf"; then
		not_ok "$1" "$(tail -n 5 "$tmp/iperf")"
		return
	fi
	late=$(($(not_fetched "$2") + $(waited_too_long) - before))
	between "$1" "$(json end.sum.lost_packets <"$tmp/iperf")" 0 $late
}

# start_cli LOG ARGUMENTS...: sstp-cli in the background until "ready"; its
# process id in $cli
start_cli()
{
	local log=$1

	shift
	# Not what the one before left there.
	rm -f "$log"
	sstp-cli "$@" >"$log" 2>&1 &
	cli=$!
	at_exit kill -KILL "$cli"
	wait_for "sstp-cli: ready" grep -q '^ready' "$log" || {
		sed 's/^/# sstp-cli: /' "$log"
		bail 'the tunnel did not come up'
	}
}

# start_pair [OPTION=VALUE...]: a tunnel between both devices
start_pair()
{
	start_cli "$tmp/pair.log" pair "$A@$ADDR_A" sstp0 "$B@$ADDR_B" sstp0 "$@"
}

module_unused()
{
	[[ $(</sys/module/sstp/refcnt) == 0 ]]
}

# remove_module: an engine, which holds sessions, may outlive its parent by a moment
remove_module()
{
	wait_for 'last reference to the module' module_unused && rmmod sstp
}

# stop_cli [SIGNAL]: end what start_cli began
stop_cli()
{
	kill -"${1:-TERM}" "$cli" 2>/dev/null || true
	wait "$cli" 2>/dev/null || true
}

# ---- waiting ----

# Seconds until it is asked again: asking costs an emulated processor more than what is
# waited for, if that takes long.
PAUSES=(0.05 0.05 0.05 0.1 0.1 0.1 0.2 0.2 0.3)

# wait_for WHAT COMMAND...: until it succeeds; says so if it never does
wait_for()
{
	local what=$1 end=$((SECONDS + PATIENCE)) asked=0

	shift
	until "$@" >/dev/null 2>&1; do
		if ((SECONDS >= end)); then
			echo "# waited ${PATIENCE} s in vain for: $what" >&2
			return 1
		fi
		sleep "${PAUSES[asked]}"
		((asked == ${#PAUSES[@]} - 1)) || ((++asked))
	done
}

listening() # namespace, port
{
	ip netns exec "$1" ss -Hltn "sport = :$2" | grep -q .
}

bound_udp() # namespace, port
{
	ip netns exec "$1" ss -Hlun "sport = :$2" | grep -q .
}

# monitoring NS FILE: `ip monitor link`, which says nothing of it, has begun to write there
monitoring()
{
	ip -n "$1" link set dev lo alias monitored
	grep -q ' lo:' "$2"
}

no_listener() # namespace, port
{
	! listening "$@"
}

# ---- traffic ----

# iperf NS_SERVER NS_CLIENT CLIENT_ARGUMENTS...: JSON of the client on stdout; where
# rates count, it is run by $watch (lib-rate.sh). One beside it has another $iperf_port.
watch=
iperf()
{
	local server=$1 client=$2 port=${iperf_port:-5201} pid status=0

	shift 2
	ip netns exec "$server" iperf3 -s -1 -p $port >/dev/null 2>&1 &
	pid=$!
	wait_for 'iperf3 server' listening "$server" $port || return 1
	${watch:-ip netns exec} "$client" timeout $TRANSFER_LIMIT iperf3 -p $port --json \
		${watch:+-i 0.1} "$@" ||
		status=$?
	kill "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
	return $status
}

# start_streams: an endless transfer of TCP each way, until stop_traffic, with
# whatever else has been added to $traffic
start_streams()
{
	traffic=()
	ip netns exec "$A" socat -u TCP-LISTEN:7001,reuseaddr OPEN:/dev/null &
	traffic+=($!)
	ip netns exec "$B" socat -u TCP-LISTEN:7001,reuseaddr OPEN:/dev/null &
	traffic+=($!)
	wait_for 'listeners' eval 'listening "$A" 7001 && listening "$B" 7001'
	ip netns exec "$A" socat -u OPEN:/dev/zero "TCP:$TUN_B:7001,connect-timeout=10" &
	traffic+=($!)
	ip netns exec "$B" socat -u OPEN:/dev/zero "TCP:$TUN_A:7001,connect-timeout=10" &
	traffic+=($!)
} 2>/dev/null

# streams_alive: how many of $traffic go on
streams_alive()
{
	local pid alive=0

	for pid in "${traffic[@]}"; do
		kill -0 "$pid" 2>/dev/null && alive=$((alive + 1))
	done
	echo $alive
}

stop_traffic()
{
	local pid

	for pid in "${traffic[@]}"; do
		kill -KILL "$pid" || true
		wait "$pid" || true
	done
	traffic=()
} 2>/dev/null

# json PATH: a value out of the JSON on stdin, such as end.sum_received.bytes
json()
{
	python3 -c 'import functools, json, sys
doc = json.load(sys.stdin)
print(functools.reduce(lambda d, k: d[k], sys.argv[1].split("."), doc))' "$1"
}

# transfer NS_FROM NS_TO ADDRESS FILE: send it, print the SHA-256 of what arrived
transfer()
{
	local from=$1 to=$2 address=$3 file=$4 pid

	[[ $address == *:* ]] && address="[$address]"
	rm -f "$tmp/arrived"
	ip netns exec "$to" timeout "$TRANSFER_LIMIT" \
		socat -u "$(tcp_of "$address" LISTEN):7000,bind=$address" "CREATE:$tmp/arrived" &
	pid=$!
	wait_for 'listener' listening "$to" 7000 || return 1
	ip netns exec "$from" timeout "$TRANSFER_LIMIT" socat -u "FILE:$file" \
		"$(tcp_of "$address" CONNECT):$address:7000" || {
		kill "$pid"
		return 1
	}
	wait "$pid" || return 1
	sha256sum <"$tmp/arrived"
}

# same_file DESCRIPTION NS_FROM NS_TO ADDRESS: $tmp/file arrives as it was sent
same_file()
{
	local sum

	sum=$(transfer "$2" "$3" "$4" "$tmp/file" 2>"$tmp/err") || sum="$(cat "$tmp/err")"
	equal "$1" "$sum" "$(sha256sum <"$tmp/file")"
}

# tcp_of ADDRESS LISTEN|CONNECT: socat's word for it
tcp_of()
{
	[[ $1 == *:*:* ]] && echo "TCP6-$2" || echo "TCP4-$2"
}

# link_stat NS NAME: a counter of sstp0, such as rx_packets
link_stat()
{
	ip netns exec "$1" cat "/sys/class/net/sstp0/statistics/$2"
}

# session_stat NS NAME: a counter of the only session there
session_stat()
{
	echo 'a dump' | sstp-cli -e "a=$1" | tr ' ' '\n' | sed -n "s/^$2=//p"
}

# no_sessions NS
no_sessions()
{
	echo 'a dump count=0' | sstp-cli -e "a=$1"
}

# no_gaps LOG: of ping; every answer up to the last one came. What ping says of its losses
# counts one that was on its way when it was told to end.
no_gaps()
{
	awk '/bytes from .*icmp_seq=/ && !/DUP!/ {
			sub(/.*icmp_seq=/, "")
			n = $1 + 0
			if (n + 32768 < last % 65536) # of 16 bits
				turns++
			n += 65536 * turns
			got++
			if (n > last)
				last = n
		}
		END { print got + 0 " of " last + 0 " answers"; exit !got || got != last }' "$1"
}

# lost: drops that sstp0 counted on both sides, and packets that went in and did not
# come out. (Retransmissions tell less: a slow machine makes TCP repeat in vain.)
lost()
{
	local from to ns n=0

	wait_for 'silence' quiet
	for ns in "$A" "$B"; do
		for counter in rx_dropped tx_dropped rx_errors; do
			n=$((n + $(link_stat "$ns" $counter)))
		done
		((n += $(ip netns exec "$ns" tc -s qdisc show dev sstp0 |
			sed -n 's/.*dropped \([0-9]*\).*/\1/p' | head -n 1)))
	done
	# Of one moment: a packet that the stack sends by itself goes into all or none.
	wait_for 'silence' counted_in_silence
	read -r from to <"$tmp/from-to"
	echo $((n + from - to))
}

packets() # tx|rx: of both sides
{
	echo $(($(link_stat "$A" "$1_packets") + $(link_stat "$B" "$1_packets")))
}

counted_in_silence()
{
	local from to

	from=$(packets tx)
	to=$(packets rx)
	echo "$from $to" >"$tmp/from-to"
	[[ $(packets tx) == "$from" ]]
}

quiet()
{
	local before

	before=$(link_stat "$A" tx_packets; link_stat "$B" tx_packets)
	sleep 0.2
	[[ $before == "$(link_stat "$A" tx_packets; link_stat "$B" tx_packets)" ]]
}

# ---- end ----

kernel_reports()
{
	local reports='BUG|WARNING:|Oops|KASAN|UBSAN|refcount_t|INFO: (task|possible)|Call Trace'

	dmesg | sed -n "/$ktap_marker/,\$p" | grep -E "$reports|general protection"
}

finish()
{
	local reports

	if reports=$(kernel_reports); then
		not_ok 'the kernel log holds no report' "$reports"
	else
		ok 'the kernel log holds no report'
	fi
	echo "1..$ktap_count"
	printf '# Totals: pass:%d fail:%d skip:%d\n' \
		$((ktap_count - ktap_failed - ktap_skipped)) $ktap_failed $ktap_skipped
	((ktap_failed == 0))
}
