#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Not a byte of the tunnel is on the wire in the clear. The TCP connection is
# captured under load; its content must parse as TLS records from the first byte
# to the last, and a pattern that fills the inner packets must not occur.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

PATTERN='ksstp-plaintext-canary'
MARKER='end-of-the-capture'
MARKER_FILTER='udp dst port 9'
MARKER_REFUSED='icmp[icmptype] = icmp-unreach'

# Background commands are started without a function around them: $! is then the
# command itself, and a signal reaches it.
start_capture() # filter
{
	rm -f "$tmp/wire.pcap"
	ip netns exec "$A" tcpdump -i veth -w "$tmp/wire.pcap" -U -B 65536 \
		"$1 or $MARKER_FILTER" 2>"$tmp/dump.err" &
	dump=$!
	at_exit kill "$dump"
	wait_for 'tcpdump' grep -q 'listening on' "$tmp/dump.err"
}

marker_written()
{
	na bash -c "printf '$MARKER' >/dev/udp/$ADDR_B/9" || true
	grep -qa "$MARKER" "$tmp/wire.pcap"
}

# A killed tcpdump forgets what is still in its ring. The marker is written after
# everything that came before it; on a path with loss it may take more than one.
stop_capture()
{
	wait_for 'marker' marker_written
	kill "$dump"
	wait "$dump" || true
}

load() # the pattern, both ways at once, over both families, with control packets
{
	transfer "$A" "$B" $TUN_B "$tmp/file" >"$tmp/sum" &&
	[[ $(<"$tmp/sum") == "$(sha256sum <"$tmp/file")" ]] &&
	transfer "$B" "$A" $TUN6_A "$tmp/file" >"$tmp/sum" &&
	[[ $(<"$tmp/sum") == "$(sha256sum <"$tmp/file")" ]] &&
	na ping -q -f -c 50 -p 6b737374702d70 -s 1000 $TUN_B
}

all_acknowledged()
{
	[[ ! $(ss -N "$A" -Htn | awk '$3') && ! $(ss -N "$B" -Htn | awk '$3') ]]
}

judge() # arguments of tls-pcap
{
	tls-pcap "$tmp/wire.pcap" 4430 "$@"
}

setup
add_devices
yes "$PATTERN" | head -c 2000000 >"$tmp/file" || true

for options in 'tls=1.3' 'tls=1.2 cipher=aes-256-gcm' 'cipher=chacha20-poly1305'; do
	start_capture 'tcp port 4430'
	# shellcheck disable=SC2086
	start_pair $options
	check "load goes through ($options)" load
	stop_cli
	stop_capture
	check "the wire is TLS records, without the pattern ($options)" judge "$PATTERN"
	check "nor the pattern of the pings ($options)" judge 'ksstp-pksstp-p'
	judge >"$tmp/judged" 2>&1 || true
	check "and it is the whole load ($options)" awk -F'[= ]' \
		'{ n += $3 > 2000000 } END { exit n != 2 }' "$tmp/judged"
done

# The same over a path that loses and is slow, where sends are cut short.
if na tc qdisc add dev veth root netem delay 2ms loss 1% limit 2000; then
	start_capture 'tcp port 4430'
	start_pair
	check 'load goes through (1 % loss)' load
	# What is lost is not captured, and nobody repeats it after the end.
	wait_for 'acknowledgements' all_acknowledged
	stop_cli
	stop_capture
	check 'the wire is TLS records, without the pattern (1 % loss)' judge "$PATTERN"
	na tc qdisc del dev veth root
else
	skip 'the wire is TLS records, without the pattern (1 % loss)' 'no netem here'
fi

# The test can fail: the same load beside the tunnel is found.
start_capture 'tcp port 4430'
ip netns exec "$B" socat -u TCP-LISTEN:4430 OPEN:/dev/null &
wait_for 'listener' listening "$B" 4430
na socat -u "FILE:$tmp/file" "TCP:$ADDR_B:4430"
stop_capture
refuse 'a plain connection is caught' 'no TLS record' judge
refuse 'and so is the pattern' 'in the clear' judge "$PATTERN"

# No packet of the tunnel but those of its TCP connection leaves the host.
start_capture 'ip and not tcp'
start_pair
check 'pings through the tunnel' na ping -q -f -c 20 $TUN_B
stop_cli
stop_capture
equal 'leave nothing else on the wire' \
	"$(tcpdump -r "$tmp/wire.pcap" "not ($MARKER_FILTER or $MARKER_REFUSED)" 2>/dev/null | wc -l)" 0

finish
