#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Children are replaced with what was accepted last, whatever is on the disk by then;
# those that hang are ended; a reload ends nobody but whom the users file has no more.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

start_server()
{
	{
		server_conf 'auth-backend = users, radius'
		client_conf 'interface = nowhere' | sed 's/^server = .*/server = nowhere.test/'
		printf '%s\n' '[radius]' 'auth-server = 127.0.0.1' \
			"secret-file = $tmp/secret" '[global]' 'engines = 2'
	} | start_sstpd server "$A"
	parent=$(<"$tmp/server.pid")
	two_engines
}

child() # ROLE [NUMBER]: of the server, oldest first
{
	pgrep -P "$parent" "^sstpd-$1\$" | sort -n | sed -n "${2:-1}p"
}

# replaced TEXT PID: killed, and the session does not notice
replaced()
{
	local backs id

	id=$(session_of server id)
	backs=$(said server 'is back')
	kill -KILL "$2"
	check "$1: it is replaced" explain wait_for 'another' said_more server 'is back' "$backs"
	equal "$1: the session has not noticed" "$(session_of server id)" "$id"
	check "$1: and works" na ping -c 1 -W 5 "$(session_of server peer)"
}

reload()
{
	sstpctl -s "$tmp/server.sock" reload
}

another() # than session ID
{
	connected && (($(session_of server id) != $1))
}

new_session()
{
	local id

	id=$(session_of server id)
	sstpctl -s "$tmp/server.sock" disconnect "$id" >/dev/null
	wait_for session another "$id"
}

# several: so many sessions that each engine gets some
several()
{
	for ((i = 0; i < 6; i++)); do
		new_session || return
	done
}

number_is() # of sessions at the server
{
	[[ $(sessions_of server) == "$1" ]]
}

user_has() # NAME: a session at the server
{
	[[ $(sstpctl -s "$tmp/server.sock" show --json | grep "\"user\": *\"$1\"") ]]
}

user_has_none()
{
	! user_has "$1"
}

# client_of USER NAME: a client of its own, called NAME
client_of()
{
	install -m 600 /dev/null "$tmp/password.$1"
	echo "$1-secret" >"$tmp/password.$1"
	LOGIN=$1 client_conf "interface = $2" 'reconnect-max = 2' |
		sed "s/^\[client .*/[client $2]/; s|^password-file = .*|password-file = $tmp/password.$1|"
}

setup_sstpd
install -m 600 /dev/null "$tmp/secret"
echo 'the secret of RADIUS' >"$tmp/secret"
start_server
client_conf 'reconnect-max = 2' | start_sstpd client "$B"
check 'a client is connected' explain wait_for session connected

# ---- what is on the disk does not count until a reload ----

cp -p "$tmp/cert.pem" "$tmp/good.pem"
echo 'half a certificate' >"$tmp/cert.pem"
other_engine "$(session_of server id)"
replaced 'engine, while the certificate is written' "$victim"
check 'and serves with the old one' several
cp -p "$tmp/users" "$tmp/good-users"
echo 'a line that is no account' >>"$tmp/users"
replaced 'authd, while the users file is written' "$(child authd)"
check 'and lets the users in' new_session
refuse 'a reload with all that is refused' 'users:2: must be' reload
replaced 'authd, after a reload that was refused' "$(child authd)"
rm "$tmp/users" "$tmp/cert.pem" "$tmp/cert.key"
other_engine "$(session_of server id)"
replaced 'engine, without any file' "$victim"
replaced 'authd, without any file' "$(child authd)"
check 'logins go on' explain several
mv "$tmp/good.pem" "$tmp/cert.pem"
mv "$tmp/good-users" "$tmp/users"
make_cert cert

check 'a reload with another certificate' reload

# ---- hanging ----

PATIENCE=$((PATIENCE + 30)) # that is what they have
other_engine "$(session_of server id)"
id=$(session_of server id)
declare -A backs=()
for role in authd radius resolver engine; do
	backs[$role]=$(said server "$role .*is back")
	[[ $role == engine ]] || victim+=" $(child $role)"
done
# shellcheck disable=SC2086 # a list of words
kill -STOP $victim
for role in authd radius resolver engine; do
	check "one of each hangs, $role: it is replaced" explain wait_for 'another' \
		said_more server "$role .*is back" "${backs[$role]}"
done
equal 'the session has not noticed' "$(session_of server id)" "$id"
check 'and works' na ping -c 1 -W 5 "$(session_of server peer)"
check 'both engines serve' several

# ---- an address that is away, and a start of an engine meanwhile ----

ip -n "$A" addr del "$ADDR_A/24" dev veth
before=$(said server 'engine .*is back')
kill -KILL "$(child engine)"
check 'an engine is replaced while the address listened on is away' \
	explain wait_for 'another' said_more server 'engine .*is back' "$before"
kill -KILL "$(child engine)"
check 'and so is the other' explain wait_for 'another' said_more server 'engine .*is back' $((before + 1))
ip -n "$A" addr add "$ADDR_A/24" dev veth
check 'when it is there again clients are served' wait_for session connected
check 'by both' several

# ---- reload: who is connected stays ----

stop_sstpd client
for name in a b c d; do
	echo "$name:$name-secret" >>"$tmp/users"
done
check 'a reload with more users' reload
for name in a b c d; do
	client_of "$name" "vpn$name"
done | start_sstpd clients "$B"
check 'four sessions' wait_for sessions number_is 4
cp "$tmp/server.conf" "$tmp/server.conf.was"
sed -i 's/^certificate/max-sessions = 1\nmax-half-open = 1\n&/' "$tmp/server.conf"
check 'a reload with max-sessions = 1' reload
client_conf 'interface = late' 'reconnect-max = 1' | start_sstpd late "$B"
check 'one more is refused' wait_for 'refusal' logged late '503|refused|no address'
stop_sstpd late
equal 'the four stay' "$(sessions_of server)" 4
refuse 'and no engine is blamed' '' logged server 'broken'
cp "$tmp/server.conf.was" "$tmp/server.conf"

# ---- reload: who is not in the users file any more goes ----

sstpctl user -f "$tmp/users" disable a >/dev/null
sed -i '/^b:/d' "$tmp/users"
check 'a reload: a is disabled, b is gone' reload
check 'the session of a ends' wait_for end user_has_none a
check 'and that of b' wait_for end user_has_none b
equal 'and no other' "$(sessions_of server)" 2
stop_sstpd clients

# ---- again and again ----

before=$(said server 'is back')
for ((i = 0; i < 6; i++)); do
	kill -KILL "$(child authd)"
	((i == 5)) || wait_for 'another' said_more server 'is back' $((before + i)) || break
done
check 'authd dies all the time: the next one comes later' \
	explain wait_for 'log line' logged server 'authd ends again and again, the next one begins'
check 'but it comes' explain wait_for 'another' said_more server 'is back' $((before + 5))
no_engine() # whenever there is one
{
	pkill -KILL -P "$parent" '^sstpd-engine$'
	logged server 'no engine is left: giving up'
}
check 'no engine is left: the daemon gives up' wait_for 'log line' no_engine
wait "$parent" || status=$?
equal 'which is no success' "$status" 1
finish
