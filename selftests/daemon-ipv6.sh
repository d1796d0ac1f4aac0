#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# IPv6 in the tunnel: each client makes its address from a prefix of its own,
# which it hears of by Router Advertisements, and reaches what is behind the
# server. On both data paths.
#
#	$A  sstpd, 2001:db8:99::1 on lo	$B  sstpd, 2001:db8:88:... on sstp0
set -euo pipefail
# shellcheck source=selftests/lib-sstpd.sh
. "$(dirname "$0")/lib-sstpd.sh"

BEHIND=2001:db8:99::1
PREFIX=2001:db8:88

# explain CHECK...: if it fails, with what both sides have logged
explain()
{
	"$@" && return
	tail -n 20 "$tmp/server.log" "$tmp/client.log"
	ip -n "$B" -6 addr
	ip -n "$B" -6 route
	return 1
}

# addressed: sets $address to the global one of the client
addressed()
{
	address=$(ip -n "$B" -6 -o addr show dev sstp0 scope global |
		sed -n 's/.* inet6 \([^/ ]*\)\/64 .*/\1/p')
	[[ $address == $PREFIX:* ]]
}

# solicits: a Router Solicitation is answered, but not one that comes from afar.
# The first advertisements come 3 s apart: silence for much longer is their end.
solicits()
{
	nb python3 - <<-'END'
	import socket, struct, sys

	sock = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
	index = socket.if_nametoindex("sstp0")

	def advertised(seconds):
	    sock.settimeout(seconds)
	    try:
	        while sock.recv(2000)[0] != 134:
	            pass
	    except TimeoutError:
	        return False
	    return True

	def solicit(hops):
	    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, hops)
	    sock.sendto(struct.pack("!BBHI", 133, 0, 0, 0), ("ff02::2", 0, 0, index))

	while advertised(10):
	    pass
	solicit(254)
	if advertised(5):
	    sys.exit("answered to hop limit 254")
	solicit(255)
	if not advertised(60):
	    sys.exit("no answer")
	END
}

# session KEY=VALUE...: of the client; ends with it
session()
{
	client_conf 'ipv6 = yes' 'default-route = yes' "$@" | start_sstpd client "$B"
	check "the client has a global address ($*)" explain wait_for 'address' addressed
	addressed || bail 'nothing else can be tested'
	prefix=$(session_of server ipv6_prefix)
	check 'the server has a route to its prefix' \
		grep "^$prefix dev sstp0" <<<"$(ip -n "$A" -6 route)"
	check 'where its address is' grep "^${prefix%::/64}:" <<<"$address"
	check 'it reaches what is behind the server' \
		nb ping -c 3 -i 0.2 -W 5 -I "$address" "$BEHIND"
	check 'and is reached from there' \
		na ping -c 3 -i 0.2 -W 5 -I "$BEHIND" "$address"
	check 'its solicitations are answered' solicits
	stop_sstpd client
	check 'the session is gone' wait_for 'end of session' has_no_session server
	check 'and the route' wait_for 'end of route' no_route
}

no_route()
{
	[[ $(ip -n "$A" -6 route) != *"$PREFIX"* ]]
}

# ---- "routes" ----

ORDER=('unreachable 2001:db8:99:' "sstp0 *inet6 $PREFIX:" '^2001:db8:99:.*dev sstp0')

# Without default-route: what this host sends there has an address of the tunnel.
routed() # KEY=VALUE...
{
	ip -n "$B" -o monitor address route >"$tmp/monitor" &
	monitor=$!
	client_conf 'ipv6 = yes' "routes = ${BEHIND%::1}::/48" "$@" | start_sstpd client "$B"
}

unrouted_quietly()
{
	stop_sstpd client
	kill "$monitor"
}

unrouted()
{
	unrouted_quietly
	check 'nothing of it is left' eval '! ip -n "$B" -6 route show table all | grep 2001:db8:99:'
}

goes_inside()
{
	[[ $(ip -n "$B" -6 route get "$BEHIND" 2>/dev/null) == *' dev sstp0 '* ]]
}

# at PATTERN: the number of the first line of it, of what the monitor has seen
at()
{
	grep -nm 1 "$1" "$tmp/monitor" | cut -d : -f 1
}

# On a busy machine an advertisement may be later than the client waits: once more.
waits_for_address() # KEY=VALUE...
{
	local try

	for try in 1 2 3; do
		routed "$@"
		wait_for 'route' goes_inside && wait_for 'address' addressed || true
		! in_order "${ORDER[@]}" >"$tmp/order" || break
		[[ $try == 3 ]] || { unrouted_quietly; echo "# look $try: not in order"; }
	done
	check "routes ($*): the source is the tunnel's" \
		grep "src $address " <<<"$(ip -n "$B" -6 route get "$BEHIND") "
	check "routes ($*): unreachable first, then the address, then the way inside" \
		explain in_order "${ORDER[@]}"
	unrouted
}

in_order() # PATTERN...
{
	local pattern line last=0

	for pattern; do
		line=$(at "$pattern")
		((${line:-0} > last)) || {
			echo "$pattern: line ${line:-none}, after $last"
			cat "$tmp/monitor"
			return 1
		}
		last=$line
	done
}

# A server that does not advertise: somebody else has given addresses.
waits_not_forever()
{
	na nft -f - <<-END
	table ip6 silent {
		chain out {
			type filter hook output priority 0
			icmpv6 type nd-router-advert drop
		}
	}
	END
	routed
	check 'no advertisement: the way inside all the same' explain wait_for 'route' goes_inside
	check 'after it was unreachable' explain \
		in_order 'unreachable 2001:db8:99:' '^2001:db8:99:.*dev sstp0'
	check 'there is no address' eval '! addressed'
	unrouted
	routed 'kill-switch = yes' 'reconnect-max = 1'
	check 'kill switch: the way inside' explain wait_for 'route' goes_inside
	check 'kill switch: unreachable behind it' grep '^unreachable 2001:db8:99:' \
		<<<"$(ip -n "$B" -6 route show table all)"
	unrouted
	na nft delete table ip6 silent
}

setup_sstpd
na sysctl -q -w net.ipv6.conf.all.forwarding=1
ip -n "$A" addr add "$BEHIND/128" dev lo
{
	server_conf 'ipv6 = yes'
	printf '%s\n' "ipv6-prefix = $PREFIX::/48" 'ipv6-dns = 2001:db8::53'
} | start_sstpd server "$A"

session
first=$prefix
session 'data-path = tun'
equal 'a user who returns gets the same prefix' "$prefix" "$first"
waits_for_address
waits_for_address 'data-path = tun'
waits_not_forever

stop_sstpd server
equal 'the server ends in order' "$status" 0
check 'no process is left of it' nobody_in "$A"
check 'nor of the client' nobody_in "$B"
finish
