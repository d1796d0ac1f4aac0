#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The link kind "sstp" without a session: what `ip link` can do to it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

link() # namespace: details of sstp0
{
	ip -n "$1" -d link show dev sstp0
}

flag() # word of the flags: in angle brackets
{
	link "$A" | head -n 1 | grep -qE "[<,]$1[,>]"
}

no_flag()
{
	! flag "$1"
}

gone() # namespace, device
{
	! ip -n "$1" link show dev "$2"
}

sysfs() # attribute
{
	na cat "/sys/class/net/sstp0/$1"
}

setup

check 'a device can be made' ip -n "$A" link add sstp0 type sstp
check 'its kind is sstp' eval 'link "$A" | grep -qw sstp'
equal 'its type is ARPHRD_PPP' "$(sysfs type)" 512
equal 'its MTU is 1400 at first' "$(sysfs mtu)" 1400
equal 'it has no hardware address' "$(sysfs addr_len)" 0
check 'it is point-to-point' flag POINTOPOINT
check 'it does not use ARP' flag NOARP
check 'it is no broadcast device' no_flag BROADCAST
equal 'it has a queue' "$(sysfs tx_queue_len)" 1000

check 'it can be set up' ip -n "$A" link set sstp0 up
equal 'no carrier without a session' "$(sysfs carrier)" 0
check 'ip says NO-CARRIER' flag NO-CARRIER
equal 'no IPv6 address of its own making' \
	"$(ip -n "$A" -6 addr show dev sstp0 | wc -l)" 0

check 'MTU 68 is the least' ip -n "$A" link set sstp0 mtu 68
check 'MTU 4087 is the most' ip -n "$A" link set sstp0 mtu 4087
refuse 'MTU 67 is refused' 'mtu' ip -n "$A" link set sstp0 mtu 67
refuse 'MTU 4088 is refused' 'mtu' ip -n "$A" link set sstp0 mtu 4088
refuse 'MTU 4088 is refused at creation' 'mtu' \
	ip -n "$A" link add sstp1 mtu 4088 type sstp
check 'no device is left of that' gone "$A" sstp1
check 'an MTU can be given at creation' ip -n "$A" link add sstp1 mtu 1280 type sstp
equal 'and is kept' "$(na cat /sys/class/net/sstp1/mtu)" 1280
refuse 'a name is not given twice' 'exist' ip -n "$A" link add sstp1 type sstp

na ethtool -k sstp0 >"$tmp/features"
for feature in tcp-segmentation-offload generic-receive-offload \
	generic-segmentation-offload scatter-gather tx-checksumming; do
	check "$feature is on" grep -q "^$feature: on" "$tmp/features"
done

equal 'ethtool -i names the driver' "$(na ethtool -i sstp0 | sed -n 's/^driver: //p')" sstp
na ethtool -S sstp0 >"$tmp/stats"
for counter in rx_stream_bytes tx_records rx_drop_malformed tx_drop_size \
	tx_queue_bytes; do
	check "ethtool -S has $counter, zero without a session" \
		grep -q "^ *$counter: 0$" "$tmp/stats"
done

usecs() # of ethtool -c: rx, tx
{
	na ethtool -c sstp0 | sed -n 's/^[rt]x-usecs:[[:space:]]*//p' | xargs
}

equal 'little waits 50 microseconds for its turn' "$(usecs)" '50 50'
check 'that can be changed' na ethtool -C sstp0 rx-usecs 0 tx-usecs 1000
equal 'and shows' "$(usecs)" '0 1000'
refuse 'but not to more than 1000' 'Numerical result out of range' \
	na ethtool -C sstp0 rx-usecs 1001
refuse 'what it does not have cannot be set' 'unsupported parameter' \
	na ethtool -C sstp0 tx-frames 4
equal 'and nothing has changed' "$(usecs)" '0 1000'

check 'it can be renamed' eval \
	'ip -n "$A" link set sstp0 down && ip -n "$A" link set sstp0 name dial7'
check 'and back' ip -n "$A" link set dial7 name sstp0
check 'packets without a session go nowhere' eval \
	'ip -n "$A" addr add 10.9.9.1/24 dev sstp0 && ip -n "$A" link set sstp0 up &&
	 ! na ping -c 1 -W 1 10.9.9.2'

check 'it can move to another namespace' ip -n "$A" link set sstp0 netns "$B"
check 'it is there' link "$B"
check 'and no longer here' gone "$A" sstp0
check 'it can be deleted there' ip -n "$B" link del sstp0
check 'it is gone' gone "$B" sstp0

check 'a hundred devices can be made' eval \
	'for i in {100..199}; do echo "link add sstp$i type sstp"; done | ip -n "$A" -batch -'
check 'and deleted' eval \
	'for i in {100..199}; do echo "link del sstp$i"; done | ip -n "$A" -batch -'
check 'the last one is deleted by its group' eval \
	'ip -n "$A" link set sstp1 group 7 && ip -n "$A" link del group 7'
check 'the module can be removed' rmmod sstp
check 'a device loads it again by itself' ip -n "$A" link add sstp0 type sstp
check 'the module can be removed again' rmmod sstp
check 'a request for the netlink family loads it too' genl ctrl get name sstp
check 'it is there' test -d /sys/module/sstp
check 'a device is made anew' ip -n "$A" link add sstp0 type sstp
check 'removing the module takes idle devices along' eval \
	'rmmod sstp && gone "$A" sstp0 && modprobe sstp'

finish
