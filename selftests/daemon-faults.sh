#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Processes that die, descriptors, disk and netlink that fail, names and addresses
# that others have: what sstpd says, and that whoever is not concerned goes on.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

CLIENTS=6 # so many that each of two engines has some

# start_server: with two engines and all other processes
start_server()
{
	[[ ! -e $tmp/server.pid ]] || stop_sstpd server
	rm -f "$tmp/server.log"
	SSTP_FAULT=$tmp LD_PRELOAD=$KSSTP_BUILD/selftests/preload/fault.so \
		start_sstpd server "$A" < <(
		server_conf 'auth-backend = users, radius' 'source-check = no'
		# It dials in vain, but has names looked up.
		client_conf 'interface = nowhere' |
			sed 's/^server = .*/server = nowhere.test/'
		printf '%s\n' '[radius]' 'auth-server = 127.0.0.1' \
			"secret-file = $tmp/secret" '[global]' 'engines = 2')
	parent=$(<"$tmp/server.pid")
}

up() # NUMBER: so many sessions at the server
{
	[[ $(sessions_of server) == "$1" ]]
}

ids() # of the server's sessions
{
	sstpctl -s "$tmp/server.sock" show --json | python3 -c 'import json, sys
for s in json.load(sys.stdin)["sessions"]: print(s["id"])'
}

others() # IDS: all clients are there, but not with these sessions
{
	[[ $(ids) != "$1" ]] && up $CLIENTS
}

# of_engine NUMBER: the sessions that it has
of_engine()
{
	local id

	for id in $(ids); do
		(((id - 1) % 2 != $1)) || echo "$id"
	done
}

both_engines()
{
	[[ $(of_engine 0) && $(of_engine 1) ]]
}

processes() # ROLE: of the server, oldest first
{
	pgrep -P "$parent" "^sstpd-$1\$"
}

nobody_is() # ROLE: of the server, whose parent may be dead
{
	local pid

	for pid in $(ip netns pids "$A"); do
		[[ $(<"/proc/$pid/comm") != "sstpd-$1" ]] || return 1
	done
}

# All clients are in one namespace: that of them which answers by another's tunnel
# is no less alive.
alive() # the tunnels of those who are connected
{
	local id address

	sstpctl -s "$tmp/server.sock" show --json | python3 -c 'import json, sys
for s in json.load(sys.stdin)["sessions"]: print(s["id"], s["peer"])' |
		while read -r id address; do
			na ping -c 1 -W 5 "$address" </dev/null || {
				echo "# session $id, $address: no answer" >&2
				ip -n "$B" route get "$SERVER_TUN" from "$address" >&2 || true
				ip -n "$B" -br addr >&2
				log_of clients | tail -n 60 >&2
				return 1
			}
		done
}

all_alive() # soon; or which is not
{
	wait_for tunnels alive || alive
}

# kills ROLE PID: with its message
kills()
{
	kill -KILL "$2"
	check "$1 killed: the log says so" wait_for 'log line' logged server \
		"$1 .process $2. is gone: killed by signal 9"
	check "$1 killed: another takes its place" wait_for 'log line' logged server \
		"$1 .process .* is back"
}

# nofile PID [NUMBER]: descriptors that it may have; as many as ever
nofile()
{
	local hard

	hard=$(awk '/^Max open files/ { print $5 }' "/proc/$1/limits")
	prlimit --pid "$1" --nofile="${2:-$hard}:"
}

used() # PID: the highest of its descriptors, plus one
{
	find "/proc/$1/fd" -type l -printf '%f\n' | sort -n | tail -n 1 |
		{ read -r last; echo $((last + 1)); }
}

setup_sstpd
install -m 600 /dev/null "$tmp/secret"
echo 'the secret of RADIUS' >"$tmp/secret"

# ---- kill -9 ----

start_server
start_clients $CLIENTS
check 'all clients are connected' wait_for sessions up $CLIENTS
for ((try = 0; try < 5; try++)); do
	both_engines && break
	start_clients $CLIENTS
	wait_for sessions up $CLIENTS
done
check 'each engine has sessions' both_engines
before=$(ids)

for role in authd radius resolver; do
	kills "$role" "$(processes "$role")"
	equal "$role killed: no session has noticed" "$(ids)" "$before"
done
check 'all tunnels work' all_alive
sstpctl -s "$tmp/server.sock" disconnect "$(ids | sed -n 1p)" >/dev/null
check 'the new authd knows the users' wait_for session others "$before"

wait_for 'each engine has sessions' both_engines || true
first=$(processes engine | head -n 1) # never killed so far: number 0
before=$(ids)
kills engine "$first"
equal 'engine killed: no session has noticed, as the kernel has them' "$(ids)" "$before"
check 'all tunnels work' all_alive

kill -KILL "$parent"
wait "$parent" 2>/dev/null || true
for role in engine authd radius resolver; do
	check "parent killed: $role ends, too" wait_for 'end of the process' \
		nobody_is "$role"
done
rm "$tmp/server.pid"
start_server
check 'a new daemon serves them all again' wait_for sessions up $CLIENTS
equal 'no interface is left of the old one' \
	"$(ip -n "$A" -br link | grep -cE '^(sstp|tun)[0-9]')" $CLIENTS

# ---- descriptors ----

start_clients 1
check 'one client is connected' wait_for sessions up 1
for pid in $(processes engine); do
	nofile "$pid" $(($(used "$pid") + 70))
done
ip netns exec "$B" python3 -c 'import socket, sys, time
held = [socket.create_connection((sys.argv[1], 443)) for i in range(40)]
time.sleep(600)' "$ADDR_A" &
holder=$!
at_exit kill "$holder"
check 'EMFILE in an engine: the log says so' wait_for 'log line' logged server \
	'accept: Too many open files; pausing'
check 'EMFILE in an engine: the session lives' alive
kill "$holder"
wait "$holder" || true
for pid in $(processes engine); do
	nofile "$pid"
done
start_clients 2
check 'EMFILE in an engine: is over when there are some again' wait_for sessions up 2

first=$(ids | sed -n 1p)
nofile "$parent" "$(used "$parent")"
start_clients 2
check 'EMFILE in the parent: the log says so' wait_for 'log line' logged server \
	'no descriptor left|Too many open files'
nofile "$parent"
check 'EMFILE in the parent: is over when there are some again' wait_for sessions up 2
check 'all tunnels work' all_alive

# ---- netlink ----

start_clients 1
wait_for sessions up 1
kept=$(ids)
is_kept()
{
	ids | grep -x "$kept"
}
touch "$tmp/enobufs"
client_conf 'interface = late' 'reconnect-max = 1' | start_sstpd late "$B"
check 'ENOBUFS from netlink: an answer was lost' wait_for 'fault' test ! -e "$tmp/enobufs"
check 'ENOBUFS from netlink: the log says so' wait_for 'log line' logged server \
	'netlink: '
check 'ENOBUFS from netlink: the client comes in all the same' wait_for sessions up 2
check 'ENOBUFS from netlink: the other session is the same' is_kept
check 'ENOBUFS from netlink: and lives' wait_for tunnels alive
stop_sstpd late

# ---- names and addresses ----

stop_sstpd clients
stop_sstpd server
rm "$tmp/server.pid" "$tmp/clients.pid"
for name in sstp0 sstp1; do # the names that the template gives
	# Made, but the answer that said so was the one that was lost.
	ip -n "$A" link del "$name" 2>/dev/null || true
	ip -n "$A" link add "$name" type bridge
done
start_server
start_clients 1
check 'names that others have: the next one' wait_for sessions up 1
equal 'which is sstp2' "$(session_of server interface)" sstp2
stop_sstpd clients
rm "$tmp/clients.pid"
ip -n "$B" link add taken type bridge
client_conf 'interface = taken' | start_sstpd client "$B"
check 'a client whose name is taken says so' wait_for 'log line' logged client \
	'taken.*(is not|no) .*|cannot make|busy|exists'
equal 'and leaves it alone' "$(ip -n "$B" -d link show taken | grep -c bridge)" 1
ip -n "$B" link del taken
stop_sstpd client
ip -n "$B" addr add 10.88.0.10/24 dev veth
for ((i = 10; i <= 20; i++)); do
	ip -n "$A" addr add 10.88.0.$i/32 dev sstp0
done
start_clients 1
check 'addresses that others have: the session comes up' wait_for sessions up 1
stop_sstpd clients

# ---- disk ----

stop_sstpd server
rm "$tmp/server.pid" "$tmp/clients.pid"
mkdir "$tmp/full"
mount -t tmpfs -o size=64k full "$tmp/full"
at_exit umount "$tmp/full"
head -c 1M /dev/zero >"$tmp/full/file" 2>/dev/null || true
KEYLOG=$tmp/full/keys start_server
check 'the key log is announced' logged server 'TLS SECRETS ARE WRITTEN TO'
start_clients 1
check 'a full disk: sessions come up' wait_for sessions up 1
check 'a full disk: the log says what is not written' wait_for 'log line' logged server \
	'tls-keylog: No space left on device'
cp "$tmp/users" "$tmp/full/users" 2>/dev/null || {
	rm "$tmp/full/file"
	cp -p "$tmp/users" "$tmp/full/users"
	head -c 1M /dev/zero >"$tmp/full/file" 2>/dev/null || true
}
add_bob()
{
	echo sesame | sstpctl user -f "$tmp/full/users" add bob
}
refuse 'a full disk: no user is added' 'No space left on device' add_bob
check 'a full disk: the accounts stay as they were' cmp "$tmp/users" "$tmp/full/users"
stop_sstpd server
ip netns exec "$A" sstpd -f -c "$tmp/server.conf" >/dev/full 2>&1 </dev/null &
echo $! >"$tmp/server.pid"
at_exit kill -KILL $!
check 'a log that cannot be written: sessions come up' wait_for sessions up 1
check 'and work' wait_for tunnels alive
stop_sstpd server
equal 'and end in order' "$status" 0
stop_sstpd clients
finish
