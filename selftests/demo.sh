#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What `make run` shows, on this machine or in a VM: a server and a client in
# two network namespaces, the tunnel's status, ping, and throughput both ways
# over the kernel path and over the TUN path, each as a share of a raw kTLS
# stream between the same namespaces. Exit status 0 only if all of it worked, and no
# rate is out of all reason.
#
#	$A  sstpd, server, 10.88.0.1	$B  sstpd, client, 10.88.0.10
#
# KSSTP_KEEP=1: leaves the tunnel up, with a shell to look at it.
# KSSTP_SECONDS: for one measurement (3). KSSTP_CLOCK: what its second is, if it
# is not one of the wall clock.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"
. "$(dirname "$0")/lib-rate.sh"

SECONDS_EACH=${KSSTP_SECONDS:-3}
CLIENT_TUN=10.88.0.10
# Shares of raw kTLS, in percent, that a path never leaves unless something is wrong.
KERNEL_RANGE='20 130' TUN_RANGE='2 130'
failed=0

fail()
{
	echo "FAILED: $*"
	failed=$((failed + 1))
}

title()
{
	printf '\n== %s\n' "$*"
}

# raw NS_FROM NS_TO ADDRESS_TO: Mbit/s of a kTLS stream
raw()
{
	local pid

	ip netns exec "$2" ktls-stream -s "$3" >"$tmp/rate" &
	pid=$!
	wait_for 'the receiver' listening "$2" 4433
	watched "$1" ktls-stream -c "$3" -t "$SECONDS_EACH"
	wait "$pid"
	awk '{ print $1 }' "$tmp/rate"
}

# inner NS_FROM NS_TO ADDRESS_TO: Mbit/s of iperf3 through the tunnel
inner()
{
	iperf "$2" "$1" -c "$3" -t "$SECONDS_EACH" >"$tmp/iperf" || return 1
	iperf_rate "$tmp/iperf"
}

row() # NAME DIRECTION MBIT_S YARDSTICK
{
	awk -v n="$1" -v d="$2" -v r="$3" -v y="$4" 'BEGIN {
		printf "  %-12s %-18s %8.1f Mbit/s  %5.2f of raw kTLS\n", n, d, r, r / y }'
}

# measure NAME RANGE: the tunnel that is up, both ways
measure()
{
	local rate

	rate=$(measured "$SECONDS_EACH" inner "$A" "$B" "$CLIENT_TUN") || fail "$1: no steady rate to the client"
	judge "$1" 'server to client' "${rate:-0}" "$raw_down" "$2"
	rate=$(measured "$SECONDS_EACH" inner "$B" "$A" "$SERVER_TUN") || fail "$1: no steady rate to the server"
	judge "$1" 'client to server' "${rate:-0}" "$raw_up" "$2"
}

# judge NAME DIRECTION MBIT_S YARDSTICK RANGE
judge()
{
	row "$1" "$2" "$3" "$4"
	awk -v r="$3" -v y="$4" -v range="$5" 'BEGIN {
		split(range, limit)
		exit !(100 * r >= limit[1] * y && 100 * r <= limit[2] * y) }' ||
		fail "$1, $2: $3 Mbit/s is out of all reason"
}

# warm_up: what is measured with has been read from the disk, and run
warm_up()
{
	in_memory iperf3
	iperf "$B" "$A" -c "$ADDR_B" -n 1M >/dev/null
}

both_on()
{
	[[ $(session_of client path) == "$1" && $(session_of server path) == "$1" ]]
}

# tunnel_up PATH: server and client, both on that data path
tunnel_up()
{
	local path=$1

	server_conf "data-path = $path" | start_sstpd server "$A"
	client_conf "data-path = $path" | start_sstpd client "$B"
	wait_for "a session on the $path path" both_on "$path" && return
	log_of server
	log_of client
	bail "no session on the $path path"
}

tunnel_down()
{
	stop_sstpd client || fail 'the client did not end well'
	stop_sstpd server || fail 'the server did not end well'
}

show_status()
{
	for end in server client; do
		title "sstpctl show, $end"
		sstpctl -s "$tmp/$end.sock" show || fail "sstpctl show, $end"
	done
}

show_ping()
{
	title "ping, from the client and from the server"
	nb ping -c 3 -i 0.2 -W 5 "$SERVER_TUN" || fail 'ping from the client'
	na ping -c 3 -i 0.2 -W 5 "$CLIENT_TUN" || fail 'ping from the server'
}

# The counters of the interfaces say whether packets went through the module.
through_kernel()
{
	local packets

	packets=$(ip netns exec "$B" cat /sys/class/net/sstp0/statistics/rx_packets)
	[[ $(ip -n "$B" -d link show dev sstp0) == *' sstp '* ]] && ((packets > 1000)) ||
		fail "the kernel path moved only $packets packets"
}

keep()
{
	title 'KEEP=1: the tunnel stays up until you leave this shell'
	cat <<-END
	server: ip netns exec $A bash	sstpctl show
	client: ip netns exec $B bash	sstpctl -s $tmp/client.sock show
	logs:   $tmp/server.log $tmp/client.log
	END
	# In that shell, and in those it starts, sstpctl asks the server.
	eval "sstpctl() { command sstpctl -s $tmp/server.sock \"\$@\"; }"
	export -f sstpctl
	bash -i || true
	unset -f sstpctl
}

title "kernel $(uname -r), two network namespaces: server and client"
setup_sstpd >/dev/null
[[ ! ${KSSTP_CLOCK:-} ]] ||
	echo "The rates are on the instruction clock: Mbit/s $KSSTP_CLOCK"
title "raw kTLS between the namespaces, the yardstick ($SECONDS_EACH s each way)"
warm_up
raw_down=$(measured "$SECONDS_EACH" raw "$A" "$B" "$ADDR_B") || bail 'no yardstick'
raw_up=$(measured "$SECONDS_EACH" raw "$B" "$A" "$ADDR_A") || bail 'no yardstick'
row 'raw kTLS' 'server to client' "$raw_down" "$raw_down"
row 'raw kTLS' 'client to server' "$raw_up" "$raw_up"

tunnel_up kernel
show_ping
title "throughput, kernel path"
measure 'kernel path' "$KERNEL_RANGE"
through_kernel
show_status
if [[ ${KSSTP_KEEP:-} ]]; then
	keep
fi
tunnel_down

title "throughput, TUN path"
tunnel_up tun
measure 'TUN path' "$TUN_RANGE"
tunnel_down

if reports=$(kernel_reports); then
	fail "the kernel log holds a report: $reports"
fi
title "$( ((failed)) && echo "$failed of the steps FAILED" || echo 'all of it worked')"
((failed == 0))
