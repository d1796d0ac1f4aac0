#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A peer that is there, but takes nothing of what it is sent: its TCP acknowledges,
# with the window closed. `stall-timeout` ends the session, on either data path and
# in either role.
#
#	$A  sstpd		$B  sstpd as client
set -euo pipefail
# shellcheck source=selftests/lib-sstpd.sh
. "$(dirname "$0")/lib-sstpd.sh"

STALL=6

# stop_reading NAME: whoever reads the socket of that daemon, whose data path is TUN
stop_reading()
{
	local engine

	engine=$(pgrep -P "$(<"$tmp/$1.pid")" '^sstpd-engine$')
	kill -STOP "$engine"
	at_exit kill -KILL "$engine"
}

# pour NAMESPACE ADDRESS: more than the window of the other end holds
pour()
{
	ip netns exec "$1" python3 - "$2" <<-'END'
	import socket, sys
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	s.connect((sys.argv[1], 9))
	s.setblocking(False)
	for i in range(1000):
	    try:
	        s.send(bytes(1000))
	    except OSError:  # no room, or the peer said before that nobody listens
	        pass
	END
}

# unsent NAMESPACE: bytes wait in its socket, for the other end to take them
unsent()
{
	ip netns exec "$1" ss -Htn '( sport = :443 or dport = :443 )' |
		awk '{ n += $3 } END { exit !n }'
}

# stall WHO OTHER NAMESPACE ADDRESS DESCRIPTION: WHO stops reading what OTHER, which is
# in NAMESPACE, sends to ADDRESS
stall()
{
	local who=$1 other=$2 start

	check "$5: connects" explain wait_for 'session' connected
	stop_reading "$who"
	start=$SECONDS
	pour "$3" "$4"
	check 'what it does not take waits' wait_for 'bytes' unsent "$3"
	check "the $other ends the session" explain wait_for 'log line' \
		logged "$other" 'session [0-9]+ end: .*Connection timed out'
	between 'not at once' $((SECONDS - start)) $((STALL - 1)) $((2 * PATIENCE))
	kill -KILL "$(<"$tmp/$who.pid")"
	wait "$(<"$tmp/$who.pid")" 2>/dev/null || true
}

setup_sstpd
for path in kernel tun; do
	server_conf "stall-timeout = $STALL" "data-path = $path" | start_sstpd server "$A"
	client_conf 'reconnect = no' 'data-path = tun' | start_sstpd client "$B"
	stall client server "$A" 10.88.0.10 "$path: a client that will not read"
	client_conf 'reconnect = no' | start_sstpd client "$B"
	check 'another client gets in' explain wait_for 'session' connected
	stop_sstpd client
	stop_sstpd server
	equal 'sstpd ends in order' "$status" 0
done

server_conf 'data-path = tun' | start_sstpd server "$A"
client_conf 'reconnect = no' "stall-timeout = $STALL" | start_sstpd client "$B"
stall server client "$B" "$SERVER_TUN" 'a server that will not read'
finish
