#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A password that has expired is changed by the client that logs in, and the
# server's users file has the new one; accounts that are disabled; accounts that
# have no password.
#
#	$A  sstpd, 10.88.0.1		$B  sstpd, 10.88.0.10 on sstp0
set -euo pipefail
# shellcheck source=selftests/lib-sstpd.sh
. "$(dirname "$0")/lib-sstpd.sh"

NEW_PASSWORD='Nëw Pa$$word 2'

dial() # METHOD [KEY=VALUE...]
{
	local method=$1

	shift
	client_conf 'reconnect = no' "auth = $method" "$@" | start_sstpd client "$B"
}

# refused SERVER CLIENT METHOD [KEY=VALUE...]: patterns of both logs
refused()
{
	local server=$1 client=$2

	shift 2
	dial "$@"
	both_say "$server" "$client"
}

mark() # expire|disable|enable
{
	sstpctl user -f "$tmp/users" "$1" "$VPN_USER"
	sstpctl -s "$tmp/server.sock" reload
}

line_of_user() # field
{
	grep "^$VPN_USER:" "$tmp/users" | cut -d : -f "$1"
}

setup_sstpd
printf '# our users\n%s:%s:10.88.0.15\ncarol:*\n' "$VPN_USER" "$VPN_PASSWORD" >"$tmp/users"
install -m 600 /dev/null "$tmp/new-password"
printf '%s\n' "$NEW_PASSWORD" >"$tmp/new-password"
server_conf 'auth = mschapv2, eap-mschapv2, pap' | start_sstpd server "$A"

for method in mschapv2 eap-mschapv2; do
	check "$method: the account is marked" mark expire
	refused 'not established: user alice .*: the password has expired, the peer gave up' \
		'the password has expired \(error 648\), and there is no new-password-file' \
		"$method"
	equal 'the mark is still there' "$(line_of_user 4)" expired
	dial "$method" "new-password-file = $tmp/new-password"
	check 'with a new password the user logs in' explain wait_for 'session' connected
	((ktap_failed == 0)) || bail 'nothing else can be tested'
	check 'the server says so' logged server "user $VPN_USER has changed its password"
	check 'and so does the client' logged client 'put it into password-file'
	check 'ping, so that the binding was made with the new key' \
		nb ping -c 2 -i 0.2 -W 5 "$SERVER_TUN"
	equal 'the file has its hash' "$(line_of_user 2)" \
		"$(sstpctl nt-hash <"$tmp/new-password")"
	equal 'the address is still there' "$(line_of_user 3)" 10.88.0.15
	equal 'the mark is gone' "$(line_of_user 4)" ''
	equal 'comments are not' "$(head -n 1 "$tmp/users")" '# our users'
	equal 'the mode is as it was' "$(stat -c %a "$tmp/users")" 600
	check 'the session ends' explain hang_up
	refused 'wrong user name or password' 'error 691' "$method"
	cp "$tmp/new-password" "$tmp/password"
	dial "$method"
	check 'the new password is the one that counts' explain wait_for 'session' connected
	check 'the session ends' explain hang_up
	NEW_PASSWORD=${NEW_PASSWORD}3
	printf '%s\n' "$NEW_PASSWORD" >"$tmp/new-password"
done

check 'the account is marked' mark expire
refused 'not established: user alice .*password' 'refused user name or password' pap
cp "$tmp/password" "$tmp/new-password"
refused 'cannot be changed \(error 709\)' 'cannot be changed \(error 709\)' \
	mschapv2 "new-password-file = $tmp/new-password"
equal 'the same password again is none, the mark stays' "$(line_of_user 4)" expired

check 'the account is disabled' mark disable
refused 'the account is disabled \(error 647\)' 'the account is disabled \(error 647\)' mschapv2
check 'the account is enabled' mark enable
dial mschapv2
check 'the user logs in' explain wait_for 'session' connected
check 'the session ends' explain hang_up

printf '*\n' >"$tmp/password"
LOGIN=carol refused 'user carol .*wrong user name or password' 'error 691' mschapv2
LOGIN=carol refused 'user carol .*wrong user name or password' 'refused user name' pap

stop_sstpd server
equal 'the server ends in order' "$status" 0
check 'no process is left of it' nobody_in "$A"
check 'nor of the client' nobody_in "$B"
finish
