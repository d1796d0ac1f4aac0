#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Until when each certificate is good, and the OCSP response, as openssl has it: the same in
# `sstpctl show server`, the metrics and `sstpd -t`; in the log if it is soon. One sstpd has
# all kinds of them, as server and as client.
#
#	$A  sstpd
set -euo pipefail
# shellcheck source=selftests/lib-sstpd.sh
. "$(dirname "$0")/lib-sstpd.sh"

# What each file is for.
declare -A USE=([server]=server [second]=server [radius]=eap [own]=client [alice]=eap)
# Of these the log has nothing to say yet: it does 30 days before.
LATE=second
JSON=+%Y-%m-%dT%H:%M:%SZ

for_server() # NAME ec|rsa DAYS
{
	self_signed "$1" "$2" "/CN=$SERVER_NAME" -CA "$tmp/ca.pem" -CAkey "$tmp/ca.key" \
		-addext "subjectAltName=DNS:$SERVER_NAME" \
		-addext 'basicConstraints=critical,CA:FALSE' \
		-addext 'extendedKeyUsage=serverAuth' -days "$3"
}

# make_response: for the server's certificate, good for ten hours
make_response()
{
	printf 'V\t991231235959Z\t\t%s\tunknown\t/CN=%s\n' \
		"$(openssl x509 -in "$tmp/server.pem" -noout -serial | cut -d = -f 2)" \
		"$SERVER_NAME" >"$tmp/index.txt"
	openssl ocsp -index "$tmp/index.txt" -CA "$tmp/ca.pem" -rsigner "$tmp/ca.pem" \
		-rkey "$tmp/ca.key" -issuer "$tmp/ca.pem" -cert "$tmp/server.pem" -nmin 600 \
		-respout "$tmp/server.der" >"$tmp/openssl.log" 2>&1 ||
		bail "openssl makes no OCSP response: $(cat "$tmp/openssl.log")"
}

configuration()
{
	cat <<-END
	[server]
	listen = $ADDR_A:443
	certificate = $tmp/server.pem
	key = $tmp/server.key
	ocsp-response = $tmp/server.der
	certificate = $tmp/second.pem
	key = $tmp/second.key
	users = $tmp/users
	auth = mschapv2, eap-tls
	eap-tls-ca = $tmp/users-ca.pem
	eap-tls-certificate = $tmp/radius.pem
	eap-tls-key = $tmp/radius.key
	[pool]
	addresses = 10.88.0.10-10.88.0.20
	local = $SERVER_TUN
	END
	# Of others, who are not there. They have the same certificate for TLS.
	for name in one two; do
		cat <<-END
		[client $name]
		server = $ADDR_B
		interface = $name
		user = $VPN_USER
		password-file = $tmp/password
		tls-ca = $tmp/ca.pem
		tls-certificate = $tmp/own.pem
		tls-key = $tmp/own.key
		END
	done
	cat <<-END
	[client three]
	server = $ADDR_B
	interface = three
	user = $VPN_USER
	tls-ca = $tmp/ca.pem
	auth = eap-tls
	eap-tls-name = radius.test
	eap-tls-ca = $tmp/users-ca.pem
	eap-tls-certificate = $tmp/alice.pem
	eap-tls-key = $tmp/alice.key
	END
}

# ---- what openssl says ----

# certificates FORMAT [USE]: "FILE UNTIL" of each, as date(1) formats it; with USE, what it
# is for is in front
certificates()
{
	local name until

	for name in "${!USE[@]}"; do
		until=$(openssl x509 -in "$tmp/$name.pem" -noout -enddate)
		echo "${2:+${USE[$name]} }$tmp/$name.pem $(date -u -d "${until#*=}" "$1")"
	done
}

response() # FORMAT [USE]
{
	local until

	until=$(openssl ocsp -respin "$tmp/server.der" -noverify -text 2>/dev/null |
		sed -n 's/^ *Next Update: //p')
	[[ $until ]] || bail 'openssl does not say until when'
	echo "${2:+ocsp }$tmp/server.der $(date -u -d "$until" "$1")"
}

# days_left NAME [MORE]: whole ones that a certificate is good for
days_left()
{
	local until

	until=$(openssl x509 -in "$tmp/$1.pem" -noout -enddate)
	echo $((($(date -d "${until#*=}" +%s) - $(date +%s)) / 86400 + ${2:-0}))
}

# ---- what sstpd says ----

as_json()
{
	sstpctl -s "$tmp/server.sock" show server --json | sed -nE 's/,$//
		s/^ *"(file|use|until)": "(.*)"$/\1 \2/p' | awk '{ has[$1] = $2 }
		$1 == "until" { print has["use"], has["file"], has["until"] }'
}

as_text()
{
	sstpctl -s "$tmp/server.sock" show server | awk '
		$1 ~ /^(server|eap|client|ocsp)$/ { of = $1 " " $2 }
		$1 " " $2 == "good until" { print of, $3 }'
}

as_metric() # NAME
{
	sstpctl -s "$tmp/server.sock" metrics | sed -n "s/^$1{file=\"\(.*\)\"} /\1 /p"
}

# before_start WHAT: "certificate" or "OCSP response", by `sstpd -t`
before_start()
{
	sstpd -t -c "$tmp/server.conf" |
		sed -n "s/^\(.*\): $1 until \(.* UTC\), [0-9-]* days\{0,1\}\$/\1 \2/p"
}

same() # DESCRIPTION GOT WANT: in any order, and with nothing else
{
	equal "$1" "$(sort <<<"$2")" "$(sort <<<"$3")"
}

# all_say DESCRIPTION: what openssl does
all_say()
{
	same "$1: show server, as JSON" "$(as_json)" "$(certificates $JSON use; response $JSON use)"
	same "$1: for people" "$(as_text)" "$(certificates $JSON use; response $JSON use)"
	same "$1: the metric of certificates" \
		"$(as_metric sstpd_certificate_not_after_seconds)" "$(certificates +%s)"
	same "$1: that of OCSP responses" \
		"$(as_metric sstpd_ocsp_response_next_update_seconds)" "$(response +%s)"
	same "$1: sstpd -t, certificates" "$(before_start certificate)" \
		"$(certificates '+%Y-%m-%d %H:%M UTC')"
	same "$1: sstpd -t, the OCSP response" "$(before_start 'OCSP response')" \
		"$(response '+%Y-%m-%d %H:%M UTC')"
}

# would_log: what the log has to say at the start
would_log()
{
	local name

	for name in "${!USE[@]}"; do
		[[ $name == "$LATE" ]] ||
			echo "the certificate $tmp/$name.pem expires within $(days_left "$name" 1) days"
	done
	echo "the OCSP response $tmp/server.der is good for less than a day"
}

as_on_disk()
{
	[[ $(as_json | sort) == "$({ certificates $JSON use; response $JSON use; } | sort)" ]]
}

setup_sstpd
self_signed users-ca ec '/CN=CA of users'
for_server server ec 5
for_server second rsa 40
self_signed radius rsa '/CN=radius.test' -CA "$tmp/users-ca.pem" -CAkey "$tmp/users-ca.key" \
	-addext 'subjectAltName=DNS:radius.test' -addext 'basicConstraints=critical,CA:FALSE' \
	-addext 'extendedKeyUsage=serverAuth' -days 12
user_cert own "$VPN_USER" ca -days 20
user_cert alice "$VPN_USER" users-ca -days 28
make_response
configuration | start_sstpd server "$A"
all_say 'at the start'
same 'the log, of those that end soon' \
	"$(grep -oE 'the (certificate .* expires within|OCSP response .* is good for) .*' "$tmp/server.log")" \
	"$(would_log)"
check 'sstpd -t says how many days there are' eval \
	'sstpd -t -c "$tmp/server.conf" | grep "^$tmp/radius.pem: .*, $(days_left radius) days$"'
equal 'which are those wished for' "$(days_left radius 1)" 12

# Of another date, under the same name.
user_cert next-own "$VPN_USER" ca -days 21
user_cert next-alice "$VPN_USER" users-ca -days 29
for name in own alice; do
	mv "$tmp/next-$name.key" "$tmp/$name.key"
	mv "$tmp/next-$name.pem" "$tmp/$name.pem"
done
check 'those of the clients are renewed' wait_for 'dates' as_on_disk
all_say 'renewed'
stop_sstpd server
equal 'sstpd ends in order' "$status" 0
finish
