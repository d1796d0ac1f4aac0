#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Swap over the tunnel: memory is short, and what would free some has to pass a session
# first. A group of processes may hold less than it writes to; its swap is a disk at the
# other end, and whoever owns the session is in the same group, so that the memory of
# the session is what is short, too.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

GROUP=/sys/fs/cgroup/sstp-test-$$
PORT=10809
DISK=/dev/nbd0
DISK_MB=128
# What the group writes to, and what it may hold.
WRITTEN_MB=32
HELD_MB=16

# in_group COMMAND...: becomes it, in the group
in_group()
{
	echo $BASHPID >"$GROUP/cgroup.procs"
	exec "$@"
}

# connect_disk: that of $B as swap of this machine, by a connection out of $A
connect_disk()
{
	ip netns exec "$B" remote-disk serve "$TUN_B" $PORT $DISK_MB >"$tmp/disk.log" 2>&1 &
	at_exit kill -KILL $!
	wait_for 'the disk' listening "$B" $PORT || return 1
	ip netns exec "$A" remote-disk attach "$TUN_B" $PORT $DISK_MB $DISK >"$tmp/disk.log" 2>&1 &
	at_exit kill -KILL $!
	wait_for 'the disk has its size' grep -qx $((DISK_MB * 2048)) /sys/block/nbd0/size &&
		mkswap -q $DISK && swapon $DISK
}

# busy: what the session carries beside it
busy()
{
	ip netns exec "$A" ping -q -i 0.02 -s 1200 "$TUN_B" >/dev/null &
	traffic+=($!)
}

setup
# A kernel that has it built in has the disk from the beginning.
[[ -e $DISK ]] || { modprobe -q nbd nbds_max=1 && wait_for 'the disk' test -e $DISK; } || true
if [[ ! -e $DISK || ! -e /proc/swaps ]]; then
	skip 'swap over the tunnel' 'this kernel has no nbd, or no swap'
	finish
	exit
fi
echo +memory >/sys/fs/cgroup/cgroup.subtree_control
mkdir "$GROUP"
at_exit rmdir "$GROUP"
add_devices
rm -f "$tmp/pair.log"
(in_group sstp-cli pair "$A@$ADDR_A" sstp0 "$B@$ADDR_B" sstp0) >"$tmp/pair.log" 2>&1 &
cli=$!
at_exit kill -KILL "$cli"
wait_for 'the tunnel' grep -q '^ready' "$tmp/pair.log" || bail 'the tunnel did not come up'
connect_disk || bail "no swap behind the tunnel: $(<"$tmp/disk.log")"
at_exit swapoff $DISK
echo $((HELD_MB << 20)) >"$GROUP/memory.max"
busy

before=$(link_stat "$A" tx_bytes)
check 'a process that writes to more than its group may hold goes on, and finds it again' \
	timeout "$TRANSFER_LIMIT" bash -c 'echo $$ >"$1/cgroup.procs"; exec remote-disk fill "$2"' \
	fill "$GROUP" $WRITTEN_MB
between 'as it went through the tunnel' $((($(link_stat "$A" tx_bytes) - before) >> 20)) \
	$((WRITTEN_MB - HELD_MB)) 100000
between 'the group was at its limit' \
	"$(sed -n 's/^max //p' "$GROUP/memory.events")" 1 100000000
equal 'nothing was killed for it' "$(sed -n 's/^oom_kill //p' "$GROUP/memory.events")" 0
stop_traffic
check 'swap comes back' timeout "$TRANSFER_LIMIT" swapoff $DISK
check 'the session goes on' na ping -c 1 -W "$PATIENCE" "$TUN_B"
finish
