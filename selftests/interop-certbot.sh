#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# doc/certificates.md, with certbot itself, and with the server of ACME that Caddy has in the
# place of Let's Encrypt's: the first certificate, two renewals under a session that goes on,
# the first one seen by sstpd itself, the second told to it by the hook. What is left out, and
# why, is in doc-blocks.
#
#	$A  certbot, sstpd, 10.88.0.1	$B  caddy, sstpd, 10.88.0.10 on sstp0
#
# For the test VM only: files are where the page has them.
set -euo pipefail
[[ -e /ksstp/kernels ]] || { echo 'Bail out! only in the test VM'; exit 1; }
# shellcheck source=selftests/lib-sstpd.sh
. "$(dirname "$0")/lib-sstpd.sh"
# shellcheck source=selftests/lib-doc.sh
. "$(dirname "$0")/lib-doc.sh"

# shellcheck disable=SC2034 # lib-sstpd.sh
SERVER_NAME=vpn.example.com
LIVE=/etc/letsencrypt/live/vpn.example.com
ROOT_CA=caddy/pki/authorities/local/root.crt

# page PATTERN [LINES]: the commands behind it, those that match, at the server, which knows
# that CA
page()
{
	na env REQUESTS_CA_BUNDLE="$tmp/$ROOT_CA" bash -ec \
		"$(text certificates "$1" | grep -E -e "${2:-.}" |
			sed "s|/usr/share/doc/sstpd/examples|$here/../examples|")"
}

start_acme()
{
	mkdir -p "/etc/netns/$A" /etc/letsencrypt
	at_exit rm -rf "/etc/netns/$A" /etc/letsencrypt /var/lib/letsencrypt
	printf '127.0.0.1 localhost\n%s acme.test\n' "$ADDR_B" >"/etc/netns/$A/hosts"
	cat >"$tmp/Caddyfile" <<-END
	{
		admin off
		auto_https disable_redirects
		skip_install_trust
	}
	acme.test {
		bind $ADDR_B
		tls internal
		acme_server
	}
	END
	# What it asks a person, and that a renewal without one waits for some minutes.
	cat >/etc/letsencrypt/cli.ini <<-END
	server = https://acme.test/acme/local/directory
	non-interactive = true
	agree-tos = true
	register-unsafely-without-email = true
	no-random-sleep-on-renew = true
	END
	ip netns exec "$B" env XDG_DATA_HOME="$tmp" XDG_CONFIG_HOME="$tmp" caddy run \
		--config "$tmp/Caddyfile" --adapter caddyfile >"$tmp/caddy.log" 2>&1 </dev/null &
	at_exit kill -KILL $!
	wait_for 'ACME' acme_answers || bail "caddy: $(tail -n 5 "$tmp/caddy.log")"
}

acme_answers()
{
	na openssl s_client -connect acme.test:443 -servername acme.test -CAfile "$tmp/$ROOT_CA" \
		-verify_return_error </dev/null
}

# tells CHECK...: if it fails, with what both sides of ACME have logged
tells()
{
	"$@" && return
	tail -n 30 /var/log/letsencrypt/letsencrypt.log "$tmp/caddy.log"
	return 1
}

serial_of() # FILE
{
	openssl x509 -noout -serial -in "$1"
}

# serves_it: a new connection is shown what certbot has got last
serves_it()
{
	[[ $(nb timeout "$PATIENCE" openssl s_client -connect "$ADDR_A:443" -servername \
		vpn.example.com -CAfile "$tmp/$ROOT_CA" -verify_return_error </dev/null \
		2>"$tmp/s_client" | openssl x509 -noout -serial) == "$(serial_of $LIVE/fullchain.pem)" ]]
}

# another_one: it is not that of before, which is in $serial
another_one()
{
	[[ $(serial_of $LIVE/fullchain.pem) != "$serial" ]]
}

goes_on() # the session of before, which is in $id
{
	[[ $(session_of server id) == "$id" ]] && nb ping -c 1 -W "$PATIENCE" "$SERVER_TUN"
}

setup_sstpd
start_acme
check 'certbot certonly' tells page '^443; certbot needs' '^certbot'
check 'its files are there' test -s $LIVE/fullchain.pem -a -s $LIVE/privkey.pem
equal 'with the intermediate one' "$(grep -c BEGIN $LIVE/fullchain.pem)" 2
((ktap_failed == 0)) || bail 'nothing else can be tested'

mkdir -p /etc/sstpd /run/sstpd
at_exit rm -f /etc/sstpd/sstpd.conf /run/sstpd/sstpd.sock
ln -s "$tmp/server.conf" /etc/sstpd/sstpd.conf
ln -s "$tmp/server.sock" /run/sstpd/sstpd.sock
text certificates '^In /etc/sstpd/sstpd.conf, links' | grep -v '^\[' >"$tmp/keys"
server_conf | sed -e '/^certificate = /d; /^key = /d' -e "/^\[server\]/r $tmp/keys" |
	start_sstpd server "$A"
page '^No `ocsp-response`: since' '^sstpd -t' >"$tmp/said"
check 'sstpd -t says until when it is good' grep "$LIVE/fullchain.pem: .* until" "$tmp/said"
check 'sstpd shows it, and the chain is whole' serves_it
client_conf | sed "s|^tls-ca = .*|tls-ca = $tmp/$ROOT_CA|" | start_sstpd client "$B"
check 'a client connects that has the root alone' explain wait_for 'session' connected
id=$(session_of server id)
serial=$(serial_of $LIVE/fullchain.pem)

check 'certbot renew' tells page '^To try the whole way now' '^certbot'
check 'has got another one' another_one
check 'which sstpd shows' explain wait_for 'certificate' serves_it
check 'as the log says' logged server 'the files of certificates that have changed are in force'
check 'as the server says' eval \
	'page "^To try the whole way now" "^sstpctl" | grep "$LIVE/fullchain.pem"'
check 'the session has not noticed' goes_on

# It would see the next one by itself.
sed -i '/^\[server\]/a certificate-watch = no' "$tmp/server.conf"
check 'not watched' sstpctl -s "$tmp/server.sock" reload
check 'the hook' page '^does:'
serial=$(serial_of $LIVE/fullchain.pem)
check 'certbot renew' tells page '^To try the whole way now' '^certbot'
check 'has got another one' another_one
check 'certbot has called the hook' grep -F 'renewal-hooks/deploy/sstpd' \
	/var/log/letsencrypt/letsencrypt.log
check 'so that sstpd shows it' explain wait_for 'certificate' serves_it
check 'the session has not noticed' goes_on
hang_up
check 'a client connects by the new one' explain eval \
	'client_conf | sed "s|^tls-ca = .*|tls-ca = $tmp/$ROOT_CA|" | start_sstpd client "$B" &&
	 wait_for session connected'
finish
