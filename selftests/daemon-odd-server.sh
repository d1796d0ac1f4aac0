#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A server that is odd, or hostile: our client gets past it where there is another one,
# lets it have no packets but those it was told to, and does not ask for ever to be let
# in. And a server that hides: who does not know its path finds no SSTP.
#
#	$A  sstpd 192.0.2.1, something else 192.0.2.3	$B  sstpd as client, 2001:db8:1a::1
set -euo pipefail
# shellcheck source=selftests/lib-sstpd.sh
. "$(dirname "$0")/lib-sstpd.sh"

# Nearer to the client by RFC 6724, so that it comes first.
ODD=192.0.2.3
BYSTANDER=192.0.2.200

# odd WAY: what answers at $ODD
odd()
{
	ip netns exec "$A" python3 - "$1" "$ODD" "$tmp" >"$tmp/odd.log" 2>&1 <<-'END' &
	import socket, ssl, sys, threading
	way, address, tmp = sys.argv[1:]
	listener = socket.create_server((address, 443))
	print("ready", flush=True)

	def serve(conn):
	    print("a connection", flush=True)
	    if way == "closes":
	        conn.close()
	        return
	    if way == "no TLS":
	        conn.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://portal/\r\n\r\n")
	        conn.recv(4096)
	        return
	    name = "other" if way == "other certificate" else "cert"
	    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
	    context.load_cert_chain(f"{tmp}/{name}.pem", f"{tmp}/{name}.key")
	    tls = context.wrap_socket(conn, server_side=True)
	    tls.recv(4096)
	    tls.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
	    tls.close()

	while True:
	    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
	END
	odd=$!
	at_exit kill -KILL $odd
	wait_for 'the odd server' grep -q ready "$tmp/odd.log"
}

refused_times() # NUMBER
{
	[[ $(grep -c 'not established: user' "$tmp/client.log") == "$1" ]]
}

not_through_tunnel() # ADDRESS
{
	[[ ! $(ip -n "$B" route get "$1" | grep sstp0) ]]
}

# what follows fe80:: in the client's link-local address
ifid()
{
	link_local "$B" | sed 's/^fe80::/:/; s,/.*,,'
}

link_local() # NAMESPACE
{
	ip -n "$1" -6 -o addr show dev sstp0 scope link | sed -n 's/.* inet6 \([^/ ]*\).*/\1/p'
}

# advertise SECONDS PREFIX[,VALID]...: the server says that it is a router for so long, for all and
# for some, and that a neighbour of the client in its own network is on this link, as are
# these
advertise()
{
	na python3 - "$@" <<-'END'
	import socket, struct, sys

	def prefix(address, valid=9000, length=64):
	    return struct.pack("!BBBBIII16s", 3, 4, length, 0xc0, int(valid), int(valid), 0,
	                       socket.inet_pton(socket.AF_INET6, address))

	some = struct.pack("!BBBBI8s", 24, 2, 48, 0x08, 9000,
	                   socket.inet_pton(socket.AF_INET6, "2001:db8:50e::")[:8])
	index = socket.if_nametoindex("sstp0")
	s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
	s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
	s.sendto(struct.pack("!BBHBBHII", 134, 0, 0, 7, 0x08, int(sys.argv[1]), 0, 0) +
	         some + prefix("2001:db8:1a::5", length=128) +
	         b"".join(prefix(*name.split(",")) for name in sys.argv[2:]),
	         ("ff02::1", 0, 0, index))
	END
	# Once that is answered, the rest has been heard.
	na ping -c 1 -W 30 "$(link_local "$B")%sstp0"
}

# over_tunnel DESTINATION: a route of IPv6
over_tunnel()
{
	ip -n "$B" -6 route show table all "$1" | grep 'dev sstp0'
}

# no_way DESTINATION: the client has heard of none
no_way()
{
	[[ ! $(over_tunnel "$1") ]]
}

# believes WHAT KEY=VALUE...: what a client with that believes of an advertisement
believes()
{
	local what=$1

	shift
	client_conf 'ipv6 = yes' "$@" 'reconnect = no' | start_sstpd client "$B"
	wait_for session connected || bail "no session: $what"
	check "$what: the server says it is a router" explain wait_for 'answer' \
		advertise 9000 2001:db8:1a:: 2001:db8:bad::
}

global_addresses()
{
	ip -n "$B" -6 -o addr show dev sstp0 scope global |
		sed -n 's/.* inet6 \(2001:db8:[0-9a-f]*:\).*/\1/p' | sort | xargs
}

has_addresses() # PREFIX:...
{
	[[ $(global_addresses) == "$*" ]]
}

setup_sstpd
self_signed other ec /CN=other.test
ip -n "$A" addr add $ODD/24 dev veth
printf '127.0.0.1 localhost\n%s %s\n%s %s\n' $ODD $SERVER_NAME "$ADDR_A" $SERVER_NAME \
	>"/etc/netns/$B/hosts"
server_conf | start_sstpd server "$A"
for way in closes 'no TLS' 'other certificate' 503; do
	odd "$way"
	client_conf 'reconnect = no' | start_sstpd client "$B"
	check "$way: the client comes to the next address" explain wait_for session connected
	check "$way: it has been at the first" grep -q 'a connection' "$tmp/odd.log"
	hang_up
	kill $odd
	wait $odd 2>/dev/null || true
done
stop_sstpd server

# What the server calls itself: the client's neighbour, then where it is itself.
for near in $BYSTANDER "$ADDR_A"; do
	server_conf | sed "s/^local = .*/local = $near/" | start_sstpd server "$A"
	client_conf 'reconnect = no' | start_sstpd client "$B"
	check "the server is $near: the client connects" explain wait_for session connected
	check 'its address makes no route' not_through_tunnel "$near"
	hang_up
	stop_sstpd server
done

ip -n "$B" -6 addr add 2001:db8:1a::1/64 dev veth nodad
server_conf 'ipv6 = yes' | start_sstpd server "$A"
for path in tun kernel; do
	believes "$path, routes of IPv4" "data-path = $path"
	for to in default ::/1 2001:db8:50e::/48 2001:db8:bad::/64 2001:db8:1a::5; do
		check "$path, routes of IPv4: it is believed nothing: $to" no_way "$to"
	done
	equal 'nor an address' "$(global_addresses)" ''
	hang_up
	believes "$path, routes of IPv6" "data-path = $path" 'routes = 2001:db8:99::/64'
	check 'it makes an address of the prefix, and none in the network of another interface' \
		explain wait_for address has_addresses 2001:db8:bad:
	check 'and says that' grep 'no address 2001:db8:1a:.* network that this host is in' \
		"$tmp/client.log"
	for to in default ::/1 2001:db8:50e::/48 2001:db8:bad::/64 2001:db8:1a::/64 \
		2001:db8:1a::5; do
		check "$path, routes of IPv6: that makes no route: $to" no_way "$to"
	done
	hang_up
	believes "$path, the default route" "data-path = $path" 'default-route = yes'
	check "$path, the default route goes there" explain wait_for route over_tunnel default
	for to in 2001:db8:50e::/48 2001:db8:bad::/64 2001:db8:1a::/64 \
		2001:db8:1a::5; do
		check "$path, the default route: nothing else: $to" no_way "$to"
	done
	advertise 0 2001:db8:ace:: >/dev/null
	check "$path: it is no router any more" explain wait_for 'no route' no_way default
	check 'there is an address more' explain \
		wait_for address has_addresses 2001:db8:ace: 2001:db8:bad:
	advertise 0 2001:db8:bad::,0 >/dev/null
	check 'one that ends is gone' explain wait_for address has_addresses 2001:db8:ace:
	advertise 9000 >/dev/null
	check 'one that is not named stays' explain wait_for route over_tunnel default
	equal 'namely' "$(global_addresses)" 2001:db8:ace:
	check 'no address is one that IPV6CP has agreed on' eval \
		'! ip -n "$B" -6 -o addr show dev sstp0 scope global | grep "$(ifid)/"'
	hang_up
	check 'what was led through the tunnel is not any more' no_way default
done
stop_sstpd server

server_conf 'login-delay = 0' | start_sstpd server "$A"
printf '127.0.0.1 localhost\n%s %s\n' "$ADDR_A" $SERVER_NAME >"/etc/netns/$B/hosts"
LOGIN=mallory client_conf 'reconnect-min = 1' 'reconnect-max = 1' 'login-retries = 2' \
	'login-backoff = 3600' | start_sstpd client "$B"
check 'a login is refused' explain wait_for 'the second' refused_times 2
check 'that is all for now' wait_for 'log line' \
	logged client 'refused 2 times: from now on it is tried every 3600 s'
check 'the next one is in an hour' wait_for 'log line' logged client 'attempt in about 3600 s'
stop_sstpd client
equal 'the client ends in order' "$status" 0
{
	LOGIN=mallory client_conf 'reconnect = no'
	printf '[global]\ncontrol = %s\n' "$tmp/once.sock"
} >"$tmp/once.conf"
status=0
nb timeout 60 sstpd -f -c "$tmp/once.conf" >"$tmp/once.log" 2>&1 || status=$?
equal 'who is refused and does not dial again says so by his exit status' "$status" 3
stop_sstpd server

server_conf 'path-prefix = /a-secret' | start_sstpd server "$A"
client_conf 'reconnect-min = 1' | start_sstpd client "$B"
check 'who does not know the path finds no SSTP' wait_for 'log line' \
	logged client 'server answered HTTP status 501'
stop_sstpd client
client_conf 'reconnect = no' 'path-prefix = /a-secret' | start_sstpd client "$B"
check 'who knows it gets in' explain wait_for session connected
hang_up
stop_sstpd server
equal 'sstpd ends in order' "$status" 0
finish
