#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A running server takes over a changed configuration, certificates and users
# file; who is connected notices nothing. What is wrong is refused as a whole.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

# reload_server [KEY=VALUE...]: write its configuration anew, and tell it
reload_server()
{
	{
		server_conf "$@"
		printf '[global]\ncontrol = %s\n[log]\nlevel = debug\n' \
			"$tmp/server.sock"
	} >"$tmp/server.conf"
	sstpctl -s "$tmp/server.sock" reload
}

# serial_for NAME [OPTION...]: of the certificate that a client gets
serial_for()
{
	local name=$1

	shift
	ip netns exec "$B" openssl s_client -connect "$ADDR_A:443" \
		-servername "$name" "$@" </dev/null 2>/dev/null |
		openssl x509 -noout -serial
}

serial_of() # FILE
{
	openssl x509 -noout -serial -in "$tmp/$1.pem"
}

# second_client USER: in a daemon of its own
second_client()
{
	LOGIN=$1 client_conf 'interface = sstp1' | start_sstpd "$1" "$B"
}

setup_sstpd
make_cert rsa rsa
make_cert new
server_conf | start_sstpd server "$A"
client_conf | start_sstpd client "$B"
check 'a client connects' wait_for session has_session client
ip netns exec "$B" ping -i 0.2 "$SERVER_TUN" >"$tmp/ping" 2>&1 &
ping=$!
at_exit kill "$ping"
equal 'the certificate is the first one' "$(serial_for "$SERVER_NAME")" \
	"$(serial_of cert)"

echo "$VPN_PASSWORD" | sstpctl user -f "$tmp/users" add bob
# Who comes next would get it: alice has the first one of the pool.
echo "$VPN_PASSWORD" | sstpctl user -f "$tmp/users" add carol 10.88.0.11
check 'reload' reload_server "certificate = $tmp/rsa.pem" "key = $tmp/rsa.key" \
	'mtu = 1300'
equal 'ECDSA is served as before' "$(serial_for "$SERVER_NAME")" \
	"$(serial_of cert)"
equal 'and RSA beside it' \
	"$(serial_for "$SERVER_NAME" -sigalgs RSA+SHA256:RSA-PSS+SHA256)" \
	"$(serial_of rsa)"
second_client bob
check 'a new user connects' wait_for session has_session bob
equal 'by the new configuration' "$(sstpctl -s "$tmp/server.sock" show --json |
	python3 -c 'import json, sys
print(*sorted((s["user"], s["mtu"]) for s in json.load(sys.stdin)["sessions"]))')" \
	"('alice', 1400) ('bob', 1300)"
equal 'with an address that is not fixed since then' \
	"$(sstpctl -s "$tmp/server.sock" show --json | python3 -c 'import json, sys
print(*(s["peer"] for s in json.load(sys.stdin)["sessions"] if s["user"] == "bob"))')" 10.88.0.12

mv "$tmp/new.pem" "$tmp/cert.pem"
mv "$tmp/new.key" "$tmp/cert.key"
kill -HUP "$(<"$tmp/server.pid")"
renewed()
{
	[[ $(serial_for "$SERVER_NAME") == $(serial_of cert) ]]
}
check 'SIGHUP takes over a renewed certificate' wait_for certificate renewed

refuse 'a wrong value is refused' 'server.conf:6: "mtu": must be a number' \
	reload_server 'mtu = 1'
refuse 'a change that needs a restart is refused' \
	'\[server\] "user-names" cannot change while sstpd runs' \
	reload_server 'user-names = fold' 'mtu = 1250'
mv "$tmp/users" "$tmp/users.good"
install -m 600 /dev/null "$tmp/users"
echo 'no colon' >"$tmp/users"
refuse 'a broken users file is refused' 'users:1: must be NAME:PASSWORD' \
	reload_server
# Whoever writes it has begun with nothing: that is not to be the end of everybody.
: >"$tmp/users"
refuse 'an empty users file is refused' 'users: there is no account in it' reload_server
echo '# nobody' >"$tmp/users"
refuse 'and one with comments alone' 'users: there is no account in it' reload_server
mv "$tmp/users.good" "$tmp/users"
refuse 'a key of another certificate is refused' "$tmp/cert.key: cannot use the private key" \
	reload_server "certificate = $tmp/rsa.pem" "key = $tmp/cert.key"
equal 'and the old certificate stays' "$(serial_for "$SERVER_NAME")" \
	"$(serial_of cert)"
check 'the log tells so' logged server 'not reloaded, the old one stays: 1 error'

check 'the first session is still there' has_session client
check 'and it is the first' logged client 'session 1 up'

# ---- no descriptor left for what a reload brings ----

declare -A limits

# no_more PROCESS: it gets no further descriptor, all numbers below are in use
no_more()
{
	local n=0

	limits[$1]=$(prlimit --pid "$1" --nofile --noheadings --output SOFT)
	while [[ -e /proc/$1/fd/$n ]]; do
		n=$((n + 1))
	done
	prlimit --pid "$1" --nofile="$n:"
}
parent=$(<"$tmp/server.pid")
for role in engine authd; do
	no_more "$(pgrep -P "$parent" "^sstpd-$role\$")"
done
sed -i '/^carol:/d' "$tmp/users"
check 'a reload without a descriptor, and without one of the users' reload_server 'mtu = 1200'
check 'the engine goes on as before' wait_for 'log line' logged server \
	'engine.*a file of the new configuration was lost; going on as before'
check 'and so does authd' wait_for 'log line' logged server \
	'no descriptor or memory left for the users file, the accounts stay'
says_so() # HOW OFTEN
{
	[[ $(grep -cE 'authd.*no descriptor or memory left|engine.*a file .* was lost' \
		"$tmp/server.log") == "$1" ]]
}
for pid in "${!limits[@]}"; do
	prlimit --pid "$pid" --nofile="${limits[$pid]}:"
done
check 'once there are some the engine takes what it had no room for' wait_for 'log line' \
	logged server 'engine.*the new configuration is there now'
check 'and so does authd' wait_for 'log line' logged server 'authd.*the users file is there now'
check 'each has said once what it lacks' says_so 2
LOGIN=carol client_conf 'interface = sstp2' 'reconnect = no' | start_sstpd carol "$B"
check 'who was removed does not get in any more' wait_for 'refusal' logged server \
	'not established: user carol .*: wrong user name or password'
refuse 'no process has ended' '' grep 'is gone: ' "$tmp/server.log"
kill -INT "$ping"
wait "$ping" || true
check 'it lost no packet' no_gaps "$tmp/ping"
stop_sstpd server
equal 'sstpd ends in order' "$status" 0
finish
