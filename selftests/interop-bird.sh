#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# BIRD runs OSPF and BGP over a tunnel between two gateways. Each learns the
# networks behind the other, one by each protocol, loses them when the session
# ends, and has them back with the next one, without anything being configured
# anew. A connection that is replaced is nothing to them.
#
#	$A  sstpd server, 10.88.0.1		$B  sstpd client, 10.88.0.10
#	    10.99.1.0/24 behind it, OSPF	    10.99.2.0/24 behind it
#	    10.98.1.0/24 behind it, BGP		    10.98.2.0/24 behind it
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"
. "$(dirname "$0")/lib-doc.sh"

NET_A=10.99.1 NET_B=10.99.2
BGP_A=10.98.1 BGP_B=10.98.2
CLIENT_TUN=10.88.0.10

# start_bird NAME NS ROUTER-ID AS ADDRESS PEER-AS PEER-ADDRESS: the last four for BGP
start_bird()
{
	cat >"$tmp/bird.$1.conf" <<-END
	log stderr all;
	router id $3;
	protocol device { scan time 1; }
	protocol kernel {
		ipv4 { export where source ~ [ RTS_OSPF, RTS_OSPF_EXT1, RTS_OSPF_EXT2, RTS_BGP ]; };
	}
	$(text gateway '^way round:' | sed "s/\"eth1\"/\"behind\"/
		s/^protocol bgp .*/protocol bgp tunnel { debug { events }; error wait time 1, 2;/
		s/local .*;/local $5 as $4;/; s/neighbor .*;/neighbor $7 as $6;/
		s/retry time 5/retry time 1/")
	protocol ospf v2 {
		debug { events };
		ipv4 { import all; };
		area 0 {
			interface "sstp*" { type ptp; hello 1; dead 30; };
			interface "inside" { stub; };
		};
	}
	END
	ip netns exec "$2" bird -f -c "$tmp/bird.$1.conf" -s "$tmp/bird.$1.sock" \
		>"$tmp/bird.$1.log" 2>&1 </dev/null &
	at_exit kill -KILL $!
	wait_for "bird ($1)" birdc -s "$tmp/bird.$1.sock" show status
}

route() # namespace, destination: the one that BIRD has set
{
	ip -n "$1" route show "$2" proto bird | grep -q 'dev sstp'
}

no_route()
{
	! route "$@"
}

# as_told: what the guide has for looking at it, at A
as_told()
{
	na bash -ec "$(text gateway '^where eth1 is the inside' |
		sed "s|^birdc|birdc -s $tmp/bird.a.sock|")" | tee "$tmp/told"
	grep 'Reconfigured' "$tmp/told" && grep 'Full/PtP.*sstp0' "$tmp/told" &&
		grep "^$NET_B\.0/24 .*dev sstp0" "$tmp/told"
}

ospf_of() # NAME
{
	birdc -s "$tmp/bird.$1.sock" show ospf neighbors | sed "s/^/# $1: /"
	birdc -s "$tmp/bird.$1.sock" show ospf interface | sed "s/^/# $1: /"
	birdc -s "$tmp/bird.$1.sock" show protocols all tunnel | sed "s/^/# $1: /"
	sed "s/^/# bird.$1: /" "$tmp/bird.$1.log"
}

# both CHECK: for the networks behind the other one
both()
{
	wait_for "$1 in A" "$1" "$A" "$NET_B.0/24" &&
		wait_for "$1 in B" "$1" "$B" "$NET_A.0/24" &&
		wait_for "$1 in A by BGP" "$1" "$A" "$BGP_B.0/24" &&
		wait_for "$1 in B by BGP" "$1" "$B" "$BGP_A.0/24" && return
	ospf_of a
	ospf_of b
	return 1
}

drop_session()
{
	sstpctl -s "$tmp/client.sock" disconnect "$(session_of client id)"
}

# neighbours: what has become of them so far, by OSPF and by BGP, at both ends
neighbours()
{
	grep -hE 'Neighbor .* changed state|tunnel: (BGP session|State changed)' "$tmp"/bird.?.log
}

# replaced PATH: the session goes on by another connection
replaced()
{
	local before

	before=$(neighbours)
	check "$1: OSPF and BGP say what they have come to" eval \
		'grep -q "changed state from .* to Full" <<<"$before" &&
		 grep -q "BGP session established" <<<"$before"'
	check "$1: the connection is replaced" sstpctl -s "$tmp/client.sock" reconnect test
	check "$1: another goes on" explain wait_for 'it' logged client 'goes on as session'
	check "$1: the old one ends" wait_for 'its end' eval 'echo "a dump count=1" | sstp-cli -e "a=$A"'
	check "$1: packets take the routes" nb ping -c 5 -i 1 -W 5 -I "$NET_B.1" "$NET_A.1"
	equal "$1: OSPF and BGP have not noticed" "$(neighbours)" "$before"
}

# The client waits that long before it dials again: time to see the route go.
REDIAL=10

run_over() # PATH
{
	server_conf "data-path = $1" 'source-check = no' | start_sstpd server "$A"
	client_conf "data-path = $1" "reconnect-min = $REDIAL" | start_sstpd client "$B"
	check "$1: they connect" wait_for 'session' connected
	check "$1: each learns the networks behind the other" both route
	check "$1: packets take it" nb ping -c 3 -i 0.2 -W 5 -I "$NET_B.1" "$NET_A.1"
	check "$1: and that of BGP" nb ping -c 3 -i 0.2 -W 5 -I "$BGP_B.1" "$BGP_A.1"
	[[ $1 != kernel ]] || check 'as the guide looks at it' as_told
	[[ $1 != kernel ]] || replaced "$1"
	check "$1: the session ends" drop_session
	check "$1: the routes are withdrawn" both no_route
	check "$1: the session comes back" wait_for 'session' connected
	check "$1: and with it the routes" both route
	check "$1: packets take them again" nb ping -c 3 -i 0.2 -W 5 -I "$NET_B.1" "$NET_A.1"
	stop_sstpd client
	stop_sstpd server
	check "$1: none is left at the end" both no_route
}

setup_sstpd
network_behind "$A" inside "$NET_A"
network_behind "$B" inside "$NET_B"
network_behind "$A" behind "$BGP_A"
network_behind "$B" behind "$BGP_B"
start_bird a "$A" 192.0.2.1 65001 "$SERVER_TUN" 65002 "$CLIENT_TUN"
start_bird b "$B" 192.0.2.2 65002 "$CLIENT_TUN" 65001 "$SERVER_TUN"
run_over kernel
run_over tun
finish
