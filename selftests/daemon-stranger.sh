#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A stranger, without an account, who makes work: whole streams of TLS records that
# carry nothing, a byte, or packets that want an answer, before and behind the HTTP
# request; and one who has an account, and a TUN device, on the same terms. The others, who
# only want a handshake, notice nothing of it, and time limits go on.
#
#	$A  sstpd, one engine		$B  strangers, and one who waits
set -euo pipefail
# shellcheck source=selftests/lib-sstpd.sh
. "$(dirname "$0")/lib-sstpd.sh"

# Without a bound an engine is busy with so many for seconds.
UPDATES=20000
TINY=60000
PACKETS=400 # records of 16 KiB
TIMEOUT=5

# handshakes SECONDS: $longest and $median of them, in ms
handshakes()
{
	read -r longest median < <(nb tls-flood "$ADDR_A" handshakes "$1") ||
		bail 'nobody gets a handshake'
}

flood=

end_flood()
{
	[[ $flood ]] || return 0
	kill -KILL "$flood" 2>/dev/null || true
	wait "$flood" 2>/dev/null || true
	flood=
}

# prepare COMMAND...: a flood, which begins when a line is written to $when; the one
# before it ends
prepare()
{
	end_flood
	mkfifo "$tmp/when"
	exec {when}<>"$tmp/when"
	ip netns exec "$B" "$@" <&"$when" >"$tmp/flood.log" 2>&1 &
	flood=$!
	at_exit kill -KILL $flood
	PATIENCE=120 wait_for 'the flood' grep -q made "$tmp/flood.log" ||
		bail "$(<"$tmp/flood.log")"
}

over()
{
	exec {when}>&-
	rm "$tmp/when"
}

# pour COMMAND...: while others want to get in
pour()
{
	prepare "$@"
	handshakes 3
	usual=$longest alone=$median
	echo >&"$when"
	handshakes 5
	over
	# 100 ms where a handshake takes 2: an emulated machine is slow as a whole.
	limit=$((usual + alone + 100 * (1 + alone / 4)))
}

# others_go_on WHAT COMMAND...: a machine with other work may be slow once, but not thrice
others_go_on()
{
	local what=$1

	shift
	for _ in 1 2 3; do
		pour "$@"
		echo "# $what: longest handshake $longest ms (before: $usual), median $median ms ($alone)"
		((longest > limit)) || break
	done
	between "$what: others wait no longer than before, and 100 ms" "$longest" 0 "$limit"
}

flood() # KIND NUMBER [http]
{
	others_go_on "$1${3:+, behind HTTP}" tls-flood "$ADDR_A" "$@"
}

flood_tunnel() # KIND NUMBER
{
	others_go_on "$1, through a tunnel" "$here/sstp-dialogue" --flood "$@" \
		'Open SSTP Client' "$ADDR_A" "$SERVER_NAME"
	check "$1, through a tunnel: it is there still" wait_for 'session' has_session server
	end_flood
	check "$1, through a tunnel: it is gone then" wait_for 'end' has_no_session server
}

# silence: how long somebody may say nothing while there is a flood; as with others_go_on,
# thrice
silence()
{
	local gone_on

	for _ in 1 2 3; do
		prepare tls-flood "$ADDR_A" packets $((6 * PACKETS)) http
		echo >&"$when"
		nb tls-flood "$ADDR_A" silence 0 >"$tmp/silence"
		ended && gone_on=no || gone_on=yes
		over
		end_flood
		(($(<"$tmp/silence") > TIMEOUT * 1000 + limit)) || break
	done
	equal 'the flood has gone on for as long' "$gone_on" yes
	between 'handshake-timeout is on time meanwhile' "$(<"$tmp/silence")" $((TIMEOUT * 1000)) \
		$((TIMEOUT * 1000 + limit))
}

# ended: the last flood is over
ended()
{
	grep -q ended "$tmp/flood.log"
}

# crowd: of sixteen sources, sixteen connections each, that say nothing
crowd()
{
	local i

	for ((i = 16; i < 32; i++)); do
		ip -n "$B" addr add "192.0.2.$i/24" dev veth
	done
	ip netns exec "$B" python3 - "$ADDR_A" >"$tmp/crowd.log" 2>&1 <<-'END' &
	import socket, sys, time
	held = []
	for _ in range(16):
	    for i in range(16, 32):
	        held.append(socket.create_connection((sys.argv[1], 443), 30, (f"192.0.2.{i}", 0)))
	print("there", flush=True)
	time.sleep(3600)
	END
	crowd=$!
	at_exit kill -KILL $crowd
	wait_for 'the crowd' grep -q there "$tmp/crowd.log"
}

setup_sstpd
server_conf 'handshake-timeout = 60' | { cat; printf '[global]\nengines = 1\n'; } |
	start_sstpd server "$A"
flood key-updates $UPDATES
check 'who changes keys all the time is cut off' wait_for 'end' ended
flood key-updates $UPDATES http
check 'behind HTTP as well' wait_for 'end' ended
flood tiny $TINY
check 'who sends no request is cut off' wait_for 'end' ended
flood tiny $TINY http
flood empty $TINY
flood empty $TINY http
flood renegotiate $UPDATES
check 'who wants to begin anew all the time is cut off' wait_for 'end' ended
flood renegotiate $UPDATES http
check 'behind HTTP as well' wait_for 'end' ended
flood packets $PACKETS http
crowd
check 'sixteen sources do not keep another one out' \
	nb timeout "$PATIENCE" tls-flood "$ADDR_A" handshakes 1
between 'though they have what they can get' "$(stat_of server now_handshakes)" 16 127
kill $crowd
client_conf "reconnect = no" | start_sstpd client "$B"
check 'who has an account gets in' explain wait_for 'session' connected
stop_sstpd client
stop_sstpd server
equal 'sstpd ends in order' "$status" 0

printf 'User:pass\n' >>"$tmp/users"
server_conf 'data-path = tun' "handshake-timeout = $TIMEOUT" |
	sed 's/^addresses = .*/addresses = 10.8.0.5/; s/^local = .*/local = 10.8.0.1/
		s/^dns = .*/dns = 10.8.0.53/' |
	{ cat; printf '[global]\nengines = 1\n'; } | start_sstpd server "$A"
flood_tunnel tiny $TINY
flood_tunnel packets $PACKETS
silence
stop_sstpd server
equal 'sstpd ends in order' "$status" 0
finish
