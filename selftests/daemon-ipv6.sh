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

# at_once: a Router Solicitation soon after the first advertisement is answered to who asks,
# alone: what goes to all comes three seconds later. It is not known when the first one is
# sent: one asks again and again.
at_once()
{
	nb python3 - "$PATIENCE" <<-'END'
	import select, socket, struct, sys, time

	IPV6_RECVPKTINFO = 49
	until = time.monotonic() + float(sys.argv[1])
	sock = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
	sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
	sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)
	print("listens", flush=True)

	def solicit():
	    try:
	        index = socket.if_nametoindex("sstp0")
	        sock.sendto(struct.pack("!BBHI", 133, 0, 0, 0), ("ff02::2", 0, 0, index))
	    except OSError:
	        pass

	to_all = 0
	while time.monotonic() < until and to_all < 3:
	    solicit()
	    if not select.select([sock], [], [], 0.1)[0]:
	        continue
	    packet, control = sock.recvmsg(2000, 100)[:2]
	    if packet[0] != 134:
	        continue
	    if control[0][2][0] != 0xff:
	        sys.exit(0)
	    to_all += 1
	sys.exit(f"{to_all} advertisements, all of them to all")
	END
}

# A client that asks for no prefix itself. On a busy machine the first question may come
# when three seconds are over: once more.
answers_at_once() # KEY=VALUE...
{
	local try asker alone

	for try in 1 2 3; do
		at_once >"$tmp/at-once" 2>&1 &
		asker=$!
		wait_for 'who asks' grep -q listens "$tmp/at-once"
		client_conf 'ipv6 = yes' "$@" | start_sstpd client "$B"
		alone=yes
		wait "$asker" || alone=no
		stop_sstpd client
		wait_for 'end of session' has_no_session server
		[[ $alone == no ]] || break
		echo "# look $try: $(tail -n 1 "$tmp/at-once")"
	done
	equal "who asks first is answered at once, and alone ($*)" "$alone" yes
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
answers_at_once
answers_at_once 'data-path = tun'
waits_for_address
waits_for_address 'data-path = tun'
waits_not_forever

stop_sstpd server
equal 'the server ends in order' "$status" 0
check 'no process is left of it' nobody_in "$A"
check 'nor of the client' nobody_in "$B"
finish
