#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: selftests/profile.sh DIRECTORY [-p kernel|tun|raw-ktls|one-packet] [-m MTU]
#		[-f FLOWS | -u BYTES] [-b BYTES] [-r]
#
# -u has UDP packets of that size through the tunnel instead of TCP. -b says how much
# is to be measured, instead of 200 MB; -r the way from the client to the server.
#
# The guest's half of scripts/profile: runs one direction of the bench between two
# marks for the instruction counter; the first is set twice, see vm/cache-model.c.
# DIRECTORY gets `kallsyms`, and `window`: the bytes and the packets that went through
# the tunnel meanwhile, or over the wire without one.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"
. "$(dirname "$0")/lib-rate.sh"

# On the instruction clock time jumps while the machine waits for its disk.
# shellcheck disable=SC2034 # for lib.sh
PATIENCE=600

dir=$1
shift
mtu=1400 path=kernel flows=1 receiver=$B udp='' bytes='' up=''
while getopts 'm:p:f:u:b:r' option; do
	case $option in
	m) mtu=$OPTARG ;;
	p) path=$OPTARG ;;
	f) flows=$OPTARG ;;
	u) udp=$OPTARG ;;
	b) bytes=$OPTARG ;;
	r) up=yes ;;
	*) exit 2 ;;
	esac
done
WARM_BYTES=20000000 BYTES=200000000 LOAD=8

# Prints the bytes and packets that $device has received by the two marks, between the
# clock before and after. One shell, and no process but the marks: nothing else is to be
# counted. It waits for no other program, so that the marks are where it counts.
marks()
{
	# shellcheck disable=SC2016 # expands in that shell
	chrt -f 1 ip netns exec "$receiver" bash -c "$(declare -f clock)"'
		counters() { echo "$(<rx_bytes) $(<rx_packets)"; }
		until_received() {
			until (($(<rx_bytes) >= $1)); do read -rt 0.02 <>"$fifo"; done
		}
		cd /sys/class/net/"$0"/statistics
		fifo=$1 begin=$(($(<rx_bytes) + $2))
		profile-mark begin
		until_received $begin; clock; counters; profile-mark begin
		until_received $((begin + $3)); counters; profile-mark end; clock
		' "$device" "$tmp/fifo" $WARM_BYTES $BYTES
}

raw()
{
	nb ktls-stream -s "$ADDR_B" -P "$flows" >/dev/null &
	wait_for 'the server' listening "$B" 4433
	na ktls-stream -c "$ADDR_B" -P "$flows" -t $LOAD
}

has_session_on()
{
	[[ $(session_of client path) == "$path" && $(session_of server path) == "$path" ]]
}

connect()
{
	server_conf "data-path = $path" "mtu = $mtu" | start_sstpd server "$A"
	client_conf "data-path = $path" "mtu = $mtu" | start_sstpd client "$B"
	wait_for "a session on the $path path" has_session_on || bail 'no session'
	device=$(session_of client interface)
	[[ ! $up ]] || device=$(session_of server interface) receiver=$A
}

# from the server to the client, or the other way
tunnelled()
{
	[[ ! $up ]] || {
		iperf "$A" "$B" -c "$SERVER_TUN" -P "$flows" -t $LOAD >/dev/null
		return
	}
	[[ ! $udp ]] || {
		nb udp-rate -s 10.88.0.10 >&2 &
		wait_for 'the receiver' bound_udp "$B" 9
		na udp-rate -c 10.88.0.10 -l "$udp" -t $LOAD
		wait $!
		return
	}
	iperf "$B" "$A" -c 10.88.0.10 -P "$flows" -t $LOAD >/dev/null
}

# UDP packets to a tunnel, from a program that sends each in a record of its own.
one_packet()
{
	na udp-rate -s "$TUN_A" >/dev/null &
	wait_for 'the receiver' bound_udp "$A" 9
	sstp-cli -t 60000 -e "a=$A@$ADDR_A" -e "b=$B@$ADDR_B" >/dev/null <<-END
	connect a b
	a attach sstp0
	b load seconds=$((LOAD * 4)) data4:1400
	END
}

[[ ! $udp ]] || WARM_BYTES=1000000 BYTES=10000000
BYTES=${bytes:-$BYTES}
setup_sstpd >/dev/null
in_memory iperf3
mkfifo "$tmp/fifo"
if [[ $path == raw-ktls ]]; then
	device=veth load=raw
elif [[ $path == one-packet ]]; then
	add_devices "$mtu"
	device=sstp0 load=one_packet receiver=$A
else
	connect
	load=tunnelled
fi
cat /proc/kallsyms >"$dir/kallsyms"
marks >"$tmp/window" &
pid=$!
$load
wait $pid
read -ra got < <(xargs <"$tmp/window")
busy=$((100 - 100 * (got[7] - got[1]) / (got[6] - got[0] + 1)))
((busy >= BUSY)) || bail "busy for only $busy % of the time: once more"
echo $((got[4] - got[2])) $((got[5] - got[3])) >"$dir/window"
