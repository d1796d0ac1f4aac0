#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Where a client's packets go: routes in a table of their own, the kill switch, gateways
# that change. What must not leave outside is listened for on both links, all the time.
#
#	namespace $B              wifi  $W                       $A
#	+--------+ 10.1.1.2 --------------- 10.1.1.1 .254 ------ +-----------------------+
#	| client |                                               | server 203.0.113.1    |
#	|        | 10.2.2.2 --------------- 10.2.2.1 ----------- | "the Internet", inside|
#	+--------+                lte   $L                       | and outside:          |
#	                                                         | 198.51.100.1          |
#	10.3.3.1 |                                               | 2001:db8:eeee::1      |
#	         | lan                                           +-----------------------+
#	10.3.3.2 $H, a host behind the client
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

ADDR_A=203.0.113.1 # the server's
ADDR_B=203.0.113.2
SERVER6=2001:db8:ffff::1
NET=198.51.100.1
NET6=2001:db8:eeee::1
W=sstp-test-$$-w
L=sstp-test-$$-l
C=sstp-test-$$-c
H=sstp-test-$$-h

# router NS LINK N: 10.N.N.1 for the client, by LINK; on to the server
router()
{
	local ns=$1 link=$2 n=$3

	ip netns add "$ns"
	at_exit ip netns del "$ns"
	ip -n "$ns" link set lo up
	ip netns exec "$ns" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	ip link add "$link" netns "$B" type veth peer name "$link" netns "$ns"
	ip link add "$link" netns "$A" type veth peer name out netns "$ns"
	ip -n "$ns" addr add "10.$n.$n.1/24" dev "$link"
	ip -n "$ns" addr add "2001:db8:$n::1/64" dev "$link" nodad
	ip -n "$ns" addr add "10.255.$n.2/24" dev out
	ip -n "$ns" addr add "2001:db8:255:$n::2/64" dev out nodad
	ip -n "$B" addr add "10.$n.$n.2/24" dev "$link"
	ip -n "$B" addr add "2001:db8:$n::2/64" dev "$link" nodad
	ip -n "$A" addr add "10.255.$n.1/24" dev "$link"
	ip -n "$A" addr add "2001:db8:255:$n::1/64" dev "$link" nodad
	ip -n "$ns" link set "$link" up
	ip -n "$ns" link set out up
	ip -n "$B" link set "$link" up
	ip -n "$A" link set "$link" up
	ip -n "$ns" route add default via "10.255.$n.1"
	ip -n "$ns" -6 route add default via "2001:db8:255:$n::1"
	ip -n "$A" route add "10.$n.$n.0/24" via "10.255.$n.2"
	ip -n "$A" -6 route add "2001:db8:$n::/64" via "2001:db8:255:$n::2"
}

# A network that the client forwards for.
host_behind()
{
	ip netns add "$H"
	at_exit ip netns del "$H"
	ip -n "$H" link set lo up
	ip link add lan netns "$B" type veth peer name lan netns "$H"
	ip -n "$B" addr add 10.3.3.1/24 dev lan
	ip -n "$H" addr add 10.3.3.2/24 dev lan
	ip -n "$B" link set lan up
	ip -n "$H" link set lan up
	ip -n "$H" route add default via 10.3.3.1
}

# The way back is the session's, and goes with it.
behind_reaches() # ADDRESS
{
	ip -n "$A" route replace 10.3.3.0/24 dev sstp0 &&
		ip netns exec "$H" ping -n -c 1 -W 2 "$1"
}

# listen_for NS LINK: what leaves there of what belongs into the tunnel. A reply that comes
# back there has not left: `routes` of IPv6 are there some ms before the server's prefix is,
# and a server that does not look at sources answers to the address that the host had.
listen_for()
{
	ip netns exec "$1" tcpdump -n -l --immediate-mode -i "$2" \
		'dst net 198.51.100.0/24 or dst net 2001:db8:eeee::/48' >"$tmp/leaks.$2" 2>"$tmp/dump.$2" &
	at_exit kill "$!"
	wait_for tcpdump grep -q 'listening on' "$tmp/dump.$2"
}

leaks()
{
	cat "$tmp/leaks.wifi" "$tmp/leaks.lte"
}

none_leaked() # WHAT
{
	equal "$1: nothing has left outside" "$(leaks | head -n 3)" ''
}

by_wifi()
{
	ip -n "$B" route replace default via "${1:-10.1.1.1}" dev wifi
	ip -n "$B" -6 route replace default via 2001:db8:1::1 dev wifi
}

# Those that somebody has while there is no client.
rules()
{
	ip -n "$B" rule | grep -v l3mdev # the kernel's, since a VRF was there
	ip -n "$B" -6 rule | grep -v l3mdev
}

our_rules()
{
	rules | grep -c 'proto 2[01]' || true
}

our_routes()
{
	{
		ip -n "$B" route show table all
		ip -n "$B" -6 route show table all
	} | grep -c 'proto 2[01]' || true
}

reaches() # ADDRESS
{
	nb ping -n -c 1 -W 2 "$1"
}

# dead ADDRESS: unreachable, or behind an interface that is left without a session
dead()
{
	[[ $(way "$1") == sstp0 ]] || unreachable "$1" || return
	! reaches "$1"
}

unreachable() # ADDRESS [ip route get ARGUMENT...]
{
	local said

	said=$(nb ip route get "$@" 2>&1) || true
	[[ $said == *'No route to host'* ]] || {
		echo "$said"
		return 1
	}
}

way() # ADDRESS [ARGUMENT...]: by which interface
{
	nb ip -o route get "$@" | sed -nE 's/.* dev ([^ ]+).*/\1/p'
}

# The server finds out later what became of the old one.
other_session() # than ID
{
	has_session client && (($(session_of client id) != $1))
}

start_client() # KEY=VALUE...
{
	client_conf "$@" | sed "/^routes = $SERVER_TUN/d" | start_sstpd client "$B"
}

# keep_pinging ADDRESS...: from here, and from the host behind
keep_pinging()
{
	local ns

	pings=()
	for ns in "$B" "$H"; do
		# shellcheck disable=SC2016 # it is the other one that expands it
		ip netns exec "$ns" bash -c 'while :; do
			for to; do
				ping -n -q -c 1 -W 1 "$to" &
			done
			sleep 0.3
		done' pings "$@" >/dev/null 2>&1 &
		pings+=($!)
		at_exit kill "$!"
	done
}

kill_client()
{
	local pid

	pid=$(<"$tmp/client.pid")
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || true
	wait_for 'end of all its processes' nobody_in_but_pings "$B"
}

nobody_in_but_pings()
{
	[[ ! $(ip netns pids "$1" | xargs -r ps -o comm= -p | grep sstpd) ]]
}

rp_filter() # VALUE
{
	local i

	for i in all default wifi lte lan; do
		nb sysctl -qw "net.ipv4.conf.$i.rp_filter=$1"
	done
}

setup_sstpd
ip -n "$A" link del veth
router "$W" wifi 1
router "$L" lte 2
host_behind
for address in $ADDR_A/32 $NET/32 $SERVER6/128 $NET6/128; do
	ip -n "$A" addr add "$address" dev lo
done
na sysctl -qw net.ipv6.conf.all.forwarding=1
nb sysctl -qw net.ipv4.ip_forward=1
by_wifi
check 'outside all is there' wait_for pings reaches $NET
check 'also by IPv6' wait_for pings reaches $NET6
before=$(rules)

# serve KEY=VALUE...: also where the outside is reached by IPv6
serve()
{
	server_conf "listen = [$SERVER6]:443" 'source-check = no' "data-path = $path" "$@" |
		start_sstpd server "$A"
}

serve_ipv6()
{
	{
		server_conf 'source-check = no' "data-path = $path" 'ipv6 = yes'
		echo 'ipv6-prefix = 2001:db8:88::/48'
	} | start_sstpd server "$A"
}

full() # KEY=VALUE...: a full tunnel with a kill switch
{
	start_client 'default-route = yes' 'kill-switch = yes' "data-path = $path" \
		'reconnect-max = 2' "$@"
}

full_tunnel()
{
	# ---- a kill switch, from the start on ----
	rp_filter 2
	full
	listen_for "$W" wifi
	listen_for "$L" lte
	keep_pinging $NET $NET6
	check "$path, no server yet: nothing is reached" unreachable $NET
	check "$path: nor by IPv6" unreachable $NET6
	check "$path: nor from a host behind" unreachable $NET from 10.3.3.2 iif lan
	check "$path: what is near is" reaches 10.1.1.1
	serve
	check "$path: a client is connected, with rp_filter = 2" \
		explain wait_for session connected
	check "$path: all goes through the tunnel" wait_for pings reaches $NET
	equal "$path: it does" "$(way $NET)" sstp0
	check "$path: also from a host behind" wait_for pings behind_reaches $NET
	equal "$path: but for the connection" "$(way $ADDR_A mark "$(mark)")" wifi
	equal "$path: not all that goes to the server" "$(way $ADDR_A)" sstp0
	check "$path: IPv6, which the tunnel does not carry, is unreachable" unreachable $NET6
	none_leaked "$path, up"

	# ---- crashes ----
	count=$(our_rules)
	kill -KILL "$(pgrep -P "$(<"$tmp/client.pid")" '^sstpd-engine$')"
	check "$path: the engine is killed, another one goes on" wait_for pings reaches $NET
	none_leaked "$path, engine killed"
	kill_client
	check "$path, all killed: nothing is reached" dead $NET
	check "$path: nor from a host behind" eval '! behind_reaches $NET'
	check "$path: nor by IPv6" unreachable $NET6
	equal "$path: by the rules that are there" "$(our_rules)" "$count"
	rp_filter 1
	full
	check "$path: the next one connects, with rp_filter = 1" \
		explain wait_for session connected
	check "$path: all goes through its tunnel" wait_for pings reaches $NET
	check "$path: from a host behind, too" wait_for pings behind_reaches $NET
	equal "$path: no rule is there twice" "$(our_rules)" "$count"
	none_leaked "$path, killed and started again"

	# ---- somebody else's hands ----
	nb ip rule del pref "$(nb ip rule | sed -n 's/^\([0-9]*\):.*suppress.*/\1/p' | head -n 1)"
	check "$path: a rule that somebody deletes comes back" wait_for rule are_rules "$count"
	nb ip route del unreachable default table "$(mark)"
	check "$path: and a route" wait_for route closed
	id=$(session_of client id)

	# ---- gateways ----
	ip -n "$W" addr del 10.1.1.1/24 dev wifi
	ip -n "$W" addr add 10.1.1.254/24 dev wifi
	by_wifi 10.1.1.254
	check "$path: another gateway" wait_for pings reaches $NET
	equal "$path: is no matter for the session" "$(session_of client id)" "$id"
	ip -n "$B" route replace default via 10.2.2.1 dev lte
	ip -n "$W" addr del 10.1.1.254/24 dev wifi
	ip -n "$W" addr add 10.1.1.1/24 dev wifi
	check "$path: another interface: a session by that" wait_for session other_session "$id"
	check "$path: soon, as the way has changed" logged client 'reason=way-changed'
	check "$path: all goes through it" wait_for pings reaches $NET
	equal "$path: which leaves by it" "$(way $ADDR_A mark "$(mark)")" lte
	id=$(session_of client id)
	ip -n "$B" addr del 10.2.2.2/24 dev lte
	by_wifi
	check "$path: an address goes: a session from another" wait_for session other_session "$id"
	check "$path: all goes through that" wait_for pings reaches $NET
	ip -n "$B" addr add 10.2.2.2/24 dev lte
	none_leaked "$path, gateways"

	# ---- the server goes, and the end ----
	stop_sstpd server
	check "$path, the server is gone" wait_for 'end of session' has_no_session client
	check "$path: nothing is reached" unreachable $NET
	none_leaked "$path, server gone"
	stop_sstpd client
	kill "${pings[@]}"
	equal "$path, stopped: the rules are what they were" "$(rules)" "$before"
	equal "$path: and no route is left" "$(our_routes)" 0
	check "$path: outside is reached as before" reaches $NET
	check "$path: also by IPv6" reaches $NET6
	check "$path: what leaves there is seen" wait_for 'leak' leaked $NET6
}

closed()
{
	[[ $(nb ip route show table "$(mark)" type unreachable) == *default* ]]
}

leaked() # ADDRESS
{
	leaks | grep -q "$1"
}

are_rules() # HOW MANY
{
	[[ $(our_rules) == "$1" ]]
}

# mark: of the client's connection, and number of its table
mark()
{
	nb ip rule | sed -nE 's/.*not from all fwmark (0x[0-9a-f]+) .*/\1/p' | head -n 1 |
		xargs printf '%d\n'
}

# ended WHAT COMMAND...: a client with a kill switch ends, though nobody stops it
ended_by_itself()
{
	local what=$1

	shift
	check "$path, $what: a session" explain wait_for session connected
	"$@"
	wait "$(<"$tmp/client.pid")" || true
	check "$path, $what: the kill switch stays" logged client 'the kill switch of clients stays on'
	check "$path, $what: nothing is reached" unreachable $NET
	check "$path, $what: nor by IPv6" unreachable $NET6
	full
	check "$path, $what: the next one connects" explain wait_for session connected
	stop_sstpd client
	equal "$path, $what, stopped: the rules are what they were" "$(rules)" "$before"
}

disconnect()
{
	sstpctl -s "$tmp/server.sock" disconnect "$(session_of server id)" >/dev/null
}

# Until it has had enough of that.
engines_die()
{
	local pid

	pid=$(<"$tmp/client.pid")
	while kill -0 "$pid" 2>/dev/null; do
		pkill -KILL -P "$pid" '^sstpd-engine$' || true
		sleep 0.2
	done
}

nobody_stops_it()
{
	rp_filter 0
	serve 'sessions-per-user = 2'
	full 'reconnect = no'
	ended_by_itself 'reconnect = no' disconnect
	full
	ended_by_itself 'engines die' engines_die
	stop_sstpd server
}

carries_ipv6()
{
	local seen

	serve_ipv6
	seen=$(leaks | wc -l)
	full 'ipv6 = yes'
	check "$path, a tunnel that carries IPv6: all goes through it" wait_for pings reaches $NET6
	equal "$path: it does" "$(way $NET6)" sstp0
	check "$path: and IPv4" wait_for pings reaches $NET
	stop_sstpd server
	check "$path, the server is gone" wait_for 'end of session' has_no_session client
	check "$path: nothing is reached by IPv6" unreachable $NET6
	check "$path: nor by IPv4" unreachable $NET
	equal "$path: nothing has left outside" "$(leaks | tail -n +$((seen + 1)))" ''
	stop_sstpd client
	equal "$path, stopped: the rules are what they were" "$(rules)" "$before"
	equal "$path: and no route is left" "$(our_routes)" 0
}

# A kill switch for some networks.
some_networks()
{
	local seen

	seen=$(leaks | wc -l)
	start_client 'routes = 198.51.100.0/24, 2001:db8:eeee::/48' 'kill-switch = yes' \
		"data-path = $path" 'reconnect-max = 2'
	check "$path, routes, no server yet: these are not reached" unreachable $NET
	check "$path: nor by IPv6" unreachable $NET6
	check "$path: others are" reaches $ADDR_A
	serve_ipv6
	check "$path: a session" explain wait_for session connected
	check "$path: these go through the tunnel" wait_for pings reaches $NET
	equal "$path: others do not" "$(way $ADDR_A)" wifi
	check "$path: IPv6, which the tunnel does not carry, is not reached" dead $NET6
	kill_client
	check "$path, all killed: they are not reached" dead $NET
	start_client 'routes = 198.51.100.0/24, 2001:db8:eeee::/48' 'kill-switch = yes' \
		"data-path = $path" 'reconnect-max = 2' 'ipv6 = yes'
	check "$path: with IPv6, these go through the tunnel" wait_for pings reaches $NET6
	equal "$path: nothing has left outside" "$(leaks | tail -n +$((seen + 1)))" ''
	stop_sstpd client
	equal "$path, stopped: the rules are what they were" "$(rules)" "$before"
	stop_sstpd server
}

own_tables()
{
	serve
	start_client 'routes = 203.0.113.0/24, 198.51.100.0/24' 'table = 77' "data-path = $path"
	check "$path, table = 77: a session" explain wait_for session connected
	check "$path: the routes are there" eval 'ip -n "$B" route show table 77 | grep "^198.51.100.0/24 dev sstp0"'
	check "$path: packets pass" wait_for pings reaches $NET
	equal "$path: the server is inside" "$(way $ADDR_A)" sstp0
	stop_sstpd client
	start_client 'routes = 203.0.113.0/24, 198.51.100.0/24' 'fwmark = 0x99' "data-path = $path"
	check "$path, fwmark = 0x99: a session" explain wait_for session connected
	equal "$path: what has it goes outside" "$(way $ADDR_A mark 0x99)" wifi
	equal "$path: all else is inside" "$(way $ADDR_A) $(way $ADDR_A mark 0x9a)" 'sstp0 sstp0'
	check "$path: packets pass" wait_for pings reaches $NET
	stop_sstpd client
	start_client 'routes = 203.0.113.0/24, 198.51.100.0/24' 'table = main' "data-path = $path"
	check "$path, table = main: a session" explain wait_for session connected
	equal "$path: the routes are there" "$(ip -n "$B" route show 198.51.100.0/24 | grep -o 'dev [^ ]*')" \
		'dev sstp0'
	equal "$path: without rules of ours" "$(our_rules)" 0
	equal "$path: the server's is left out" "$(way $ADDR_A)" wifi
	check "$path: packets pass" wait_for pings reaches $NET
	stop_sstpd client
	equal "$path, stopped: the rules are what they were" "$(rules)" "$before"
	equal "$path: and no route is left" "$(our_routes)" 0
	stop_sstpd server
}

no_kill_switch()
{
	rp_filter 0
	serve
	start_client 'default-route = yes' 'leak = ipv6' "data-path = $path"
	check "$path, without a kill switch: a session" explain wait_for session connected
	check "$path: IPv4 goes through it" test "$(way $NET)" = sstp0
	equal "$path: with leak = ipv6, IPv6 does not" "$(way $NET6)" wifi
	stop_sstpd server
	check "$path: the tunnel is gone" wait_for 'end of session' has_no_session client
	equal "$path: all goes outside" "$(way $NET)" wifi
	stop_sstpd client

	serve
	start_client 'default-route = yes' "data-path = $path"
	check "$path, nothing but a default route: a session" explain wait_for session connected
	check "$path: IPv6, which the tunnel does not carry, is unreachable" unreachable $NET6
	stop_sstpd server
	check "$path: the tunnel is gone" wait_for 'end of session' has_no_session client
	equal "$path: all goes outside" "$(way $NET) $(way $NET6)" 'wifi wifi'
	stop_sstpd client
}

two_clients()
{
	local id

	rp_filter 0
	serve 'sessions-per-user = 2'
	{
		client_conf "data-path = $path" 'metric = 10' 'reconnect = no' |
			sed "s|^routes = .*|routes = 203.0.113.0/24, 198.51.100.0/24, 10.1.0.0/16|"
		client_conf "data-path = $path" 'metric = 20' 'interface = sstp1' 'routes = 192.0.2.0/24' |
			sed "s|^routes = $SERVER_TUN.*|routes = 198.51.100.0/24|; s/client test/client second/"
	} | start_sstpd client "$B"
	check "$path: two clients" explain wait_for sessions test_two
	equal "$path: the one of the lower metric has the route" "$(way $NET)" sstp0
	equal "$path: the other has its own" "$(way 192.0.2.1)" sstp1
	equal "$path: the server is inside" "$(way $ADDR_A)" sstp0
	equal "$path: but the connection outside" "$(way $ADDR_A mark "$(mark)")" wifi
	equal "$path: the nearest way wins" "$(way 10.1.1.1)" wifi
	equal "$path: of all" "$(way 10.1.2.1)" sstp0
	check "$path: packets pass" wait_for pings reaches $NET
	id=$(by_interface sstp0)
	sstpctl -s "$tmp/client.sock" disconnect "$id" >/dev/null
	check "$path: when the first is gone the other takes over" wait_for route goes_by $NET sstp1
	check "$path: packets pass there" wait_for pings reaches $NET
	stop_sstpd client
	equal "$path: nothing is left of two clients" "$(rules)" "$before"
	equal "$path: no route either" "$(our_routes)" 0
	stop_sstpd server
}

test_two()
{
	[[ $(sessions_of client) == 2 ]]
}

goes_by() # ADDRESS INTERFACE
{
	[[ $(way "$1") == "$2" ]]
}

by_interface() # INTERFACE: number of the client's session there
{
	sstpctl -s "$tmp/client.sock" show --json | awk -v name="\"$1\"," '
		/^      "id": / { id = $2 + 0 }
		/^      "interface": / && $2 == name { print id }'
}

in_vrf() # ADDRESS...: reached there
{
	local to

	for to; do
		nb ping -n -c 1 -W 2 -I red "$to" || return
	done
}

in_a_vrf()
{
	ip -n "$B" link add red type vrf table 10
	ip -n "$B" link set red up
	serve_ipv6
	start_client 'default-route = yes' 'ipv6 = yes' 'vrf = red' "data-path = $path"
	check "$path, in a VRF: all goes through the tunnel" wait_for pings in_vrf $NET $NET6
	equal "$path: by the routes in its table" "$(way $NET vrf red) $(way $NET6 vrf red)" 'sstp0 sstp0'
	equal "$path: and nowhere else" "$(way $NET) $(way $NET6)" 'wifi wifi'
	equal "$path: without rules of ours" "$(our_rules)" 0
	kill_client
	start_client 'default-route = yes' 'ipv6 = yes' 'vrf = red' "data-path = $path"
	check "$path: again, after kill -9" wait_for pings in_vrf $NET $NET6
	stop_sstpd client
	equal "$path, stopped: no route is left" "$(our_routes)" 0
	stop_sstpd server
	ip -n "$B" link del red
}

connects_in() # NAMESPACE
{
	connected && [[ $(ip -n "$1" -o route get $NET) == *' dev sstp0 '* ]] &&
		ip netns exec "$1" ping -n -c 1 -W 2 $NET
}

in_a_namespace()
{
	local id

	ip netns add "$C"
	serve 'ipv6 = yes'
	start_client 'default-route = yes' 'ipv6 = yes' "netns = $C" "data-path = $path" \
		'reconnect-max = 2'
	check "$path, in a namespace: a session, and all there goes through it" \
		explain wait_for session connects_in "$C"
	equal "$path: nothing outside does" "$(way $NET)" wifi
	equal "$path: nor by IPv6" "$(way $NET6)" wifi
	check "$path: and its interface is not there" eval '! ip -n "$B" link show dev sstp0'
	equal "$path: without rules of ours" "$(our_rules)" 0
	equal "$path: show says where it is" "$(session_of client netns)" "$C"
	check "$path: its link-local address is there, too" wait_for 'it' eval \
		'ip -n "$C" -6 addr show dev sstp0 scope link | grep "inet6 fe80"'
	kill_client
	start_client 'default-route = yes' "netns = $C" "data-path = $path" 'reconnect-max = 2'
	check "$path: again, after kill -9" explain wait_for session connects_in "$C"
	id=$(session_of client id)
	check "$path: upgraded" sstpctl -s "$tmp/client.sock" upgrade
	check "$path: all there goes through the tunnel" explain wait_for session connects_in "$C"
	[[ $path != kernel ]] || equal "$path: by the same session" "$(session_of client id)" "$id"
	ip netns del "$C"
	ip netns add "$C"
	sstpctl -s "$tmp/client.sock" disconnect "$(session_of client id)" >/dev/null
	check "$path: and in the one that is called so now" explain wait_for session connects_in "$C"
	stop_sstpd client
	check "$path, stopped: nothing is left there" eval '[[ ! $(ip -n "$C" route show table all |
		grep sstp0) ]] && ! ip -n "$C" link show dev sstp0'
	start_client "netns = nowhere" 'reconnect = no' "data-path = $path"
	check "$path: one that is not there is named" wait_for 'log line' logged client \
		'network namespace nowhere: No such file'
	wait "$(<"$tmp/client.pid")" || true
	stop_sstpd server
	ip netns del "$C"
}

# by_ipv6 [KEY=VALUE...]: a full tunnel with a kill switch, whose connection is by IPv6
by_ipv6()
{
	client_conf 'default-route = yes' 'kill-switch = yes' "tls-name = $SERVER_NAME" \
		"data-path = $path" 'reconnect-max = 2' "$@" |
		sed "/^routes = /d; s/^server = .*/server = [$SERVER6]:443/" | start_sstpd client "$B"
}

outside_by_ipv6()
{
	local id

	serve
	by_ipv6
	check "$path, connected by IPv6: a session" explain wait_for session connected
	check "$path: all of IPv4 goes through the tunnel" wait_for pings reaches $NET
	equal "$path: the connection outside" "$(way $SERVER6 mark "$(mark)")" wifi
	check "$path: nothing else of IPv6" unreachable $NET6
	check "$path: not even to the server" unreachable $SERVER6
	id=$(session_of client id)
	ip -n "$B" -6 route replace default via 2001:db8:2::1 dev lte
	check "$path: another interface: a session by that" wait_for session other_session "$id"
	check "$path: all goes through it" wait_for pings reaches $NET
	kill_client
	check "$path, all killed: nothing is reached" dead $NET
	check "$path: nor by IPv6" unreachable $NET6
	by_ipv6
	check "$path: the next one connects" explain wait_for session connected
	check "$path: all goes through its tunnel" wait_for pings reaches $NET
	stop_sstpd client
	equal "$path, stopped: the rules are what they were" "$(rules)" "$before"
	check "$path: outside is reached as before" reaches $NET6
	by_wifi
	stop_sstpd server
}

refused() # PATTERN KEY=VALUE...: by sstpd -t
{
	local pattern=$1

	shift
	client_conf "$@" >"$tmp/check.conf"
	refuse "${*: -1} with ${*: -2:1}" "$pattern" sstpd -t -c "$tmp/check.conf"
}

refused '"netns" and "table" exclude each other' 'table = 7' "netns = $C"
refused '"kill-switch"' 'default-route = yes' 'kill-switch = yes' "netns = $C"
refused '"dns"' 'dns = resolved' "netns = $C"

for path in ${PATHS:-kernel tun}; do
	full_tunnel
	outside_by_ipv6
	carries_ipv6
	some_networks
	nobody_stops_it
	in_a_namespace
	own_tables
	no_kill_switch
	two_clients
	in_a_vrf
done
finish
