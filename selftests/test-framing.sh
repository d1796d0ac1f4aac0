#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The SSTP stream as MS-SSTP 2.2 and RFC 1661 allow it, in every form a peer may
# send, and control packets through the session fd.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

setup
bare_device "$A"

PROLOGUE='connect a b
a tap sstp0
a attach sstp0'

# ---- delineation ----

script 'an IPv4 packet in, as it was' <<-END
	$PROLOGUE
	b send data4:60:1
	a packet ip4:60:1
	a stat rx-packets == 1
	a stat rx-bytes == 60
	a stat rx-stream-bytes == 68
END
script 'an IPv6 packet in' <<-END
	$PROLOGUE
	b send data6:100:1
	a packet ip6:100:1
END
script 'the smallest and the largest packets' <<-END
	$PROLOGUE
	b send data4:20 data4:21 data6:40 data4:4087:5 data6:4087:6
	a packet ip4:20
	a packet ip4:21
	a packet ip6:40
	a packet ip4:4087:5
	a packet ip6:4087:6
END
script 'packets out, framed FF 03 with a two-byte protocol' <<-END
	$PROLOGUE
	a put ip4:60:1
	b recv data4:60:1
	a put ip6:1400:2
	b recv data6:1400:2
	a put ip4:20:3
	b recv data4:20:3
	a stat tx-packets == 3
	a stat tx-bytes == 1480
	a stat tx-stream-bytes == 1504
END

# Two packets, cut once at every byte.
{
	echo "$PROLOGUE"
	for cut in {1..87}; do
		echo "b send size=$cut data4:40:$cut [ ff03 0021 ip4:40:$((cut + 100)) ]"
		echo "a packet ip4:40:$cut"
		echo "a packet ip4:40:$((cut + 100))"
	done
	echo "a stat rx-packets == 174"
} | script 'a record boundary at every byte of a packet'

script 'one byte per record' <<-END
	$PROLOGUE
	b send size=1 data4:60:1 { 00080000 } data6:80:2
	a packet ip4:60:1
	a expect packet { 00080000 }
	a packet ip6:80:2
END
{
	echo "$PROLOGUE"
	echo "b send $(for i in {1..200}; do printf 'data4:60:%d ' "$i"; done)"
	for i in {1..200}; do echo "a packet ip4:60:$i"; done
} | script 'two hundred packets in one record, in order'
{
	echo "$PROLOGUE"
	echo "b send size=5000 $(for i in {1..40}; do printf 'data4:1400:%d ' "$i"; done)"
	for i in {1..40}; do echo "a packet ip4:1400:$i"; done
} | script 'packets that straddle records, in order'
for tls in 1.2 1.3; do
	script "records of every size class over TLS $tls" <<-END
		connect a b tls=$tls
		a tap sstp0
		a attach sstp0
		$(for size in 7 100 1024 4096 8191 16383 16384; do
			echo "b send size=$size data4:4000:$size data4:4087:2 data4:4087:3" \
				'data4:4087:4 data4:100:5'
			echo "a packet ip4:4000:$size"
			for i in 2 3 4; do echo "a packet ip4:4087:$i"; done
			echo "a packet ip4:100:5"
		done)
	END
done
script 'what came before the hand-over comes first' <<-END
	connect a b
	b send size=3 data4:60:3 { 00080000 }
	a tap sstp0
	a attach sstp0 rx-pending=data4:60:1,data6:60:2
	a packet ip4:60:1
	a packet ip6:60:2
	a packet ip4:60:3
	a expect packet { 00080000 }
END

# ---- PPP forms (RFC 1661 6.5 and 6.6) ----

script 'compressed protocol, compressed address and control, both' <<-END
	$PROLOGUE
	b send [ ff03 21 ip4:60:1 ] [ 0021 ip4:60:2 ] [ 21 ip4:60:3 ]
	b send [ ff03 57 ip6:60:1 ] [ 0057 ip6:60:2 ] [ 57 ip6:60:3 ]
	a packet ip4:60:1
	a packet ip4:60:2
	a packet ip4:60:3
	a packet ip6:60:1
	a packet ip6:60:2
	a packet ip6:60:3
END
script 'the largest compressed frames' <<-END
	$PROLOGUE
	b send [ 21 ip4:4090:1 ] [ 0021 ip4:4089:2 ] [ ff03 21 ip4:4088:3 ]
	a packet ip4:4090:1
	a packet ip4:4089:2
	a packet ip4:4088:3
END
script 'reserved bits are ignored' <<-END
	$PROLOGUE
	b send 10fe 0044 ff030021 ip4:60:1
	b send 1000 f044 ff030021 ip4:60:2
	b send 10ff 8008 00080000
	a packet ip4:60:1
	a packet ip4:60:2
	a expect packet 10ff 8008 00080000
END

# ---- data that is no IP packet: dropped or handed up, the session goes on ----

dropped()
{
	script "$1 is dropped and counted" <<-END
		$PROLOGUE
		b send $2
		a stat rx-dropped == ${3:-1}
		a stat drops-rx-malformed == ${3:-1} now
		b send data4:60:1
		a packet ip4:60:1
		a stat rx-packets == 1
		a silent 50
	END
}

dropped 'an empty data packet' '10000004'
dropped 'a packet of FF 03 and nothing else' '[ ff03 ]'
dropped 'a packet that ends inside its protocol' '[ 00 ] [ ff03 00 ]' 2
dropped 'a PPP frame without an IP packet' '[ ff03 0021 ]'
dropped 'an IPv4 packet shorter than its header' '[ ff03 0021 450000140000 ]'
dropped 'an IPv6 packet shorter than its header' '[ ff03 0057 6000000000001140 ]'
dropped 'IPv6 under the number of IPv4' '[ ff03 0021 ip6:60 ]'
dropped 'IPv4 under the number of IPv6' '[ ff03 0057 ip4:60 ]'
script 'an IPv4 packet that claims more than there is does no harm' <<-END
	$PROLOGUE
	b send [ ff03 0021 4500ffff00000000401100000a4d00020a4d0001 ]
	b send [ ff03 0057 60000000ffff1140 fill:fd:32 ]
	b send data4:60:1
	a stat rx-stream-bytes == 144
	a silent 50
END
script 'a protocol that is not up is dropped' <<-END
	connect a b
	a tap sstp0
	a attach sstp0 protocols=1
	b send data6:60:1 data4:60:2
	a packet ip4:60:2
	a stat rx-dropped == 1
	a stat drops-rx-protocol == 1 now
	a put ip6:60
	a put ip4:60:3
	b recv data4:60:3
	a stat tx-dropped == 1
	a stat drops-tx-protocol == 1 now
END

# ---- session fd: from the peer ----

script 'control packets come whole and in order' <<-END
	$PROLOGUE
	b send { 00080000 } data4:60 { 0005 0001 0002000c0000000000000005 } { 00090000 }
	a expect packet { 00080000 }
	a expect packet { 0005 0001 0002000c0000000000000005 }
	a expect packet { 00090000 }
	a packet ip4:60
	a stat rx-control == 3
END
script 'the longest and the shortest control packet' <<-END
	$PROLOGUE
	b send { fill:5a:4091 } 10010004 { 00 }
	a expect packet { fill:5a:4091 }
	a expect packet 10010004
	a expect packet { 00 }
END
script 'PPP that is not forwarded goes to the session fd, as it came' <<-END
	$PROLOGUE
	b send [ ff03 c021 09010008 00000000 ] [ c021 09020008 00000000 ] [ ff03 8021 0101 ]
	b send [ ff03 00fd 0102 ] [ fd 0102 ] [ ff03 c223 01 ] [ ff03 8057 05 ]
	a expect packet [ ff03 c021 09010008 00000000 ]
	a expect packet [ c021 09020008 00000000 ]
	a expect packet [ ff03 8021 0101 ]
	a expect packet [ ff03 00fd 0102 ]
	a expect packet [ fd 0102 ]
	a expect packet [ ff03 c223 01 ]
	a expect packet [ ff03 8057 05 ]
	a stat rx-dropped == 0
END
script 'a read that is too short leaves the packet' <<-END
	$PROLOGUE
	b send { 00080000 }
	a short-read 8 fails EMSGSIZE
	a short-read 15 fails EMSGSIZE
	a expect packet { 00080000 }
END
script 'memory that is not there costs the owner one packet, no more' <<-END
	$PROLOGUE
	a nowhere write fails EFAULT
	b send { 00080000 } { 00090000 }
	a nowhere read fails EFAULT
	a expect packet { 00090000 }
	a write { 00080000 }
	b recv { 00080000 }
	a del
	a nowhere read fails EFAULT
	b recv-record 21 0100
END
script 'poll: readable with a packet, writable, no more' <<-END
	$PROLOGUE
	a poll out
	b send { 00080000 }
	a poll in out
	a expect packet { 00080000 }
	a poll out
END

# ---- session fd: to the peer ----

script 'packets written go out as they are' <<-END
	$PROLOGUE
	a write { 00080000 }
	a write [ ff03 c021 09010008 00000000 ]
	a write { fill:33:4091 }
	a write 10010004
	b recv { 00080000 } [ ff03 c021 09010008 00000000 ] { fill:33:4091 } 10010004
	a stat tx-control == 4
END
for bad in '10' '100100' '10010003' '1001000900080000' '1001000700080000' \
	'1101000800080000' '0001000800080000' '{ 00080000 } { 00080000 }'; do
	script "write() refuses $bad" <<-END
		$PROLOGUE
		a write $bad fails EINVAL
		a write { 00090000 }
		b recv { 00090000 }
	END
done
script 'write() refuses more than a packet can be' <<-END
	$PROLOGUE
	a write fill:10:4096 fails EINVAL
	a silent 50
END
# Ahead of it is what TCP and the staging buffer had before; behind it the device's.
# What is staged, 32 KB at a time, may have gone meanwhile, and the next be staged.
script 'control is ahead of data that waits' <<-END
	connect a b buf=32768
	a tap sstp0
	a attach sstp0
	a put times=900 ip4:1400
	$(queue_full)
	a stat tx-queue-bytes >= 3000 now
	a write { 00080000 }
	a flood min=8 max=4096 { 00090000 }
	b drain least=700 first-control=24
	a stat tx-queue-bytes == 0
END

# ---- the end ----

script 'after the end: read() 0, write() EPIPE, hang-up' <<-END
	$PROLOGUE
	b send { 00080000 }
	b fin
	a expect packet { 00080000 }
	a expect end peer-fin
	a write { 00080000 } fails EPIPE
END

finish
