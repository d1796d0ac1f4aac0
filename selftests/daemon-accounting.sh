#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Accounting records that no server takes: they wait on the disk, outlive the daemon in
# order and without order, and are sent once there is a server.
set -euo pipefail
. "$(dirname "$0")/lib-continuity.sh"

SECRET=sesame
peer=$(dirname "$0")/radius-peer

start_radius()
{
	ip netns exec "$A" "$peer" serve 127.0.0.1 $SECRET >"$tmp/radius.log" 2>&1 &
	radius=$!
	at_exit kill $radius
	wait_for 'RADIUS server' grep -q ready "$tmp/radius.log"
}

stop_radius() # if it is there
{
	[[ ! $radius ]] || kill "$radius"
	[[ ! $radius ]] || wait "$radius" || true
	radius=''
}

start_server() # [KEY=VALUE...]: for [server]; with $spool
{
	{
		server_conf 'auth-backend = users, radius' "$@"
		printf '%s\n' '[radius]' 'acct-server = 127.0.0.1' "secret-file = $tmp/secret" \
			'auth-server = 127.0.0.1' 'timeout = 3' 'retries = 0' \
			'interim-interval = 1' "acct-spool = $spool"
	} | start_sstpd server "$A"
}

# a_session TEXT: one comes, lasts for some interim records, and goes; its Acct-Session-Id,
# by which the server knows it, is in $name
a_session()
{
	local before=$SECONDS

	client_conf 'reconnect-max = 1' | start_sstpd client "$B"
	wait_for session connected || bail 'no session'
	name=$(printf '%08X' "$(session_of server id)")
	wait_for 'some seconds' eval "((SECONDS - $before > 3))"
	stop_sstpd client
	check "$1" wait_for 'end' has_no_session server
}

radiusd() # its process
{
	pgrep -P "$(<"$tmp/server.pid")" '^sstpd-radius$'
}

# records KIND [SESSION]: how many have come
records()
{
	grep -cE "^acct $1 .*${2:-}\$" "$tmp/radius.log" || true
}

records_are() # KIND SESSION NUMBER
{
	[[ $(records "$1" "$2") == "$3" ]]
}

setup_sstpd
spool=$tmp/spool
install -m 600 /dev/null "$tmp/secret"
echo $SECRET >"$tmp/secret"

# ---- the daemon stops in order ----

before=$(date +%s)
start_server
after=$(date +%s)
a_session 'a session without a server'
first=$name
equal 'the spool is private' "$(stat -c '%a %U' "$tmp/spool")" '600 root'
between 'and whoever breaks into its process cannot fill the disk' \
	"$(sed -n 's/^Max file size *\([0-9]*\) .*/\1/p' "/proc/$(radiusd)/limits")" 1 8000000
stop_sstpd server
equal 'the daemon ends in order' "$status" 0
check 'and says that something waits' logged server 'accounting records wait in '
refuse 'nothing is lost' '' logged server 'lost'

start_radius
start_server
check 'the next one tells of it' logged server 'accounting records have waited in '
check 'Stop arrives' wait_for record records_are STOP "$first" 1
check 'and Start' wait_for record records_are START "$first" 1
equal 'in that order' "$(grep -E "$first\$" "$tmp/radius.log" | cut -d ' ' -f 2 | tr '\n' ' ')" \
	'START STOP '
# An Acct-Session-Id has in front when the daemon was started, in hex.
session=$(sed -n "s/^acct STOP .* \([0-9A-F]*\)$first\$/\1/p" "$tmp/radius.log")
between 'under the name it had' "$((16#$session))" "$before" "$after"
check 'before it says that it begins anew' eval '
	[[ $(grep -nE "STOP" "$tmp/radius.log" | cut -d: -f1) -lt $(grep -n "acct ON" "$tmp/radius.log" | cut -d: -f1) ]]'
stop_sstpd server
start_server
stop_sstpd server
equal 'it is not sent a second time' "$(records STOP "$first")" 1
refuse 'nothing waits any more' '' logged server 'have waited'
stop_radius

# ---- it does not ----

start_server
a_session 'a session without a server'
second=$name
kill -KILL "$(<"$tmp/server.pid")"
wait "$(<"$tmp/server.pid")" 2>/dev/null || true
start_radius
start_server
check 'Stop arrives after a crash' wait_for record records_are STOP "$second" 1
equal 'and no interim record after it' "$(records INTERIM "$second")" 0
stop_radius
a_session 'a session without a server, again'
third=$name
kill -KILL "$(radiusd)"
check 'the process for RADIUS is replaced' wait_for 'log line' logged server 'radius .*is back'
start_radius
PATIENCE=$((PATIENCE + 60)) # a server that was silent is asked again after so long
check 'Stop arrives by the next process' wait_for record records_are STOP "$third" 1
stop_sstpd server
equal 'once' "$(records STOP "$third")" 1

# ---- a disk that is full ----

mkdir "$tmp/disk"
mount -t tmpfs -o size=4k none "$tmp/disk"
at_exit umount "$tmp/disk"
head -c 4096 /dev/zero >"$tmp/disk/full"
stop_radius
spool=$tmp/disk/spool
start_server
a_session 'a session without a server, nor a place on the disk'
check 'the log says so' logged server 'cannot be kept on the disk: No space left'
stop_sstpd server
check 'and how many are lost' logged server '[0-9] accounting records lost: no server has taken'
refuse 'it promises nothing' '' logged server 'accounting records wait in'
spool=$tmp/spool

# ---- a file that is damaged, or something else ----

start_server
a_session 'a session without a server, as before'
stop_sstpd server
printf 'no name' | dd of="$tmp/spool" bs=1 seek=200 conv=notrunc status=none
start_server
check 'a record that is damaged is not sent, but named' logged server \
	'1 accounting records lost: .* is damaged'
check 'the other one waits' logged server '1 accounting records have waited in'
check 'it is set aside' wait_for 'log line' logged server \
	"what was damaged of $tmp/spool is in $tmp/spool.damaged now"
equal 'in a file that is private, too' "$(stat -c '%a %U' "$tmp/spool.damaged")" '600 root'
stop_sstpd server
start_server
check 'the other one still waits' logged server '1 accounting records have waited in'
refuse 'the damaged one is told of once' '' logged server 'damaged'
stop_sstpd server
cp -p "$tmp/users" "$tmp/good-users"
spool=$tmp/users
start_server
check 'a file of something else is not used' logged server 'there is something else in it'
stop_sstpd server
check 'nor changed' cmp "$tmp/users" "$tmp/good-users"
spool=$tmp/spool

# ---- the process that sends them is not there, or has not read them ----

radius_of_server()
{
	pgrep -P "$(<"$tmp/server.pid")" '^sstpd-radius$'
}

radius_is_away()
{
	! radius_of_server >/dev/null
}

# hold_back: it dies until the next one is 16 s away
hold_back()
{
	until logged server 'radius ends again and again, the next one begins in 16 s'; do
		pkill -KILL -P "$(<"$tmp/server.pid")" '^sstpd-radius$' || sleep 0.1
	done
}

# short_session TEXT: of which $name is the name, and that process is away all the time.
# Where 16 s are not enough for it, the next one is sent away in turn, for longer.
short_session()
{
	for _ in 1 2 3 4 5; do
		pkill -KILL -P "$(<"$tmp/server.pid")" '^sstpd-radius$' || true
		wait_for 'its end' radius_is_away
		client_conf 'reconnect-max = 1' | start_sstpd client "$B"
		wait_for session connected || bail "no session: $1"
		name=$(printf '%08X' "$(session_of server id)")
		stop_sstpd client
		wait_for end has_no_session server
		! radius_is_away || break
	done
	check "$1" has_no_session server
	check 'and nobody was there to tell of it' radius_is_away
	equal 'nothing has come of it' "$(records '.*' "$name")" 0
}

in_order() # SESSION: Start and Stop, once
{
	[[ $(grep -E "$1\$" "$tmp/radius.log" | cut -d ' ' -f 2 | tr '\n' ' ') == 'START STOP ' ]]
}

rm -f "$tmp/spool"
for spool in "$tmp/spool" none; do
	stop_radius
	start_radius
	start_server
	client_conf 'reconnect-max = 1' | start_sstpd client "$B"
	wait_for session connected || bail 'no session'
	name=$(printf '%08X' "$(session_of server id)")
	kill -STOP "$(radius_of_server)"
	stop_sstpd client
	check "spool $spool: a session ends while the process for RADIUS hangs" \
		wait_for end has_no_session server
	kill -KILL "$(radius_of_server)"
	check 'Stop arrives though that one has not read it' \
		explain wait_for record records_are STOP "$name" 1
	hold_back
	LOGIN=bob client_conf 'reconnect = no' | start_sstpd client "$B"
	check 'who has to be asked about there is sent away' explain wait_for 'log line' \
		logged server 'not established: user bob .*: internal error'
	stop_sstpd client
	short_session 'a session comes and goes without that process'
	check 'Start and Stop arrive when it is back' explain wait_for records in_order "$name"
	stop_sstpd server
	equal 'sstpd ends in order' "$status" 0
	refuse 'nothing is lost' '' logged server 'lost'
done
spool=$tmp/spool
stop_radius
start_radius
start_server
hold_back
short_session 'a session before the end of the daemon'
stop_sstpd server
check 'Start and Stop arrive all the same' in_order "$name"
stop_radius

# ---- the daemon is killed, and with it all that a session on the TUN path was ----

has_run_down() # TIMES
{
	(($(wc -l <"$tmp/ran.down") == $1))
}

printf '#!/bin/sh\necho "$SSTP_USER" >>%s\n' "$tmp/ran.down" >"$tmp/down"
chmod 755 "$tmp/down"
chmod 711 "$tmp"
: >"$tmp/ran.down"
keeper
start_radius
start_server 'data-path = tun' "down-script = $tmp/down"
client_conf 'reconnect = no' | SSTPD=sstpd start_sstpd client "$B"
check 'a session on the TUN path' explain wait_for session connected
name=$(printf '%08X' "$(session_of server id)")
check 'RADIUS knows of it' explain wait_for record records_are START "$name" 1
die server
check 'the next sstpd tells of its end' explain wait_for record records_are STOP "$name" 1
equal 'it does not say that nothing was before it' "$(records ON)" 1
wait_for 'sstpd (server): ready' said_more server 'is ready' 1
die server
wait_for 'sstpd (server): ready' said_more server 'is ready' 2
check 'and not a third one' wait_for 'the begin of another' eval '(($(records ON) == 2))'
equal 'Stop comes once' "$(records STOP "$name")" 1
equal 'its down-script has run once, too' "$(wc -l <"$tmp/ran.down")" 1
stop_sstpd server

# ---- it is killed when a session has been told to end, and has not yet ----

# Another sstpd numbers its sessions anew.
stop_radius
start_radius
: >"$tmp/ran.down"
start_server "down-script = $tmp/down"
client_conf 'reconnect = no' | SSTPD=sstpd start_sstpd client "$B"
check 'a session on the kernel path' explain wait_for session connected
id=$(session_of server id)
name=$(printf '%08X' "$id")
engine=$(pgrep -P "$(<"$tmp/client.pid")" '^sstpd-engine$')
kill -STOP "$engine"
sstpctl -s "$tmp/server.sock" disconnect "$id" >/dev/null
equal 'it waits for its peer' "$(session_of server id)" "$id"
die server
kill -CONT "$engine"
check 'the next sstpd tells of its end' explain wait_for record records_are STOP "$name" 1
check 'and why' logged server "session $id end: .*: disconnected by the operator"
check 'its down-script runs' wait_for script has_run_down 1
check 'its interface goes' wait_for interfaces eval \
	"[[ ! \$(ip -n '$A' -br link | grep -E '^sstp[0-9]') ]]"
check 'it is no session any more' has_no_session server
equal 'Stop comes once' "$(records STOP "$name")" 1
wait "$(<"$tmp/client.pid")" || true

# ---- it is killed when one has ended, and its process for RADIUS has not heard of that ----

client_conf 'reconnect = no' | SSTPD=sstpd start_sstpd client "$B"
check 'a session' explain wait_for session connected
name=$(printf '%08X' "$(session_of server id)")
check 'RADIUS knows of it' explain wait_for record records_are START "$name" 1
kill -STOP "$(pgrep -P "$(sstpd_of server)" '^sstpd-radius$')"
stop_sstpd client
check 'it ends' wait_for 'its end' has_no_session server
check 'its down-script runs' wait_for script has_run_down 2
equal 'RADIUS has not heard of that' "$(records STOP "$name")" 0
die server
check 'the next sstpd tells it' explain wait_for record records_are STOP "$name" 1
equal 'no script runs for that' "$(wc -l <"$tmp/ran.down")" 2
turns=$(said server 'is ready')
die server
wait_for 'sstpd (server): ready' said_more server 'is ready' "$turns"
equal 'Stop comes once' "$(records STOP "$name")" 1
stop_sstpd server

# ---- it is killed when one has just begun ----

printf '#!/bin/sh\necho "$SSTP_USER" >>%s\n' "$tmp/ran.up" >"$tmp/up"
chmod 755 "$tmp/up"
: >"$tmp/ran.up"
: >"$tmp/ran.down"
stop_radius
start_radius
SSTP_FAULT=$tmp LD_PRELOAD=$KSSTP_BUILD/selftests/preload/fault.so \
	start_server "up-script = $tmp/up" "down-script = $tmp/down"
before=$(sstpd_of server)
touch "$tmp/die-at-fork"
client_conf 'reconnect = no' | SSTPD=sstpd start_sstpd client "$B"
check 'killed when the up-script has begun' wait_for 'another sstpd' another_sstpd server "$before"
check 'the up-script runs to its end' wait_for script test -s "$tmp/ran.up"
check 'the next sstpd runs its down-script' explain wait_for script has_run_down 1
check 'and RADIUS hears that it has ended' explain wait_for record eval '(($(records STOP) == 1))'
check 'its interface goes' wait_for interfaces eval \
	"[[ ! \$(ip -n '$A' -br link | grep -E '^sstp[0-9]') ]]"
wait "$(<"$tmp/client.pid")" || true
stop_sstpd server
equal 'for both, once' "$(records STOP) $(wc -l <"$tmp/ran.down")" '1 1'
SSTPD=sstpd
stop_radius

# ---- a file that is not ours alone ----

exec 7<>"$tmp/spool"
flock -n 7
start_server
check 'a file that another daemon has is not used' logged server \
	'accounting records are not kept in .*: another sstpd has it'
stop_sstpd server
exec 7>&-
chmod 644 "$tmp/spool"
start_server
check 'a file that others can read is not used' logged server \
	'accounting records are not kept in .*: it is not ours alone'
stop_sstpd server
chmod 600 "$tmp/spool"
ln "$tmp/spool" "$tmp/other"
start_server
check 'nor one that has another name' logged server \
	'accounting records are not kept in .*: it has another name'
stop_sstpd server
rm "$tmp/spool"
ln -s "$tmp/users" "$tmp/spool"
start_server
check 'nor a link' logged server 'accounting records are not kept in .*: Too many levels'
stop_sstpd server
finish
