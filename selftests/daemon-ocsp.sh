#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# OCSP responses: our server shows the one of its file, as OpenSSL sees it, and
# another one after a reload; our client heeds one that says revoked.
#
#	$A  sstpd, openssl s_server		$B  openssl s_client, sstpd as client
set -euo pipefail
# shellcheck source=selftests/lib-sstpd.sh
. "$(dirname "$0")/lib-sstpd.sh"

serial() # NAME
{
	openssl x509 -in "$tmp/$1.pem" -noout -serial | cut -d = -f 2
}

# respond NAME V|R FILE [DAYS]: an OCSP response of the CA that NAME is valid, or
# revoked
respond()
{
	local revoked=

	[[ $2 == V ]] || revoked=250101000000Z
	printf '%s\t991231235959Z\t%s\t%s\tunknown\t/CN=%s\n' "$2" "$revoked" \
		"$(serial "$1")" "$SERVER_NAME" >"$tmp/index.txt"
	openssl ocsp -index "$tmp/index.txt" -CA "$tmp/ca.pem" -rsigner "$tmp/ca.pem" \
		-rkey "$tmp/ca.key" -issuer "$tmp/ca.pem" -cert "$tmp/$1.pem" -ndays "${4:-1}" \
		-respout "$tmp/$3" >"$tmp/openssl.log" 2>&1 || {
		cat "$tmp/openssl.log"
		bail 'openssl makes no OCSP response'
	}
}

# shown ARGUMENT...: what openssl s_client is shown in the handshake
shown()
{
	ip netns exec "$B" timeout "$PATIENCE" openssl s_client -status \
		-connect "$ADDR_A:443" "$@" </dev/null 2>/dev/null
}

# shows STATUS ARGUMENT...
shows()
{
	local status=$1

	shift
	grep -q "Cert Status: $status" <<<"$(shown "$@")"
}

shows_none()
{
	grep -q 'OCSP response: no response sent' <<<"$(shown)"
}

# test_conf FILE: the configuration with this response, by sstpd -t
test_conf()
{
	server_conf "ocsp-response = $tmp/$1" >"$tmp/check.conf"
	sstpd -t -c "$tmp/check.conf"
}

setup_sstpd
make_cert other
respond cert V good.der
respond other V other.der
respond cert R revoked.der
cp "$tmp/good.der" "$tmp/ocsp.der"

server_conf "ocsp-response = $tmp/ocsp.der" | start_sstpd server "$A"
check 'TLS 1.2: the response is shown' shows good -tls1_2
check 'TLS 1.3: the response is shown' shows good -tls1_3
client_conf | start_sstpd client "$B"
check 'our client connects' explain wait_for 'session' has_session client
((ktap_failed == 0)) || bail 'nothing else can be tested'
check 'and has nothing to say against the response' \
	test ! "$(grep -i 'OCSP' "$tmp/client.log")"

refuse 'one that is about another certificate is refused' \
	'other.der: the OCSP response is not about this certificate' test_conf other.der
refuse 'one that says revoked is refused' \
	'revoked.der: .*says that the certificate is revoked' test_conf revoked.der
refuse 'what is none is refused' \
	'cert.pem: the file is no successful OCSP response' test_conf cert.pem

before=$(shown | grep 'Next Update')
respond cert V ocsp.der 2
check 'a reload' sstpctl -s "$tmp/server.sock" reload
check 'the new response is shown' test "$(shown | grep 'Next Update')" != "$before"
check 'the session has not noticed' has_session client
newer()
{
	[[ $(shown | grep 'Next Update') != "$before" ]]
}
before=$(shown | grep 'Next Update')
respond cert V ocsp.der 3
check 'without one it is shown, too' wait_for 'new response' newer
check 'until when it is good is a metric' eval \
	"sstpctl -s '$tmp/server.sock' metrics | grep '^sstpd_ocsp_response_next_update_seconds{'"
cp "$tmp/other.der" "$tmp/ocsp.der"
refuse 'a reload with a wrong one changes nothing' 'not about this certificate' \
	sstpctl -s "$tmp/server.sock" reload
check 'the one from before is shown' shows good
stop_sstpd client
stop_sstpd server
equal 'the server ends in order' "$status" 0
server_conf | start_sstpd server "$A"
check 'without a file none is shown' shows_none
stop_sstpd server

# Another server, which shows what it has.
ip netns exec "$A" openssl s_server -accept "$ADDR_A:443" -cert "$tmp/cert.pem" \
	-key "$tmp/cert.key" -status_file "$tmp/revoked.der" -quiet >"$tmp/s_server" 2>&1 &
at_exit kill -KILL $!
wait_for 's_server' listening "$A" 443
client_conf 'reconnect = no' | start_sstpd client "$B"
check 'our client refuses a certificate that is revoked' explain wait_for 'log line' \
	logged client 'server certificate: certificate revoked'
finish
