#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The client goes through an HTTP proxy, and says what is wrong if it cannot.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

# start_proxy PORT [ANSWER]: asks for alice:sesame, or always gives that answer
start_proxy()
{
	ip netns exec "$A" python3 - "$ADDR_A" "$@" >"$tmp/proxy.$1" 2>&1 <<-'END' &
	import base64, socket, sys, threading

	WANTED = b"Proxy-Authorization: Basic " + base64.b64encode(b"alice:sesame")

	def pump(a, b):
	    while data := a.recv(65536):
	        b.sendall(data)
	    b.shutdown(socket.SHUT_WR)

	def serve(conn):
	    head = b""
	    while b"\r\n\r\n" not in head:
	        head += conn.recv(1)
	    print(head.decode(), flush=True)
	    if len(sys.argv) > 3:
	        conn.sendall(sys.argv[3].encode().decode("unicode_escape").encode())
	        conn.close()
	        return
	    if WANTED not in head.split(b"\r\n"):
	        conn.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
	        conn.close()
	        return
	    # The name means nothing here, as to many a proxy inside.
	    port = int(head.split()[1].rsplit(b":", 1)[1])
	    there = socket.create_connection((sys.argv[1], port))
	    conn.sendall(b"HTTP/1.0 200 Connection established\r\n\r\n")
	    threading.Thread(target=pump, args=(there, conn), daemon=True).start()
	    pump(conn, there)

	listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
	while True:
	    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
	END
	at_exit kill $!
	wait_for "proxy on port $1" listening "$A" "$1"
}

# through PORT [KEY=VALUE...]: a client by that proxy
through()
{
	local port=$1

	shift
	client_conf "proxy = $ADDR_A:$port" "$@" | start_sstpd client "$B"
}

# fails DESCRIPTION PORT PATTERN
fails()
{
	through "$2"
	check "$1" wait_for 'log line' logged client "$3"
	stop_sstpd client
}

setup_sstpd
install -m 600 /dev/null "$tmp/sesame"
echo sesame >"$tmp/sesame"
server_conf | start_sstpd server "$A"
start_proxy 8080
start_proxy 8081 'HTTP/1.1 403 Forbidden\r\n\r\n'
start_proxy 8082 'SSH-2.0-OpenSSH\r\n\r\n'
start_proxy 8083 'HTTP/1.1 200 OK\r\n\r\nsurprise'
start_proxy 8084 ''

through 8080 'proxy-user = alice' "proxy-password-file = $tmp/sesame"
check 'a client connects through a proxy' wait_for session has_session client
check 'which was asked for the server by name' \
	grep -q "^CONNECT $SERVER_NAME:443 HTTP/1.1" "$tmp/proxy.8080"
check 'and told what is to come' grep -q '^SSTPVERSION: 1.0' "$tmp/proxy.8080"
equal 'the data path is the kernel' "$(session_of client path)" kernel
check 'ping' nb ping -c 3 -i 0.2 -W 5 "$SERVER_TUN"
check '5 MB arrive intact' intact "$B" "$A" "$SERVER_TUN" 5
stop_sstpd client
equal 'the client ends in order' "$status" 0

fails 'a proxy that wants a password' 8080 \
	"proxy $ADDR_A: it answered HTTP status 407 .proxy-user"
fails 'a proxy that forbids it' 8081 "proxy $ADDR_A: it answered HTTP status 403$"
fails 'something else than a proxy' 8082 "proxy $ADDR_A: it does not answer in HTTP"
fails 'a proxy that speaks for the server' 8083 'it sends more than its answer'
fails 'a proxy that hangs up' 8084 'it closed the connection|Connection reset'
fails 'no proxy' 8085 "cannot connect to $ADDR_A:8085: Connection refused"
finish
