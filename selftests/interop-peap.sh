#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Our client logs in by PEAP: hostapd and FreeRADIUS are at the other end, behind our
# server, which passes EAP on, by TLS 1.2 and 1.3. The crypto binding of SSTP takes its key
# from there. hostapd has a Crypto-Binding, as Windows does; FreeRADIUS knows none.
#
#	$A  sstpd 10.88.0.1, hostapd or freeradius at 127.0.0.1	$B  sstpd as client
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"
. "$(dirname "$0")/lib-freeradius.sh"
. "$(dirname "$0")/lib-hostapd.sh"
. "$(dirname "$0")/lib-secrets.sh"

# freeradius_by 1.2|1.3 TYPE: it begins EAP with that type
freeradius_by()
{
	rm -rf "$tmp/raddb"
	radius_files "$2" <<<"$VPN_USER	Cleartext-Password := \"$VPN_PASSWORD\""
	sed -i "s/tls_min_version = .*/tls_min_version = \"$1\"/
		s/tls_max_version = .*/tls_max_version = \"$1\"/" "$tmp/raddb/radiusd.conf"
	start_freeradius
	radius=$freeradius
	ln -sf freeradius.log "$tmp/radius.log"
}

stop_radius()
{
	kill -KILL "$radius"
	wait "$radius" 2>/dev/null || true
	rm -f "$tmp/radius.log"
}

explain_all() # CHECK...
{
	explain "$@" && return
	tail -n 40 "$tmp/radius.log" | tr -d '\0'
	return 1
}

# dial [KEY=VALUE...]: our client by PEAP, without a second attempt; $methods, and $ca and
# $name, whom it believes
methods=peap ca=users-ca name=radius.test
dial()
{
	client_conf "auth = $methods" 'reconnect = no' "eap-tls-ca = $tmp/$ca.pem" \
		"eap-tls-name = $name" "$@" | start_sstpd client "$B"
}

# refused PATTERN [KEY=VALUE...]: of the client's log
refused()
{
	local pattern=$1

	shift
	dial "$@"
	check "the client says: $pattern" explain_all wait_for 'log line' \
		logged client "not established: .*: $pattern"
	check 'and ends' wait_for 'end of the client' client_gone client
	check 'there is no session' wait_for 'end' has_no_session server
}

# wrong_password PATTERN [KEY=VALUE...]: what the client is told
wrong_password()
{
	printf 'not the password\n' >"$tmp/password"
	refused "$@"
	printf '%s\n' "$VPN_PASSWORD" >"$tmp/password"
}

connects() # DESCRIPTION [KEY=VALUE...]
{
	local description=$1

	shift
	dial "$@"
	check "$description" explain_all wait_for 'session' connected
	equal 'for the client it is PEAP' "$(session_of client auth)" PEAP
	equal 'and the user its own' "$(session_of client user)" "$VPN_USER"
	equal 'for the server it is RADIUS that knows' "$(session_of server auth)" 'EAP by RADIUS'
	check 'ping' nb ping -c 2 -i 0.2 -W 5 "$SERVER_TUN"
}

# by_hostapd 1.2|1.3
by_hostapd()
{
	start_hostapd "$1"
	connects "hostapd, TLS $1: by PEAP, with Crypto-Binding"
	((ktap_failed == 0)) || bail 'nothing else can be tested'
	equal 'the data path is the kernel' "$(session_of client path)" kernel
	check "1 MB from the client arrives intact" intact "$B" "$A" "$SERVER_TUN" 1
	check 'and hangs up' explain hang_up
	check "it was TLS $1" grep -q "Using TLS version TLSv$1" "$tmp/radius.log"
	check 'hostapd has checked the Crypto-Binding' \
		grep -q 'Valid cryptobinding TLV received' "$tmp/radius.log"
	connects 'on the TUN path' 'data-path = tun'
	equal 'the data path is TUN' "$(session_of client path)" tun
	check 'and hangs up' explain hang_up
	name=other.test refused 'PEAP: certificate: hostname mismatch'
	ca=ca refused 'PEAP: certificate: (unable to get local issuer|self-signed) certificate'
	wrong_password 'PEAP: wrong user name or password \(error 691\)'
	stop_radius
}

# by_freeradius 1.2|1.3
by_freeradius()
{
	freeradius_by "$1" tls
	refused 'PEAP: the server sends no Crypto-Binding, and "peap-crypto-binding" is yes'
	connects "FreeRADIUS, TLS $1: by PEAP, if it goes without" 'peap-crypto-binding = no'
	check 'and hangs up' explain hang_up
	check "it was TLS $1" grep -q "TLS-Session-Version *[:+]*= \"TLS $1\"" "$tmp/radius.log"
	name=other.test refused 'PEAP: certificate: hostname mismatch' 'peap-crypto-binding = no'
	wrong_password 'PEAP: the server refused the login: .* may be wrong' \
		'peap-crypto-binding = no'
	stop_radius
}

# The password is authd's: neither eapd nor the engine, which both read what a server
# sends, have it.
who_has_it()
{
	local hash

	hash=$(printf '%s\n' "$VPN_PASSWORD" | sstpctl nt-hash | grep -oiE '[0-9a-f]{32}')
	start_hostapd 1.3
	connects 'a session to look at'
	equal 'the password: authd has it, and the parent, who gave it' \
		"$(holders client "$VPN_PASSWORD")" 'authd parent'
	equal 'its hash: nobody' "$(holders client "0x$hash")" ''
	check 'the log does not' eval '! grep -qF -e "$VPN_PASSWORD" "$tmp/client.log"'
	check 'and hangs up' explain hang_up
	stop_radius
}

# What is said outside is for everybody on the way to the RADIUS server.
two_names()
{
	start_hostapd 1.3
	connects 'with another name outside' 'eap-identity = anonymous@example.com'
	equal 'which is the name that our server knows' "$(session_of server user)" \
		anonymous@example.com
	check 'and hangs up' explain hang_up
	check 'so does hostapd, until TLS is up' \
		grep -q 'anonymous@example.com' "$tmp/radius.log"
	check 'in the log of our server the user is not' eval \
		'! grep -q "user $VPN_USER" <(sed -n "/anonymous@/,\$p" "$tmp/server.log")'
	stop_radius
}

setup_sstpd
make_eap_pki
printf 'local:x\n' >"$tmp/users"
# hostapd's file takes no blank.
SECRET=sh4redSecretOfBoth
install -m 600 /dev/null "$tmp/secret"
printf '%s\n' "$SECRET" >"$tmp/secret"
{
	server_conf 'auth-backend = users, radius' 'auth = eap-radius' 'login-delay = 0'
	printf '[radius]\nauth-server = 127.0.0.1\nsecret-file = %s\n' "$tmp/secret"
} | start_sstpd server "$A"

by_hostapd 1.3
by_hostapd 1.2
two_names
who_has_it
by_freeradius 1.3
by_freeradius 1.2

# It has several ways, and the server begins with another one.
freeradius_by 1.3 tls
methods='mschapv2, peap' connects 'by PEAP, after a Nak' 'peap-crypto-binding = no'
check 'and hangs up' explain hang_up
stop_radius

server_conf 'auth = peap' >"$tmp/check.conf"
refuse 'a server has no PEAP of its own' 'which is for clients; a server has it by eap-radius' \
	sstpd -t -c "$tmp/check.conf"
stop_sstpd server
equal 'sstpd ends in order' "$status" 0
check 'no process is left of it' nobody_in "$A"
check 'nor of the client' nobody_in "$B"
finish
