#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Somebody runs code of his own in an engine, and in authd: what he cannot do.
# preload/takeover.c makes his attempts, in the processes of the shipped binary.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

MAY_DIE=5 # times in a row until the next one comes later, see daemon/parent/children.h

# serve ROLE: a server with two engines, whose processes of ROLE are taken over; its
# client is for $NOWHERE
serve()
{
	[[ ! -e $tmp/server.pid ]] || stop_sstpd server
	deaths=0
	: >"$tmp/report"
	SSTP_TAKEOVER=$tmp SSTP_TAKEOVER_ROLE=$1 \
		LD_PRELOAD=$KSSTP_BUILD/selftests/preload/takeover.so \
		start_sstpd server "$A" < <(
		server_conf 'auth-backend = users, radius'
		client_conf | sed "s/^server = .*/server = ${NOWHERE:-nowhere.test}/"
		printf '%s\n' '[radius]' 'auth-server = 127.0.0.1' \
			"secret-file = $tmp/secret" '[global]' 'engines = 2')
}

# processes ROLE: of the server, oldest first
processes()
{
	pgrep -P "$(<"$tmp/server.pid")" "^sstpd-$1\$"
}

# connect: the victim; its session in $session, its engine's process in $engine
connect()
{
	[[ ! -e $tmp/client.pid ]] || stop_sstpd client
	client_conf | start_sstpd client "$B"
	wait_for 'session of the victim' has_session server ||
		bail 'the victim cannot connect'
	session=$(session_of server id)
	mapfile -t engines < <(processes engine)
	engine=${engines[(session - 1) % 2]}
	# The first one dials, for the clients: by order of their processes as long as
	# none was replaced.
	dialler=${engines[0]} server_only=${engines[1]}
}

# order PID ATTACK [NUMBER]
order()
{
	local pid=$1

	shift
	printf '%s\n' "$*" >"$tmp/orders"
	kill -USR1 "$pid"
}

reported() # LINE
{
	grep -qx -- "$1" "$tmp/report"
}

gone() # PID
{
	[[ ! -e /proc/$1 ]]
}

# denied PID ATTACK [NUMBER]: it fails, and he knows no more than that
denied()
{
	order "$@"
	check "$2: not permitted" wait_for report reported "$2: E\(PERM\|ACCES\)"
}

# another ROLE: a process of that role, not the victim's
another()
{
	local pid

	for pid in $(processes "$1"); do
		[[ $pid == "${engine:-}" ]] || echo "$pid"
	done
}

# back: all processes are there again
back()
{
	[[ $(processes engine | wc -l) == 2 && $(processes authd | wc -l) == 1 ]] &&
		[[ $(grep -c 'is back' "$tmp/server.log") == "$deaths" ]]
}

# killed PID WHY ATTACK [NUMBER]: it is the last thing that process does
killed()
{
	local pid=$1 why=$2 before

	shift 2
	before=$(said server "$why")
	order "$pid" "$@"
	deaths=$((deaths + 1))
	check "$1: that was its end" wait_for 'end of the process' gone "$pid"
	check "$1: the log says why" wait_for 'log line' said_more server "$why" "$before"
	check "$1: a new process takes its place" wait_for 'new process' back
}

alive()
{
	nb ping -c 1 -W 5 "$SERVER_TUN"
}

SYSCALL='it made a system call that it must not make'

status_of() # PID KEY
{
	sed -n "s/^$2:\t*//p" "/proc/$1/status"
}

free_addresses()
{
	sstpctl -s "$tmp/server.sock" metrics | sed -n 's/^sstpd_pool_free_addresses //p'
}

setup_sstpd
install -m 600 /dev/null "$tmp/secret"
# `ip netns exec` lays it over /etc: an account for each role
mkdir -p "/etc/netns/$A"
at_exit rm -rf "/etc/netns/$A"
{
	cat /etc/passwd
	uid=64100
	for role in engine authd eapd radius resolver; do
		echo "nobody-$role:x:$((++uid)):65534::/run/sstpd/empty:/usr/sbin/nologin"
	done
} >"/etc/netns/$A/passwd"
echo 'the secret of RADIUS' >"$tmp/secret"
mkfifo "$tmp/orders" "$tmp/report.pipe"
exec 9<>"$tmp/orders"
# He may have no right to write to a file, whoever has opened it.
cat <>"$tmp/report.pipe" >>"$tmp/report" &
at_exit kill $!

# ---- what each process has ----

serve nobody
for role in engine authd radius resolver; do
	pid=$(processes "$role" | head -n 1)
	check "$role is not root" test "$(status_of "$pid" Uid | cut -f 1-3 | tr -d '0\t')"
	equal "$role has no capability" \
		"$(status_of "$pid" 'Cap[IPE]..' | sort -u)" 0000000000000000
	equal "$role gets no new rights" "$(status_of "$pid" NoNewPrivs)" 1
	equal "$role has a system call filter" "$(status_of "$pid" Seccomp)" 2
	equal "$role leaves no core file" \
		"$(sed -n 's/^Max core file size *//p' "/proc/$pid/limits" | xargs)" \
		'0 0 bytes'
	root=/run/sstpd/empty
	[[ $role != resolver ]] || root=/
	equal "$role sees $root" "$(readlink "/proc/$pid/root")" "$root"
	# what it says and the channel to the parent, the event loop; an engine's
	# listening sockets, RADIUS's connected one
	check "$role has no other descriptors" test -z "$(find "/proc/$pid/fd" -type l \
		-printf '%f %l\n' | grep -vE \
		"^[01] /dev/null|^2 pipe:|anon_inode:.event(poll|fd)|socket:|pipe:")"
done
check 'each role is an account of its own' test "$(for role in engine authd radius resolver; do
	status_of "$(processes $role | head -n 1)" Uid | cut -f 1
done | sort -u | wc -l)" = 4
check 'the empty directory is empty' test -z "$(ls -A /run/sstpd/empty)"
check 'and nobody can write there' test "$(stat -c %A:%U /run/sstpd/empty)" = \
	dr-xr-xr-x:root

# ---- an engine that fails ----

serve engine
connect
for attack in open list create unlink unix udp raw bind sctp mptcp 'limit 0'; do
	# shellcheck disable=SC2086 # an attack and its number
	denied "$dialler" $attack
done
order "$dialler" tcp
check 'tcp: that is what an engine is for that dials' wait_for report reported 'tcp: done'
: >"$tmp/report"
for attack in tcp 'connect 3'; do
	# shellcheck disable=SC2086 # an attack and its number
	denied "$server_only" $attack
done
order "$dialler" peek-limit 0
check 'it may see its own limits' wait_for report reported 'peek-limit: done'
check 'the victim has not noticed' alive
check 'nor has its engine' test -e "/proc/$engine"

order "$server_only" forge
check 'forge: it is a line of the engine, whatever it says' wait_for 'log line' logged server \
	'sstpd\[engine\] error: 2000-01-01 00:00:00.000 sstpd\[parent\] forged by its text'
check 'forge: in its form, too' wait_for 'log line' logged server \
	'sstpd\[engine\] sstpd\[authd\] forged by its form \[session=7 user="nobody reason=none"'
equal 'forge: no line begins as it would like' "$(said server '^(2000|[^2])')" 0
order "$server_only" chatter 30000
check 'chatter: it was written' wait_for report reported 'chatter: done'
check 'chatter: and left out, when it was too much' wait_for 'log line' logged server \
	'engine: [0-9]* lines were left out'
between 'chatter: so many are in the log' "$(said server 'a line of nothing')" 10000 29999
check 'chatter: the victim has not noticed' alive

# ---- an engine that is killed ----

parent=$(<"$tmp/server.pid")
# the 32 bit ABI of x86, where that is
[[ $(uname -m) == x86_64 ]] && abi32=abi32 || abi32=''
for attack in netlink packet exec fork clone "ptrace $parent" "peek $parent" \
	"kill $parent" "owner $parent" signal async "limit $parent" "peek-limit $parent" \
	setuid unshare bpf io_uring code $abi32; do
	if ((deaths == MAY_DIE)); then
		check 'the victim has not noticed' alive
		serve engine
		connect
		parent=$(<"$tmp/server.pid")
	fi
	# shellcheck disable=SC2086 # an attack and its number
	killed "$(another engine)" "$SYSCALL" $attack
done
check 'the victim has not noticed' alive

# ---- an engine that lies ----

serve engine
connect
killed "$(another engine)" 'message type this process may not send' \
	verdict "$session"
killed "$(another engine)" 'message type this process may not send' secret
killed "$(another engine)" 'message of the wrong size' short
killed "$(another engine)" 'unknown message type' unknown
killed "$(another engine)" "speaks for session $session of another engine" \
	end "$session"
equal 'the session is still the one' "$(session_of server id)" "$session"
check 'and works' alive
serve engine
connect
killed "$(another engine)" 'a data path that session [0-9]* may not have' \
	path $((session + 101))
equal 'nobody got an interface' "$(ip -n "$A" -br link | grep -c 'sstp')" 1
check 'the victim has not noticed' alive
killed "$engine" "addresses that session $session may not have" \
	address "$session"
check 'its session went with it, and came back' wait_for session has_session client

# ---- an engine that lies to the one that comes after it ----

serve engine
connect
killed "$(another engine)" 'message with a value out of range' long-state $((session + 1))
killed "$(another engine)" "speaks for session $session of another engine" state "$session"
killed "$engine" "describes session $session as what it is not" state6 "$session"
serve engine
connect
order "$engine" state "$session"
check 'what says nothing that is wrong in itself is taken' wait_for report reported 'state: done'
kill -KILL "$engine"
check 'and goes to the next engine' wait_for 'log line' said_more server 'goes on with 1 session' 0
check 'which is none the worse for it' wait_for 'ping' alive
sstpctl -s "$tmp/server.sock" disconnect "$session" >/dev/null
check 'and ends that session as any other' wait_for 'log line' said_more server \
	"session $session end: " 0
stop_sstpd client
rm "$tmp/client.pid"

# ---- an engine that plays with logins ----

serve engine
connect
id=$((session + 2))
order "$engine" again $id
deaths=$((deaths + 1))
check 'a login is good once' wait_for 'end of the process' gone "$engine"
check 'the log says why' logged server "answer of session $id to no challenge of ours"
equal 'nobody else has logged in' "$(said server "session $id up")" 0
check 'the client comes back' wait_for 'session' has_session client
stop_sstpd client
rm "$tmp/client.pid"

serve engine
mapfile -t engines < <(processes engine)
order "${engines[0]}" pap 1001
check 'an engine asks for the password of a client' wait_for report reported 'pap: done'
check 'and is not told' wait_for answer grep -qx 'answer: no ' "$tmp/report"
: >"$tmp/report"
order "${engines[0]}" oracle 1003
check 'nor whether this is the password' wait_for answer grep -qx 'answer: no ' "$tmp/report"
order "${engines[1]}" number 4294967294
deaths=$((deaths + 1))
check 'the highest number of all' wait_for 'new process' back
check 'and the parent still answers' sstpctl -s "$tmp/server.sock" show
order "${engines[0]}" number 4294967295
deaths=$((deaths + 1))
check 'that of the other engine, too' wait_for 'new process' back
check 'and the parent still answers' sstpctl -s "$tmp/server.sock" show
connect
check 'everybody is served' alive
serve engine
connect
killed "$(another engine)" 'it does not take its messages' flood $((session + 1001))
check 'the victim has not noticed' alive
grown=$(status_of "$(<"$tmp/server.pid")" VmRSS)
check 'nor has the parent grown' test "${grown% kB}" -lt 150000
NOWHERE=203.0.113.99 serve engine
connect
parent=$(<"$tmp/server.pid")
most=0
before=$(said server 'it does not take its messages')
order "$dialler" dial 0
while [[ -d /proc/$dialler ]]; do
	now=$(find "/proc/$parent/fd" -type l | wc -l)
	((most >= now)) || most=$now
done
echo "# at most $most descriptors"
check 'one that asks for sockets and takes none is ended' wait_for 'log line' said_more server \
	'it does not take its messages' "$before"
check 'the parent has kept few of them' test "$most" -lt 1000
check 'the victim has not noticed' wait_for 'answers' alive

# ---- authd ----

serve authd
connect
authd=$(processes authd)
free=$(free_addresses)
for _ in 1 2 3; do
	: >"$tmp/report"
	order "$authd" verdict "$session"
	wait_for report reported 'verdict: done' || break
done
order "$authd" open # whatever it said before has been heard by then
wait_for report reported 'open: E.*' || true
equal 'a second yes is no second address' "$(free_addresses)" "$free"
for attack in open create unix udp tcp; do
	denied "$authd" "$attack"
done
killed "$authd" "$SYSCALL" netlink
killed "$(processes authd)" "$SYSCALL" exec
killed "$(processes authd)" 'message type this process may not send' end "$session"
check 'sessions need no authd' alive
stop_sstpd client
client_conf | start_sstpd client "$B"
check 'and the new one knows the users' wait_for session has_session client

# ---- again and again ----

serve engine
for ((i = 0; i <= MAY_DIE; i++)); do
	wait_for 'both engines' back || break
	order "$(processes engine | tail -n 1)" exec
	deaths=$((deaths + 1))
	wait_for 'end of the process' said_more server 'engine .process .* is gone' $((deaths - 1))
done
check 'who is broken into all the time is replaced later and later' \
	wait_for 'log line' logged server 'engine ends again and again, the next one begins in'
stop_sstpd server
equal 'but the other engine serves, the daemon goes on' "$status" 0
stop_sstpd client
finish
