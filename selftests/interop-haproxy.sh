#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# HAProxy, as Debian ships it, passes connections on to our server and tells by
# the PROXY protocol, version 1 and 2, who they are from. It asks our health URI
# whether there is room. As the web server behind ours it is told who asks.
#
#	$A  haproxy 192.0.2.1:443 (v2), :444 (v1) -> sstpd 127.0.0.1:8443
#	    sstpd 192.0.2.1:8443 -> haproxy 127.0.0.1:8080	$B  clients
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

# expects: how sstpd.conf(5) says that HAProxy is told to expect the header
expects()
{
	sed -n '/^\.B web\\-server\\-proxy\\-protocol/,/^\.TP/ {
		/^HAProxy by/ { n; s/^\.BR* \([a-z\\-]*\).*/\1/; s/\\-/-/g; p } }' \
		"$here/../doc/sstpd.conf.5"
}

start_haproxy()
{
	cat >"$tmp/haproxy.cfg" <<-END
	global
		stats socket $tmp/haproxy.sock level admin
	defaults
		mode tcp
		timeout connect 30s
		timeout check 30s
		timeout client 10m
		timeout server 10m
	frontend v2
		bind $ADDR_A:443
		bind [$ADDR6_A]:443
		default_backend v2
	frontend v1
		bind $ADDR_A:444
		default_backend v1
	frontend web
		mode http
		bind 127.0.0.1:8080 $(expects)
		http-request return status 200 content-type text/plain lf-string "%[src] %[src_port] to %[dst] %[dst_port]\n"
	backend silent
		option tcp-check
		server sstpd 127.0.0.1:8443 check check-send-proxy send-proxy-v2 inter 1s
	backend v2
		option httpchk GET /health
		server sstpd 127.0.0.1:8443 send-proxy-v2 check inter 3s fall 1 rise 1 check-ssl verify none
	backend v1
		server sstpd 127.0.0.1:8443 send-proxy
	END
	ip netns exec "$A" haproxy -db -f "$tmp/haproxy.cfg" \
		>"$tmp/haproxy.log" 2>&1 &
	haproxy=$!
	at_exit kill "$haproxy"
	wait_for haproxy listening "$A" 444 || {
		sed 's/^/# haproxy: /' "$tmp/haproxy.log"
		bail 'haproxy does not start'
	}
}

# backend_is UP|DOWN
backend_is()
{
	echo 'show stat' | socat - "UNIX-CONNECT:$tmp/haproxy.sock" |
		grep -q "^v2,sstpd,.*,$1,"
}

# from_b NAME: the session of the server is one of the client in $B
from_b()
{
	[[ $(session_of server remote) =~ ^$ADDR_B:[0-9]+$ ]]
}

# told ADDRESS:PORT FROM TO: who asks there is FROM, as the web server has it
told()
{
	local answer

	answer=$(https "$B" "$1" 'GET / HTTP/1.0')
	grep -qE "^$2 [0-9]+ to $3\$" <<<"$answer" || {
		echo "$answer"
		return 1
	}
}

# connections NUMBER: so many have been there, or more
connections()
{
	(($(stat_of server connections) >= $1))
}

setup_sstpd
command -v haproxy >/dev/null || bail 'no haproxy here'
check 'sstpd.conf(5) says what HAProxy needs' test "$(expects)"
server_conf 'proxy-protocol-from = 127.0.0.1' 'health-uri = /health' \
	'max-sessions = 1' 'login-failures = 0' 'login-delay = 15' \
	'web-server = 127.0.0.1:8080' 'web-server-proxy-protocol = yes' |
	sed "s/^listen = .*/listen = 127.0.0.1:8443, $ADDR_A:8443, [$ADDR6_A]:8443/" |
	start_sstpd server "$A"
start_haproxy
echo "# $(haproxy -v | head -n 1)"
check 'haproxy finds the server healthy' wait_for backend backend_is UP
check 'also one that only looks whether it is there, several times' \
	wait_for connections connections 5
equal 'no handshake has failed by that' "$(stat_of server tls_failed)" 0

check 'as our web server it knows a client' told "$ADDR_A:8443" "$ADDR_B" "$ADDR_A 8443"
check 'one by IPv6' told "[$ADDR6_A]:8443" "$ADDR6_B" "$ADDR6_A 8443"
check 'and behind the proxy, by what that says' \
	told "$ADDR_A:443" "$ADDR_B" '127.0.0.1 8443'
check 'one by IPv6, too' told "[$ADDR6_A]:443" "$ADDR6_B" '::ffff:127.0.0.1 8443'

client_conf | start_sstpd v2 "$B"
check 'a client connects by version 2' wait_for session has_session server
check 'its address is its own' from_b
equal 'the data path is the kernel' "$(session_of server path)" kernel
check 'ping' nb ping -c 3 -i 0.2 -W 5 "$SERVER_TUN"
check '5 MB arrive intact' intact "$B" "$A" "$SERVER_TUN" 5
check 'haproxy hears that there is no more room' wait_for backend backend_is DOWN
check 'the session does not mind' nb ping -c 3 -i 0.2 -W 5 "$SERVER_TUN"
stop_sstpd v2
check 'the log knows the client' wait_for 'log line' logged server \
	"session [0-9]+ end: user $VPN_USER from $ADDR_B:"
check 'haproxy hears of the room' wait_for backend backend_is UP

client_conf | sed "s/^server = .*/server = $SERVER_NAME:444/" |
	start_sstpd v1 "$B"
check 'a client connects by version 1' wait_for session has_session server
check 'its address is its own, too' from_b
stop_sstpd v1

sed -i 's/.*/not the password/' "$tmp/password"
client_conf 'reconnect-max = 1' | start_sstpd guess "$B"
check 'a wrong password is the fault of the client, not of haproxy' \
	wait_for 'log line' logged server \
	"user $VPN_USER from $ADDR_B:[0-9]*: delayed by"
stop_sstpd guess

https "$A" 127.0.0.1:8443 'GET /health HTTP/1.1' >/dev/null || true
check 'a proxy has to send the header' wait_for counter \
	stat_is server refused_proxy 1
failed=$(stat_of server tls_failed)
printf 'PROXY TCP4 203.0.113.9 %s 1 443\r\n' "$ADDR_A" |
	ip netns exec "$B" timeout 5 socat -t 5 - "TCP:$ADDR_A:8443" \
	>"$tmp/answer" || true
check 'nobody else may' wait_for counter stat_is server tls_failed $((failed + 1))
check 'whatever address it claims' logged server "^.*$ADDR_B:[0-9]*: TLS handshake"
stop_sstpd server
equal 'sstpd ends in order' "$status" 0
finish
