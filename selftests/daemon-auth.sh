#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Our client at our server by each way to log in, up to data in the tunnel: LCP
# finds the method both allow, authd proves and checks, and the crypto binding
# is made with the key that the method gives.
#
#	$A  sstpd, 10.88.0.1		$B  sstpd, 10.88.0.10 on sstp0
set -euo pipefail
# shellcheck source=selftests/lib-sstpd.sh
. "$(dirname "$0")/lib-sstpd.sh"

ALL='mschapv2, eap-mschapv2, chap-md5, pap'

# logs_in LOGNAME [KEY=VALUE...]: by that method, with these keys of the client
logs_in()
{
	local method=$1

	shift
	client_conf "$@" | start_sstpd client "$B"
	check "the client logs in ($*)" explain wait_for 'session' connected
	check "the server says by $method" explain logged server "user $VPN_USER authenticated by $method\$"
	check 'so does the client' logged client "user $VPN_USER authenticated by $method\$"
	equal 'and so does sstpctl' "$(session_of server auth)" "$method"
	check 'ping' nb ping -c 2 -i 0.2 -W 5 "$SERVER_TUN"
	stop_sstpd client
	check 'the session is gone' wait_for 'end of session' has_no_session server
}

# fails PATTERN PATTERN [KEY=VALUE...]: for our logs of server and client
fails()
{
	local server=$1 client=$2

	shift 2
	client_conf 'reconnect = no' "$@" | start_sstpd client "$B"
	both_say "$server" "$client"
}

restart_server() # KEY=VALUE...
{
	stop_sstpd server
	equal 'the server ends in order' "$status" 0
	server_conf "$@" | start_sstpd server "$A"
}

setup_sstpd
server_conf "auth = $ALL" | start_sstpd server "$A"
logs_in MS-CHAPv2
logs_in MS-CHAPv2 "auth = $ALL"
logs_in EAP-MSCHAPv2 'auth = eap-mschapv2'
logs_in CHAP-MD5 'auth = chap-md5, pap'
logs_in PAP 'auth = pap'

restart_server 'auth = pap, eap-mschapv2'
logs_in PAP "auth = $ALL"
logs_in EAP-MSCHAPv2 'auth = mschapv2, eap-mschapv2'
fails 'accepts no authentication method of ours' \
	'accepts no authentication method of ours' 'auth = chap-md5'

restart_server 'auth = eap-mschapv2' 'eap-mschapv2-zero-key = yes'
logs_in EAP-MSCHAPv2 'auth = eap-mschapv2' 'eap-mschapv2-zero-key = yes'
fails 'crypto binding failed' 'not established' 'auth = eap-mschapv2'

restart_server "auth = $ALL"
fails 'crypto binding failed: .*zero' 'not established' \
	'auth = eap-mschapv2' 'eap-mschapv2-zero-key = yes'
echo 'not the password' >"$tmp/password"
n=1
for method in mschapv2 eap-mschapv2 chap-md5 pap; do
	n=$((n + 1))
	fails "session $n not established: user $VPN_USER .*wrong user name or password" \
		'not established.*(wrong|refused) user name or password' "auth = $method"
done

# The hash of a password is not enough for CHAP-MD5.
printf '%s:%s\n' "$VPN_USER" "$(sstpctl nt-hash <"$tmp/password")" >"$tmp/users"
restart_server "auth = $ALL"
fails "user $VPN_USER: CHAP-MD5 needs the password itself" \
	'the server refused user name or password' 'auth = chap-md5'
logs_in PAP 'auth = pap'
logs_in EAP-MSCHAPv2 'auth = eap-mschapv2'

stop_sstpd server
equal 'the server ends in order' "$status" 0
check 'no process is left of it' nobody_in "$A"
check 'nor of the client' nobody_in "$B"
finish
