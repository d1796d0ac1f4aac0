#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two ways to end a session at the same time, every pair of them, under traffic in
# both directions: nothing may hang, leak or stay behind, and the next session on
# the same names works.
#
#	ROUNDS=N	each pair N times (default 1)
#	PAIRS='a+b c+d'	only these
#
# The session's device has a namespace of its own, which can be deleted; its peer
# is in userspace, so that it can do what no kernel would.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

ROUNDS=${ROUNDS:-1}
EVENTS=(close kill fin rst alert link-delete link-down rmmod netns-delete)
C=sstp-test-$$-c
cli='' pingers=()

# What the script of sstp-cli does once it gets SIGTERM, for these events.
declare -A SAYS=(
	[close]='n close'
	[fin]='b fin'
	[rst]='b rst'
	[alert]='b send type=21 0228'
)

does() # event
{
	case $1 in
	kill) kill -KILL "$cli" ;;
	link-delete) ip -n "$C" link del sstp0 ;;
	link-down) ip -n "$C" link set sstp0 down ;;
	rmmod) rmmod sstp ;;
	netns-delete) ip netns del "$C" ;;
	*) kill -TERM "$cli" ;;
	esac
} >/dev/null 2>&1

make_device()
{
	modprobe sstp
	ip netns add "$C"
	ip -n "$C" link add sstp0 mtu 1400 type sstp
	ip -n "$C" addr add "$TUN_A/24" dev sstp0
	ip -n "$C" link set sstp0 up
}

# start FIRST SECOND: a session under traffic, ready for both
start()
{
	make_device
	# That of the round before says "ready" until the shell gets round to emptying it.
	rm -f "$tmp/cli.log"
	{
		echo 'connect a b'
		echo 'n attach sstp0 socket-of=a'
		echo 'b tun sstp-peer'
		echo 'hold'
		echo "${SAYS[$1]:-}"
		echo "${SAYS[$2]:-}"
		echo 'hold'
	} | grep . >"$tmp/script"
	sstp-cli -e "a=$A@$ADDR_A" -e "b=$B@$ADDR_B" -e "n=$C" "$tmp/script" >"$tmp/cli.log" 2>&1 &
	cli=$!
	wait_for 'sstp-cli: ready' grep -q '^ready' "$tmp/cli.log" || return 1
	ip -n "$B" addr add "$TUN_B/24" dev sstp-peer
	ip -n "$B" link set sstp-peer up
	ip netns exec "$C" ping -q -f -s 1200 "$TUN_B" >/dev/null 2>&1 &
	pingers=($!)
	ip netns exec "$B" ping -q -f -s 1200 "$TUN_A" >/dev/null 2>&1 &
	pingers+=($!)
	wait_for 'traffic' flows
}

flows()
{
	(($(ip netns exec "$C" cat /sys/class/net/sstp0/statistics/rx_packets) > 100))
}

unused()
{
	[[ ! -d /sys/module/sstp || $(</sys/module/sstp/refcnt) == 0 ]]
}

no_namespace()
{
	! ip netns list | grep -qw "$C"
}

clean_up_round()
{
	kill -KILL "${pingers[@]}" "$cli" || true
	wait "${pingers[@]}" "$cli" || true
	ip netns del "$C" || true
} >/dev/null 2>&1

# pair FIRST SECOND: one round
pair()
{
	local status=0 one two

	pingers=()
	start "$1" "$2" || {
		clean_up_round
		return 1
	}
	does "$1" &
	one=$!
	does "$2" &
	two=$!
	wait "$one" "$two" || true
	clean_up_round
	# A session holds the module; removing that waits for devices still in use.
	wait_for 'the last session to end' unused || status=1
	wait_for 'the namespace to end' no_namespace || status=1
	rmmod sstp 2>/dev/null || [[ ! -d /sys/module/sstp ]] || status=1
	return $status
}

pairs()
{
	local i k

	for ((i = 0; i < ${#EVENTS[@]}; i++)); do
		for ((k = i + 1; k < ${#EVENTS[@]}; k++)); do
			echo "${EVENTS[i]}+${EVENTS[k]}"
		done
	done
}

setup
at_exit modprobe sstp
at_exit clean_up_round

for both in ${PAIRS:-$(pairs)}; do
	for ((i = 1; i <= ROUNDS; i++)); do
		# either may be first
		((i % 2)) && order=("${both%+*}" "${both#*+}") || order=("${both#*+}" "${both%+*}")
		pair "${order[@]}" >"$tmp/round" 2>&1 || break
	done
	if ((i > ROUNDS)); then
		ok "$both ($ROUNDS rounds)"
	else
		not_ok "$both" "round $i" "$(cat "$tmp/round" "$tmp/cli.log")"
	fi
done

make_device
script 'a session works after all that' <<-END
	connect a b
	a exec ip link add sstp0 type sstp
	a exec ip link set sstp0 up
	a attach sstp0
	b send data4:100
	a stat rx-packets == 1
	a close
	a dump count=0
	a exec ip link del sstp0
END
finish
