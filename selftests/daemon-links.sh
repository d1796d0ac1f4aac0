#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The network changes under running sessions: interfaces get another name, go down and up,
# are deleted; routes are removed; a start after kill -9, and before the network is there.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

BEHIND=10.99.0 # a network behind the server
OFFICE=10.77.0 # one behind the client

behind() # the tunnel, from both sides
{
	wait_for ping nb ping -c 1 -W 2 $BEHIND.1 && wait_for ping na ping -c 1 -W 2 $OFFICE.1
}

goes_on() # ID TEXT: the session is the same, and carries
{
	equal "$2: the session lives" "$(session_of server id)" "$1"
	check "$2: and its routes are there" behind
}

another() # than session ID
{
	connected && (($(session_of server id) != $1))
}

next_session()
{
	local id

	id=$(session_of server id)
	sstpctl -s "$tmp/server.sock" disconnect "$id" >/dev/null
	wait_for session another "$id"
}

tunnels() # NS: interfaces that sessions have, or had
{
	ip -n "$1" -br link | grep -cE '^(sstp|office)' || true
}

flap() # NS INTERFACE
{
	ip -n "$1" link set "$2" down
	ip -n "$1" link set "$2" up
}

# That of the client's routes, which is also the mark of its connection.
table()
{
	nb ip rule | sed -nE 's/.*not from all fwmark .* lookup ([0-9]+) .*/\1/p' | head -n 1
}

start_radius()
{
	ip netns exec "$B" python3 - <<-'END' >"$tmp/radius.log" 2>&1 &
	import hashlib, hmac, socket, struct

	sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	sock.bind(("0.0.0.0", 1812))
	print("ready", flush=True)
	while True:
	    asked, source = sock.recvfrom(4096)
	    head = struct.pack("!BBH", 2, asked[1], 38) + asked[4:20]
	    mac = hmac.new(b"sesame", head + b"\x50\x12" + bytes(16), "md5").digest()
	    attrs = b"\x50\x12" + mac
	    sock.sendto(head[:4] + hashlib.md5(head + attrs + b"sesame").digest() + attrs, source)
	END
	at_exit kill "$!"
	wait_for 'RADIUS server' grep -q ready "$tmp/radius.log"
}

setup_sstpd
network_behind "$A" lan $BEHIND
network_behind "$B" lan $OFFICE
printf '%s:%s::routes=%s.0/24\n' "$VPN_USER" "$VPN_PASSWORD" $OFFICE >"$tmp/users"

for path in ${PATHS:-kernel tun}; do
	server_conf "data-path = $path" 'ipv6 = yes' | start_sstpd server "$A"
	client_conf "routes = $BEHIND.0/24, ${ADDR_A%.*}.0/24" "data-path = $path" 'ipv6 = yes' \
		'reconnect-max = 2' | start_sstpd client "$B"
	check "$path: a client is connected" explain wait_for session connected
	check "$path: packets pass" behind
	id=$(session_of server id)

	flap "$B" sstp0
	goes_on "$id" "$path: client, down and up"
	flap "$A" sstp0
	goes_on "$id" "$path: server, down and up"
	ip -n "$B" link set sstp0 name office0
	goes_on "$id" "$path: client, renamed"
	flap "$B" office0
	goes_on "$id" "$path: client, renamed, down and up"
	check "$path: the next session" next_session
	check "$path: uses the same interface" behind
	equal "$path: which is the only one" "$(tunnels "$B")" 1

	ip -n "$B" route del $BEHIND.0/24 table "$(table)"
	check "$path: another session after a route was removed" next_session
	check "$path: has it again" behind
	ip -n "$B" link del office0
	check "$path: a session after the interface was deleted" wait_for session connected
	check "$path: has another one, with all routes" behind
	equal "$path: the way to the server stays outside" \
		"$(nb ip -o route get "$ADDR_A" mark "$(table)" | grep -c 'dev veth')" 1

	pid=$(<"$tmp/client.pid")
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || true
	client_conf 'data-path = '"$path" 'reconnect-max = 2' | start_sstpd client "$B"
	check "$path: a new client after kill -9" wait_for session connected
	equal "$path: no route of the old one is left" \
		"$(nb ip route show table all | grep -cE "$BEHIND|^$ADDR_A " || true)" 0
	stop_sstpd client
	stop_sstpd server
	equal "$path: nothing is left at the client" "$(tunnels "$B")" 0
	equal "$path: nothing is left at the server" "$(tunnels "$A")" 0
done

# ---- before the network is there ----

ip -n "$A" addr del "$ADDR_A/24" dev veth
server_conf | start_sstpd server "$A"
check 'a start before the network: the log says so' logged server 'no address of this machine, yet'
client_conf 'reconnect-max = 2' | start_sstpd client "$B"
ip -n "$A" addr add "$ADDR_A/24" dev veth
check 'when it comes the client does, too' wait_for session connected
stop_sstpd client
stop_sstpd server

# ---- this machine gets another address ----

start_radius # in namespace B: whoever asks is let in
install -m 600 /dev/null "$tmp/secret"
echo sesame >"$tmp/secret"
ip -n "$A" addr add 203.0.113.1/32 dev lo
ip -n "$B" route add 203.0.113.1 dev veth src "$ADDR_B"
sed -i "s/^$ADDR_A /203.0.113.1 /" "/etc/netns/$B/hosts"
{
	server_conf 'auth-backend = radius' | sed '/^users/d; s/^listen = .*/listen = 0.0.0.0:443/'
	printf '%s\n' '[radius]' "auth-server = $ADDR_B" "secret-file = $tmp/secret" \
		'timeout = 1' 'retries = 1' 'dead-time = 2'
} | sed 's/^listen/auth = pap\n&/' | start_sstpd server "$A"
client_conf 'auth = pap' 'reconnect-max = 2' | start_sstpd client "$B"
check 'RADIUS lets a client in' wait_for session connected
stop_sstpd client
ip -n "$A" addr del "$ADDR_A/24" dev veth
ip -n "$A" addr add "${ADDR_A%.*}.77/24" dev veth
ip -n "$B" neigh flush dev veth
client_conf 'auth = pap' 'reconnect-max = 2' | start_sstpd client "$B"
check 'and from another address, too' explain wait_for session connected
stop_sstpd client
stop_sstpd server
finish
