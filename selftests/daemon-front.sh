#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a server does with those who are no SSTP clients, or too many, or guess
# passwords: web server, redirect and health check, limits, delays.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

HTTPS=$ADDR_A:443

# serve [KEY=VALUE...]: a new server instead of the last one
serve()
{
	[[ ! -e $tmp/server.pid ]] || stop_sstpd server
	server_conf "$@" | start_sstpd server "$A"
}

get() # PATH [METHOD]
{
	https "$B" "$HTTPS" "${2:-GET} $1 HTTP/1.1" "Host: $SERVER_NAME" \
		'Connection: close'
}

says() # PATTERN COMMAND...
{
	local pattern=$1 answer

	shift
	answer=$("$@" | tr -d '\r' | head -n 20)
	grep -qE -- "$pattern" <<<"$answer" || {
		echo "$answer"
		return 1
	}
}

start_site()
{
	mkdir "$tmp/site"
	cp "$(random_file 3)" "$tmp/site/file"
	echo 'the web site' >"$tmp/site/index.html"
	ip netns exec "$A" python3 -m http.server -b 127.0.0.1 -d "$tmp/site" \
		8080 >"$tmp/site.log" 2>&1 &
	at_exit kill $!
	wait_for 'web server' listening "$A" 8080
}

body_sum() # PATH
{
	get "$1" | python3 -c 'import hashlib, sys
print(hashlib.sha256(sys.stdin.buffer.read().split(b"\r\n\r\n", 1)[1]).hexdigest())'
}

# hold NUMBER: that many TCP connections which say nothing
hold()
{
	hold_from "$ADDR_A" "$1" ''
}

# hold_from ADDRESS NUMBER SOURCE...: as many from each of these, to ADDRESS
hold_from()
{
	ip netns exec "$B" python3 -c 'import socket, sys, time
held = [socket.create_connection((sys.argv[1], 443), source_address=(source, 0))
        for source in sys.argv[3:] for i in range(int(sys.argv[2]))]
print("held", flush=True)
time.sleep(600)' "$@" >"$tmp/held" &
	holder=$!
	at_exit kill "$holder"
}

all_held()
{
	grep -q held "$tmp/held"
}

release()
{
	kill "$holder"
	wait "$holder" || true
}

# guess: a client with the wrong password, once a second
guess()
{
	install -m 600 /dev/null "$tmp/wrong"
	echo 'not the password' >"$tmp/wrong"
	client_conf 'reconnect-max = 1' 'login-retries = 1000' |
		sed "s|^password-file.*|password-file = $tmp/wrong|" |
		start_sstpd guess "$B"
}

# delays: of the attempts so far, in ms
delays()
{
	sed -n 's/.*delayed by \([0-9]*\) ms.*/\1/p' "$tmp/server.log"
}

# delayed NUMBER: so many attempts were, or more
delayed()
{
	(($(delays | wc -l) >= $1))
}

growing()
{
	delays
	delays | sort -nc
}

setup_sstpd
start_site

serve
check 'other requests get 404' says '^HTTP/1.1 404 ' get /
check 'and so does the path of SSTP' says '^HTTP/1.1 404 ' \
	get '/sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/'
check 'an unknown method gets 501' says '^HTTP/1.1 501 ' get / BREW
check 'they were counted' wait_for counter stat_is server http_other 3

serve 'web-redirect = https://www.example.com/'
check 'a redirect' says '^HTTP/1.1 302 ' get /
check 'names the place' says '^Location: https://www.example.com/$' get /anything

serve 'web-server = 127.0.0.1:8080' 'health-uri = /health' \
	'max-web-connections = 2' 'max-sessions = 1' 'max-half-open = 3'
check 'a web server shares the port' says '^the web site$' get /
equal 'a large file arrives intact' "$(body_sum /file)" \
	"$(sha256sum <"$tmp/site/file" | cut -d ' ' -f 1)"
check 'its log knows the request' grep -q 'GET /file' "$tmp/site.log"
check 'the web server was asked twice' wait_for counter stat_is server web 2
check 'and is done' wait_for counter stat_is server now_web 0
check 'the health check is good' says '^HTTP/1.1 200 ' get /health
client_conf | start_sstpd client "$B"
check 'a client connects beside it' wait_for session has_session client
check 'by the kernel path' test "$(session_of client path)" = kernel
check 'full: the health check says so' says '^HTTP/1.1 503 ' get /health
check 'full: so does the request of a client' says '^HTTP/1.1 503 ' \
	get '/sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/' SSTP_DUPLEX_POST
check 'the web site is still there' says '^the web site$' get /
stop_sstpd client
check 'the health check is good again' wait_for health says '^HTTP/1.1 200 ' get /health

# A web server that takes the PROXY protocol apart itself: what it is told, and that the
# request begins right behind.
cat >"$tmp/proxied.py" <<'END'
import socket, struct, sys
listener = socket.create_server(("127.0.0.1", 8081))
while True:
    conn, _ = listener.accept()
    file = conn.makefile("rb")
    head = file.read(16)
    signature, command, family, length = struct.unpack("!12sBBH", head)
    rest = file.read(length)
    said = "bad"
    if signature == b"\r\n\r\n\0\r\nQUIT\n" and command == 0x21 and family == 0x11:
        source, dest, port, to = struct.unpack("!4s4sHH", rest)
        said = "%s:%d to %s:%d" % (socket.inet_ntoa(source), port, socket.inet_ntoa(dest), to)
    elif signature == b"\r\n\r\n\0\r\nQUIT\n" and command == 0x21 and family == 0x21:
        source, dest, port, to = struct.unpack("!16s16sHH", rest)
        said = "%s:%d to %s:%d" % (socket.inet_ntop(socket.AF_INET6, source), port,
                                   socket.inet_ntop(socket.AF_INET6, dest), to)
    line = file.readline().decode()
    conn.sendall(("HTTP/1.0 200 OK\r\n\r\nclient %s\n%s" % (said, line)).encode())
    file.close()
    conn.close()
END
ip netns exec "$A" python3 "$tmp/proxied.py" 2>"$tmp/proxied.log" &
at_exit kill $!
wait_for 'web server' listening "$A" 8081
serve 'web-server = 127.0.0.1:8081' 'web-server-proxy-protocol = yes' \
	"proxy-protocol-from = $ADDR6_B" "listen = [$ADDR6_A]:443"
check 'the web server is told who the client is' \
	says "^client $ADDR_B:[0-9]+ to $ADDR_A:443$" get /
check 'the request begins behind that' says "^GET /where HTTP/1.1$" get /where
# behind_proxy FROM: as a proxy would, for a client FROM
behind_proxy()
{
	ip netns exec "$B" timeout "$PATIENCE" python3 -c 'import socket, ssl, sys
raw = socket.create_connection((sys.argv[1], 443))
raw.sendall(b"PROXY TCP4 %s 198.51.100.1 4711 443\r\n" % sys.argv[2].encode())
context = ssl._create_unverified_context()
conn = context.wrap_socket(raw, server_hostname=sys.argv[3])
conn.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
while data := conn.recv(4096):
    sys.stdout.write(data.decode())' "$ADDR6_A" "$1" "$SERVER_NAME"
}
check 'behind a proxy, who its client is' \
	says "^client ::ffff:198.51.100.7:4711 to $ADDR6_A:443$" behind_proxy 198.51.100.7
refuse 'it needs a web server' 'has "web-server-proxy-protocol", but no "web-server"' \
	eval 'server_conf "web-server-proxy-protocol = yes" >"$tmp/check.conf"; sstpd -t -c "$tmp/check.conf"'

serve 'max-handshakes = 5' 'max-half-open-per-source = 100' 'handshake-timeout = 60'
hold 8
check 'handshakes are limited' wait_for counter stat_is server refused_handshakes 3
equal 'so many are there' "$(stat_of server now_handshakes)" 5
refuse 'another one is refused' '^$' get /
release
check 'room again when they are gone' wait_for counter stat_is server now_handshakes 0
check 'for everybody' says '^HTTP/1.1 404 ' get /

# All five have to be there before the first one is closed.
serve 'max-half-open-per-source = 3' 'handshake-timeout = 10'
hold 5
check 'connections of a source are limited' \
	wait_for counter stat_is server refused_source 2
check 'those that say nothing are closed' \
	wait_for counter stat_is server handshake_timeouts 3
release

# With what is the default, but the time.
serve 'handshake-timeout = 60'
sources=()
for i in {101..116}; do
	sources+=("192.0.2.$i")
	ip -n "$B" addr add "192.0.2.$i/24" dev veth
done
hold_from "$ADDR_A" 16 "${sources[@]}"
check 'sixteen sources take what they get' wait_for connections all_held
check 'which is not all that there is' wait_for counter eval \
	'(($(stat_of server now_handshakes) + $(stat_of server refused_source) == 256))'
check 'somebody else is served' says '^HTTP/1.1 404 ' get /
release

serve "listen = [$ADDR6_A]:443" 'max-handshakes = 1000' 'max-half-open = 1000' \
	'handshake-timeout = 60'
sources=()
for i in {1..8}; do
	sources+=("2001:db8:5:$i::1")
	ip -n "$B" addr add "2001:db8:5:$i::1/128" dev veth nodad
done
ip -n "$B" addr add 2001:db8:6:1::1/128 dev veth nodad
ip -n "$A" route add 2001:db8:5::/48 dev veth
ip -n "$A" route add 2001:db8:6::/48 dev veth
hold_from "$ADDR6_A" 16 "${sources[@]}"
check 'eight networks of one site connect' wait_for connections all_held
check 'and get as much as four sources' wait_for counter stat_is server refused_source 64
equal 'no more' "$(stat_of server now_handshakes)" 64
first=$holder
hold_from "$ADDR6_A" 16 2001:db8:6:1::1
check 'another site gets its own' wait_for counter stat_is server now_handshakes 80
release
holder=$first
release

serve 'login-failures = 2' 'login-delay = 2'
guess
check 'the third wrong password costs time' wait_for delay delayed 1
check 'the next one, too' wait_for delay delayed 2
check 'and the next' wait_for delay delayed 3
check 'each more than the last' growing
stop_sstpd guess
check 'they were counted' test "$(stat_of server logins_delayed)" -ge 3

serve 'login-failures = 0' 'login-delay = 60' 'login-delay-max = 60'
guess
check 'or further attempts are refused unseen' wait_for refusal \
	logged server 'refused, too many failed logins'
check 'the client is told that it is not now' wait_for 'log line' logged guess 'not allowed to log on at this time'
stop_sstpd guess
equal 'only the first was looked at' "$(stat_of server logins_failed)" 1
check 'stats for people' says "^ *1 logins failed$" \
	sstpctl -s "$tmp/server.sock" stats
stop_sstpd server
equal 'sstpd ends in order' "$status" 0
finish
