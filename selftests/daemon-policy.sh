#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What sessions may have: pools, networks behind clients, rates, source addresses,
# names of interfaces, and how many. The data goes through the kernel.
#
#	$A  sstpd, 2001:db8:99::1 on lo		$B  sstpd as client
set -euo pipefail
# shellcheck source=selftests/lib-policy.sh
. "$(dirname "$0")/lib-policy.sh"

# ---- source addresses ----

# hears ADDRESS SOURCE...: which of these a listener at ADDRESS in A hears; the
# client sends from each in turn, and from the last one until it is heard
hears()
{
	local to=$1

	shift
	: >"$tmp/heard"
	ip netns exec "$A" python3 - "$to" >"$tmp/heard" <<-'END' &
	import socket, sys
	to = sys.argv[1]
	s = socket.socket(socket.AF_INET6 if ":" in to else socket.AF_INET, socket.SOCK_DGRAM)
	s.bind((to, 7001))
	print("listening", flush=True)
	while True:
	    print(s.recv(100).decode(), flush=True)
	END
	at_exit kill -KILL "$!"
	wait_for 'listener' grep -q listening "$tmp/heard"
	nb python3 - "$to" "$@" <<-'END'
	import socket, sys
	for source in sys.argv[2:]:
	    s = socket.socket(socket.AF_INET6 if ":" in source else socket.AF_INET, socket.SOCK_DGRAM)
	    s.bind((source, 0))
	    for i in range(3):
	        s.sendto(source.encode(), (sys.argv[1], 7001))
	END
	wait_for "a datagram from ${*: -1}" grep -qxF "${*: -1}" "$tmp/heard" || true
	kill "$!"
	wait "$!" 2>/dev/null || true
	grep -v listening "$tmp/heard" | uniq | tr '\n' ' '
}

# filters: those on the interface of the session
filters()
{
	tc -n "$A" filter show dev "$(session_of server interface)" ingress 2>/dev/null
}

check_sources() # PATH of the server
{
	local peer

	connect alice
	equal 'the data path' "$(session_of server path)" "$1"
	peer=$(session_of server peer)
	equal "$1: a client is heard from its own IPv4 address only" \
		"$(hears "$SERVER_TUN" 10.66.0.1 10.88.0.13 "$SITE" "$peer")" "$peer "
	check 'it has an IPv6 address' wait_for 'address' addressed
	equal "$1: and from its own prefix only" \
		"$(hears $BEHIND6 2001:db8:66::1 2001:db8:88:99::1 $SITE6 "$(address6)")" \
		"$(address6) "
	if [[ $1 == kernel ]]; then
		equal 'the module looks, and no filter' "$(filters)" ''
	else
		check 'filters look' grep -q u32 <(filters)
	fi
	disconnects
}

# ---- rates ----

# at_least MS COMMAND...
at_least()
{
	local ms=$1 start

	shift
	start=$(date +%s%N)
	"$@" || return
	((start += ms * 1000000))
	(($(date +%s%N) >= start)) || {
		echo "it took less than $ms ms"
		return 1
	}
}

setup_policy
policy_conf | start_sstpd server "$A"

# pools, networks behind clients
connect alice
equal 'the first address that is not excluded' "$(session_of server peer)" 10.88.0.13
equal 'the first prefix that is not excluded' \
	"$(session_of server ipv6_prefix)" 2001:db8:88:2::/64
disconnects

connect site
equal 'the data path is the kernel' "$(session_of server path)" kernel
equal 'its address is fixed' "$(session_of server peer)" 10.88.0.99
equal 'its interface has the name of the user' "$(session_of server interface)" branch
check 'a route leads to its network' grep -q 'dev branch' \
	<(ip -n "$A" route show 10.1.0.0/16)
check 'by IPv6, too' wait_for 'route' grep -q 'dev branch' \
	<(ip -n "$A" -6 route show 2001:db8:5::/48)
check 'the network is reached' na ping -c 2 -i 0.2 -W 5 "$SITE"
check 'by IPv6, too' wait_for 'answer' na ping -c 1 -W 5 -I $BEHIND6 $SITE6
equal 'it is heard from there' \
	"$(hears "$SERVER_TUN" 10.66.0.1 "$SITE")" "$SITE "
disconnects
check 'the route is gone' wait_for 'its end' no_route show 10.1.0.0/16

connect guest
equal 'a group has its pool' "$(session_of server peer)" 10.89.1.7
equal 'with its name server' "$(session_of client dns1)" 10.89.0.53
equal 'and its interfaces' "$(session_of server interface)" g-guest0
check 'which are of its group' grep -q 'group 17' \
	<(ip -n "$A" -d link show dev g-guest0)
check 'down is shaped' grep -q 'qdisc tbf .*rate 8Mbit' \
	<(tc -n "$A" qdisc show dev g-guest0)
check 'with fq_codel in it, for one machine' \
	grep -q 'qdisc fq_codel .*parent 1:1 .* flows 64 ' \
	<(tc -n "$A" qdisc show dev g-guest0)
check 'up is policed' grep -q 'police .*rate 8Mbit' \
	<(tc -n "$A" filter show dev g-guest0 ingress)
check '2 MB down take their time' at_least 1700 \
	intact "$A" "$B" 10.89.1.7 2
check '2 MB up take their time' at_least 1700 \
	intact "$B" "$A" "$SERVER_TUN" 2
disconnects

check_sources kernel

connect speaker
peer=$(session_of server peer)
equal 'without the check every address is heard' \
	"$(hears "$SERVER_TUN" 10.66.0.1 "$peer")" "10.66.0.1 $peer "
disconnects

# what is not there
check 'a pool that is not there is no login' explain refused nopool \
	'user nopool: there is no \[pool nowhere\]'
check 'a VRF that is not there is no session' explain refused novrf \
	'vrf: no interface nowhere'
check 'so is a namespace' explain refused nonetns \
	'network namespace nowhere: No such file'
connect lost
check 'a group that is not there is told' logged server \
	'user lost: there is no \[group nowhere\]'
disconnects
stop_sstpd server
equal 'sstpd ends in order' "$status" 0

policy_conf 'data-path = tun' | start_sstpd server "$A"
check_sources tun
stop_sstpd server

# sessions per user
policy_conf 'sessions-per-user = 1' | start_sstpd server "$A"
connect alice
peer=$(session_of server peer)
client_conf 'reconnect = no' 'interface = sstp1' | start_sstpd second "$B"
check 'a second login replaces the first session' explain wait_for 'end' client_gone client
check 'and is the only one' wait_for 'session' has_session server
equal 'with the address of the first' "$(session_of server peer)" "$peer"
check 'that leads to it' na ping -c 2 -i 0.2 -W 5 "$peer"
stop_sstpd second
check 'the session ends' wait_for 'end of session' has_no_session server
stop_sstpd server
policy_conf 'sessions-per-user = 1' 'same-user = refuse' | start_sstpd server "$A"
connect alice
client_conf 'reconnect = no' 'interface = sstp1' | start_sstpd second "$B"
check 'a second login is refused' explain wait_for 'end' client_gone second
check 'the log tells why' logged server 'user alice: has as many sessions as'
check 'the first session is still there' na ping -c 1 -W 5 "$(session_of server peer)"
disconnects
stop_sstpd server

check 'no process is left of it' nobody_in "$A"
finish
