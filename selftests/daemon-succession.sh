#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An sstpd that is restarted by its service manager, killed, or replaced by another
# program costs no session whose data path is the kernel's, at the server and at the
# client, and nothing inside notices. The manager's part is fd-keeper's.
#
#	CONTINUITY_SESSIONS=N	so many sessions (default 10)
set -euo pipefail
. "$(dirname "$0")/lib-continuity.sh"

# The peers' echoes are waited for often here, and nobody hangs.
OFTEN='lcp-echo-interval = 10'

# passes_on NAME DESCRIPTION COMMAND...: another sstpd goes on, and nothing else happens
passes_on()
{
	unnoticed "$1" "$2" "$SESSIONS sessions of the sstpd before this one go on" "${@:3}"
}

leave() # NAME: told so by somebody else than its manager
{
	local before

	before=$(sstpd_of "$1")
	kill -USR2 "$before"
	wait_for 'another sstpd' another_sstpd "$1" "$before"
}

both_die()
{
	die server
	die client
}

upgrade() # NAME
{
	sstpctl -s "$tmp/$1.sock" upgrade
}

kept_by() # NAME: how many descriptors its fd-keeper has
{
	local before states

	before=$(said "$1" '^fd-keeper: ')
	states=$(said "$1" '^fd-keeper: state$')
	kill -USR1 "$(<"$tmp/$1.pid")"
	# All lines of a list come at once.
	wait_for 'list' said_more "$1" '^fd-keeper: state$' "$states" >&2
	echo $(($(said "$1" '^fd-keeper: ') - before))
}

setup_many
keeper
start_both
all_come_up

start_inside
passes_on server 'the server is restarted' restart server
passes_on client 'the client is restarted' restart client
passes_on server 'somebody tells the server to leave' leave server
passes_on server 'the server is killed' die server
passes_on client 'the client is killed' die client
passes_on server 'both are killed' both_die
passes_on server 'the server is upgraded' upgrade server
passes_on client 'the client is upgraded' upgrade client
passes_on server 'the server is killed after an upgrade' die server
nothing_was_noticed

# ---- descriptors that are not what their names say ----

kill -HUP "$(<"$tmp/server.pid")"
die server
check 'two that have changed names are found out' explain wait_for 'log line' logged server \
	"$((SESSIONS - 2)) sessions of the sstpd before this one go on, 2 end"
check 'their clients come back' explain wait_for sessions all_up
check 'their down-scripts have run' wait_for scripts eval "((\$(wc -l <'$tmp/ran.down') == 2))"
: >"$tmp/ran.down"

# ---- what comes to an end, ends in order ----

one_ends_in_order

stop_sstpd client
equal 'the client ends in order' "$status" 0
check 'its sessions end' explain wait_for 'end of all sessions' has_no_session server
check 'the interfaces are gone' wait_for interfaces eval \
	"[[ ! \$(ip -n '$A' -br link | grep -E '^sstp[0-9]'; ip -n '$B' -br link | grep '^vpn') ]]"
check 'only the listening socket and the state are kept' eval "((\$(kept_by server) == 2))"
stop_sstpd server
equal 'the server ends in order' "$status" 0

# ---- the daemon's own path cannot go on: its keys were in the engine ----

server_conf 'data-path = tun' | start_sstpd server "$A"
client_conf 'reconnect-max = 1' | start_sstpd client "$B"
check 'a session on the TUN path' explain wait_for session connected
id=$(session_of server id)
restart server
check 'is ended in order by a restart' explain wait_for 'log line' logged client \
	'the peer (terminated|disconnected)|LCP|Call Disconnect'
check 'and the client comes back' explain wait_for session another_of_user "$VPN_USER" "$id"
stop_sstpd client
stop_sstpd server

# ---- who comes between two of them, waits ----

keeper -d 5
: >"$tmp/ran.down"
server_conf "down-script = $tmp/down" | start_sstpd server "$A"
kill -KILL "$(sstpd_of server)"
wait_for 'no sstpd' test ! -e "$tmp/server.sstpd"
client_conf | SSTPD=sstpd start_sstpd client "$B"
check 'a client that dials while there is no sstpd gets in' explain wait_for session connected
equal 'at its first attempt' "$(said client 'next attempt')" 0

# ---- who hangs up between two of them, has gone ----

kill -KILL "$(sstpd_of server)"
wait_for 'no sstpd' test ! -e "$tmp/server.sstpd"
kill -KILL "$(<"$tmp/client.pid")"
check 'the down-script of a session that ended while there was no sstpd runs' \
	explain wait_for script eval "((\$(wc -l <'$tmp/ran.down') == 1))"
check 'its interface goes' wait_for interfaces eval \
	"[[ ! \$(ip -n '$A' -br link | grep -E '^sstp[0-9]') ]]"
check 'it is no session any more' wait_for 'no session' has_no_session server

# ---- what is to take its place cannot be executed, though it was good a moment ago ----

stop_sstpd server
ln -s "$(type -P sstpd)" "$tmp/program"
SSTPD=$tmp/program
server_conf | start_sstpd server "$A"
client_conf | SSTPD=sstpd start_sstpd client "$B"
check 'a session' explain wait_for session connected
before=$(identity server)
printf '#!/bin/sh\nchmod a-x "$0"\n' >"$tmp/deceives"
chmod 755 "$tmp/deceives"
ln -sfn deceives "$tmp/program"
refuse 'sstpctl upgrade says so' "sstpctl: not upgraded, .*: cannot execute $tmp/program: Permission denied" \
	upgrade server
check 'the log says why there is no other program' explain wait_for 'log line' logged server \
	"not upgraded, .*: cannot execute $tmp/program: Permission denied; put that right"
check 'the one from before goes on with its session' explain wait_for 'the same' \
	same server "$before"
check 'by its own name' test "$(<"/proc/$(<"$tmp/server.pid")/comm")" = sstpd
backs=$(said server '1 session of the sstpd before this one goes on')
ln -sfn "$(type -P sstpd)" "$tmp/program"
check 'sstpctl upgrade has nothing more to complain of' explain upgrade server
check 'then it is put right' explain wait_for 'log line' \
	said_more server '1 session of the sstpd before this one goes on' "$backs"
check 'and so is the session' explain wait_for 'the same' same server "$before"

# ---- its name is another one in the file: what it has set up goes by the one from before ----

set_up_by_client() # what is marked with its name, or found by that
{
	ip -n "$B" rule
	ip -n "$B" -d link show type sstp | grep alias
	ip -n "$B" route show table all | grep -o 'proto 2[0-9][0-9]'
}

before=$(set_up_by_client)
sed -i "s|^control = .*|control = $tmp/other.sock|" "$tmp/client.conf"
refuse 'a reload does not change it' '\[global\] "control" cannot change while sstpd runs; stop and start it' \
	sstpctl -s "$tmp/client.sock" reload
check 'an upgrade neither' explain upgrade client
check 'and the log says so' logged client \
	"\"control\" is $tmp/other.sock now, but .* goes by $tmp/client.sock: that stays"
check 'the session goes on' explain wait_for 'log line' logged client \
	'1 session of the sstpd before this one goes on'
equal 'with rules, routes and a device that are its own' "$(set_up_by_client)" "$before"
stop_sstpd client
equal 'stopped, it leaves none of its rules' "$(ip -n "$B" rule | grep -cvE 'lookup (local|main|default)$')" 0
finish
