#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Strangers who begin to log in, by each method, and hang up before anybody has
# answered: nobody remembers them, no process grows.
#
#	BROKEN_OFF=N	of each method (default 50; scripts/check endure: 2000)
set -euo pipefail
# shellcheck source=selftests/lib-sstpd.sh
. "$(dirname "$0")/lib-sstpd.sh"

BROKEN_OFF=${BROKEN_OFF:-50}
SECRET=sesame
# What allocators do by themselves, in KiB; and what a login may leave, in bytes.
SLACK=200
EACH=30

# start_radius: a server that always wants to hear more
start_radius()
{
	ip netns exec "$A" python3 - "$SECRET" >"$tmp/radius.log" 2>&1 <<-'END' &
	import hashlib, hmac, socket, struct, sys

	secret = sys.argv[1].encode()
	sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	sock.bind(("127.0.0.1", 1812))
	# State, and EAP-Message: Request of MD5-Challenge
	attrs = b"\x18\xff" + bytes(253) + b"\x4f\x18\x01\x07\x00\x16\x04\x10" + bytes(16)
	print("ready", flush=True)
	while True:
	    request, source = sock.recvfrom(4096)
	    head = struct.pack("!BBH", 11, request[1], 20 + 18 + len(attrs))
	    start, asked = b"\x50\x12", request[4:20]
	    mac = hmac.digest(secret, head + asked + start + bytes(16) + attrs, "md5")
	    body = start + mac + attrs
	    sock.sendto(head + hashlib.md5(head + asked + body + secret).digest() + body, source)
	END
	at_exit kill $!
	wait_for 'RADIUS server' grep -q ready "$tmp/radius.log"
}

# memory: NAME KIB of each process of the server
memory()
{
	local pid

	for pid in $(<"$tmp/server.pid") $(pgrep -P "$(<"$tmp/server.pid")"); do
		echo "$(<"/proc/$pid/comm") $(awk '/^RssAnon:/ { print $2 }' "/proc/$pid/status")"
	done
}

# at_rest: all connections are gone, and what was asked about them
at_rest()
{
	stat_is server now_handshakes 0 && stat_is server now_calls 0
}

# broken_off TEXT METHOD [KEY=VALUE...]: of a server with these settings
broken_off()
{
	local text=$1 method=$2 name before after

	shift 2
	server_conf 'login-delay = 0' "$@" | start_sstpd server "$A"
	# What is made once, when it is needed first.
	nb break-off "$ADDR_A" "$method" 20
	wait_for 'the end of the first' at_rest
	memory >"$tmp/before"
	check "$text: logins are broken off" nb break-off "$ADDR_A" "$method" "$BROKEN_OFF"
	check "$text: the connections are gone" wait_for 'the end' at_rest
	memory >"$tmp/after"
	while read -r name before && read -r name after <&3; do
		echo "# $text: $name: $before KiB, after $BROKEN_OFF logins $after"
		between "$text: $name has not grown" $((after - before)) -100000 \
			$((SLACK + BROKEN_OFF * EACH / 1024))
	done <"$tmp/before" 3<"$tmp/after"
	stop_sstpd server
}

setup_sstpd
make_eap_pki
install -m 600 /dev/null "$tmp/secret"
echo "$SECRET" >"$tmp/secret"
for method in pap mschapv2; do
	broken_off $method $method "auth = $method"
done
broken_off chap-md5 chap 'auth = chap-md5'
broken_off eap-mschapv2 eap-mschapv2 'auth = eap-mschapv2'
broken_off eap-tls eap 'auth = eap-tls' "eap-tls-ca = $tmp/users-ca.pem"
start_radius
# Little is kept of each: more of them show it.
BROKEN_OFF=$((4 * BROKEN_OFF))
broken_off eap-radius eap 'auth = eap-radius' 'auth-backend = radius' '[radius]' \
	'auth-server = 127.0.0.1' "secret-file = $tmp/secret"
finish
