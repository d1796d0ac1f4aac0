#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A session takes a device over from the one that is there: nothing is lost that waits,
# that is on its way, or that the peer still sends by the old connection.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# Replacements under load.
ROUNDS=${ROUNDS:-10}

setup

# carrier NAMESPACE: how often it has come and gone
carrier()
{
	ip netns exec "$1" cat /sys/class/net/sstp0/carrier_changes
}

# all_answered: or where the gaps are, what ping says of them, and who has dropped
all_answered()
{
	local ns

	no_gaps "$tmp/ping" && return
	sed -n 's/.*icmp_seq=\([0-9]*\) .*/\1/p' "$tmp/ping" |
		awk 'NR > 1 && $1 != last + 1 { print "gap: " last " to " $1 } { last = $1 }'
	grep -v 'bytes from' "$tmp/ping" || true
	for ns in "$A" "$B"; do
		tc -n "$ns" -s qdisc show dev sstp0
		ip netns exec "$ns" ethtool -S sstp0
	done
	return 1
}

# ---- under load ----

# One script: the first connection, then ROUNDS times another one, both ends at a time.
rounds()
{
	local i old=(a b) new=(c d)

	echo 'connect a b'
	echo 'a attach sstp0'
	echo 'b attach sstp0'
	echo "exec touch $tmp/up; until test -e $tmp/busy; do sleep 0.1; done"
	for ((i = 1; i <= ROUNDS; i++)); do
		echo "connect ${new[*]} port=$((5000 + i))"
		echo "${new[0]} attach sstp0 replace=1"
		echo "${new[1]} attach sstp0 replace=1"
		# What has gone into a socket may still be on its way, on a busy machine.
		echo "${new[0]} stat tx-bytes >= 250000"
		echo "${new[1]} stat tx-bytes >= 250000"
		echo "${old[0]} drained ${old[1]}"
		echo "${old[1]} drained ${old[0]}"
		echo "${old[0]} close"
		echo "${old[1]} close"
		read -r -a old <<<"${new[*]}"
		[[ ${new[0]} == c ]] && new=(a b) || new=(c d)
	done
	echo "exec touch $tmp/over; until test -e $tmp/done; do sleep 0.1; done"
}

# Endless streams both ways, a ping beside them, and a file that is compared.
add_devices
rounds >"$tmp/rounds"
run_script "$tmp/rounds" >"$tmp/rounds.log" 2>&1 &
script=$!
at_exit kill -KILL "$script"
wait_for 'the tunnel' test -e "$tmp/up"
start_streams
wait_for 'traffic' eval '(($(session_stat "$A" tx-bytes) > 250000))'
ip netns exec "$A" ping -i 0.05 "$TUN_B" >"$tmp/ping" 2>&1 &
ping=$!
at_exit kill -KILL "$ping"
changes_a=$(carrier "$A") changes_b=$(carrier "$B")
touch "$tmp/busy"
head -c 1000000 /dev/urandom >"$tmp/file"
same_file 'a file that goes meanwhile arrives as it is' "$A" "$B" "$TUN6_B"
check "$ROUNDS replacements at both ends, under load" \
	wait_for 'all replacements' test -e "$tmp/over"
sed 's/^/# /' "$tmp/rounds.log"
equal 'the streams go on' "$(streams_alive)" 4
kill -INT "$ping"
wait "$ping" || true
check "no answer to a ping is lost: $(no_gaps "$tmp/ping" || true)" all_answered
equal 'the carrier has stayed' "$(carrier "$A") $(carrier "$B")" "$changes_a $changes_b"
touch "$tmp/done"
status=0
wait "$script" || status=$?
equal 'and each end of it has found what it expected' "$status" 0
stop_traffic
ip -n "$A" link del sstp0
ip -n "$B" link del sstp0

bare_device "$A"
bare_device "$B"

# The lines of a script that make two connections, and attach the first.
two="connect a b
connect c d port=4431
a tap sstp0
a attach sstp0"

# ---- who has what ----

script 'what the device sends is the new session'"'"'s' <<-END
	$two
	a put ip4:60:1
	b recv data4:60:1
	c attach sstp0 replace=1
	a put ip4:60:2
	a put ip6:100:3
	d recv data4:60:2 data6:100:3
	b silent
END
script 'what comes by either is received' <<-END
	$two
	b send data4:60:1
	a packet ip4:60:1
	c attach sstp0 replace=1
	b send data4:60:2
	a packet ip4:60:2
	d send data4:60:3
	a packet ip4:60:3
	b send data6:1400:4
	a packet ip6:1400:4
END
script 'control packets go both ways by both' <<-END
	$two
	c attach sstp0 replace=1
	a write { 00080000 }
	b recv { 00080000 }
	c write { 00090000 }
	d recv { 00090000 }
	b send { 00060000 }
	a expect packet { 00060000 }
	d send { 00070000 }
	c expect packet { 00070000 }
END
script 'each is described, and counts its own' <<-END
	$two
	b send data4:60:1
	a packet ip4:60:1
	c attach sstp0 replace=1
	a dump count=2
	d send data4:60:2 data4:60:3
	a packet ip4:60:2
	a packet ip4:60:3
	a stat rx-packets == 1 now
	c stat rx-packets == 2 now
END
script 'where there is none, it is a session like others' <<-END
	connect a b
	a tap sstp0
	a attach sstp0 replace=1
	a put ip4:60:1
	b recv data4:60:1
END
script 'half of a packet that the old connection still owes is completed' <<-END
	$two
	b send 1000004021 4500
	c attach sstp0 replace=1
	d send data4:60:1
	a packet ip4:60:1
	b fin
	a expect end peer-fin
	d send data4:60:2
	a packet ip4:60:2
END

# ---- one ends ----

before=$(carrier "$A")
script 'the end of the old one leaves the device to the new one' <<-END
	$two
	c attach sstp0 replace=1
	a close
	b recv-record 21 0100
	b recv-eof
	a put ip4:60:2
	d recv data4:60:2
	d send data4:60:3
	a packet ip4:60:3
	a exec ip link show sstp0 | grep -q LOWER_UP
END
equal 'and the carrier has come once, and gone once' "$(($(carrier "$A") - before))" 2
script 'the peer may end the old one' <<-END
	$two
	c attach sstp0 replace=1
	b fin
	a expect end peer-fin
	a put ip4:60:2
	d recv data4:60:2
END
script 'the end of the new one takes the carrier, and the old one is heard still' <<-END
	$two
	c attach sstp0 replace=1
	c close
	a exec ! ip link show sstp0 | grep -q LOWER_UP
	b send { 00060000 }
	a expect packet { 00060000 }
	connect c d port=4431
	c attach sstp0
	a exec ip link show sstp0 | grep -q LOWER_UP
	a put ip4:60:2
	d recv data4:60:2
	b send data4:60:3
	a packet ip4:60:3
END
script 'both end with the device' <<-END
	$two
	c attach sstp0 replace=1
	a exec ip link del sstp0
	a expect end link-deleted
	c expect end link-deleted
	a dump count=0
END
bare_device "$A"

# ---- what is refused ----

script 'not twice, until the old one has ended' <<-END
	$two
	c attach sstp0 fails EBUSY the device already has a session
	c attach sstp0 replace=1
	connect e f port=4432
	e attach sstp0 replace=1 fails EBUSY a session that was replaced
	a put ip4:60:1
	d recv data4:60:1
	a close
	e attach sstp0 replace=1
	a put ip4:60:2
	f recv data4:60:2
END
script 'not with an MRU below the MTU; then all is as it was' <<-END
	$two
	c attach sstp0 replace=1 peer-mru=1399 fails EINVAL the device's MTU is above peer-mru
	a put ip4:60:1
	b recv data4:60:1
	a dump count=1
END
script 'the MTU is bounded by the MRU of the new one' <<-END
	$two
	c attach sstp0 replace=1 peer-mru=1500
	a exec ! ip link set sstp0 mtu 1501
	a set peer-mru=4000
	a exec ! ip link set sstp0 mtu 1501
	a close
	a exec ! ip link set sstp0 mtu 1501
	c set peer-mru=1600
	a exec ip link set sstp0 mtu 1501
	a exec ip link set sstp0 mtu 1400
END

# ---- what waits ----

ip netns exec "$A" tc qdisc replace dev sstp0 root fq_codel limit 10000
script 'the queue of one whose peer does not read goes on by the new one' <<-END
	connect a b buf=32768
	connect c d port=4431
	a tap sstp0
	a attach sstp0
	a put times=900 ip4:1400
	$(queue_full)
	c attach sstp0 replace=1
	d drain least=2
	a put ip4:60:7
	d recv data4:60:7
	a close
	a put ip4:60:8
	d recv data4:60:8
	c stat tx-queue-bytes == 0
	c stat tx-dropped == 0 now
END
large=$(for i in {1..20}; do echo "a gso tcp4 mss=1360 len=60000 seed=$i"; done)
# One that has a large packet in hand, and a peer that does not read, is replaced.
stuck="connect a b buf=32768
connect c d port=4431
a tap sstp0
a attach sstp0
$large
$(queue_full)
c attach sstp0 replace=1"
script 'large packets that it has in hand go with it, and the device goes on' <<-END
	$stuck
	a close
	d drain least=1
	$large
	d drain least=500
	c stat tx-queue-bytes == 0
	a put ip4:60:8
	d recv data4:60:8
END
script 'what the old one cannot get rid of is not waited for' <<-END
	$stuck
	d drain least=1
	c stat tx-queue-bytes == 0
	a put ip4:60:8
	d recv data4:60:8
END

finish
