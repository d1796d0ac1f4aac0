#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How long nothing passes the tunnel, in either direction, while a client replaces its
# connection, and while processes of the daemon die and others go on.
#
# On the instruction clock alone (selftests/vm/run --icount): by the wall clock the figures
# would be the machine's, and so would be what a socket has no room for.
set -euo pipefail
[[ ${KSSTP_ICOUNT:-} ]] || { echo 'Bail out! only on the instruction clock'; exit 1; }
. "$(dirname "$0")/lib-continuity.sh"

# shellcheck disable=SC2034 # of lib-continuity.sh
SESSIONS=1
REPLACED_MS=5
DEAD_MS=50
PROBES=(up down)
# On the instruction clock time jumps while the machine waits for its disk.
PATIENCE=600

probe() # server|client DIRECTION: its process is $!
{
	local ns=$A address=$SERVER_TUN

	[[ $2 == up ]] || ns=$B address=$inside
	[[ $1 == server ]] || { [[ $2 == up ]] && ns=$B || ns=$A; }
	ip netns exec "$ns" udp-gap "-${1:0:1}" "$address" >"$tmp/gap.$2.$1" &
	at_exit kill -KILL "$!"
}

# gap WHAT LIMIT NAME WORDS COMMAND...: after that NAME's log has these words, if any, once more
gap()
{
	local what=$1 limit=$2 name=$3 words=$4 before direction pids=() pause delay lost all

	shift 4
	before=$(said "$name" "$words")
	inside=$(session_of client local)
	for direction in "${PROBES[@]}"; do
		probe server "$direction"
		pids+=("$!")
	done
	wait_for 'both servers' both_listen
	for direction in "${PROBES[@]}"; do
		probe client "$direction"
		pids=("$!" "${pids[@]}")
	done
	sleep 0.3
	"$@"
	[[ ! $words ]] || check "$what: it goes on" explain wait_for 'log line' said_more "$name" "$words" "$before"
	sleep 0.5
	# Those who send end first.
	kill "${pids[@]:0:2}"
	wait "${pids[@]:0:2}"
	sleep 0.1
	kill "${pids[@]:2}"
	wait "${pids[@]:2}"
	for direction in "${PROBES[@]}"; do
		read -r pause delay lost all <"$tmp/gap.$direction.server"
		echo "# gap-ms $what, $direction: $pause (on the way at most $delay; $lost of $all missing)"
		equal "$what, $direction: no packet is lost" "$lost" 0
		between "$what, $direction: in time" "${pause%.*}" 0 "$((limit - 1))"
	done
}

both_listen()
{
	bound_udp "$A" 9 && bound_udp "$B" 9
}

one_is_left()
{
	echo 'a dump count=1' | sstp-cli -e "a=$A"
}

engine_dies() # NAME
{
	pkill -KILL -P "$(sstpd_of "$1")" '^sstpd-engine$'
}

setup_many
keeper
server_conf "$OFTEN" | start_sstpd server "$A"
client_conf "$OFTEN" 'reconnect-max = 1' | start_sstpd client "$B"
check 'a session' explain wait_for session connected
equal 'the kernel carries it' "$(session_of server path)" kernel

gap 'nothing happens' $REPLACED_MS server '' true
# Whoever runs for the first time is read from the disk.
for turn in 'the connection is replaced' 'the connection is replaced again'; do
	gap "$turn" $REPLACED_MS client 'goes on as session' \
		sstpctl -s "$tmp/client.sock" reconnect test
	wait_for 'the old one is gone' one_is_left
done
for name in server client; do
	gap "kill -9 of the $name's engine" $DEAD_MS $name 'goes on with 1 session' \
		engine_dies $name
	gap "kill -9 of the $name's sstpd" $DEAD_MS $name \
		'1 session of the sstpd before this one goes on' die $name
	wait_for 'sstpd is ready' sstpctl -s "$tmp/$name.sock" show
done
gap 'the server is upgraded' $DEAD_MS server '1 session of the sstpd before this one goes on' \
	sstpctl -s "$tmp/server.sock" upgrade
finish
