#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A RADIUS server that answers late, twice, with garbage, or not at all. What it
# does depends on the user's name. A session of another user goes on beside it.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"
. "$(dirname "$0")/lib-secrets.sh"

SECRET=sesame

start_radius()
{
	ip netns exec "$A" python3 - "$SECRET" >"$tmp/radius.log" 2>&1 <<-'END' &
	import hashlib, hmac, os, socket, struct, sys, time

	secret = sys.argv[1].encode()
	sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	sock.bind(("127.0.0.1", 1812))
	seen = {}

	def accept(request, key=secret):
	    ident, asked = request[1], request[4:20]
	    head = struct.pack("!BBH", 2, ident, 20 + 18)
	    mac = hmac.new(key, head + asked + b"\x50\x12" + bytes(16), "md5").digest()
	    attrs = b"\x50\x12" + mac
	    return head + hashlib.md5(head + asked + attrs + key).digest() + attrs

	def name_of(request):
	    at = 20
	    while at < len(request):
	        if request[at] == 1:
	            return request[at + 2:at + request[at + 1]].decode()
	        at += request[at + 1]

	print("ready", flush=True)
	while True:
	    request, source = sock.recvfrom(4096)
	    name = name_of(request)
	    seen[name] = seen.get(name, 0) + 1
	    print(name, seen[name], flush=True)
	    send = lambda answer: sock.sendto(answer, source)
	    good = accept(request)
	    if name == "late":
	        time.sleep(1.5)
	        send(good)
	    elif name == "second" and seen[name] > 1:
	        send(good)
	    elif name == "twice":
	        send(good)
	        send(good)
	    elif name == "garbage":
	        for length in 0, 1, 19, 20, 300, 4096:
	            send(os.urandom(length))
	        for cut in 1, 20, len(good) - 1:
	            send(good[:cut])
	        send(good[:2] + b"\xff\xff" + good[4:])
	        send(good[:20] + b"\x50\x00" + good[22:])
	        send(bytes([good[0], good[1] ^ 1]) + good[2:])
	        send(bytes([250]) + good[1:])
	        send(good)
	    elif name == "forged":
	        send(accept(request, b"another secret"))
	END
	at_exit kill $!
	wait_for 'RADIUS server' grep -q ready "$tmp/radius.log"
}

# login NAME: of a client as that user
login()
{
	[[ ! -e $tmp/$1.pid ]] || stop_sstpd "$1"
	LOGIN=$1 client_conf "interface = $1" 'auth = pap' 'reconnect-max = 1' |
		start_sstpd "$1" "$B"
}

# is_in NAME
is_in()
{
	logged server "session [0-9]* up: user $1 from"
}

alive()
{
	nb ping -c 1 -W 5 -I steady "$SERVER_TUN"
}

setup_sstpd
install -m 600 /dev/null "$tmp/secret"
echo "$SECRET" >"$tmp/secret"
start_radius
{
	server_conf 'auth = mschapv2, pap' 'auth-backend = users, radius'
	printf '%s\n' '[radius]' 'auth-server = 127.0.0.1' \
		"secret-file = $tmp/secret" 'timeout = 1' 'retries = 2'
} | start_sstpd server "$A"
client_conf 'interface = steady' | start_sstpd steady "$B"
check 'a user of the file is connected' wait_for session is_in "$VPN_USER"
check 'memory of the process that has the secret is locked' all_locked server radius

for name in late second twice garbage; do
	login "$name"
	check "$name: the user comes in" wait_for session is_in "$name"
	stop_sstpd "$name"
done
check 'the server of "late" was asked again' grep -q '^late 2' "$tmp/radius.log"
login forged
check 'forged: the log says whose fault that may be' wait_for 'log line' logged server \
	'RADIUS authentication server 127.0.0.1:1812: [0-9]* answers ignored, .*secret-file'
check 'forged: nobody comes in' wait_for 'log line' logged server \
	'user forged: no RADIUS server has answered'
check 'forged: the client is told' wait_for 'log line' logged forged \
	'session 1 not established'
stop_sstpd forged
login silent
check 'silence: the log says so' wait_for 'log line' logged server \
	'RADIUS authentication server 127.0.0.1:1812 does not answer'
check 'silence: and who did not get in' wait_for 'log line' logged server \
	'user silent: no RADIUS server has answered'
stop_sstpd silent
for name in forged silent; do
	refuse "$name: nobody got in whom no server vouched for" '^$' is_in "$name"
done
check 'the user of the file has not noticed' alive
check 'with one session' test "$(grep -c "up: user $VPN_USER" "$tmp/server.log")" = 1
stop_sstpd steady
stop_sstpd server
equal 'sstpd ends in order' "$status" 0
check 'its balance: what was malformed, unexpected, not authentic' logged server \
	'ignored: [1-9][0-9]* malformed, [1-9][0-9]* unexpected, [1-9][0-9]* not authentic'
finish
