#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Somebody runs code of his own in an engine, and in authd: what he cannot do.
# preload/takeover.c makes his attempts, in the processes of the shipped binary.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

MAY_DIE=5 # times in a minute until sstpd gives up, see daemon/children.h

# serve ROLE: a server with two engines, whose processes of ROLE are taken over
serve()
{
	[[ ! -e $tmp/server.pid ]] || stop_sstpd server
	deaths=0
	rm -f "$tmp/report"
	SSTP_TAKEOVER=$tmp SSTP_TAKEOVER_ROLE=$1 \
		LD_PRELOAD=$KSSTP_BUILD/selftests/preload/takeover.so \
		start_sstpd server "$A" < <(
		server_conf 'auth-backend = users, radius'
		client_conf | sed 's/^server = .*/server = nowhere.test/'
		printf '%s\n' '[radius]' 'auth-server = 127.0.0.1' \
			"secret-file = $tmp/secret" '[global]' 'engines = 2')
}

# processes ROLE: of the server, oldest first
processes()
{
	pgrep -P "$(<"$tmp/server.pid")" "^sstpd-$1\$"
}

# connect: the victim; its session in $session, its engine's process in $engine,
# the other one's in $attacker
connect()
{
	[[ ! -e $tmp/client.pid ]] || stop_sstpd client
	client_conf | start_sstpd client "$B"
	wait_for 'session of the victim' has_session server ||
		bail 'the victim cannot connect'
	session=$(session_of server id)
	mapfile -t engines < <(processes engine)
	engine=${engines[(session - 1) % 2]}
	attacker=${engines[session % 2]}
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

# said PATTERN: lines of the server's log that match
said()
{
	grep -cE -- "$1" "$tmp/server.log" || true
}

# said_more PATTERN NUMBER: than so many
said_more()
{
	(($(said "$1") > $2))
}

# killed PID WHY ATTACK [NUMBER]: it is the last thing that process does
killed()
{
	local pid=$1 why=$2 before

	shift 2
	before=$(said "$why")
	order "$pid" "$@"
	deaths=$((deaths + 1))
	check "$1: that was its end" wait_for 'end of the process' gone "$pid"
	check "$1: the log says why" wait_for 'log line' said_more "$why" "$before"
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

setup_sstpd
install -m 600 /dev/null "$tmp/secret"
echo 'the secret of RADIUS' >"$tmp/secret"
mkfifo "$tmp/orders"
exec 9<>"$tmp/orders"

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
	# the log, the channel to the parent, the event loop; an engine's listening
	# sockets, RADIUS's connected one
	check "$role has no other descriptors" test -z "$(find "/proc/$pid/fd" -type l \
		-printf '%f %l\n' | grep -vE \
		"^[0-3] |anon_inode:.event(poll|fd)|socket:|pipe:|$tmp/server.log")"
done
check 'the empty directory is empty' test -z "$(ls -A /run/sstpd/empty)"
check 'and nobody can write there' test "$(stat -c %A:%U /run/sstpd/empty)" = \
	dr-xr-xr-x:root

# ---- an engine that fails ----

serve engine
connect
for attack in open list create unlink unix udp raw bind; do
	denied "$attacker" "$attack"
done
order "$attacker" tcp
check 'tcp: that is what engines are for' wait_for report reported 'tcp: done'
check 'the victim has not noticed' alive
check 'nor has its engine' test -e "/proc/$engine"

# ---- an engine that is killed ----

parent=$(<"$tmp/server.pid")
for attack in netlink packet exec fork clone "ptrace $parent" "peek $parent" \
	"kill $parent" setuid unshare bpf io_uring code abi32; do
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

# ---- authd ----

serve authd
connect
authd=$(processes authd)
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
	wait_for 'end of the process' said_more 'engine .process .* is gone' $((deaths - 1))
done
check 'who is broken into all the time gives up' wait_for 'log line' logged server \
	'engine ends again and again, giving up'
stop_sstpd server
equal 'which is no success' "$status" 1
stop_sstpd client
finish
