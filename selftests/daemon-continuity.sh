#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An engine that dies costs no session whose data path is the kernel's, at the server
# and at the client: another goes on with it, and nothing inside notices.
#
#	CONTINUITY_SESSIONS=N	so many sessions (default 10)
set -euo pipefail
. "$(dirname "$0")/lib-continuity.sh"

engine_of() # NAME
{
	pgrep -P "$(<"$tmp/$1.pid")" '^sstpd-engine$'
}

# engine_dies NAME SIGNAL DESCRIPTION: another one goes on, and nothing else happens
engine_dies()
{
	unnoticed "$1" "$3" "goes on with $SESSIONS session" kill "-$2" "$(engine_of "$1")"
}

setup_many
SERVER_PRELOAD=$KSSTP_BUILD/selftests/preload/fault.so
start_both
all_come_up

start_inside
engine_dies server KILL "the server's engine is killed"
engine_dies client KILL "the client's engine is killed"
backs=$(said client "goes on with $SESSIONS session")
kill -KILL "$(engine_of client)"
engine_dies server KILL 'both at once'
check "both at once: the client's, too" explain wait_for 'log line' \
	said_more client "goes on with $SESSIONS session" "$backs"
PATIENCE=$((PATIENCE + 30)) # that is what it has
engine_dies server STOP "the server's hangs"
nothing_was_noticed

# ---- what comes to an end, ends in order ----

one_ends_in_order

# ---- one that is deaf: it answers, but does not do what it is told ----

deaf=$(engine_of server)
id=$(session_of_user "$VPN_USER")
kill -USR1 "$deaf"
backs=$(said server "goes on with $((SESSIONS - 1)) session")
sstpctl -s "$tmp/server.sock" disconnect "$id" >/dev/null
PATIENCE=$((PATIENCE + 60)) # that is what it has
check 'an engine that does not end a session is ended' explain wait_for 'log line' \
	logged server "process $deaf. is gone: it does not end session $id, and was killed"
check 'another goes on with all the others' explain wait_for 'log line' \
	said_more server "goes on with $((SESSIONS - 1)) session" "$backs"
check 'that session has ended' explain wait_for session another_of_user "$VPN_USER" "$id"
check 'all are there' wait_for sessions all_up

kill -STOP "$(engine_of server)"
stopped=$(engine_of server)
kill -KILL "$(<"$tmp/client.pid")"
wait "$(<"$tmp/client.pid")" 2>/dev/null || true
check 'a client that dies while there is no engine is missed by the next one' \
	explain wait_for 'end of all sessions' has_no_session server
check 'the interfaces are gone' wait_for interfaces eval \
	"[[ ! \$(ip -n '$A' -br link | grep -E '^sstp[0-9]') ]]"
check 'it was another one' test ! -d "/proc/$stopped"
stop_sstpd server
equal 'sstpd ends in order' "$status" 0

# ---- the daemon's own path cannot go on: its keys were in the engine ----

server_conf 'data-path = tun' | start_sstpd server "$A"
client_conf 'reconnect-max = 1' | start_sstpd client "$B"
check 'a session on the TUN path' explain wait_for session connected
id=$(session_of server id)
kill -KILL "$(engine_of server)"
check 'goes with its engine' explain wait_for 'log line' logged server \
	"session $id end: .*its engine is gone"
check 'and the client comes back' explain wait_for session another_of_user "$VPN_USER" "$id"
finish
