#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# TLS and HTTP as nobody should speak them, against the running daemon in both
# roles: each is refused with the right status, or closed, and costs nobody else
# a session.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

# say [OPTION=VALUE...]: Python literals (bytes) on stdin are sent over TLS, one
# write each; prints the answer's first line, or "closed", or what TLS says
say()
{
	ip netns exec "$B" python3 /dev/fd/3 "$ADDR_A" "$@" 3<<-'END'
	import ast, socket, ssl, sys

	options = dict(arg.split("=") for arg in sys.argv[2:])
	context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
	context.check_hostname = False
	context.verify_mode = ssl.CERT_NONE
	if "ciphers" in options:
	    context.maximum_version = ssl.TLSVersion.TLSv1_2
	    context.set_ciphers(options["ciphers"])
	if options.get("version") == "1.1":
	    context.minimum_version = ssl.TLSVersion.TLSv1
	    context.maximum_version = ssl.TLSVersion.TLSv1_1
	    context.set_ciphers("ALL:@SECLEVEL=0")
	sock = socket.create_connection((sys.argv[1], int(options.get("port", 443))))
	sock.settimeout(60)
	try:
	    if options.get("tls") != "no":
	        sock = context.wrap_socket(sock, server_hostname="vpn.test")
	    for line in sys.stdin:
	        sock.sendall(eval(line, {"SSTP": b"SSTP_DUPLEX_POST /sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/ HTTP/1.1\r\n",
	                                 "LENGTH": b"Content-Length: 18446744073709551615\r\n",
	                                 "HOST": b"Host: vpn.test\r\n", "END": b"\r\n",
	                                 "REQUEST": bytes.fromhex("1001000e00010001000100060001")}))
	    answer = b""
	    while data := sock.recv(65536):
	        answer += data
	        if options.get("until") and len(answer.partition(b"\r\n\r\n")[2]) >= int(options["until"]):
	            break
	except ssl.SSLError as error:
	    print("TLS:", error.reason)
	    sys.exit()
	except OSError:
	    answer = b""
	head, _, rest = answer.partition(b"\r\n\r\n")
	print(head.split(b"\r\n")[0].decode(errors="replace") or "closed", rest.hex())
	END
}

# answers DESCRIPTION PATTERN [OPTION=VALUE...]: to what stdin says
answers()
{
	local description=$1 pattern=$2 got

	shift 2
	got=$(say "$@")
	if [[ $got =~ $pattern ]]; then
		ok "$description"
	else
		not_ok "$description" "answer: $got" "expected: $pattern"
	fi
}

# fake_server PORT ANSWER: TLS with our certificate, then that
fake_server()
{
	ip netns exec "$A" python3 - "$ADDR_A" "$1" "$tmp" "$2" \
		>"$tmp/fake.$1" 2>&1 <<-'END' &
	import socket, ssl, sys

	context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
	context.load_cert_chain(sys.argv[3] + "/cert.pem", sys.argv[3] + "/cert.key")
	listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
	while True:
	    conn = listener.accept()[0]
	    try:
	        conn = context.wrap_socket(conn, server_side=True)
	        conn.recv(65536)
	        conn.sendall(eval(sys.argv[4]))
	        conn.recv(65536)
	    except OSError:
	        pass
	    conn.close()
	END
	at_exit kill $!
	wait_for "server on port $1" listening "$A" "$1"
}

# client_says DESCRIPTION PORT PATTERN: of a server on that port
client_says()
{
	client_conf | sed "s/^server = .*/server = $SERVER_NAME:$2/" |
		start_sstpd fooled "$B"
	check "$1" wait_for 'log line' logged fooled "$3"
	stop_sstpd fooled
}

# bad_cert NAME OPTION...: signed by the CA, but not good for a server
bad_cert()
{
	local name=$1

	shift
	self_signed "$name" ec "/CN=$SERVER_NAME" -CA "$tmp/ca.pem" \
		-CAkey "$tmp/ca.key" -addext 'basicConstraints=critical,CA:FALSE' "$@"
}

# serve_cert PORT NAME
serve_cert()
{
	ip netns exec "$A" openssl s_server -accept "$ADDR_A:$1" -quiet \
		-cert "$tmp/$2.pem" -key "$tmp/$2.key" </dev/zero >"$tmp/s_server" 2>&1 &
	at_exit kill $!
	wait_for "server on port $1" listening "$A" "$1"
}

setup_sstpd
server_conf 'handshake-timeout = 15' | start_sstpd server "$A"
client_conf | start_sstpd client "$B"
check 'a client connects' wait_for session has_session client

# H1: TLS
answers 'TLS 1.1 is refused' '^TLS: |^closed' version=1.1 </dev/null
answers 'no common cipher' '^TLS: .*HANDSHAKE_FAILURE' ciphers=DHE-RSA-AES128-GCM-SHA256 </dev/null
answers 'no TLS at all' '^closed|^.{1,8} ' tls=no <<<'b"GET / HTTP/1.1\r\n\r\n"'
answers 'TLS 1.2 with AES-CBC is served' '^HTTP/1.1 404' \
	ciphers=ECDHE-ECDSA-AES128-SHA <<<'b"GET / HTTP/1.1\r\n" + END'
# H2: time
answers 'half a head is closed in time' '^closed' <<<'SSTP + HOST'
check 'and counted' wait_for counter stat_is server handshake_timeouts 1
# H3: sizes
answers 'a long line' '^HTTP/1.1 431' <<<'SSTP + b"A: " + 1100 * b"a" + END + END'
answers 'many headers' '^HTTP/1.1 431' <<<'SSTP + 40 * b"A: a\r\n" + END'
answers 'a large head' '^HTTP/1.1 431' <<<'SSTP + 9 * (b"A: " + 1000 * b"a" + END) + END'
# H4: bytes
answers 'NUL' '^HTTP/1.1 400' <<<'SSTP + b"Host: a\0b\r\n" + END'
answers 'a bare CR' '^HTTP/1.1 400' <<<'SSTP + b"Host: a\rb\r\n" + END'
answers 'a bare LF' '^HTTP/1.1 400' <<<'b"GET / HTTP/1.1\n\n"'
answers 'a folded header' '^HTTP/1.1 400' <<<'SSTP + HOST + b" x\r\n" + END'
answers 'a header without colon' '^HTTP/1.1 400' <<<'SSTP + b"Host\r\n" + END'
answers 'an empty name' '^HTTP/1.1 400' <<<'SSTP + b": x\r\n" + END'
# H5: other requests
answers 'HTTP/1.0' '^HTTP/1.1 505' <<<'b"GET / HTTP/1.0\r\n" + END'
answers 'HTTP/2' '^HTTP/1.1 505' <<<'b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"'
answers 'an unknown method' '^HTTP/1.1 501' <<<'b"BREW / HTTP/1.1\r\n" + HOST + END'
answers 'another path' '^HTTP/1.1 404' <<<'b"SSTP_DUPLEX_POST / HTTP/1.1\r\n" + HOST + LENGTH + END'
answers 'two lengths' '^HTTP/1.1 400' <<<'SSTP + HOST + LENGTH + LENGTH + END'
answers 'another length' '^HTTP/1.1 400' <<<'SSTP + HOST + b"Content-Length: 5\r\n" + END'
answers 'Transfer-Encoding' '^HTTP/1.1 400' <<<'SSTP + HOST + b"Transfer-Encoding: chunked\r\n" + END'
# H6, H7: behind the head
answers 'a second request ends the call' '^HTTP/1.1 200 OK $' \
	<<<'SSTP + HOST + LENGTH + END + b"GET / HTTP/1.1\r\n" + END'
answers 'SSTP right behind the head is heard' '^HTTP/1.1 200 OK 100100300002' \
	until=48 <<<'SSTP + HOST + LENGTH + END + REQUEST'
answers 'and so it is byte by byte' '^HTTP/1.1 200 OK 100100300002' until=48 < <(
	echo 'SSTP[:1]'
	echo 'SSTP[1:40]'
	echo 'SSTP[40:] + HOST + LENGTH + END[:1]'
	echo 'END[1:] + REQUEST[:3]'
	echo 'REQUEST[3:]'
)
# H8: a client and its server
fake_server 4431 'b"HTTP/1.1 200 OK\r\n" + b"A: a\r\n" * 2000 + b"\r\n"'
client_says 'a response without end' 4431 'server does not answer in HTTP'
fake_server 4432 'b"220 mail.test ESMTP\r\n\r\n"'
client_says 'another protocol' 4432 'server does not answer in HTTP'
fake_server 4433 '9 * b"HTTP/1.1 100 Continue\r\n\r\n"'
client_says 'a flood of 1xx' 4433 'server answered HTTP status 100'
# H10: certificates
self_signed stranger ec "/CN=$SERVER_NAME" -addext "subjectAltName=DNS:$SERVER_NAME"
serve_cert 4441 stranger
client_says 'a certificate nobody signed' 4441 'server certificate: self-signed'
bad_cert other -addext 'subjectAltName=DNS:other.test' -addext 'extendedKeyUsage=serverAuth'
serve_cert 4442 other
client_says 'a certificate for another name' 4442 'server certificate: [Hh]ostname mismatch'
bad_cert clientauth -addext "subjectAltName=DNS:$SERVER_NAME" -addext 'extendedKeyUsage=clientAuth'
serve_cert 4443 clientauth
client_says 'a certificate for clients' 4443 'server certificate: unsuitable certificate purpose'

# F9: a peer that has the server answer, and does not read the answers
ip netns exec "$B" timeout "$TRANSFER_LIMIT" python3 - "$ADDR_A" >"$tmp/flood" 2>&1 <<'END' || true
import socket, ssl, struct, sys

context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
sock = socket.socket()
sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
sock.connect((sys.argv[1], 443))
sock = context.wrap_socket(sock)
sock.sendall(b"SSTP_DUPLEX_POST /sra_{BA195980-CD49-458b-9E23-C84EE0ADCD75}/ HTTP/1.1\r\n"
             b"Content-Length: 18446744073709551615\r\nHost: vpn.test\r\n\r\n"
             + bytes.fromhex("1001000e00010001000100060001"))
stream = sock.makefile("rb")
while stream.readline() != b"\r\n":
    pass

def receive():
    head = stream.read(4)
    return stream.read((struct.unpack(">H", head[2:])[0] & 0xfff) - 4)

def send(packet, times=1):
    frame = struct.pack(">HH", 0x1000, 8 + len(packet)) + b"\xff\x03\xc0\x21" + packet
    sock.sendall(times * frame)

# LCP opens: we ask for nothing, and agree to everything.
send(bytes.fromhex("01010004"))
agreed = set()
while len(agreed) < 2:
    packet = receive()
    if packet[:4] != b"\xff\x03\xc0\x21":
        continue
    if packet[4] == 1:
        send(b"\x02" + packet[5:4 + struct.unpack(">H", packet[6:8])[0]])
    if packet[4] in (1, 2):
        agreed.add(packet[4])
while True:
    send(struct.pack(">BBHL", 9, 1, 1400, 0) + bytes(1392), 10)
END
check 'a peer that does not read is cut off' wait_for 'log line' logged server \
	"$ADDR_B:[0-9]*: the peer does not read what it is sent"

# H9: the end of TLS without a word of SSTP is no reason to complain
kill -KILL "$(<"$tmp/client.pid")"
check 'a session whose client dies ends' wait_for end has_no_session server
check 'with that reason' logged server 'session [0-9]+ end: .*: (peer closed|the peer closed)'
stop_sstpd server
equal 'sstpd ends in order' "$status" 0
finish
