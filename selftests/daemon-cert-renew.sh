#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The certificate that a client shows is renewed: it is taken up without a restart, and with
# reconnect-before-expiry a connection that has shown the old one is replaced in time.
#
#	$A  sstpd, 10.88.0.1		$B  sstpd, 10.88.0.10 on sstp0
set -euo pipefail
# shellcheck source=selftests/lib-sstpd.sh
. "$(dirname "$0")/lib-sstpd.sh"

# Certificates are made for two days, the next one for nine.
BEFORE=$((7 * 86400))

in_force() # NAME
{
	logged "$1" 'the files of certificates that have changed are in force'
}

# put FILE AS...: another file in its place
put()
{
	cp "$tmp/$1" "$tmp/$2.new"
	[[ $2 != *.key ]] || chmod 600 "$tmp/$2.new"
	mv "$tmp/$2.new" "$tmp/$2"
}

replaced()
{
	logged client 'goes on as session' && connected
}

# renewed WHAT PREFIX SERVER_KEY...: the client's PREFIX-certificate, which the server checks
# against $tmp/cas.pem
renewed()
{
	local what=$1 prefix=$2 auth=mschapv2

	shift 2
	[[ $prefix != eap-tls ]] || auth=eap-tls
	cat "$tmp/users-ca.pem" "$tmp/next-ca.pem" >"$tmp/cas.pem"
	put alice.pem mine.pem
	put alice.key mine.key
	server_conf "auth = $auth" "$@" | start_sstpd server "$A"
	client_conf "auth = $auth" "$prefix-certificate = $tmp/mine.pem" \
		"$prefix-key = $tmp/mine.key" ${EAP_CA:+"eap-tls-ca = $EAP_CA"} \
		"reconnect-before-expiry = $BEFORE" |
		if [[ $auth == eap-tls ]]; then grep -v '^password-file'; else cat; fi |
		start_sstpd client "$B"
	check "$what: a client connects" explain wait_for 'session' connected

	check "$what: with nothing newer" sstpctl -s "$tmp/client.sock" reload
	check "$what: there is no other connection" eval '! logged client "about to end"'

	put next-ca.pem cas.pem
	check "$what: the server takes another CA of users" wait_for 'log line' in_force server
	check "$what: the session is still there" connected
	put later.pem mine.pem
	check "$what: half of the new one is not taken" \
		wait_for 'log line' logged client 'files of certificates are not taken up'
	put later.key mine.key
	check "$what: the whole of it is" wait_for 'log line' in_force client
	check "$what: by it there is another connection" explain wait_for 'it' replaced
	check "$what: ping" nb ping -c 3 -i 0.2 -W "$PATIENCE" "$SERVER_TUN"
	equal "$what: the log says why" "$(said client 'is about to end, there is another')" 1

	hang_up
	stop_sstpd server
}

setup_sstpd
self_signed users-ca ec '/CN=CA of users'
self_signed next-ca ec '/CN=next CA of users'
user_cert alice "$VPN_USER" users-ca
user_cert later "$VPN_USER" next-ca -days 9
self_signed radius rsa '/CN=radius.test' -CA "$tmp/ca.pem" -CAkey "$tmp/ca.key" \
	-addext "subjectAltName=DNS:$SERVER_NAME" -addext 'extendedKeyUsage=serverAuth'

renewed 'TLS' tls 'client-certificate = require' "client-ca = $tmp/cas.pem"
EAP_CA=$tmp/ca.pem
renewed 'EAP-TLS' eap-tls "eap-tls-ca = $tmp/cas.pem" \
	"eap-tls-certificate = $tmp/radius.pem" "eap-tls-key = $tmp/radius.key"

server_conf | start_sstpd server "$A"
client_conf 'data-path = tun' 'reconnect = no' | start_sstpd client "$B"
check 'a client connects over TUN' explain wait_for 'session' connected
refuse 'with "reconnect = no" it has nothing to go on with' 'only in the kernel' \
	sstpctl -s "$tmp/client.sock" reconnect test
check 'it stays' connected
stop_sstpd client
equal 'it ends in order' "$status" 0
finish
