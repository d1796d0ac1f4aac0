#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An outage is over, and all clients dial at once. Those that behave all come up, those
# beside them that were up already notice nothing, and a source that dials too often
# gets no more than its share. An upgrade of the server and the death of its engines cost
# none of them. Then all of the server is killed, and all of it once more.
#
#	STORM_CLIENTS=N		(default 100; scripts/check endure: 1000)
#
# Clients are served by one sstpd for each source address, in a namespace of its own,
# all on one bridge with the server in namespace A.
set -euo pipefail
. "$(dirname "$0")/lib-continuity.sh"

STORM_CLIENTS=${STORM_CLIENTS:-100}
PER_SOURCE=50
SOURCES=$(((STORM_CLIENTS + PER_SOURCE - 1) / PER_SOURCE))
STORM_CLIENTS=$((SOURCES * PER_SOURCE))
# Fewer than a source dials: the others of it wait for their turn.
HALF_OPEN=8
PATIENCE=$((60 + STORM_CLIENTS / 2))
POOL=10.96.0.0/20
NEAR=10.96.0.1
BRIDGE=198.18

# source_ns NUMBER: a namespace with an address on the bridge, and the server's in /etc
source_ns()
{
	local ns=$A-c$1

	ip netns add "$ns"
	at_exit ip netns del "$ns"
	ip -n "$A" link add "c$1" master bridge type veth peer name veth netns "$ns"
	ip -n "$A" link set "c$1" up
	ip -n "$ns" link set lo up
	ip -n "$ns" addr add "$BRIDGE.$1.1/16" dev veth
	ip -n "$ns" link set veth up
	mkdir -p "/etc/netns/$ns"
	at_exit rm -rf "/etc/netns/$ns"
	echo "$BRIDGE.255.1 $SERVER_NAME" >"/etc/netns/$ns/hosts"
}

# dialers NUMBER: the clients of that source
dialers()
{
	local i

	for ((i = 0; i < PER_SOURCE; i++)); do
		client_conf 'reconnect-min = 1' 'reconnect-max = 4' "interface = t$i" |
			sed "s/client test/client c$i/"
	done | start_sstpd "c$1" "$A-c$1"
}

serve()
{
	server_conf "listen = $BRIDGE.255.1:443" "max-half-open-per-source = $HALF_OPEN" \
		"max-sessions = $((STORM_CLIENTS + 1))" 'handshake-timeout = 60' |
		sed "s|^addresses = .*|addresses = $POOL|; s|^local = .*|local = $NEAR|" |
		SSTPD=$kept start_sstpd server "$A"
}

clients_up()
{
	stat_is server now_sessions $((STORM_CLIENTS + 1))
}

# cpu_ms: of all processes of the server, since they began
cpu_ms()
{
	local hz stat pid sum=0

	hz=$(getconf CLK_TCK)
	for pid in $(server_pids); do
		read -ra stat <"/proc/$pid/stat"
		sum=$((sum + stat[13] + stat[14]))
	done
	echo $((sum * 1000 / hz))
}

# parent_us: of the one that all logins pass
parent_us()
{
	awk '{ print int($1 / 1000) }' "/proc/$(sstpd_of server)/schedstat"
}

server_pids()
{
	pgrep -P "$(sstpd_of server)"
	sstpd_of server
}

# memory_kib: what the server's processes have for themselves, shared pages by part
memory_kib()
{
	local pid

	for pid in $(server_pids); do
		awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup"
	done | awk '{ sum += $1 } END { print sum }'
}

descriptors()
{
	local pid

	for pid in $(server_pids); do
		ls "/proc/$pid/fd"
	done | wc -l
}

# storm WHAT COMMAND...: it begins with that, and ends when all are up
storm()
{
	local what=$1 began took cpu parent memory

	shift
	began=$(uptime_ms)
	"$@"
	check "$what: all $STORM_CLIENTS come up" explain wait_for 'all of them' clients_up
	took=$(($(uptime_ms) - began))
	cpu=$(($(cpu_ms) - cpu_before))
	parent=$(($(parent_us) - parent_before))
	memory=$(($(memory_kib) - memory_before))
	echo "# $what: $STORM_CLIENTS sessions in $took ms; of the server, for each:" \
		"$((cpu / STORM_CLIENTS)) ms of processor time, $((parent / STORM_CLIENTS)) us of" \
		"its parent's, $((memory / STORM_CLIENTS)) KiB"
	echo "# refused for their source: $(stat_of server refused_source) of" \
		"$(stat_of server connections) connections"
}

uptime_ms()
{
	awk '{ print int($1 * 1000) }' /proc/uptime
}

# all_identities: of the sessions at the server, and at the clients of each source
all_identities()
{
	local n

	for n in server client $(seq -f c%g 0 $((SOURCES - 1))); do
		identity "$n" || return
	done
}

# survived WHAT WORDS COMMAND...: another process goes on with all of them, in so many
# sessions as are in these words of the log, everything is served again, which took $took
# ms, and neither end has noticed
survived()
{
	local what=$1 words=$2 before old_lines began

	shift 2
	before=$(all_identities)
	old_lines=$(wc -l <"$tmp/server.log")
	began=$(uptime_ms)
	"$@"
	check "$what: another process goes on with all" explain wait_for 'log line' \
		gone_on_with $((STORM_CLIENTS + 1)) "$old_lines" "$words"
	took=$(($(uptime_ms) - began))
	echo "# $what: $((STORM_CLIENTS + 1)) sessions, $took ms"
	check "$what: they are what they were, at both ends" explain wait_for 'the same' \
		all_the_same "$before"
}

# restarted WHAT COMMAND...: another sstpd goes on
restarted()
{
	survived "$1" '([0-9]+) sessions of the sstpd before this one go on' "${@:2}"
	[[ ! ${STORM_RESTART_MS:-} ]] || between "$1: in time" "$took" 0 "$STORM_RESTART_MS"
}

# gone_on_with NUMBER LINES WORDS: it is the sum of those in the log behind so many lines,
# and then somebody is ready, or back
gone_on_with()
{
	tail -n +$(($2 + 1)) "$tmp/server.log" |
		sed -nE "s/.* $3.*/\1/p; s/.* (is ready|is back)\$/\1/p" |
		awk -v want="$1" '/is/ { back = n == want; next } { n += $1 } END { exit !back }'
}

all_the_same() # IDENTITIES
{
	[[ $(all_identities) == "$1" ]]
}

engines_die()
{
	pkill -KILL -P "$(sstpd_of server)" '^sstpd-engine$'
}

# idle: what the server costs without them
idle()
{
	cpu_before=$(cpu_ms) parent_before=$(parent_us) memory_before=$(memory_kib)
}

outage() # up|down
{
	ip -n "$A" link set bridge "$1"
}

killed()
{
	kill -KILL "$(<"$tmp/server.pid")" "$(sstpd_of server)"
	wait "$(<"$tmp/server.pid")" 2>/dev/null || true
	wait_for 'nobody is left' nobody_in "$A"
	serve
}

setup_sstpd
keeper
kept=$SSTPD SSTPD=sstpd
ip -n "$A" link add bridge type bridge
ip -n "$A" addr add "$BRIDGE.255.1/16" dev bridge
serve
client_conf "routes = $NEAR/32" | start_sstpd client "$B"
check 'a client is connected' wait_for session has_session client
for ((n = 0; n < SOURCES; n++)); do
	source_ns $n
	dialers $n
done
idle
before=$(descriptors)
ip netns exec "$B" ping -i 0.2 "$NEAR" >"$tmp/ping.log" &
pinger=$!

storm 'after an outage' outage up
check 'a source gets no more than its share at a time' test "$(stat_of server refused_source)" -gt 0
equal 'nobody is refused for anything else' \
	"$(stat_of server refused_half_open) $(stat_of server refused_handshakes)
	$(stat_of server refused_sessions) $(stat_of server handshake_timeouts)" '0 0
	0 0'
restarted 'upgrade' sstpctl -s "$tmp/server.sock" upgrade
restarted 'restart' restart server
restarted 'kill -9' die server
survived 'kill -9 of the engines' 'goes on with ([0-9]+) session' engines_die
kill -INT $pinger
wait $pinger || true
tail -n 2 "$tmp/ping.log" | sed 's/^/# /'
check 'who was up before has all answers to its pings' no_gaps "$tmp/ping.log"
equal 'and is the same session' "$(session_of client id)" 1
equal 'all are in the kernel' \
	"$(sstpctl -s "$tmp/server.sock" show --json | grep -c '"path": "kernel"')" \
	$((STORM_CLIENTS + 1))

cpu_before=0 parent_before=0
storm 'after kill -9 of the server' killed

for ((n = 0; n < SOURCES; n++)); do
	stop_sstpd "c$n"
done
stop_sstpd client
check 'no session is left at the server' wait_for 'end' stat_is server now_sessions 0
between 'nor a descriptor of one' "$(descriptors)" 1 $before
check 'nor an interface' eval '! ip -n "$A" link show type sstp | grep .'
stop_sstpd server
equal 'the server ends well' $status 0
finish
