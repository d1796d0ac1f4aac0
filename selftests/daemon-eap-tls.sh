#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Our client at our server by EAP-TLS: users log in by certificate, by TLS 1.3
# inside of EAP, and the crypto binding takes the key from there. The private
# keys are in a process that has no socket.
#
#	$A  sstpd, 10.88.0.1		$B  sstpd, 10.88.0.10 on sstp0
set -euo pipefail
# shellcheck source=selftests/lib-sstpd.sh
. "$(dirname "$0")/lib-sstpd.sh"

# dial CERT [KEY=VALUE...]: our client with this certificate and no password
dial()
{
	local cert=$1

	shift
	{
		client_conf 'auth = eap-tls' 'reconnect = no' \
			"eap-tls-certificate = $tmp/$cert.pem" "eap-tls-key = $tmp/$cert.key" "$@"
	} | grep -v '^password-file' | start_sstpd client "$B"
}

# refused SERVER CLIENT CERT [KEY=VALUE...]: patterns of both logs
refused()
{
	local server=$1 client=$2

	shift 2
	dial "$@"
	both_say "$server" "$client"
	check 'there is no session' has_no_session server
}

serve() # [KEY=VALUE...]
{
	[[ ! -e $tmp/server.pid ]] || stop_sstpd server
	server_conf "eap-tls-ca = $tmp/users-ca.pem" "$@" | start_sstpd server "$A"
}

setup_sstpd
make_eap_pki
user_cert alice "$VPN_USER" users-ca
user_cert mail 'Alice Example' users-ca -addext "subjectAltName=email:$VPN_USER"
user_cert bob bob users-ca
user_cert stranger "$VPN_USER" ca
# Enough for several fragments each way.
user_cert long "$VPN_USER" users-ca -addext "subjectAltName=$(
	printf 'DNS:name-%04d.a-long-domain.example.com,' {1..200} | sed 's/,$//')"

serve 'auth = eap-tls, mschapv2'
dial alice
check 'a user logs in by certificate' explain wait_for 'session' connected
((ktap_failed == 0)) || bail 'nothing else can be tested'
equal 'the server says so' "$(session_of server auth)" EAP-TLS
equal 'and who it is' "$(session_of server user)" "$VPN_USER"
equal 'the data path is the kernel' "$(session_of server path)" kernel
check 'ping' nb ping -c 3 -i 0.2 -W 5 "$SERVER_TUN"
check 'eapd runs for the server' pgrep -f 'sstpd -P eapd'
check 'the session ends' explain hang_up
dial long
check 'so with a certificate of many fragments' explain wait_for 'session' connected
check 'the session ends' explain hang_up
dial mail
check 'an e-mail address names the user, too' explain wait_for 'session' connected
check 'the session ends' explain hang_up

refused 'EAP-TLS: the certificate is not that of this user' \
	'the server refused the login' bob
refused 'EAP-TLS: certificate: unable to get (local )?issuer' 'unknown ca' stranger
LOGIN=bob refused 'EAP-TLS: there is no such user' 'the server refused the login' bob
refused 'EAP-TLS: .*(unknown ca|bad certificate)' 'EAP-TLS: certificate: ' \
	alice "eap-tls-ca = $tmp/users-ca.pem"
refused 'EAP-TLS: .*certificate' 'EAP-TLS: certificate: hostname mismatch' \
	alice 'eap-tls-name = other.test'

client_conf 'auth = mschapv2' | start_sstpd client "$B"
check 'who has a password only logs in by it' explain wait_for 'session' connected
equal 'the server says so' "$(session_of server auth)" MS-CHAPv2
check 'the session ends' explain hang_up

# A list of revoked certificates in the file of the CA, with a reload.
touch "$tmp/index.txt"
printf '[ca]\ndefault_ca=x\n[x]\ndatabase=%s\ndefault_md=sha256\n' "$tmp/index.txt" \
	>"$tmp/ca.conf"
openssl ca -config "$tmp/ca.conf" -keyfile "$tmp/users-ca.key" -cert "$tmp/users-ca.pem" \
	-revoke "$tmp/alice.pem" 2>"$tmp/openssl.log"
openssl ca -config "$tmp/ca.conf" -keyfile "$tmp/users-ca.key" -cert "$tmp/users-ca.pem" \
	-gencrl -crldays 2 -out "$tmp/crl.pem" 2>>"$tmp/openssl.log"
cat "$tmp/crl.pem" >>"$tmp/users-ca.pem"
check 'a reload takes the revocation list' sstpctl -s "$tmp/server.sock" reload
refused 'EAP-TLS: certificate: certificate revoked' 'certificate revoked' alice
dial long
check 'another certificate of the user is good' explain wait_for 'session' connected
check 'the session ends' explain hang_up

# A certificate of its own for EAP.
serve 'auth = mschapv2, eap-tls' "eap-tls-certificate = $tmp/radius.pem" \
	"eap-tls-key = $tmp/radius.key"
dial long "eap-tls-ca = $tmp/users-ca.pem" 'eap-tls-name = radius.test'
check 'with a certificate of its own for EAP' explain wait_for 'session' connected
check 'the session ends' explain hang_up
stop_sstpd server
equal 'the server ends in order' "$status" 0
check 'no process is left of it' nobody_in "$A"
check 'nor of the client' nobody_in "$B"
finish
