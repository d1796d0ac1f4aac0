#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Source addresses that a peer may have: what comes from elsewhere goes nowhere.
#
#	$A  the peer, with addresses of its own choice		$B  whose session looks
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# source_words PREFIX...: as words for sstp-genl
source_words()
{
	python3 - "$@" <<-'END'
		import ipaddress, os, sys
		sys.dont_write_bytecode = True
		sys.path.insert(0, os.environ["GENL"])
		from genl import attribute
		for prefix in sys.argv[1:]:
		    net = ipaddress.ip_interface(prefix)
		    data = attribute(1, net.ip.packed) + attribute(2, bytes([net.network.prefixlen]))
		    print("nested", "source:" + data.hex(), end=" ")
	END
}

# answered WORD... WANT: what the module says to a session-set
answered()
{
	local words=${*:1:$#-1} want=${*: -1}

	nb "$here/sstp-genl" <<<"x | session-set id=$id $words | $want" | grep -qx 'ok x'
}

# only PREFIX...: from now on these
only()
{
	answered "$(source_words "$@")" ok
}

# sources: as the module has them
sources()
{
	nb python3 - "$id" <<-'END'
		import ipaddress, os, struct, sys
		sys.dont_write_bytecode = True
		sys.path.insert(0, os.environ["GENL"])
		from genl import Family, attribute, attributes
		body = struct.pack("=BBH", 3, 1, 0) + attribute(1, struct.pack("=I", int(sys.argv[1])))
		for kind, data in attributes(Family().ask(body, 0)["messages"][0][4:]):
		    if kind == 21:
		        of = dict(attributes(data))
		        print("%s/%d" % (ipaddress.ip_address(of[1]), of[2][0]))
	END
}

dropped()
{
	session_stat "$B" drops-rx-source
}

received() # as many bytes, of all sources
{
	(($(session_stat "$B" rx-bytes) > $1))
}

# heard SOURCE TO
heard()
{
	na ping -q -c 1 -W "$PATIENCE" -I "$1" "$2"
}

dropped_more() # than this
{
	(($(dropped) > $1))
}

# unheard SOURCE TO: it is dropped, and counted
unheard()
{
	local before

	before=$(dropped)
	! na ping -q -c 1 -W 1 -I "$1" "$2" || return 1
	wait_for 'it is counted' dropped_more "$before"
}

export GENL=$here/lib
setup
add_devices
nb sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.sstp0.rp_filter=0
for address in 10.66.0.1/32 10.66.128.1/32 fd66::1/128 fd66:1::1/128; do
	ip -n "$A" addr add $address dev lo
done
ip -n "$B" route add 10.66.0.0/16 dev sstp0
ip -n "$B" route add fd66::/16 dev sstp0
start_pair
id=$(session_stat "$B" id)

# ---- which ----

for source in "$TUN_A" 10.66.0.1; do
	check "without sources, $source is heard" heard "$source" "$TUN_B"
done
check 'so is an address of IPv6' heard fd66::1 "$TUN6_B"
equal 'and nothing has been dropped' "$(dropped)" 0

check 'one address is allowed' only "$TUN_A"
equal 'the module says so' "$(sources)" "$TUN_A/32"
check 'it is heard' heard "$TUN_A" "$TUN_B"
check 'another one is not' unheard 10.66.0.1 "$TUN_B"
check 'nor is any of IPv6' unheard "$TUN6_A" "$TUN6_B"

check 'prefixes take its place' only 10.66.128.0/17 "$TUN6_A" fd66:1::7/32
equal 'the module says so' "$(xargs <<<"$(sources)")" "10.66.128.0/17 $TUN6_A/128 fd66:1::7/32"
check 'in one of them' heard 10.66.128.1 "$TUN_B"
check 'below it' unheard 10.66.0.1 "$TUN_B"
check 'what was there before' unheard "$TUN_A" "$TUN_B"
check 'an address of IPv6' heard "$TUN6_A" "$TUN6_B"
check 'in a prefix of IPv6, of which the rest does not count' heard fd66:1::1 "$TUN6_B"
check 'beside it' unheard fd66::1 "$TUN6_B"

check 'all of IPv4, which says nothing of IPv6' only 0.0.0.0/0
check 'that is heard' heard 10.66.0.1 "$TUN_B"
check 'IPv6 is not' unheard fd66::1 "$TUN6_B"
check 'all of IPv6, which says nothing of IPv4' only ::/0
check 'that is heard' heard fd66::1 "$TUN6_B"
check 'IPv4 is not' unheard 10.66.0.1 "$TUN_B"

check 'as many as there may be' only ::/0 10.66.0.{1..31}
check 'one of them is heard' heard 10.66.0.1 "$TUN_B"
check 'one that is none of them is not' unheard 10.66.128.1 "$TUN_B"
check 'a change that is refused changes none' \
	answered "$(source_words "$TUN_A")" peer-mru=68 'EINVAL at peer-mru'
check 'those are heard as before' heard 10.66.0.1 "$TUN_B"
check 'nor does one of something else' answered protocols=3 ok
check 'the others are not' unheard "$TUN_A" "$TUN_B"

# ---- while data flows ----

# A flow that is being joined is looked at as well as a packet alone.
check 'a flow may pass' only "$TUN_A" ::/0
before=$(dropped)
check 'a TCP stream from there' iperf "$B" "$A" -c "$TUN_B" -t 1
equal 'and none of it was dropped' "$(dropped)" "$before"
start_streams
at_exit stop_traffic
check 'streams that last' wait_for 'data' received 5000000
check 'their source is taken from them' only 10.66.0.1
check 'what comes from then on is dropped' wait_for 'drops' dropped_more "$before"
stop_traffic
finish
