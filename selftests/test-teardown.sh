#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every way a session can end, each with traffic in both directions: nothing may hang,
# leak or be left behind, and the device can be used again at once.
#
#	ROUNDS=N	each way N times (default 1)
set -euo pipefail
. "$(dirname "$0")/lib.sh"

ROUNDS=${ROUNDS:-1}

# Two endless TCP transfers and a flood of pings, in both directions.
start_traffic()
{
	start_streams
	ip netns exec "$A" ping -q -f "$TUN6_B" >/dev/null 2>&1 &
	traffic+=($!)
	wait_for 'traffic' flows
}

# A quarter of a megabyte has gone each way since the session began.
flows()
{
	(($(session_stat "$A" tx-bytes) > 250000 && $(session_stat "$A" rx-bytes) > 250000))
}

ended() # end, reason as a pattern
{
	grep -qE "^$1 end ($2)" "$tmp/pair.log"
}

# With its own data on the way, a peer learns of the end by whatever arrives
# first: close_notify, or the RST that answers this data.
gone_for_peer()
{
	ended b 'tls-close-notify|tcp-error'
}

session_id() # namespace
{
	session_stat "$1" id
}

# round DESCRIPTION COMMAND EXPECT...: with traffic, run COMMAND, then wait until
# each line of EXPECT is true
round()
{
	local description=$1 command=$2 i what

	shift 2
	for ((i = 1; i <= ROUNDS; i++)); do
		remake
		start_pair
		start_traffic || {
			not_ok "$description" "no traffic in round $i"
			stop_traffic
			stop_cli KILL
			return
		}
		eval "$command"
		for what in "$@"; do
			wait_for "$what" eval "$what" || {
				not_ok "$description" "round $i: $what" "$(cat "$tmp/pair.log")"
				stop_traffic
				stop_cli KILL
				return
			}
		done
		stop_traffic
		stop_cli
	done
	ok "$description ($ROUNDS rounds)"
}

# The devices, if a round has taken one away.
remake()
{
	remake_one "$A" 1
	remake_one "$B" 2
}

remake_one() # namespace, number of its address
{
	ip -n "$1" link show dev sstp0 >/dev/null 2>&1 && return
	ip -n "$1" link add sstp0 mtu 1400 type sstp
	ip -n "$1" addr add "10.77.0.$2/24" dev sstp0
	ip -n "$1" addr add "fd77::$2/64" dev sstp0 nodad
	ip -n "$1" link set sstp0 up
}

setup
remake

round 'the owner is told to stop and closes its fds' \
	'stop_cli TERM' 'no_sessions $A' 'no_sessions $B'
round 'the owner is killed' \
	'stop_cli KILL' 'no_sessions $A' 'no_sessions $B'
round 'session-del' \
	'echo "a del id=$(session_id $A)" | sstp-cli -e a=$A' \
	'ended a admin' gone_for_peer 'no_sessions $A' 'no_sessions $B'
round 'the device is deleted' \
	'ip -n $A link del sstp0' \
	'ended a link-deleted' gone_for_peer 'no_sessions $B'
round 'the device is set down and up: the session stays' \
	'ip -n $A link set sstp0 down; ip -n $A link set sstp0 up
	 ip -n $A addr add $TUN6_A/64 dev sstp0 nodad' \
	'na ping -c 1 -W 2 $TUN_B' '! ended a ""'
round 'the connection is aborted under both ends' \
	'na ss -K dst $ADDR_B dport = 4430 >$tmp/ss; na ss -K src $ADDR_A sport = 4430 >>$tmp/ss' \
	'ended a tcp-error' 'no_sessions $A' 'no_sessions $B'
round 'the TCP path goes away: the owner can still close' \
	'ip -n $A link set veth down; stop_cli; ip -n $A link set veth up' \
	'no_sessions $A' 'no_sessions $B'
round 'rmmod is refused while there are sessions, and they go on' \
	'if rmmod sstp 2>/dev/null; then echo "rmmod worked" >>$tmp/pair.log; fi' \
	'na ping -c 1 -W 2 $TUN_B' '! grep "rmmod worked" $tmp/pair.log'

# The peer in userspace, so that FIN and RST come without anything before.
for how in fin rst hangup; do
	for ((i = 1; i <= ROUNDS; i++)); do
		run_script <<-END >"$tmp/end" 2>&1 || break
			connect a b
			a tap sstp0
			a attach sstp0
			a put times=300 ip4:1400
			b send $(for k in {1..100}; do printf 'data4:1400:%d ' "$k"; done)
			a write { 00080000 }
			b $how
			a ended
			a put times=100 ip4:1400
			a close
			a dump count=0
		END
	done
	if ((i > ROUNDS)); then
		ok "the peer does a $how with data in flight ($ROUNDS rounds)"
	else
		not_ok "the peer does a $how with data in flight" "$(cat "$tmp/end")"
	fi
done
ip -n "$A" addr flush dev sstp0
script 'reason of a FIN' <<-END
	connect a b
	a attach sstp0
	b fin
	a expect end peer-fin
END
script 'reason of an RST' <<-END
	connect a b
	a attach sstp0
	b rst
	a expect end tcp-error 104
END
script 'the peer closes while the owner reads nothing' <<-END
	connect a b
	a attach sstp0
	b send { 00080000 } { 00090000 }
	b fin
	a poll in hup
	a expect packet { 00080000 }
	a expect packet { 00090000 }
	a expect end peer-fin
END
script 'closing a session with a full queue does not wait for the peer' <<-END
	timeout 3000
	connect a b buf=32768
	a tap sstp0
	a attach sstp0
	a put times=900 ip4:1400
	$(queue_full)
	a close
	a dump count=0
	connect a b
	a attach sstp0
END
script 'a hundred sessions, one after the other, on one device' <<-END
	$(for i in {1..100}; do
		echo "connect a b port=$((5000 + i))"
		echo 'a attach sstp0'
		echo 'b send data4:100'
		echo 'a close'
	done)
	a dump count=0
END

# ---- namespaces ----

C=sstp-test-$$-c
for ((i = 1; i <= ROUNDS; i++)); do
	ip netns add "$C"
	ip -n "$A" link set sstp0 netns "$C"
	ip -n "$C" addr add $TUN_A/24 dev sstp0
	ip -n "$C" link set sstp0 up
	cat >"$tmp/script" <<-END
		connect a b
		n attach sstp0 socket-of=a
		b attach sstp0
		hold
	END
	start_cli "$tmp/pair.log" -e "a=$A@$ADDR_A" -e "b=$B@$ADDR_B" -e "n=$C" "$tmp/script"
	ip netns exec "$B" ping -q -f $TUN_A >/dev/null 2>&1 &
	pinger=$!
	wait_for 'pings' eval '(($(link_stat $C rx_packets) > 50))' || break
	ip netns del "$C"
	wait_for 'link-deleted' ended n link-deleted || break
	wait_for 'the peer' gone_for_peer || break
	kill $pinger
	wait $pinger 2>/dev/null || true
	stop_cli
	remake
done
if ((i > ROUNDS)); then
	ok "the device's namespace ends under traffic ($ROUNDS rounds)"
else
	not_ok "the device's namespace ends under traffic" "round $i" "$(cat "$tmp/pair.log")"
fi

check 'nothing holds the module once all is closed' eval \
	'ip -n "$A" link del sstp0 && ip -n "$B" link del sstp0 && remove_module && modprobe sstp'
finish
