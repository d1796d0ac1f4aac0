#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# certificate-watch: files of certificates that change are in force without a reload, as
# certbot changes them; what is no good is not, and is said once.
#
#	$A  sstpd, 10.88.0.1		$B  openssl s_client, sstpd as client
set -euo pipefail
# shellcheck source=selftests/lib-sstpd.sh
. "$(dirname "$0")/lib-sstpd.sh"

served() # what a client is shown
{
	ip netns exec "$B" timeout "$PATIENCE" openssl s_client -connect "$ADDR_A:443" \
		-servername "$SERVER_NAME" </dev/null 2>/dev/null | openssl x509 -noout -serial
}

serial_of() # FILE
{
	openssl x509 -noout -serial -in "$tmp/$1.pem"
}

serves() # FILE
{
	[[ $(served) == "$(serial_of "$1")" ]]
}

# renew N [KEY]: as certbot does it: files into archive/, then links turned one by one
renew()
{
	mkdir -p "$tmp/live/vpn" "$tmp/archive/vpn"
	cp "$tmp/cert$1.pem" "$tmp/archive/vpn/fullchain$1.pem"
	cp "$tmp/${2:-cert$1}.key" "$tmp/archive/vpn/privkey$1.pem"
	for file in fullchain privkey; do
		ln -s "../../archive/vpn/$file$1.pem" "$tmp/live/vpn/$file.new"
		mv -T "$tmp/live/vpn/$file.new" "$tmp/live/vpn/$file.pem"
	done
}

# in_force N: so often the log says that new files are
in_force()
{
	[[ $(grep -c 'the files of certificates that have changed are in force' \
		"$tmp/server.log") == "$1" ]]
}

not_taken() # N
{
	[[ $(grep -c 'files of certificates are not taken up' "$tmp/server.log") == "$1" ]]
}

show_server() # KEY
{
	sstpctl -s "$tmp/server.sock" show server --json | json "server.$1"
}

metric() # NAME
{
	sstpctl -s "$tmp/server.sock" metrics | sed -n "s/^$1 //p"
}

dial()
{
	client_conf 'auth = eap-tls' 'reconnect = no' "eap-tls-name = radius.test" \
		"eap-tls-certificate = $tmp/alice.pem" "eap-tls-key = $tmp/alice.key" \
		"eap-tls-ca = $tmp/users-ca.pem" | grep -v '^password-file' |
		start_sstpd client "$B"
}

setup_sstpd
make_cert cert1
make_cert cert2
make_cert cert3
make_cert cert4
make_eap_pki
user_cert alice "$VPN_USER" users-ca
cp "$tmp/users-ca.pem" "$tmp/eap-ca.pem"
renew 1
server_conf 'auth = mschapv2, eap-tls' "eap-tls-ca = $tmp/eap-ca.pem" \
	"eap-tls-certificate = $tmp/radius.pem" "eap-tls-key = $tmp/radius.key" |
	sed "s|^certificate = .*|certificate = $tmp/live/vpn/fullchain.pem|
		s|^key = .*|key = $tmp/live/vpn/privkey.pem|" | start_sstpd server "$A"
sstpctl -s "$tmp/server.sock" monitor --json >"$tmp/monitor" &
at_exit kill $!
check 'sstpd -t says until when they are good' eval \
	'sstpd -t -c "$tmp/server.conf" | grep -E "fullchain.pem: certificate until 20[0-9-]+ [0-9:]+ UTC, 1 day$"'
check 'the first one is served' serves cert1
client_conf | start_sstpd client "$B"
check 'a client connects' explain wait_for 'session' connected
((ktap_failed == 0)) || bail 'nothing else can be tested'

# A change that has come to an end is two looks old, a second apart.
renew 2
check 'links that are turned: the new one is served' wait_for 'certificate' serves cert2
check 'the log says so' wait_for 'log line' in_force 1
check 'so does the monitor' wait_for 'event' grep '"event":"certificates"' "$tmp/monitor"
check 'the session has not noticed' connected

renew 3 cert1
check 'a key of another certificate is not taken up' wait_for 'log line' not_taken 1
check 'the log says which file' logged server 'privkey.pem: cannot use the private key'
check 'the one from before is served' serves cert2
equal 'a metric tells' "$(metric sstpd_certificates_refused)" 1
equal 'and sstpctl show server' "$(show_server certificates_refused)" True
check 'as text too' eval 'sstpctl -s "$tmp/server.sock" show server | grep "refused .*cannot be used"'
touch "$tmp/live/vpn/something-else"
cp "$tmp/cert3.key" "$tmp/archive/vpn/privkey3.pem"
check 'written in place: certificate and key go together, and are served' \
	wait_for 'certificate' serves cert3
check 'it was refused once' not_taken 1
equal 'the metric is 0 again' "$(metric sstpd_certificates_refused)" 0
check 'in force' wait_for 'log line' in_force 2

# The CA of EAP-TLS, which is a file in another directory.
stop_sstpd client
wait_for 'end of session' has_no_session server
dial
check 'EAP-TLS works' explain wait_for 'session' connected
stop_sstpd client
wait_for 'end of session' has_no_session server
cp "$tmp/ca.pem" "$tmp/eap-ca.new"
mv "$tmp/eap-ca.new" "$tmp/eap-ca.pem"
check 'another CA of users is in force' wait_for 'log line' in_force 3
dial
both_say 'EAP-TLS: .*certificate' 'EAP-TLS: '
check 'and theirs does not get in' has_no_session server

# Not watched: by a reload alone.
sed -i 's/^\[server\]/&\ncertificate-watch = no/' "$tmp/server.conf"
check 'a reload with "no"' sstpctl -s "$tmp/server.sock" reload
renew 4
check 'the hook for certbot reloads' eval \
	'mkdir -p /run/sstpd && ln -sf "$tmp/server.sock" /run/sstpd/cert-watch.sock &&
	 "$here/../examples/certbot-deploy-hook"'
rm -f /run/sstpd/cert-watch.sock
check 'then it is served' wait_for 'certificate' serves cert4
check 'by nothing else' in_force 3
stop_sstpd server
equal 'sstpd ends in order' "$status" 0
finish
