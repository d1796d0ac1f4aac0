#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Whose a session is: names that the directory takes for one account have its limits
# together, and RADIUS ends or changes what it names, once.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

SECRET=sesame
peer=$(dirname "$0")/radius-peer

serve() # KEY=VALUE...: for [server]
{
	[[ ! -e $tmp/server.pid ]] || stop_sstpd server
	{
		server_conf 'auth = pap' 'auth-backend = users, radius' "$@"
		printf '%s\n' '[radius]' 'auth-server = 127.0.0.1' 'acct-server = 127.0.0.1' \
			"secret-file = $tmp/secret" 'coa-listen = 127.0.0.1' 'coa-sources = 127.0.0.1' \
			'coa-require = event-timestamp, message-authenticator'
	} | start_sstpd server "$A"
}

# login NAME USER
login()
{
	LOGIN=$2 client_conf "interface = $1" 'auth = pap' 'reconnect-max = 1' |
		start_sstpd "$1" "$B"
}

ask() # WORD...: a request of the RADIUS server
{
	na "$peer" ask 127.0.0.1 $SECRET "$@"
}

number_is()
{
	[[ $(sessions_of server) == "$1" ]]
}

accounted() # USER: how many sessions have begun
{
	grep -c "^acct START $1 " "$tmp/radius.log" || true
}

accounted_is()
{
	[[ $(accounted "$1") == "$2" ]]
}

setup_sstpd
install -m 600 /dev/null "$tmp/secret"
echo $SECRET >"$tmp/secret"
ip netns exec "$A" "$peer" serve 127.0.0.1 $SECRET >"$tmp/radius.log" 2>&1 &
at_exit kill $!
wait_for 'RADIUS server' grep -q ready "$tmp/radius.log"

# ---- names ----

serve 'sessions-per-user = 1'
login one bob
check 'bob is in' wait_for session has_session one
login two BOB
check 'exact: BOB is somebody else' wait_for session has_session two
equal 'exact: both are there' "$(sessions_of server)" 2
login three 'CORP\bob'
check 'exact: so is CORP\bob' wait_for sessions number_is 3
check 'disconnect --user' sstpctl -s "$tmp/server.sock" disconnect --user BOB
check 'ends that one' wait_for 'end' logged server 'end: user BOB from .*disconnected by the operator'
refuse 'and no other' '' grep -E 'end: user (bob|CORP)' "$tmp/server.log"
refuse 'one who is not there is told so' 'no session of that user' \
	sstpctl -s "$tmp/server.sock" disconnect --user carol
for name in one two three; do
	stop_sstpd "$name"
done

# With its account gone, that of the name without its domain is none for it.
cp -p "$tmp/users" "$tmp/one-user"
printf '%s:%s\n' "CORP\\$VPN_USER" "$VPN_PASSWORD" >>"$tmp/users"
check 'CORP\alice gets an account' sstpctl -s "$tmp/server.sock" reload
login one "CORP\\$VPN_USER"
check 'and is in' wait_for session has_session one
cp -p "$tmp/one-user" "$tmp/users"
check 'it is taken away' sstpctl -s "$tmp/server.sock" reload
check 'and the session ends' wait_for 'end' logged server \
	"user CORP.$VPN_USER is removed now"
stop_sstpd one

serve 'sessions-per-user = 1' 'user-names = fold'
login one bob
check 'bob is in again' wait_for session has_session one
peer_of_one=$(session_of server peer)
login two 'CORP\Bob'
check 'fold: CORP\Bob takes the place of bob' wait_for 'log line' logged server \
	'is replaced by session [0-9]* of user CORP.Bob'
check 'fold: with the address of bob' wait_for 'log line' logged server \
	"session [0-9]* up: user CORP.Bob from [^,]*, $peer_of_one on"
# Who was replaced comes again, and so on.
stop_sstpd one
check 'fold: and is in' wait_for session has_session two
login three ALICE
check 'fold: the users file takes capitals' wait_for 'log line' logged server \
	"session [0-9]* up: user $VPN_USER from"
check 'disconnect --user goes by account' sstpctl -s "$tmp/server.sock" disconnect --user bOb
check 'and ends it' wait_for 'end' logged server \
	'end: user CORP.Bob from .*disconnected by the operator'
for name in two three; do
	stop_sstpd "$name"
done

# ---- requests of RADIUS: each once, and of now ----

serve
started=$(($(accounted bob) + 1))
login one bob
check 'bob is in once more' wait_for session has_session one
check 'which is accounted' wait_for record accounted_is bob $started
equal 'a request without Event-Timestamp is ignored' \
	"$(ask disconnect User-Name=bob no-time)" nothing
check 'the log says why' logged server 'ignored: it has no Event-Timestamp'
equal 'one without Message-Authenticator is, too' \
	"$(ask disconnect User-Name=bob no-mac)" nothing
equal 'one that is too old as well' "$(ask disconnect User-Name=bob time=-400)" nothing
equal 'the session has lived through it' "$(accounted bob)" "$started"
check 'and is there' has_session one
equal 'a good one does what it says' \
	"$(ask disconnect User-Name=bob "save=$tmp/request")" ACK
check 'the session ends' wait_for 'end' logged server \
	'end: user bob from .*disconnected by the RADIUS server'
check 'bob comes again' wait_for 'record' accounted_is bob $((started + 1))
id=$(session_of server id)
equal 'the same request again is answered' "$(na "$peer" repeat 127.0.0.1 "$tmp/request")" ACK
ask coa User-Name=nobody Session-Timeout=9 >"$tmp/answer"
equal 'one for somebody else gets a NAK' "$(<"$tmp/answer")" 'NAK 503'
equal 'and again, with others between' "$(na "$peer" repeat 127.0.0.1 "$tmp/request")" ACK
equal 'nothing is done by that' "$(session_of server id)" "$id"
stop_sstpd one
serve
login one bob
check 'after a restart' wait_for session has_session one
id=$(session_of server id)
equal 'it is ignored' "$(na "$peer" repeat 127.0.0.1 "$tmp/request")" nothing
equal 'and nothing is done' "$(session_of server id)" "$id"
finish
