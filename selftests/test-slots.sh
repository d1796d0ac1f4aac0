#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A device with several sessions, one in each slot: what goes by which, who comes and
# goes, and that nothing of that is seen by flows that it does not concern.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

SLOTS=4
# Flows of each slot that are looked at, of those that there may be.
EACH=$((slowness > 1 ? 1 : 3))
FLOWS=200
# Packets of a flow at a time; more than anybody else sends meanwhile.
BURST=20

declare -A member
flows=()

setup

slots() { seq 0 $((SLOTS - 1)); }

# both COMMAND...: for each end, DEV being its device
both()
{
	local ns

	for ns in "$A" "$B"; do
		ip -n "$ns" "$@"
	done
}

sessions() # NS
{
	echo 'a dump' | sstp-cli -e "a=$1" | grep -c 'slot=' || true
}

are_sessions() # NUMBER
{
	[[ $(sessions "$A") == "$1" && $(sessions "$B") == "$1" ]]
}

# come SLOT: a connection, with a session in that slot at both ends
come()
{
	printf '%s\n' "connect a b port=$((4440 + $1))" "a attach sstp0 slot=$1" \
		"b attach sstp0 slot=$1" hold |
		sstp-cli -e "a=$A@$ADDR_A" -e "b=$B@$ADDR_B" >"$tmp/member.$1" 2>&1 &
	member[$1]=$!
	at_exit kill "$!"
	disown # nothing is said of it when it is killed
}

# leave SLOT: it dies
leave()
{
	kill -KILL "${member[$1]}"
}

# counters: "SLOT TX-PACKETS" of each session
counters()
{
	echo 'a dump' | sstp-cli -e "a=$A" |
		sed -n 's/.*\bslot=\([0-9]*\).*/\1 &/p' |
		sed -n 's/^\([0-9]*\) .*\btx-packets=\([0-9]*\).*/\1 \2/p' | sort
}

# burst FLOW: by an unconnected socket: others have a hash of their own choice
burst()
{
	head -c "$BURST" /dev/zero |
		ip netns exec "$A" socat -b 1 -u - "UDP-SENDTO:$TUN_B:9,bind=:$((9000 + $1))"
}

# slot_of FLOW: where most of it goes
slot_of()
{
	counters >"$tmp/before"
	burst "$1"
	wait_for 'that to be sent' eval 'counters >"$tmp/after"; risen'
	risen
}

risen()
{
	join -j 1 "$tmp/before" "$tmp/after" |
		awk -v burst="$BURST" '$3 - $2 >= burst { print $1; found = 1 } END { exit !found }'
}

# find_flows: $flows gets EACH of each slot; which those are, each boot has for itself
find_flows()
{
	local flow slot
	local -A has

	for ((flow = 0; flow < FLOWS && ${#flows[@]} < EACH * SLOTS; flow++)); do
		slot=$(slot_of "$flow" | head -n 1)
		has[$slot]=$((${has[$slot]:-0} + 1))
		((has[$slot] > EACH)) || flows+=("$flow")
	done
	((${#flows[@]} == EACH * SLOTS))
}

# map: "SLOT " of each of them
map()
{
	local flow

	for flow in "${flows[@]}"; do
		printf '%s ' "$(slot_of "$flow" | head -n 1)"
	done
}

used() # MAP
{
	tr ' ' '\n' <<<"$1" | grep . | sort -u | tr '\n' ' '
}

# moved FROM TO SLOT: flows that have moved, and were not of that slot before, nor are now
moved()
{
	paste <(tr ' ' '\n' <<<"$1") <(tr ' ' '\n' <<<"$2") |
		awk -v slot="$3" '$1 != $2 && $1 != slot && $2 != slot' | wc -l
}

# changed WHAT SLOT USED: that one has come or gone, and all go by those slots now
changed()
{
	local now

	check "$1" wait_for sessions are_sessions $((${#3} / 2))
	now=$(map)
	equal "$1: flows go by those that are there" "$(used "$now")" "$3"
	equal "$1: which keep what they had" "$(moved "$last" "$now" "$2")" 0
	last=$now
}

# ---- the device ----

refuse '17 slots are too many' 'at most 16 queues' \
	ip -n "$A" link add many numtxqueues 17 type sstp
check '16 are not' ip -n "$A" link add many numtxqueues 16 type sstp
check 'and can go again' ip -n "$A" link del many
both link add sstp0 mtu 1400 numtxqueues $SLOTS numrxqueues $SLOTS type sstp
ip -n "$A" addr add "$TUN_A/24" dev sstp0
ip -n "$B" addr add "$TUN_B/24" dev sstp0
ip -n "$A" addr add "$TUN6_A/64" dev sstp0 nodad
ip -n "$B" addr add "$TUN6_B/64" dev sstp0 nodad
both link set sstp0 up
equal 'a queueing discipline for each' \
	"$(tc -n "$A" qdisc show dev sstp0 | grep -c 'parent :')" $SLOTS

# ---- who may have which ----

script 'no slot but those that there are' <<-END
	connect a b
	a attach sstp0 slot=$SLOTS fails EINVAL slot
END
script 'one session in each' <<-END
	connect a b
	connect c d port=4431
	a attach sstp0 slot=1
	c attach sstp0 slot=1 fails EBUSY session
	c attach sstp0 slot=2
	a dump count=2
END
script 'another one may take over that one' <<-END
	connect a b
	connect c d port=4431
	connect e f port=4432
	a attach sstp0 slot=1
	c attach sstp0
	e attach sstp0 slot=1 replace=1
	a dump count=3
END
script 'the MTU is that of the smallest peer' <<-END
	connect a b
	connect c d port=4431
	a attach sstp0 slot=0 peer-mru=1500
	c attach sstp0 slot=3 peer-mru=1450
	a exec ! ip link set sstp0 mtu 1451 2>/dev/null
	a exec ip link set sstp0 mtu 1450
	c close
	a exec ip link set sstp0 mtu 1500
	a exec ip link set sstp0 mtu 1400
END
before=$(na cat /sys/class/net/sstp0/carrier_changes)
script 'the carrier is there while one is' <<-END
	connect a b
	connect c d port=4431
	a attach sstp0 slot=3
	c attach sstp0 slot=1
	a close
	b recv-record 21 0100
	b recv-eof
	a exec ip link show sstp0 | grep -q LOWER_UP
	c close
	a exec ! ip link show sstp0 | grep -q LOWER_UP
END
equal 'and comes and goes once' \
	"$(($(na cat /sys/class/net/sstp0/carrier_changes) - before))" 2
script 'what comes by any of them is received' <<-END
	connect a b
	connect c d port=4431
	a tap sstp0
	a attach sstp0 slot=2
	c attach sstp0 slot=3
	b send data4:60:1
	a packet ip4:60:1
	d send data4:60:2
	a packet ip4:60:2
END

# ---- flows ----

for slot in $(slots); do
	come "$slot"
done
check "$SLOTS sessions" wait_for sessions are_sessions $SLOTS
check 'packets pass' na ping -c 3 -W "$PATIENCE" "$TUN_B"
find_flows || bail "slots without flows: only flows ${flows[*]}"
whole=$(map)
equal 'flows of all slots' "$(used "$whole")" '0 1 2 3 '
equal 'stay where they are' "$(map)" "$whole"
last=$whole
leave 2
changed 'one dies' 2 '0 1 3 '
leave 0
changed 'a second one dies' 0 '1 3 '
come 2
changed 'the first one is back' 2 '1 2 3 '
come 0
check 'and the second' wait_for sessions are_sessions $SLOTS
equal 'all is as it was' "$(map)" "$whole"

# ---- under load ----

# What a member that dies has in hand is lost, and TCP's to repeat.
start_streams
head -c 2000000 /dev/urandom >"$tmp/file"
for ((i = 0; i < 3; i++)); do
	{ sleep 1; leave 1; leave 2; } &
	same_file "a file arrives as it is while two die, $((i + 1))" "$A" "$B" "$TUN6_B"
	check 'which are gone' wait_for sessions are_sessions 2
	come 1
	come 2
	check 'and back' wait_for sessions are_sessions $SLOTS
done
equal 'the streams go on' "$(streams_alive)" 4
stop_traffic
# shellcheck disable=SC2034 # for eval
sum=$(counters | awk '{ sum += $2 } END { print sum }')
records=$(na ethtool -S sstp0 | sed -n 's/ *tx_records: //p')
check "ethtool adds them up: $records records" eval '((records > 0 && records <= 2 * sum))'

# ---- the end ----

check 'the device goes with all sessions' ip -n "$A" link del sstp0
check 'which have ended, at both ends' wait_for sessions are_sessions 0
finish
