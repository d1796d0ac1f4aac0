#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One session over several connections: one interface, one address, one entry, whoever of
# them comes and goes; and with servers and clients that do not know of such, one is all.
set -euo pipefail
. "$(dirname "$0")/lib-continuity.sh"

N=4
FLOWS=40
ELSEWHERE=192.0.2.9
SECRET=sesame

start_server() # KEY=VALUE...: for [server]
{
	[[ ! -e $tmp/server.pid ]] || stop_sstpd server
	{
		server_conf "up-script = $tmp/up" "down-script = $tmp/down" \
			'auth-backend = users, radius' "$@"
		printf '%s\n' '[global]' 'engines = 2' '[radius]' 'auth-server = 127.0.0.1' \
			'acct-server = 127.0.0.1' "secret-file = $tmp/secret"
	} | start_sstpd server "$A"
}

start_client() # KEY=VALUE...: for [client]
{
	[[ ! -e $tmp/client.pid ]] || hang_up
	: >"$tmp/ran.up"
	: >"$tmp/ran.down"
	client_conf 'interface = vpn0' 'reconnect-max = 1' "$@" | start_sstpd client "$B"
	wait_for session connected
}

start_radius()
{
	(umask 077 && echo $SECRET >"$tmp/secret")
	ip netns exec "$A" "$here/radius-peer" serve 127.0.0.1 $SECRET >"$tmp/radius.log" 2>&1 &
	at_exit kill $!
	wait_for 'RADIUS server' grep -q ready "$tmp/radius.log"
}

records() # KIND: how many have come
{
	grep -c "^acct $1 " "$tmp/radius.log" || true
}

records_are() # KIND NUMBER
{
	[[ $(records "$1") == "$2" ]]
}

in_kernel() # NUMBER: sessions at each end
{
	local ns

	for ns in "$A" "$B"; do
		echo "a dump count=$1" | sstp-cli -e "a=$ns" || return
	done
}

# has NUMBER: so many connections, of one session, as both ends see it
has()
{
	in_kernel "$1" && connected && [[ $(session_of server connections) == "$1" &&
		$(session_of client connections) == "$1" ]]
}

queues() # NS INTERFACE
{
	ip -n "$1" -d link show dev "$2" | sed -n 's/.* numtxqueues \([0-9]*\) .*/\1/p'
}

free_addresses()
{
	sstpctl -s "$tmp/server.sock" metrics | sed -n 's/^sstpd_pool_free_addresses //p'
}

free_are() # NUMBER
{
	[[ $(free_addresses) == "$1" ]]
}

# What the session is to whoever looks from outside.
itself() # NAME
{
	sstpctl -s "$tmp/$1.sock" show --json |
		grep -E '^      "(user|interface|since|local|peer|path)": '
}

# sent NS: "SLOT PACKETS" of each connection there
sent()
{
	echo 'a dump' | sstp-cli -e "a=$1" |
		sed -n 's/.*\bslot=\([0-9]*\).*/\1 &/p' |
		sed -n 's/^\([0-9]*\) .*\btx-packets=\([0-9]*\).*/\1 \2/p' | sort -n
}

# sending ADDRESS: flows to it, each of a socket of its own, which has a hash of its own
sending()
{
	echo "for ((i = 0; i < $FLOWS; i++)); do
		for ((n = 0; n < 5; n++)); do echo; done >/dev/udp/$1/9
	done"
}

flows()
{
	nb bash -c "$(sending $SERVER_TUN)" 2>/dev/null || true
}

# by_all: what flows send goes by every connection
by_all()
{
	sent "$B" >"$tmp/before"
	flows
	sent "$B" >"$tmp/after"
	paste -d ' ' "$tmp/before" "$tmp/after" |
		awk -v n="$N" '$4 > $2 { risen++ } END { exit risen != n }' ||
		{ cat "$tmp/before" "$tmp/after"; return 1; }
}

# port_of SLOT: the client's, of the member that came there last
port_of()
{
	sed -nE "s/.*has another connection, session [0-9]+, in slot $1 of .* from [^ ]*:([0-9]+),.*/\1/p" \
		"$tmp/server.log" | tail -n 1
}

# reset PORT: each end is told, when it sends, that there is no such connection any more
reset()
{
	local ns

	for ns in "$A" "$B"; do
		ip netns exec "$ns" nft -f - <<-END
			table inet cut {
				chain in {
					type filter hook input priority 0
					tcp sport { 443, $1 } tcp dport { 443, $1 } reject with tcp reset
				}
			}
		END
	done
	flows
	na bash -c "$(sending "$(session_of client local)")" 2>/dev/null || true
}

# hosts ADDRESS: of the server, from now on
hosts()
{
	printf '127.0.0.1 localhost\n%s %s\n' "$1" "$SERVER_NAME" >"/etc/netns/$B/hosts"
}

whole()
{
	na nft delete table inet cut
	nb nft delete table inet cut
}

carriers()
{
	na cat "/sys/class/net/$(session_of server interface)/carrier_changes"
	nb cat /sys/class/net/vpn0/carrier_changes
}

setup_many
keeper
start_radius

# ---- as many as it wants ----

start_server
free=$(free_addresses)
start_client "connections = $N"
check "a client has $N connections" explain wait_for 'them' has $N
equal 'the server sees one session' "$(sessions_of server)" 1
equal 'and so does the client' "$(sessions_of client)" 1
equal 'it has one address' "$(free_addresses)" $((free - 1))
check 'its script has run once' wait_for script eval "((\$(wc -l <'$tmp/ran.up') == 1))"
equal "the server's interface has a queue for each" \
	"$(queues "$A" "$(session_of server interface)")" $N
equal "and the client's" "$(queues "$B" vpn0)" $N
check 'flows go by all of them' explain by_all
check 'both ways' nb ping -c 3 -W 5 "$SERVER_TUN"

# ---- one is lost ----

server=$(itself server)
client=$(itself client)
carriers=$(carriers)
less=$(said server 'has one connection less.* slot 2 ')
more=$(said server 'has another connection.* slot 2 ')
reset "$(port_of 2)"
check 'one is cut off: the server notices' explain wait_for 'log line' \
	said_more server 'has one connection less.* slot 2 ' "$less"
check 'it comes back, in its slot' explain wait_for 'log line' \
	said_more server 'has another connection.* slot 2 ' "$more"
whole
check 'all are there' explain wait_for 'them' has $N
check 'flows go by all of them again' explain by_all
equal 'no other has noticed' "$(said server 'has one connection less')" $((less + 1))

# ---- one comes to a server that knows nothing of the others ----

ip -n "$A" addr add "$ELSEWHERE/24" dev veth
server_conf | sed "s/^listen = .*/listen = $ELSEWHERE:443/; s/10\.88\.0\./10.88.1./g" |
	start_sstpd elsewhere "$A"
hosts "$ELSEWHERE"
reset "$(port_of 3)"
check 'one is led to another server: that refuses it' explain wait_for 'log line' \
	logged elsewhere 'connection 4 of 4: the others are not here'
whole
equal 'there it is no session' "$(sessions_of elsewhere)" 0
check 'the others are there' explain wait_for 'them' has $((N - 1))
check 'and carry all that there is' nb ping -c 3 -W 5 "$SERVER_TUN"
hosts "$ADDR_A"
check 'led to its server, it comes back' explain wait_for 'them' has $N
stop_sstpd elsewhere

# ---- the one that has the interface is lost ----

moved=$(said server 'goes on as session')
port=$(session_of server remote)
reset "${port##*:}"
check 'the first one is cut off: another one has what it had' explain wait_for 'log line' \
	said_more server 'goes on as session' "$moved"
whole
check 'it comes back, too' explain wait_for 'them' has $N
check 'flows go by all of them once more' explain by_all
equal "the server's session is what it was" "$(itself server)" "$server"
equal "and the client's" "$(itself client)" "$client"
equal 'the interfaces have had carrier all the time' "$(carriers)" "$carriers"
equal 'no script has run again' "$(wc -l <"$tmp/ran.up") $(wc -l <"$tmp/ran.down")" '1 0'
equal 'nor has any session ended' "$(said server 'session [0-9]* end:')" 0

# ---- engines die ----

backs=$(said server 'is back')
for end in server client; do
	pkill -KILL -P "$(sstpd_of "$end")" '^sstpd-engine$'
done
check 'engines are killed: others are there' explain wait_for 'log line' \
	said_more server 'is back' $((backs + 1))
check 'and go on with all connections' explain wait_for 'them' has $N
check 'by which flows go' explain by_all

# ---- sstpd itself is another ----

for end in server client; do
	for how in restart die; do
		"$how" "$end"
		check "$end: $how: the session goes on with all connections" \
			explain wait_for 'them' has $N
		check 'by which flows go' explain by_all
	done
done
equal 'the session is what it was' "$(itself server)" "$server"
equal 'and for the client' "$(itself client)" "$client"
equal 'no script has run again' "$(wc -l <"$tmp/ran.up") $(wc -l <"$tmp/ran.down")" '1 0'

# ---- other connections in their place ----

moved=$(said server 'goes on as session')
sstpctl -s "$tmp/client.sock" reconnect test >/dev/null
check 'reconnect: each has another one in its place' explain wait_for 'log lines' \
	said_more server 'goes on as session' $((moved + N - 1))
check 'and those before end' explain wait_for 'them' has $N
equal 'the session is what it was' "$(itself server)" "$server"

# ---- the session ends ----

equal 'it has been accounted for once' "$(records START) $(records STOP)" '1 0'
sstpctl -s "$tmp/server.sock" disconnect "$(session_of server id)" >/dev/null
check 'an operator ends it: all of it ends' explain wait_for 'log line' \
	logged server 'session [0-9]* end:'
check 'its down-script runs' wait_for script eval "((\$(wc -l <'$tmp/ran.down') == 1))"
check 'and its accounting ends' explain wait_for 'record' records_are STOP 1
check 'the client comes again, with all' explain wait_for 'them' has $N
hang_up
check 'the client ends: nothing is left' explain wait_for 'end' in_kernel 0
check 'its address is free' wait_for 'address' free_are "$free"
rm "$tmp/client.pid"

# ---- who does not want so many ----

start_client
check 'a client that says nothing has one' explain wait_for 'it' in_kernel 1
equal 'and one queue' "$(queues "$A" "$(session_of server interface)")" 1
start_server 'max-connections = 2'
start_client "connections = $N"
check 'a server grants two' explain wait_for 'them' has 2
equal 'with a queue for each' "$(queues "$A" "$(session_of server interface)")" 2
start_server 'max-connections = 1'
start_client "connections = $N"
check 'a server knows of one' explain wait_for 'it' in_kernel 1
check 'and the tunnel works' nb ping -c 3 -W 5 "$SERVER_TUN"
equal 'nobody has tried for more' "$(said client 'test/')" 0
hang_up
finish
