# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What tests share in which sessions outlive processes of the daemon, on top of
# lib-sstpd.sh: many sessions between two daemons, traffic inside, and the question
# whether all is as it was.
#
#	CONTINUITY_SESSIONS=N	so many sessions (default 10)

. "$(dirname "${BASH_SOURCE[0]}")/lib-sstpd.sh"

SESSIONS=${CONTINUITY_SESSIONS:-10}
# Four that nobody answers end a session: one that hangs is ended before that.
OFTEN='lcp-echo-interval = 20'
STREAM_RATE=250000 # bytes/s

accounts()
{
	for ((i = 1; i < SESSIONS; i++)); do
		echo "u$i:secret-$i"
	done >>"$tmp/users"
}

# client_of NUMBER: 0 has the route to the server
client_of()
{
	install -m 600 /dev/null "$tmp/password.$1"
	echo "secret-$1" >"$tmp/password.$1"
	LOGIN=u$1 client_conf "interface = vpn$1" "$OFTEN" |
		sed "s/^\[client .*/[client n$1]/; /^routes/d
			s|^password-file = .*|password-file = $tmp/password.$1|"
}

# setup_many: accounts, and scripts that note for whom they ran, in $tmp/ran.up and .down
setup_many()
{
	local kind

	setup_sstpd
	accounts
	for kind in up down; do
		printf '#!/bin/sh\necho "$SSTP_USER" >>%s\n' "$tmp/ran.$kind" >"$tmp/$kind"
		chmod 755 "$tmp/$kind"
		: >"$tmp/ran.$kind"
	done
	chmod 711 "$tmp"
}

# start_both: with $SERVER_PRELOAD in the server's processes
start_both()
{
	{
		server_conf "$OFTEN" "up-script = $tmp/up" "down-script = $tmp/down" \
			'source-check = no'
		printf '[global]\nengines = 1\n'
	} | sed 's/^addresses = .*/addresses = 10.88.0.10-10.88.3.250/' |
		LD_PRELOAD=${SERVER_PRELOAD:-} start_sstpd server "$A"
	{
		client_conf 'interface = vpn0' "$OFTEN"
		for ((i = 1; i < SESSIONS; i++)); do
			client_of "$i"
		done
	} | start_sstpd client "$B"
}

all_up()
{
	[[ $(sessions_of server) == "$SESSIONS" && $(sessions_of client) == "$SESSIONS" ]]
}

# identity NAME: what no session may change
identity()
{
	sstpctl -s "$tmp/$1.sock" show --json |
		grep -E '^      "(id|user|interface|since|local|peer|path)": '
}

same() # NAME IDENTITY
{
	[[ $(identity "$1") == "$2" ]]
}

# control NS: packets that the module has handed to the engine there
control()
{
	local word n=0

	for word in $(echo 'a dump' | sstp-cli -e "a=$1"); do
		[[ $word != rx-control=* ]] || ((n += ${word#*=}))
	done
	echo $n
}

more_control() # NS THAN
{
	(($(control "$1") > $2))
}

# Bytes that have come in through the stream from B to A.
arrived()
{
	stat -c %s "$tmp/stream" 2>/dev/null || echo 0
}

more_arrived() # THAN
{
	(($(arrived) > $1))
}

# start_inside [full]: a ping every 10 ms and a stream of TCP by the first client's tunnel.
# Unless it is to be as fast as it can, it leaves an emulated processor to what is tested.
start_inside()
{
	local rate=",setsockopt-int=1:47:$STREAM_RATE" # SO_MAX_PACING_RATE

	[[ ${1:-} != full ]] || rate=
	: >"$tmp/stream"
	ip netns exec "$A" socat -u "TCP-LISTEN:7003,bind=$SERVER_TUN,reuseaddr" \
		"OPEN:$tmp/stream,append" &
	listener=$!
	wait_for 'listener' listening "$A" 7003
	ip netns exec "$B" socat -u OPEN:/dev/urandom "TCP:$SERVER_TUN:7003$rate" 2>"$tmp/socat" &
	stream=$!
	ip netns exec "$B" ping -i 0.01 "$SERVER_TUN" >"$tmp/ping" 2>&1 &
	pinger=$!
	at_exit kill -KILL $listener $stream $pinger
	wait_for 'bytes' more_arrived 0
}

stop_inside()
{
	kill -INT $pinger
	wait $pinger 2>/dev/null || true
	kill $stream $listener 2>/dev/null || true
	wait $stream $listener 2>/dev/null || true
}

session_of_user() # NAME: at the server
{
	sstpctl -s "$tmp/server.sock" show --json | awk -v user="$1" '
		index($0, "      \"id\": ") == 1 { gsub(/[^0-9]/, ""); id = $0 }
		index($0, "      \"user\": \"" user "\"") == 1 { print id }'
}

another_of_user() # NAME THAN
{
	local id

	id=$(session_of_user "$1")
	[[ $id && $id != "$2" ]]
}

# ---- sstpd under a service manager, whose part is fd-keeper's ----

# keeper [OPTION...]: from now on sstpd is started by an fd-keeper, whose process id is
# in NAME.pid then, and sstpd's in NAME.sstpd
keeper()
{
	printf '#!/bin/sh\nexec fd-keeper %s "${3%%.conf}.sstpd" sstpd "$@"\n' "$*" >"$tmp/kept"
	chmod 755 "$tmp/kept"
	SSTPD=$tmp/kept
}

sstpd_of() # NAME: its process, while there is one
{
	cat "$tmp/$1.sstpd" 2>/dev/null || true
}

another_sstpd() # NAME THAN
{
	[[ $(sstpd_of "$1") && $(sstpd_of "$1") != "$2" ]]
}

restart() # NAME: as `systemctl restart` does, by RestartKillSignal
{
	local before

	before=$(sstpd_of "$1")
	kill -USR2 "$(<"$tmp/$1.pid")"
	wait_for 'another sstpd' another_sstpd "$1" "$before"
}

die() # NAME: without a word
{
	local before

	before=$(sstpd_of "$1")
	kill -KILL "$before"
	wait_for 'another sstpd' another_sstpd "$1" "$before"
}

# ---- what each of these tests looks at ----

all_come_up()
{
	check "$SESSIONS sessions" explain wait_for sessions all_up
	equal 'all of them the kernel carries' \
		"$(sstpctl -s "$tmp/server.sock" show --json | grep -c '"path": "kernel"')" "$SESSIONS"
	check 'an up-script for each' wait_for scripts eval "((\$(wc -l <'$tmp/ran.up') == SESSIONS))"
}

# unnoticed NAME WHAT WORDS COMMAND...: after that somebody else goes on, as NAME's log
# says in these words, and nothing else happens
unnoticed()
{
	local name=$1 what=$2 words=$3 before_server before_client before bytes

	shift 3
	before_server=$(identity server)
	before_client=$(identity client)
	before=$(said "$name" "$words")
	# Some minutes of it would fill the disk.
	: >"$tmp/stream"
	"$@"
	bytes=$(arrived)
	check "$what: another goes on with all of them" explain wait_for 'log line' \
		said_more "$name" "$words" "$before"
	check "$what: the server's sessions are what they were" explain wait_for 'the same' \
		same server "$before_server"
	check "$what: and the client's" explain wait_for 'the same' same client "$before_client"
	check "$what: the stream goes on" wait_for 'bytes' more_arrived "$bytes"
	check "$what: the peers' echoes are answered" explain wait_for 'control packets' \
		more_control "$B" $(($(control "$B") + SESSIONS))
	check "$what: all are still there" all_up
}

nothing_was_noticed()
{
	stop_inside
	check 'no ping was lost all the time' no_gaps "$tmp/ping"
	echo "# longest time between two answers to a ping every 10 ms: $(awk -F'time=' '
		/time=/ { if ($2 + 0 > max) max = $2 + 0 } END { print max }' "$tmp/ping") ms round trip at most"
	equal 'no script has run again' "$(wc -l <"$tmp/ran.up") $(wc -l <"$tmp/ran.down")" "$SESSIONS 0"
}

one_ends_in_order()
{
	local id

	id=$(session_of_user "$VPN_USER")
	sstpctl -s "$tmp/server.sock" disconnect "$id" >/dev/null
	check 'an administrator ends one: its client dials again' explain wait_for session \
		another_of_user "$VPN_USER" "$id"
	check 'with another number' test "$(session_of_user "$VPN_USER")" -gt "$id"
	check 'the client was told' logged client 'the peer (terminated|disconnected)|LCP'
	check 'its down-script has run' wait_for script eval "((\$(wc -l <'$tmp/ran.down') == 1))"
	check 'all are there' wait_for sessions all_up
}
