#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Many sessions end at once: their interfaces go together, not one after the other, and a
# session that comes back meanwhile has its name, its address and its routes.
#
#	CONTINUITY_SESSIONS=N	so many sessions (default 40)
set -euo pipefail
CONTINUITY_SESSIONS=${CONTINUITY_SESSIONS:-40}
# shellcheck source=selftests/lib-continuity.sh
. "$(dirname "$0")/lib-continuity.sh"

now_ms()
{
	date +%s%3N
}

# one_by_one N: milliseconds that the kernel takes to delete so many, each by a request
one_by_one()
{
	local i begun

	for ((i = 0; i < $1; i++)); do
		echo "link add gone$i type sstp"
	done | ip -n "$A" -batch -
	begun=$(now_ms)
	for ((i = 0; i < $1; i++)); do
		echo "link del gone$i"
	done | ip -n "$A" -batch -
	echo $(($(now_ms) - begun))
}

none_left()
{
	[[ $(sessions_of server) == 0 && ! $(ip -n "$A" link show type sstp) ]]
}

# scripts_ran: the script of each one's end, once
scripts_ran()
{
	[[ $(wc -l <"$tmp/ran.down") == "$SESSIONS" && $(sort -u "$tmp/ran.down" | wc -l) == "$SESSIONS" ]]
}

# went: milliseconds from the first interface that went to the last one
went()
{
	local first last

	read -r first last < <(sed -n 's/^\[\([^]]*\)\] *Deleted.* sstp[0-9]*:.*/\1/p' "$tmp/monitor" |
		sed -n '1p; $p' | paste -sd ' ')
	[[ $first && $last ]] || return 1
	echo $(($(date -d "$last" +%s%3N) - $(date -d "$first" +%s%3N)))
}

# kill_client: all at once, without a word
kill_client()
{
	local pid

	pid=$(<"$tmp/client.pid")
	kill -KILL "$pid"
	wait_for 'the end of the client' eval "! pgrep -P $pid"
}

setup_many
# Of so short a time a machine with other work may be away for more than half: once, but
# not thrice.
for try in 1 2 3; do
	start_both
	check "$SESSIONS sessions" explain wait_for 'sessions' all_up
	one=$(one_by_one "$SESSIONS")
	ip -n "$A" -ts monitor link >"$tmp/monitor" &
	monitor=$!
	at_exit kill "$monitor"
	wait_for 'ip monitor' monitoring "$A" "$tmp/monitor"
	kill_client
	check 'their client is gone: so are they, and their interfaces' explain wait_for 'the end' none_left
	check 'the last one was told of' wait_for 'line' eval \
		'(($(grep -c "^\[.*Deleted.* sstp[0-9]*:" "$tmp/monitor") >= SESSIONS))'
	all=$(went) || bail "no times in $(tail -n 2 "$tmp/monitor")"
	echo "# $SESSIONS interfaces went in $all ms, one by one they take $one ms"
	kill "$monitor"
	((try < 3 && 2 * all >= one)) || break
	wait_for 'scripts' scripts_ran
	stop_sstpd server
	: >"$tmp/ran.down"
done
check 'in less than half of the time that they take one by one' test "$((2 * all))" -lt "$one"
check "each one's script has run" wait_for 'scripts' scripts_ran

# A name and an address of its own, which the one before still has.
stop_sstpd server
site="10.88.0.99:routes=10.1.0.0/16 interface=branch"
sed -i "s/^$VPN_USER:.*/&:${site//\//\\/}/" "$tmp/users"
start_both
check 'again' explain wait_for 'sessions' all_up
check 'one has a name of its own' ip -n "$A" link show branch
for times in 1 2 3; do
	id=$(session_of_user "$VPN_USER")
	check "disconnected ($times)" sstpctl -s "$tmp/server.sock" disconnect --user "$VPN_USER"
	check "it comes back ($times)" explain wait_for 'session' eval \
		'another_of_user "$VPN_USER" "$id" && all_up'
	check "under its name ($times)" wait_for 'interface' ip -n "$A" link show branch
	check "with its address ($times)" grep -q 'dev branch' \
		<(ip -n "$A" route get 10.88.0.99)
	check "and its routes ($times)" grep -q 'dev branch' <(ip -n "$A" route show 10.1.0.0/16)
done
check 'nobody got a number for want of the name' eval \
	'! grep -q "there is an interface branch already" "$tmp/server.log"'
stop_sstpd client
stop_sstpd server
check 'nothing is left' eval '! ip -n "$A" link show type sstp | grep .'
finish
