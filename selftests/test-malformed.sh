#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What MS-SSTP 3.1.5.1 calls a stream that can no longer be trusted ends that
# session, with the reason, and no other.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

setup
bare_device "$A"
bare_device "$B"
bare_device "$A" sstp1

# ends DESCRIPTION WORDS REASON DETAIL: with a second session beside it
ends()
{
	script "$1" <<-END
		connect a b
		connect c d port=4431
		a tap sstp0
		a attach sstp0
		c tap sstp1
		c attach sstp1
		b send data4:60:1 $2
		a packet ip4:60:1
		a expect end $3 $4
		d send data4:60:2 { 00080000 }
		c packet ip4:60:2
		c expect packet { 00080000 }
		c put ip4:60:3
		d recv data4:60:3
		b send if=open data4:60:4
		a no-packet 50
	END
}

for version in 00 01 0f 11 20 16 ff; do
	ends "version $version" "${version}000044ff030021" bad-version $((16#$version))
done
for length in 0 1 2 3; do
	ends "length $length" "1000000$length" bad-length $length
done
ends 'length 0 of a control packet' '10010000' bad-length 0
ends 'length 3 behind reserved bits' '1000f003' bad-length 3
ends 'a TLS record inside the stream' '1703030020' bad-version 23
ends 'HTTP inside the stream' '48545450' bad-version 72

script 'a wrong version is noticed in the first byte' <<-END
	connect a b
	a attach sstp0
	b send size=1 data4:60 99
	a expect end bad-version 153
END
script 'a wrong length is noticed with the fourth byte' <<-END
	connect a b
	a attach sstp0
	b send size=1 10000002
	a expect end bad-length 2
END
script 'rx-pending is judged like the rest' <<-END
	connect a b
	a attach sstp0 rx-pending=10000001
	a expect end bad-length 1
END
script 'what came before the bad packet is still delivered' <<-END
	connect a b
	a tap sstp0
	a attach sstp0
	b send data4:60:1 { 00080000 } data4:60:2 { 00090000 } 1000 0000
	a packet ip4:60:1
	a packet ip4:60:2
	a expect packet { 00080000 }
	a expect packet { 00090000 }
	a expect end bad-length 0
END
script 'the peer sees TLS and TCP closed' <<-END
	connect a b
	a attach sstp0
	b send 10000000
	a expect end bad-length 0
	a close
	b recv-record 21 0100
	b recv-eof
END
# The end is read before the carrier goes.
script 'the device has no carrier afterwards, and can be used again' <<-END
	connect a b
	a attach sstp0
	b send 10000000
	a expect end bad-length 0
	a exec timeout $PATIENCE sh -c 'while ip link show sstp0 | grep -q LOWER_UP; do sleep 0.1; done'
	a close
	connect a b
	a tap sstp0
	a attach sstp0
	b send data4:60:1
	a packet ip4:60:1
END

# Random bytes: whatever they do, the next session works.
{
	for seed in {1..40}; do
		bytes=$(head -c $((seed * 37)) /dev/urandom | od -An -tx1 -v | tr -d ' \n')
		echo "connect a b"
		echo "a attach sstp0"
		echo "b send if=open size=$((seed * 5)) data4:60 $bytes fill:00:4200"
		echo "a ended"
		echo "a close"
	done
	echo "connect a b"
	echo "a tap sstp0"
	echo "a attach sstp0"
	echo "b send data4:60:9"
	echo "a packet ip4:60:9"
} | script 'forty streams of random bytes end their session and nothing else'

# Random bytes behind right headers: nothing in a packet can end the session.
ip -n "$A" addr add "$TUN_A/24" dev sstp0
na sysctl -qw net.ipv6.conf.sstp0.disable_ipv6=0
ip -n "$A" addr add "$TUN6_A/64" dev sstp0 nodad
{
	echo "connect a b"
	echo "a attach sstp0"
	for seed in {1..60}; do
		line='b send size=3000'
		for ppp in 'ff03 0021 4' 'ff03 0057 6' '21 4' '0057 6'; do
			bytes=$(head -c $((seed * 13 + ${#ppp})) /dev/urandom |
				od -An -tx1 -v | tr -d ' \n')
			line+=" [ ${ppp% *} ${ppp##* }${bytes:1} ]"
		done
		echo "$line"
	done
	# Headers of every protocol with a lie or two in them.
	for seed in {1..300}; do
		echo "b send odd4:$((20 + seed * 7 % 1380)):$seed" \
			"odd6:$((40 + seed * 11 % 1360)):$seed"
	done
	echo "b send { 00080000 }"
	echo "a expect packet { 00080000 }"
} | script 'random packets do not end the session'

check 'no session is left' no_sessions "$A"
finish
