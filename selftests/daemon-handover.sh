#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A client replaces its connection, and nothing inside notices: one session, one interface,
# the same addresses, no packet lost, at both ends.
set -euo pipefail
. "$(dirname "$0")/lib-continuity.sh"

SESSIONS=1
PREFIX=2001:db8:88
for_all=() # for the client's [global]

start_server() # KEY=VALUE...: for [server]
{
	stop_client
	[[ ! -e $tmp/server.pid ]] || stop_sstpd server
	{
		server_conf "$OFTEN" "up-script = $tmp/up" "down-script = $tmp/down" 'ipv6 = yes' "$@"
		printf '%s\n' "ipv6-prefix = $PREFIX::/48" '[global]' 'engines = 2'
	} | start_sstpd server "$A"
}

start_client() # KEY=VALUE...: for [client]
{
	stop_client
	: >"$tmp/ran.up"
	: >"$tmp/ran.down"
	{
		client_conf "$OFTEN" 'ipv6 = yes' 'reconnect-max = 1' 'interface = vpn0' "$@" |
			sed "s|^routes = .*|&, $PREFIX::/48|"
		printf '%s\n' "${for_all[@]}"
	} | start_sstpd client "$B"
	check 'a client is connected' explain wait_for session connected
	check 'IPv6 is up' explain wait_for 'an address' has_ipv6
	check 'its script has run' wait_for script test -s "$tmp/ran.up"
	scripts_anew
	id=$(session_of server id)
}

# running N: so many scripts that have run were of a session's begin, and not of an end
running()
{
	(($(wc -l <"$tmp/ran.up") - $(wc -l <"$tmp/ran.down") == $1))
}

# Scripts come a moment after what they are run for: its own are over then.
stop_client()
{
	[[ -e $tmp/client.pid ]] && ! client_gone client || return 0
	wait_for session connected
	wait_for 'its up-script' running 1
	hang_up
	wait_for 'its down-script' running 0
}

# The scripts are forgotten but for the one of the session that is up.
scripts_anew()
{
	: >"$tmp/ran.down"
	echo "$VPN_USER" >"$tmp/ran.up"
}

# What of a session stays when its connection is another one.
session_itself() # NAME
{
	identity "$1" | grep -v '"id"'
}

# other_connection: both ends go on by it, with the number $id at the server
other_connection()
{
	local now

	connected && now=$(session_of server id) && ((now != id)) &&
		logged client "goes on as session $(session_of client id),"
}

sessions_in_kernel() # NAMESPACE NUMBER
{
	echo "a dump count=$2" | sstp-cli -e "a=$1"
}

one_each()
{
	sessions_in_kernel "$A" 1 && sessions_in_kernel "$B" 1
}

carriers()
{
	na cat "/sys/class/net/$(session_of server interface)/carrier_changes"
	nb cat /sys/class/net/vpn0/carrier_changes
}

reconnect()
{
	sstpctl -s "$tmp/client.sock" reconnect test
}

# goes_on WHAT COMMAND...: after that the session is another's, and nothing else happens
goes_on()
{
	local what=$1 server client carriers ipv6 bytes

	shift
	server=$(session_itself server)
	client=$(session_itself client)
	carriers=$(carriers)
	ipv6=$(ipv6_of_client)
	bytes=$(arrived)
	id=$(session_of server id)
	"$@"
	check "$what: another connection" explain wait_for 'another' other_connection
	equal "$what: the server's session is what it was" "$(session_itself server)" "$server"
	equal "$what: and the client's" "$(session_itself client)" "$client"
	equal "$what: the interfaces have not noticed" "$(carriers)" "$carriers"
	equal "$what: nor has IPv6" "$(ipv6_of_client)" "$ipv6"
	check "$what: the stream goes on" wait_for 'bytes' more_arrived "$bytes"
	check "$what: the old connection ends" explain wait_for 'its end' one_each
	equal "$what: no script has run again" \
		"$(wc -l <"$tmp/ran.up") $(wc -l <"$tmp/ran.down")" '1 0'
}

WAITS='another connection follows when the one before this has ended'

follows() # the one that had to wait
{
	[[ $(sed -n "/$WAITS/,\$p" "$tmp/client.log" | grep -c 'goes on as session') != 0 ]]
}

# Until one comes while the connection before is drained, which takes two seconds.
reconnect_twice()
{
	until logged client "$WAITS"; do
		reconnect
	done
	wait_for 'the next one' follows
}

ipv6_of_client()
{
	ip -n "$B" -6 -o addr show dev vpn0 scope global | sed -n 's/.* inet6 \([^/ ]*\).*/\1/p'
}

has_ipv6()
{
	[[ $(ipv6_of_client) == $PREFIX:* ]] || { ip -n "$B" -6 addr; return 1; }
}

setup_many
na sysctl -q -w net.ipv6.conf.all.forwarding=1
start_server
start_client
check 'the kernel carries it' test "$(session_of server path)" = kernel
start_inside full
goes_on 'reconnect' reconnect
goes_on 'reconnect again' reconnect
goes_on 'and again' reconnect
goes_on 'twice at a time, the second waits for its turn' reconnect_twice
nothing_was_noticed
equal 'nor says the server of any session that it ends' "$(said server 'session [0-9]* end:')" 0
equal 'nor the client' "$(said client 'session [0-9]* end:')" 0
equal 'there is one session of the account' "$(sessions_of server)" 1

# ---- who goes on afterwards is the same ----

backs=$(said server 'goes on with 1 session')
for end in server client; do
	pkill -KILL -P "$(<"$tmp/$end.pid")" '^sstpd-engine$'
done
check 'engines that are killed: others go on with it' explain wait_for 'log line' \
	said_more server 'goes on with 1 session' "$backs"
check 'at the client, too' explain wait_for 'log line' said_more client 'goes on with 1 session' 0
start_inside
goes_on 'after that, reconnect' reconnect
nothing_was_noticed
first=$(sstpctl -s "$tmp/server.sock" show --json | sed -n 's/.*"began_as": \([0-9]*\).*/\1/p')
check 'it is known by the number that it began with' test "$first" -ne "$id"
sstpctl -s "$tmp/server.sock" disconnect "$first" >/dev/null
check 'and ends by that' explain wait_for 'log line' logged server 'session [0-9]* end:'
check 'its down-script has run once' wait_for script eval "((\$(wc -l <'$tmp/ran.down') == 1))"
check 'then the client comes again' explain wait_for session connected
check 'with an up-script' wait_for script running 1
check 'the address is its own' nb ping -c 1 -W 5 "$SERVER_TUN"

# ---- there is no other connection ----

id=$(session_of server id)
install -m 600 /dev/null "$tmp/users"
echo "$VPN_USER:another" >"$tmp/users"
sstpctl -s "$tmp/server.sock" reload >/dev/null
reconnect
check 'the password is no good any more: the connection stays' explain wait_for 'log line' \
	logged client 'no other connection: the one that it has goes on'
equal 'it is the same' "$(session_of server id)" "$id"
check 'and works' nb ping -c 1 -W 5 "$SERVER_TUN"
printf '%s:%s\n' "$VPN_USER" "$VPN_PASSWORD" >"$tmp/users"
sstpctl -s "$tmp/server.sock" reload >/dev/null
start_inside
scripts_anew
goes_on 'when it is, reconnect' reconnect
nothing_was_noticed

# ---- its server is gone meanwhile ----

na nft -f - <<-END
	table inet gone {
		chain in {
			type filter hook input priority 0
			tcp dport 443 tcp flags & (syn|ack) == syn drop
		}
	}
END
turns=$(said client 'no other connection')
reconnect
check 'nobody answers: the connection stays' explain wait_for 'log line' \
	said_more client 'no other connection' "$turns"
check 'and works' nb ping -c 1 -W 5 "$SERVER_TUN"
na nft delete table inet gone
check 'an unknown client is refused' eval \
	"! sstpctl -s '$tmp/client.sock' reconnect nobody 2>'$tmp/err'"
check 'with a reason' grep -q 'no client of that name' "$tmp/err"

# ---- the connection before cannot say to the server that it has ended ----

id=$(session_of server id)
port=$(session_of server remote)
port=${port##*:}
na nft -f - <<-END
	table inet lost {
		chain in {
			type filter hook input priority 0
			tcp sport $port drop
		}
		chain out {
			type filter hook output priority 0
			tcp dport $port drop
		}
	}
END
server=$(session_itself server)
reconnect
wait_for 'another' other_connection
id=$(session_of server id)
reconnect
check 'the next one but one waits for its turn at the server' explain wait_for 'log line' \
	logged server 'it waits for the end of session'
check 'and goes on' explain wait_for 'another' other_connection
equal 'with the same session, by the kernel' "$(session_itself server)" "$server"
check 'the address is its own' nb ping -c 1 -W 5 "$SERVER_TUN"
check 'there is one connection in the end' explain wait_for 'its end' one_each
na nft delete table inet lost

# ---- another client of the same account ----

start_client
mine=$(session_of client id)
{
	client_conf 'interface = vpn1' "$OFTEN" | sed 's/^\[client .*/[client other]/; /^routes/d'
} | start_sstpd other "$B"
check 'it has a session of its own' explain wait_for 'two sessions' eval \
	'[[ $(sessions_of server) == 2 && $(sessions_of other) == 1 ]]'
check 'the first one is there' nb ping -c 1 -W 5 "$SERVER_TUN"
sstpctl -s "$tmp/other.sock" reconnect other >/dev/null
check 'it reconnects, and its own goes on' explain wait_for 'log line' \
	logged other 'goes on as session'
equal 'the other one is not touched' "$(session_of client id)" "$mine"
check 'there are two sessions still' explain wait_for 'two' sessions_in_kernel "$A" 2
equal 'for the server, too' "$(sessions_of server)" 2
stop_sstpd other
check 'it goes' explain wait_for 'its end' has_session server
check 'with its script' wait_for script running 1

# ---- keys are used up ----

for_all=('[global]' 'key-limit = 24000')
start_client 'tls-max-version = 1.2'
check 'show says when the connection is replaced' grep -q 'is replaced after 18000 records' \
	<<<"$(sstpctl -s "$tmp/client.sock" show "$(session_of client id)")"
use_keys()
{
	local now

	while now=$(session_of server id) && ((now == id)); do
		nb ping -q -i 0.002 -c 200 -W 1 "$SERVER_TUN" >/dev/null || true
	done
}
start_inside full
goes_on 'before the keys are used up, by itself' use_keys
nothing_was_noticed
check 'not for the limit' test "$(said client 'reason=key-limit')" = 0

# ---- for a RADIUS server it is one session ----

# records KIND: how many have come
records()
{
	grep -c "^acct $1 " "$tmp/radius.log" || true
}

more_interims() # THAN
{
	(($(records INTERIM) > $1))
}

install -m 600 /dev/null "$tmp/secret"
echo sesame >"$tmp/secret"
ip netns exec "$A" "$here/radius-peer" serve 127.0.0.1 sesame >"$tmp/radius.log" 2>&1 &
at_exit kill "$!"
wait_for 'RADIUS server' grep -q ready "$tmp/radius.log"
for_all=()
radius=('[radius]' 'auth-server = 127.0.0.1' 'acct-server = 127.0.0.1' 'coa-listen = 127.0.0.1'
	'coa-sources = 127.0.0.1' "secret-file = $tmp/secret" 'interim-interval = 1')
start_server 'auth-backend = users, radius' "${radius[@]}"
start_client
turns=$(records START)
start_inside
goes_on 'with accounting, reconnect' reconnect
goes_on 'with accounting, again' reconnect
nothing_was_noticed
turns=$(records INTERIM)
check 'interim records come on time' wait_for records more_interims "$((turns + 1))"
equal 'of one session, which began once and has not ended' "$(records START) $(records STOP)" '1 0'
equal 'under one name' "$(awk '$1 == "acct" && $2 != "ON" { print $4 }' "$tmp/radius.log" | sort -u | wc -l)" 1
name=$(awk '$2 == "START" { print $4 }' "$tmp/radius.log")
equal 'by which the RADIUS server ends it' "$(na "$here/radius-peer" ask 127.0.0.1 sesame disconnect \
	"Acct-Session-Id=$name")" ACK
check 'then comes its end' explain wait_for record eval '[[ $(records STOP) == 1 ]]'
check 'and the client comes again' explain wait_for 'the next' eval '[[ $(records START) == 2 ]]'

# ---- where it cannot be ----

for_all=()
start_server
start_client 'data-path = tun'
mine=$(session_of client id)
reconnect
check 'on the TUN path the session ends first' explain wait_for 'log line' logged client \
	"session $mine end: .*reason=replaced"
check 'and the client comes again' explain wait_for session connected

# ---- sstpd is killed before the engine has said anything of the new connection ----

# engines_of NAME: their processes
engines_of()
{
	pgrep -P "$(sstpd_of "$1")" '^sstpd-engine$'
}

# reconnect_and_die NAME: its engines are mute meanwhile
reconnect_and_die()
{
	local pid

	for pid in $(engines_of "$1"); do
		kill -USR1 "$pid"
	done
	reconnect
	wait_for 'another' other_connection
	die "$1"
}

export LD_PRELOAD=$KSSTP_BUILD/selftests/preload/fault.so
keeper
start_server
start_client
unset LD_PRELOAD
start_inside
goes_on 'the server is killed then' reconnect_and_die server
goes_on 'the client is killed then' reconnect_and_die client
nothing_was_noticed
finish
