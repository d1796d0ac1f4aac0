#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Certificates of clients: asked for, demanded, and bound to the user's name.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

# serve MODE [KEY=VALUE...]
serve()
{
	local mode=$1

	shift
	[[ ! -e $tmp/server.pid ]] || stop_sstpd server
	server_conf "client-certificate = $mode" "client-ca = $tmp/users-ca.pem" \
		"$@" | start_sstpd server "$A"
}

# with CERT: a client that shows it
with()
{
	client_conf "tls-certificate = $tmp/$1.pem" "tls-key = $tmp/$1.key" |
		start_sstpd client "$B"
}

connects() # DESCRIPTION
{
	check "$1" wait_for session has_session client
	stop_sstpd client
}

# refused DESCRIPTION PATTERN of the server's log
refused()
{
	check "$1" wait_for 'log line' logged server "$2"
	stop_sstpd client
	check '  and has no session' has_no_session server
}

setup_sstpd
self_signed users-ca ec '/CN=CA of users'
user_cert alice "$VPN_USER" users-ca
user_cert bob bob users-ca
self_signed web ec "/CN=$VPN_USER" -CA "$tmp/users-ca.pem" -CAkey "$tmp/users-ca.key" \
	-addext 'extendedKeyUsage=serverAuth'
user_cert stranger "$VPN_USER" ca

serve request
client_conf | start_sstpd client "$B"
connects 'requested: a client without certificate connects'
with alice
connects 'requested: so does one with'
with stranger
refused 'requested: a certificate of another CA is refused' \
	'TLS handshake: client certificate: unable to get (local )?issuer'

serve require 'client-certificate-is-user = yes'
client_conf | start_sstpd client "$B"
refused 'required: none is refused' 'peer did not return a certificate'
with alice
connects 'required: that of the user connects'
with bob
refused 'required: that of another user is refused' \
	"user $VPN_USER has shown the certificate of bob"
with web
refused 'required: one for servers is refused' \
	'client certificate: unsuitable certificate purpose'
stop_sstpd server
equal 'sstpd ends in order' "$status" 0
finish
