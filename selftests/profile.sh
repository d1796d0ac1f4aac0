#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# usage: selftests/profile.sh DIRECTORY [-p kernel|tun|raw-ktls] [-m MTU] [-f FLOWS]
#
# The guest's half of scripts/profile: runs one direction of the bench between two
# marks for the instruction counter. DIRECTORY gets `kallsyms`, and `window`: the
# bytes and the packets that went through the tunnel meanwhile, or over the wire
# without one.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

# On the instruction clock time jumps while the machine waits for its disk.
# shellcheck disable=SC2034 # for lib.sh
PATIENCE=600

dir=$1
shift
mtu=1400 path=kernel flows=1
while getopts 'm:p:f:' option; do
	case $option in
	m) mtu=$OPTARG ;;
	p) path=$OPTARG ;;
	f) flows=$OPTARG ;;
	*) exit 2 ;;
	esac
done
WARM_BYTES=20000000 BYTES=200000000 LOAD=8

# Prints the bytes and packets that $device has received by the two marks. One
# shell, and no process but the marks: nothing else is to be counted.
marks()
{
	# shellcheck disable=SC2016 # expands in that shell
	nb bash -c '
		counters() { echo "$(<rx_bytes) $(<rx_packets)"; }
		until_received() {
			until (($(<rx_bytes) >= $1)); do read -rt 0.02 <>"$fifo"; done
		}
		cd /sys/class/net/"$0"/statistics
		fifo=$1 begin=$(($(<rx_bytes) + $2))
		until_received $begin; profile-mark begin; counters
		until_received $((begin + $3)); counters; profile-mark end
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
}

# from the server to the client
tunnelled()
{
	iperf "$B" "$A" -c 10.88.0.10 -P "$flows" -t $LOAD >/dev/null
}

setup_sstpd >/dev/null
mkfifo "$tmp/fifo"
if [[ $path == raw-ktls ]]; then
	device=veth load=raw
else
	connect
	load=tunnelled
fi
cat /proc/kallsyms >"$dir/kallsyms"
marks >"$tmp/window" &
pid=$!
$load
wait $pid
xargs <"$tmp/window" | awk '{ print $3 - $1, $4 - $2 }' >"$dir/window"
