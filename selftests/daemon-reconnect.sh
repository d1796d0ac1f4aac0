#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A client that comes back and is given other addresses has these and no others, on the
# interface that it had, and whatever is routed over that stays routed.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

# start_server POOL
start_server()
{
	[[ ! -e $tmp/server.pid ]] || stop_sstpd server
	server_conf | sed "s/^addresses = .*/addresses = $1/" |
		start_sstpd server "$A"
}

addresses() # of the client's interface, IPv4
{
	ip -n "$B" -4 -br addr show dev vpn | sed 's/.* UP *//; s/ *$//'
}

has_address() # ADDRESS
{
	[[ $(session_of client local) == "$1" ]]
}

routes() # over it, its own addresses aside
{
	ip -n "$B" -4 -o route show table all dev vpn | awk '/^10\.9/ { print $1 }' | sort | paste -sd ' '
}

ifindex()
{
	ip netns exec "$B" cat /sys/class/net/vpn/ifindex
}

# moves PATH: to another address and back
moves()
{
	local pool number

	number=$(ifindex)
	for pool in 40-49 30-39; do
		start_server "10.88.0.${pool%-*}-10.88.0.${pool#*-}"
		check "$1: comes back with an address of $pool" \
			wait_for session has_address "10.88.0.${pool%-*}"
		equal "$1: which is the only one" "$(addresses)" \
			"10.88.0.${pool%-*} peer $SERVER_TUN/32"
		equal "$1: on the same interface" "$(ifindex)" "$number"
		equal "$1: data path" "$(session_of client path)" "$1"
		check "$1: ping" wait_for 'ping' nb ping -c 1 -W 1 "$SERVER_TUN"
		equal "$1: the routes are there, that of the configuration and another" \
			"$(routes)" '10.97.0.0/24 10.98.0.0/24'
	done
}

setup_sstpd
for path in kernel tun; do
	start_server 10.88.0.30-10.88.0.39
	client_conf 'interface = vpn' "data-path = $path" 'reconnect-min = 1' \
		'reconnect-max = 1' 'routes = 10.97.0.0/24' | start_sstpd client "$B"
	check "$path: the client connects" wait_for session has_address 10.88.0.30
	ip -n "$B" route add 10.98.0.0/24 dev vpn
	moves "$path"
	stop_sstpd client
	check "$path: no interface is left" eval '! ip -n "$B" link show dev vpn'
done

ip -n "$B" link add vpn type sstp
start_server 10.88.0.30-10.88.0.39
client_conf 'interface = vpn' 'reconnect-min = 1' 'reconnect-max = 1' \
	'routes = 10.97.0.0/24' | start_sstpd client "$B"
check "an interface that was there: the client connects" wait_for session \
	has_address 10.88.0.30
ip -n "$B" route add 10.98.0.0/24 dev vpn
moves kernel
stop_sstpd client
check 'and is left there' ip -n "$B" link show dev vpn
equal 'without an address' "$(ip -n "$B" -4 addr show dev vpn)" ''
finish
