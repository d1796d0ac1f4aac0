#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A judge of others on our bytes: tshark, given the TLS secrets that sstpd logs
# on request, decodes sessions of our client with our server from the first byte
# to the last, what the kernel sends included.
#
# It dissects every packet of a session whose packets all end with a TLS record.
# Of a packet that goes on in the next record it loses track (4.4, single pass
# or not), so of a session under load it only decrypts the stream, and here its
# SSTP packets are walked through.
set -euo pipefail
# shellcheck source=selftests/lib-sstpd.sh
. "$(dirname "$0")/lib-sstpd.sh"

CLIENT_TUN=10.88.0.10
# Severity of tshark's expert information.
ERROR=8388608

# What is to be seen in a session, in this order; other things may be between.
IN_ORDER=('SSTP_DUPLEX_POST /sra_' 'HTTP/1.1 200 OK'
	CALL_CONNECT_REQUEST CALL_CONNECT_ACK
	'LCP.*Configuration Request' 'LCP.*Configuration Ack'
	'CHAP.*Challenge' 'CHAP.*Response' 'CHAP.*Success' CALL_CONNECTED
	'IPCP.*Configuration Request' 'IPCP.*Configuration Nak'
	'IPCP.*Configuration Ack' 'ping. request' 'ping. reply'
	'LCP.*Termination Request' 'LCP.*Termination Ack'
	CALL_DISCONNECT CALL_DISCONNECT_ACK 'Close Notify')

start_capture()
{
	rm -f "$tmp/wire.pcap"
	ip netns exec "$A" tcpdump --immediate-mode -i veth -U -B 65536 \
		-w "$tmp/wire.pcap" tcp port 443 2>"$tmp/tcpdump" &
	dump=$!
	at_exit kill -KILL "$dump"
	wait_for 'tcpdump' grep -q 'listening on' "$tmp/tcpdump"
}

captured_the_end()
{
	tcpdump -n -r "$tmp/wire.pcap" 'tcp[tcpflags] & tcp-fin != 0' 2>/dev/null |
		grep -q .
}

stop_capture()
{
	wait_for 'end of the capture' captured_the_end || true
	kill -INT "$dump"
	wait "$dump" || true
	check 'nothing was missed' grep '^0 packets dropped' "$tmp/tcpdump"
}

decode() # OPTION...
{
	tshark -n -r "$tmp/wire.pcap" -o "tls.keylog_file:$KEYLOG" \
		-o tcp.reassemble_out_of_order:TRUE "$@" 2>"$tmp/tshark" || {
		sed 's/^/# tshark: /' "$tmp/tshark"
		bail 'tshark fails'
	}
}

# session PATH LOAD [KEY=VALUE...]: from the first byte to the last, captured;
# the keys are for the client
session()
{
	local path=$1 load=$2

	shift 2
	start_capture
	server_conf "data-path = $path" | start_sstpd server "$A"
	client_conf "data-path = $path" "$@" | start_sstpd client "$B"
	wait_for 'session' has_session client || {
		log_of server
		log_of client
		bail 'no session'
	}
	equal "the data path is $path" "$(session_of server path)" "$path"
	check 'the load goes through' "$load"
	stop_sstpd client
	wait_for 'end of session' has_no_session server || true
	stop_sstpd server
	stop_capture
}

pings()
{
	nb ping -q -f -l 64 -c 200 -s 40 "$SERVER_TUN" &&
		na ping -q -f -l 4 -c 100 -s 1300 "$CLIENT_TUN"
}

# Bursts, and the longest time that an interface gathers them for: however slow the
# machine is, there is more than one packet in some record.
gathered_pings()
{
	na ethtool -C "$(session_of server interface)" tx-usecs 1000 &&
		nb ethtool -C "$(session_of client interface)" tx-usecs 1000 &&
		pings
}

bulk()
{
	intact "$B" "$A" "$SERVER_TUN" 2 && intact "$A" "$B" "$CLIENT_TUN" 2
}

errors()
{
	decode -Y "_ws.malformed || _ws.expert.severity >= $ERROR" \
		-T fields -e frame.number -e _ws.col.protocol -e _ws.expert.message
}

messages()
{
	decode -Y 'http || sstp || tls.alert_message' \
		-T fields -e _ws.col.protocol -e _ws.col.info
}

seen_in_order() # file
{
	local line=0 found what

	for what in "${IN_ORDER[@]}"; do
		found=$(awk -v after="$line" -v what="$what" \
			'NR > after && $0 ~ what { print NR; exit }' "$1")
		[[ $found ]] || {
			echo "no '$what' after line $line of:"
			head -n 50 "$1"
			return 1
		}
		line=$found
	done
}

# echoes TYPE: how many ICMP messages of that type were dissected
echoes()
{
	decode -Y "icmp.type == $1" -T fields -e icmp.type | tr ',' '\n' |
		grep -cx "$1" || true
}

# A record with several packets is one TLS length, and several of SSTP.
shared_records()
{
	decode -Y sstp -T fields -e tls.record.length -e sstp.length |
		awk '{ if (split($2, p, ",") > split($1, r, ",")) n++ }
			END { print n + 0 }'
}

dissected()
{
	equal 'tshark finds no error' "$(errors)" ''
	messages >"$tmp/messages"
	check 'and all messages in their order' seen_in_order "$tmp/messages"
	# each ping and its answer, and the Echo-Requests of nobody else
	equal 'it sees every request' "$(echoes 8)" 300
	equal 'and every reply' "$(echoes 0)" 300
}

# The stream as tshark decrypts it, both directions: SSTP packets one behind the
# other, from the end of the HTTP head to the last byte.
walk()
{
	decode --disable-protocol sstp -q -z follow,tls,raw,0 >"$tmp/stream"
	python3 - "$tmp/stream" <<-'END'
	import re, sys

	streams = {'': bytearray(), '\t': bytearray()}
	for line in open(sys.argv[1]):
	    found = re.fullmatch(r'(\t?)((?:[0-9a-f]{2})+)\n', line)
	    if found:
	        streams[found[1]] += bytes.fromhex(found[2])
	for data in streams.values():
	    at = data.index(b'\r\n\r\n') + 4
	    packets = 0
	    while at < len(data):
	        size = int.from_bytes(data[at + 2:at + 4], 'big')
	        if data[at] != 0x10 or data[at + 1] > 1 or not 8 <= size < 4096:
	            sys.exit(f'no SSTP header at {at}: {data[at:at + 8].hex()}')
	        if at + size > len(data):
	            sys.exit(f'packet at {at} has {size} bytes, {len(data) - at} are left')
	        frame = data[at + 4:at + size]
	        if data[at + 1] == 0 and not frame.startswith(b'\xff\x03'):
	            sys.exit(f'no PPP header at {at}: {frame[:8].hex()}')
	        if frame.startswith(b'\xff\x03\x00\x21'):
	            if int.from_bytes(frame[6:8], 'big') != len(frame) - 4:
	                sys.exit(f'IP length of packet at {at} is not that of the frame')
	            packets += 1
	        at += size
	    # 2 MB in segments of 1348 bytes are more
	    if len(data) < 2 << 20 or packets < 1000:
	        sys.exit(f'only {packets} IP packets in {len(data)} bytes')
	END
}

setup_sstpd
KEYLOG=$tmp/keylog

session kernel gathered_pings
dissected
check 'of records with several packets, too' test "$(shared_records)" -gt 0

session tun pings
dissected

session kernel bulk 'tls-max-version = 1.2'
check 'the stream of a load is whole (TLS 1.2)' walk

session kernel bulk
check 'the stream of a load is whole (TLS 1.3)' walk

# The test can fail: without the secrets there is nothing to see.
KEYLOG=/dev/null
messages >"$tmp/messages"
refuse 'without the secrets there is no SSTP' "no 'SSTP_DUPLEX_POST" \
	seen_in_order "$tmp/messages"
check 'no process is left of the server' nobody_in "$A"
check 'nor of the client' nobody_in "$B"

finish
