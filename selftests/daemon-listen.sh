#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A running server takes other addresses to listen on, and another number of engines:
# who is connected stays, whatever becomes of the address he came to or of the engine
# that has him.
set -euo pipefail
# shellcheck source=selftests/lib-sstpd.sh
. "$(dirname "$0")/lib-sstpd.sh"

CLIENTS=6 # so many that each of two engines has some

# write_server LISTEN [ENGINES]
write_server()
{
	server_conf 'source-check = no' | sed "s/^listen = .*/listen = $1/"
	printf '[global]\nengines = %s\n' "${2:-1}"
}

# reload LISTEN [ENGINES]
reload()
{
	{
		write_server "$@"
		printf '[global]\ncontrol = %s\n[log]\nlevel = debug\n' "$tmp/server.sock"
	} >"$tmp/server.conf"
	sstpctl -s "$tmp/server.sock" reload
}

# sockets: where somebody listens at the server, as often as there are sockets
sockets()
{
	ip netns exec "$A" ss -Htln | awk '{ print $4 }' | sort | xargs
}

listens() # ADDRESS:PORT...
{
	[[ $(sockets) == "$1" ]]
}

# serves ADDRESS:PORT: a TLS server answers there
serves()
{
	ip netns exec "$B" openssl s_client -connect "$1" </dev/null 2>/dev/null |
		grep 'BEGIN CERTIFICATE'
}

# takes ADDRESS PORT: somebody else gets the address, as another sstpd would
takes()
{
	ip netns exec "$A" python3 -c 'import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
s.bind((sys.argv[1], int(sys.argv[2])))
s.listen()' "$@"
}

engines() # their processes, oldest first
{
	pgrep -P "$parent" '^sstpd-engine$' | sort -n
}

n_engines() # NUMBER
{
	[[ $(engines | wc -l) == "$1" ]]
}

ids() # of the server's sessions
{
	sstpctl -s "$tmp/server.sock" show --json | sed -n 's/^      "id": \([0-9]*\),$/\1/p'
}

up() # NUMBER
{
	[[ $(sessions_of server) == "$1" ]]
}

# The one that came later has large numbers of its own.
later()
{
	local id

	for id in $(ids); do
		((id < 3000000000)) || echo "$id"
	done
}

both_engines()
{
	[[ $(later) && $(later) != "$(ids)" ]]
}

# spread PORT: clients, until each of two engines has some
spread()
{
	local try

	for ((try = 0; try < 6; try++)); do
		start_clients $CLIENTS "$1"
		wait_for sessions up $CLIENTS || return
		! both_engines || return 0
	done
	return 1
}

retired() # HOW OFTEN
{
	[[ $(said server 'has ended, it was one too many') == "$1" ]]
}

setup_sstpd
write_server "$ADDR_A:443" | start_sstpd server "$A"
parent=$(<"$tmp/server.pid")

# ---- addresses ----

client_conf | start_sstpd client "$B"
check 'a client connects' wait_for session connected
ip netns exec "$B" ping -i 0.2 "$SERVER_TUN" >"$tmp/ping" 2>&1 &
ping=$!
at_exit kill "$ping"

refuse 'nobody else gets a part of the connections' 'Address already in use' \
	takes "$ADDR_A" 443
check 'another address' reload "$ADDR_A:443, $ADDR_A:444, [$ADDR6_A]:444"
check 'is served' serves "$ADDR_A:444"
check 'and that of IPv6' serves "[$ADDR6_A]:444"
check 'beside the one that stays' serves "$ADDR_A:443"
kill -STOP "$(engines)"
nb openssl s_client -connect "$ADDR_A:443" </dev/null >"$tmp/waiting" 2>&1 &
waiting=$!
connected_to() # PORT: the kernel has answered, nobody has accepted
{
	[[ $(ip netns exec "$A" ss -Htn state established "sport = :$1" | wc -l) == 2 ]]
}
check 'somebody waits to be accepted' wait_for connection connected_to 443
check 'the first address goes, as does that of IPv6' reload "$ADDR_A:444"
kill -CONT "$(engines)"
wait "$waiting" || true
check 'who waited there is served' grep 'BEGIN CERTIFICATE' "$tmp/waiting"
refuse 'nobody comes later' '' serves "$ADDR_A:443"
check 'there is one socket' wait_for sockets listens "$ADDR_A:444"
check 'the session that came by it is there' connected

check 'all addresses of the machine in the place of one' reload 0.0.0.0:444
check 'there is one socket' wait_for sockets listens '0.0.0.0:444'
check 'and it serves' serves "$ADDR_A:444"
check 'one in the place of all' reload "$ADDR_A:444"
check 'there is one socket' wait_for sockets listens "$ADDR_A:444"
check 'and it serves' serves "$ADDR_A:444"

ip netns exec "$A" python3 -c 'import socket, time
s = socket.create_server(("192.0.2.1", 445))
print("ready", flush=True)
time.sleep(3600)' >"$tmp/other" &
at_exit kill $!
wait_for 'the other server' grep -q ready "$tmp/other"
refuse 'an address that somebody else has refuses the reload, by file and line' \
	"server.conf:2: cannot listen on $ADDR_A:445: Address already in use" \
	reload "$ADDR_A:446, $ADDR_A:445"
check 'and all stays as it was' wait_for sockets listens "$ADDR_A:444 $ADDR_A:445"
check 'the address serves' serves "$ADDR_A:444"
refuse 'an address twice is an error' 'names the same address twice' \
	reload "$ADDR_A:446, $ADDR_A:446"
check 'the first session is still there' connected
check 'and it is the first' logged client 'session 1 up'
kill -INT "$ping"
wait "$ping" || true
check 'it lost no packet' no_gaps "$tmp/ping"
hang_up

# ---- engines ----

check 'two engines instead of one' reload "$ADDR_A:444" 2
check 'there are two' wait_for engines n_engines 2
check 'the log says that it has begun' wait_for 'log line' logged server 'engine .* has begun'
equal 'of none but it' "$(grep -cE 'engine .* (has begun|is back)' "$tmp/server.log")" 1
check 'with a socket each' wait_for sockets listens "$ADDR_A:444 $ADDR_A:444 $ADDR_A:445"
check 'connections are spread among them' spread 444
before=$(ids)
second=$(engines | tail -n 1)
check 'one is enough' reload "$ADDR_A:444" 1
check 'it alone is given connections' wait_for sockets listens "$ADDR_A:444 $ADDR_A:445"
check 'the other one has those who were there' logged server \
	"engine .process $second. ends with its last session, there are [1-6]$"
check 'and it stays for them' n_engines 2
equal 'no session has noticed' "$(ids)" "$before"
refuse 'an address that is not free is no reason to forget that' 'cannot listen' \
	reload "$ADDR_A:445" 2
check 'still it alone is given connections' wait_for sockets listens "$ADDR_A:444 $ADDR_A:445"
check 'two, after all' reload "$ADDR_A:444" 2
check 'that one stays' logged server "engine .process $second. stays"
check 'and is given connections again' wait_for sockets listens "$ADDR_A:444 $ADDR_A:444 $ADDR_A:445"
equal 'no session has noticed' "$(ids)" "$before"

check 'one is enough' reload "$ADDR_A:444" 1
if [[ $(sstpctl -s "$tmp/server.sock" show) == *kernel* ]]; then
	kill -KILL "$second"
	check 'the other one is killed: what the kernel has goes on with the next' \
		wait_for 'log line' logged server "engine .process .* goes on with [1-6] session"
	equal 'no session has noticed' "$(ids)" "$before"
	check 'the next one gets no connections either' wait_for sockets listens "$ADDR_A:444 $ADDR_A:445"
else
	skip 'the other one is killed' 'no kernel data path'
fi
for id in $(later); do
	sstpctl -s "$tmp/server.sock" disconnect "$id" >/dev/null
done
check 'its last session is gone, and so is it' wait_for 'end of the engine' retired 1
check 'there is one' wait_for engines n_engines 1
check 'those who were disconnected come back' wait_for sessions up $CLIENTS
equal 'to the other one' "$(later)" ''
check 'two once more' reload "$ADDR_A:444" 2
check 'there are two' wait_for engines n_engines 2
check 'which both take connections' spread 444
check 'one that has nobody ends at once' eval \
	'stop_sstpd clients && wait_for sessions up 0 && reload "$ADDR_A:444" 1 &&
	wait_for "end of the engine" retired 2'
refuse 'no process has ended otherwise' '' \
	eval 'grep "is gone: " "$tmp/server.log" | grep -v "killed by signal 9"'
stop_sstpd server
equal 'sstpd ends in order' "$status" 0
finish
