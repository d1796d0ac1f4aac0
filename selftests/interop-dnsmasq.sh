#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A client asks for routes, search domain and name servers as Windows does, by DHCPINFORM
# to the broadcast address, and dnsmasq, set up as doc/remote-access.md says, answers on
# the interface of its session.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"
. "$(dirname "$0")/lib-doc.sh"

# inform: asks from sstp0 in namespace B, prints the options of the answer, a line each,
# by number: in hexadecimal
inform()
{
	ip netns exec "$B" timeout "$PATIENCE" python3 - "$(session_of client local)" <<'END'
import socket, struct, sys

def options(message):
    at = 240
    while message[at] != 255:
        if message[at]:
            yield message[at], message[at + 2:at + 2 + message[at + 1]]
            at += message[at + 1] + 1
        at += 1

address = socket.inet_aton(sys.argv[1])
# What Windows 10 sends over PPP: no hardware address that means anything, options 53,
# 61, 12, 60, 55 (subnet mask, domain, name servers, NetBIOS, vendor, 121, 249, WPAD).
request = bytes.fromhex(
    "01 08 06 00 5a17c0de 0000 0000") + address + bytes(12) + bytes.fromhex(
    "005345000000") + bytes(10 + 64 + 128) + bytes.fromhex(
    "63825363 350108 3d07 08005345000000 0c06 4c4150544f50"
    "3c08 4d53465420352e30 370a 01 0f 06 2c 2e 2b 79 f9 fc 77 ff")
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"sstp0")
sock.bind((sys.argv[1], 68))
sock.settimeout(1)
while True:	# as Windows does, if there is no answer
    sock.sendto(request, ("255.255.255.255", 67))
    try:
        answer, peer = sock.recvfrom(2048)
    except TimeoutError:
        continue
    break
assert answer[0] == 2 and answer[4:8] == request[4:8], answer
assert answer[12:16] == address and answer[16:20] == bytes(4), answer
print("from", peer[0])
for number, value in options(answer):
    print(number, value.hex())
END
}

answer_has() # LINE
{
	grep -x -- "$1" "$tmp/answer" || {
		cat "$tmp/answer" "$tmp/dnsmasq.log"
		return 1
	}
}

setup_sstpd
text remote-access '^Add-VpnConnectionRoute. dnsmasq' >"$tmp/dnsmasq.conf"
ip netns exec "$A" dnsmasq --keep-in-foreground --conf-file="$tmp/dnsmasq.conf" \
	--user=root --pid-file= --log-dhcp --log-facility=- --dhcp-leasefile="$tmp/leases" \
	--no-resolv --no-hosts \
	>"$tmp/dnsmasq.log" 2>&1 &
at_exit kill $!
for path in kernel tun; do
	server_conf "data-path = $path" |
		sed 's/^addresses = .*/addresses = 10.8.0.0\/24/; s/^local = .*/local = 10.8.0.1/' |
		start_sstpd server "$A"
	client_conf "data-path = $path" | start_sstpd client "$B"
	check "$path: a client connects" explain wait_for session connected
	check "$path: it is answered" eval 'inform >"$tmp/answer" || { cat "$tmp/dnsmasq.log"; false; }'
	check "$path: by the server's address inside" answer_has 'from 10.8.0.1'
	check "$path: with an acknowledgement" answer_has '53 05'
	check "$path: and the route, as option 121" answer_has '121 080a0a080001'
	check "$path: and as 249" answer_has '249 080a0a080001'
	check "$path: the search domain" answer_has "15 $(printf 'corp.example' | od -An -tx1 | tr -d ' ')"
	check "$path: the name server" answer_has '6 0a080001'
	equal "$path: but neither address nor lease" "$(grep -E '^(50|51|58) ' "$tmp/answer")" ''
	stop_sstpd client
	stop_sstpd server
done
finish
