#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A peer that means harm, in a loop, beside a session that behaves: the one gets
# nowhere (lib/cmd_hostile.c says what has to come of each of its connections),
# the other loses nothing and keeps its share of the machine.
#
#	HOSTILE_SECONDS=N	for so long (default 20, longer on a kernel that checks itself),
#				and until there were ROUNDS attacks and WAYS to end
#	HOSTILE_SEED=N		its first connection (default: another each time)
set -euo pipefail
. "$(dirname "$0")/lib.sh"

HOSTILE_SECONDS=${HOSTILE_SECONDS:-$((20 * slowness))}
HOSTILE_SEED=${HOSTILE_SEED:-$((SRANDOM % 1000000000))}
ROUNDS=10
WAYS=5
# One of so many of what the bystander has for itself: the attack takes processor
# time, for both of its sides, and there may be one processor.
SHARE=8
NEAR_A=10.78.0.1
NEAR_B=10.78.0.2

# rate SECONDS: of the bystander, bytes/s
rate()
{
	iperf "$B" "$A" -c "$NEAR_B" -t "$1" | json end.sum_received.bits_per_second |
		awk '{ printf "%d\n", $1 / 8 }'
}

# ends WHAT: of so many attacks, or "rounds"
ends()
{
	sed -n "s/.* $1=\([0-9]*\).*/\1/p" "$tmp/attack" | grep . || echo 0
}

setup
TRANSFER_LIMIT=$((HOSTILE_SECONDS + TRANSFER_LIMIT))
ip -n "$A" link add sstp0 mtu 1400 type sstp
ip -n "$B" link add sstp0 mtu 1400 type sstp
ip -n "$A" addr add "$NEAR_A/24" dev sstp0
ip -n "$B" addr add "$NEAR_B/24" dev sstp0
ip -n "$A" link set sstp0 up
ip -n "$B" link set sstp0 up
ip netns exec "$A" tc qdisc replace dev sstp0 root pfifo limit 100000
ip netns exec "$B" tc qdisc replace dev sstp0 root pfifo limit 100000
# What the attack delivers is taken for the host's own, or forwarded back.
ip -n "$A" link add sstp1 mtu 1400 type sstp
ip -n "$A" addr add "$TUN_A/24" dev sstp1
ip -n "$A" addr add "$TUN6_A/64" dev sstp1 nodad
ip -n "$A" link set sstp1 up
na sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
start_pair

echo "# first seed $HOSTILE_SEED, $HOSTILE_SECONDS s"
alone=$(rate 3)
before=$(lost)
ip netns exec "$A" ping -i 0.1 "$NEAR_B" >"$tmp/ping" &
pinger=$!
echo "d hostile c sstp1 seconds=$((HOSTILE_SECONDS + 2)) rounds=$ROUNDS" \
	"ways=$WAYS seed=$HOSTILE_SEED" |
	run_script >"$tmp/attack" 2>&1 &
attack=$!
beside=$(rate "$HOSTILE_SECONDS")
status=0
wait $attack || status=$?
echo "# $(cat "$tmp/attack")"
equal 'every attack comes to what it has to' $status 0
# Few attacks do not come to all ends.
rounds=$(ends rounds)
ends_seen=0
for reason in bad-version bad-length tls-error tls-alert tls-unexpected-record \
	tls-key-update tls-close-notify peer-fin tcp-error control-overflow; do
	if ((rounds >= 1000)); then
		between "some end by $reason" "$(ends $reason)" 1 $rounds
	fi
	(($(ends $reason) == 0)) || ends_seen=$((ends_seen + 1))
done
between 'there are enough of them' "$rounds" $ROUNDS 1000000000
between 'and they end in different ways' $ends_seen $WAYS 10
kill -INT $pinger
wait $pinger || true
# What else the machine has to do changes: of two rates the one that is nearer.
after=$(rate 3)
echo "# $(tail -n 2 "$tmp/ping" | head -n 1); alone $alone and $after bytes/s, beside it $beside"
((alone < after)) || alone=$after
between 'the session beside it keeps its share' "$beside" $((alone / SHARE)) 100000000000
check 'and answers every ping' no_gaps "$tmp/ping"
equal 'and loses nothing' "$(lost)" "$before"
check 'it is alive' grep -q '^ready' "$tmp/pair.log"
refuse 'and was never told of an end' '^$' grep ' end ' "$tmp/pair.log"
stop_cli
check 'no session is left' no_sessions "$A"
check 'nor anything that holds the module' eval \
	'ip -n "$A" link del sstp0 && ip -n "$A" link del sstp1 && ip -n "$B" link del sstp0 &&
	 remove_module && modprobe sstp'
finish
