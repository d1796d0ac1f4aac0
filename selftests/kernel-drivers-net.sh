#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel's own tests of network drivers, drivers/net in its selftests, with a device
# of ours, whose session leads into the other namespace. They are written for network
# cards; not for a device of layer 3 without hardware are
#
#	hw/tso				it looks for the statistics of a card's queues
#	queues, ring_reconfig, hds, shaper, hw/irq, hw/rss_*, hw/ntuple
#					one queue, no rings
#	xdp, napi_*, netpoll_basic, psp, macsec, hw/devmem and its like
#					no XDP of its own, no Ethernet, no hardware
set -euo pipefail
. "$(dirname "$0")/lib-kernel.sh"

# shortcoming TEST: why an sstp device does not pass it, where it does not
shortcoming()
{
	case $1 in
	*.test_xdp_generic_*) echo 'no compiler of BPF here for the program it loads' ;;
	*.test_xdp_native_*) echo 'the device has no XDP of its own' ;;
	*.procfs_downup_hammer) echo 'the device has one queue, and no number to set' ;;
	*) return 1 ;;
	esac
}

# driver_test NAME
driver_test()
{
	run_kselftest "$1" env NETIF=sstp0 LOCAL_V4="$TUN_A" REMOTE_V4="$TUN_B" \
		LOCAL_V6="$TUN6_A" REMOTE_V6="$TUN6_B" REMOTE_TYPE=netns REMOTE_ARGS="$B" \
		PYTHONDONTWRITEBYTECODE=1 python3 "$kernel_selftests/drivers/net/$1.py"
}

setup
find_selftests
if [[ $series != 7 ]]; then
	skip 'drivers/net' 'those of the newest kernel are run, on it'
	finish
	exit
fi
# What `ping` sets: a peer that takes as much is asked for at once.
add_devices 1500
start_pair
for test in ping stats hw/csum; do
	driver_test $test
done
check 'the session has outlived them' na ping -c 1 -W "$PATIENCE" "$TUN_B"
finish
