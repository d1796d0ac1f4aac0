#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A user comes again while the old connection is dead, and the server does not know it
# yet: what the old session holds is not in the way, and scripts run in order.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

# freeze NAME: all processes of that daemon stand still, their connections stay
freeze()
{
	local pid

	pid=$(<"$tmp/$1.pid")
	# shellcheck disable=SC2046 # one word each
	kill -STOP "$pid" $(pgrep -P "$pid")
}

melt()
{
	local pid

	pid=$(<"$tmp/$1.pid")
	# shellcheck disable=SC2046
	kill -CONT "$pid" $(pgrep -P "$pid")
	stop_sstpd "$1"
}

client() # NAME
{
	client_conf "interface = $1" 'reconnect-max = 1' | start_sstpd "$1" "$B"
}

# others_stay_out TEXT: somebody who has no session finds no place, which is no fault of
# his password
others_stay_out()
{
	LOGIN=bob client_conf 'interface = other' 'reconnect-max = 1' 'login-retries = 1' |
		start_sstpd other "$B"
	check "$1: somebody else has no place" wait_for 'log line' logged server \
		'not established: user bob from .*: no room for another session'
	check "$1: and tries again" wait_for 'attempts' tries_again
	refuse "$1: his login was not refused" '' grep 'the login was refused' "$tmp/other.log"
	check "$1: it is counted" wait_for counter counted refused_sessions
	check "$1: who is in has not noticed" has_session back
	stop_sstpd other
}

tries_again()
{
	(($(grep -c 'no room for another session' "$tmp/server.log") > 1))
}

counted() # COUNTER
{
	(($(stat_of server "$1") > 0))
}

# again TEXT POOL KEY=VALUE...: with these in [server]
again()
{
	local text=$1 pool=$2

	shift 2
	: >"$tmp/scripts"
	server_conf "up-script = $tmp/script" "down-script = $tmp/script" "$@" |
		sed "s/^addresses = .*/addresses = $pool/" | start_sstpd server "$A"
	client dead
	check "$text: a client is connected" wait_for session has_session dead
	freeze dead
	client back
	check "$text: the user comes again" wait_for session has_session back
	check "$text: both scripts have run" wait_for scripts grep -q 'up 2' "$tmp/order"
	equal "$text: in order" "$(tr '\n' ' ' <"$tmp/order")" 'up 1 down 1 up 2 '
	if [[ $* == *max-sessions* ]]; then others_stay_out "$text"; fi
	melt dead
	stop_sstpd back
	stop_sstpd server
	equal "$text: down is run once for each" "$(grep -c down "$tmp/order")" 2
}

setup_sstpd
# The numbers of sessions, as they come, are 1 and 2 in what it writes.
cat >"$tmp/script" <<END
#!/bin/bash
exec 9>"$tmp/lock"
flock 9
grep -qx "\$SSTP_SESSION" "$tmp/scripts" || echo "\$SSTP_SESSION" >>"$tmp/scripts"
[[ \$1 == down ]] || sleep 0.3
echo "\$1 \$(grep -nx "\$SSTP_SESSION" "$tmp/scripts" | cut -d: -f1)" >>"$tmp/order"
END
chmod 755 "$tmp" "$tmp/script"
: >"$tmp/order"
again 'a pool of one address' 10.88.0.10
: >"$tmp/order"
again 'sessions-per-user = 1' 10.88.0.10 'sessions-per-user = 1'
printf 'bob:%s\n' "$VPN_PASSWORD" >>"$tmp/users"
: >"$tmp/order"
again 'max-sessions = 1' 10.88.0.10-10.88.0.20 'max-sessions = 1'
: >"$tmp/order"
again 'both' 10.88.0.10-10.88.0.20 'sessions-per-user = 1' 'max-sessions = 1'
finish
