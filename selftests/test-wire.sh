#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the module sends, judged packet by packet by a far end in userspace: the
# segments of super-packets byte for byte, checksums, lengths, and how full the
# TLS records are.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

setup
bare_device "$A"

PROLOGUE='connect a b
a tap sstp0
a attach sstp0'

# ---- super-packets in, segments out ----

for family in tcp4 tcp6; do
	script "$family: one segment only" <<-END
		$PROLOGUE
		a gso $family mss=1000 len=1000 flags=psh
		b segments $family mss=1000 len=1000 flags=psh
	END
	script "$family: five equal segments, PSH on the last" <<-END
		$PROLOGUE
		a gso $family mss=1000 len=5000 flags=psh
		b segments $family mss=1000 len=5000 flags=psh
		a stat tx-packets == 5
	END
	script "$family: a short last segment, PSH and FIN on it alone" <<-END
		$PROLOGUE
		a gso $family mss=1300 len=9999 flags=psh,fin
		b segments $family mss=1300 len=9999 flags=psh,fin
	END
	script "$family: CWR on the first segment alone" <<-END
		$PROLOGUE
		a gso $family mss=1200 len=6001 flags=cwr,psh
		b segments $family mss=1200 len=6001 flags=cwr,psh
	END
	script "$family: odd sizes, last segment of one byte" <<-END
		$PROLOGUE
		a gso $family mss=537 len=1075 seed=3
		b segments $family mss=537 len=1075 seed=3
		a gso $family mss=999 len=1999 seed=4
		b segments $family mss=999 len=1999 seed=4
	END
	script "$family: sixty thousand bytes, ids and sequence numbers that wrap" <<-END
		$PROLOGUE
		a gso $family mss=1340 len=60000 seed=0 flags=psh
		b segments $family mss=1340 len=60000 seed=0 flags=psh
	END
	script "$family: many small segments" <<-END
		$PROLOGUE
		a gso $family mss=100 len=40000 seed=9
		b segments $family mss=100 len=40000 seed=9
	END
	script "$family: many super-packets in a row" <<-END
		$PROLOGUE
		$(for i in {1..20}; do echo "a gso $family mss=1340 len=20011 seed=$i flags=psh"; done)
		$(for i in {1..20}; do echo "b segments $family mss=1340 len=20011 seed=$i flags=psh"; done)
	END
	na ethtool -K sstp0 tso off
	script "$family: the same segments when the stack cuts" <<-END
		$PROLOGUE
		a gso $family mss=1300 len=9999 flags=psh,fin
		b segments $family mss=1300 len=9999 flags=psh,fin
	END
	na ethtool -K sstp0 tso on
done
script 'order: plain packets and super-packets of both families' <<-END
	$PROLOGUE
	a put ip4:60:1
	a gso tcp4 mss=1300 len=9999 seed=2
	a put ip6:80:3
	a gso tcp6 mss=1300 len=5000 seed=4
	a put ip4:1400:5
	b recv data4:60:1
	b segments tcp4 mss=1300 len=9999 seed=2
	b recv data6:80:3
	b segments tcp6 mss=1300 len=5000 seed=4
	b recv data4:1400:5
END
script 'segments longer than what the peer takes are dropped, and counted' <<-END
	connect a b
	a tap sstp0
	a attach sstp0 peer-mru=1400
	a gso tcp4 mss=3000 len=9000
	a gso tcp6 mss=1329 len=9000
	a put ip4:60:1
	a gso tcp6 mss=1328 len=9000
	b recv data4:60:1
	b segments tcp6 mss=1328 len=9000
	a stat drops-tx-size == 2
END
script 'order and content when the socket takes little at a time' <<-END
	connect a b buf=8192
	a tap sstp0
	a attach sstp0
	$(for i in 1 2 3 4; do echo "a gso tcp4 mss=1340 len=60000 seed=$i"; done)
	$(for i in 1 2 3 4; do echo "b segments tcp4 mss=1340 len=60000 seed=$i"; done)
END

ip -n "$A" link del sstp0
na sysctl -qw net.ipv6.conf.default.disable_ipv6=0
ip -n "$A" link add sstp0 mtu 1400 type sstp
ip -n "$A" addr add "$TUN_A/24" dev sstp0
ip -n "$A" addr add "$TUN6_A/64" dev sstp0 nodad
ip -n "$A" link set sstp0 up
for address in $TUN_B $TUN6_B; do
	for sizes in 'mss=1000 len=5000' 'mss=512 len=16000' 'mss=1300 len=1301' 'mss=1 len=40'; do
		script "UDP_SEGMENT to $address, $sizes" <<-END
			connect a b
			a attach sstp0
			a udp-gso $address $sizes
			b datagrams $address $sizes
		END
	done
done
ip -n "$A" link del sstp0

# ---- real flows against a tunnel end in userspace ----

# counter NAME: of the far end's summary
counter()
{
	tr ' ' '\n' <"$tmp/pair.log" | sed -n "s/^$1=//p" | tail -n 1
}

far_end() # [tun option]
{
	ip -n "$A" link add sstp0 mtu 1400 type sstp
	ip -n "$A" addr add "$TUN_A/24" dev sstp0
	ip -n "$A" addr add "$TUN6_A/64" dev sstp0 nodad
	ip -n "$A" link set sstp0 up
	cat >"$tmp/script" <<-END
		connect a b
		a attach sstp0
		b tun sstp0 ${1:-}
		hold
		b summary
	END
	start_cli "$tmp/pair.log" -e "a=$A@$ADDR_A" -e "b=$B@$ADDR_B" "$tmp/script"
	ip -n "$B" link set sstp0 mtu 1400 up
	ip -n "$B" addr add "$TUN_B/24" dev sstp0
	ip -n "$B" addr add "$TUN6_B/64" dev sstp0 nodad
}

near_end_gone()
{
	stop_cli
	ip -n "$A" link del sstp0
}

head -c 2000000 /dev/urandom >"$tmp/file"
sum=$(sha256sum <"$tmp/file")
for options in '' 'record=0' 'record=1000'; do
	far_end "$options"
	equal "far end in userspace ($options): a file out over IPv4" \
		"$(transfer "$A" "$B" $TUN_B "$tmp/file")" "$sum"
	equal 'a file out over IPv6' "$(transfer "$A" "$B" $TUN6_B "$tmp/file")" "$sum"
	equal 'a file in over IPv4' "$(transfer "$B" "$A" $TUN_A "$tmp/file")" "$sum"
	equal 'a file in over IPv6' "$(transfer "$B" "$A" $TUN6_A "$tmp/file")" "$sum"
	check 'pings of every size class' eval \
		'for size in 0 1 2 3 500 1371 1372 5000; do na ping -c 1 -W 5 -s $size $TUN_B || exit 1; done'
	check 'UDP' eval 'iperf "$B" "$A" -c $TUN_B -u -b 4M -l 1200 -t 1 >/dev/null'
	# Connections end a moment after the programs that had them.
	wait_for 'silence' quiet
	records=$(session_stat "$A" tx-records) packets=$(session_stat "$A" tx-packets)
	near_end_gone
	equal 'IP headers all right' "$(counter bad_ip)" 0
	equal 'TCP and UDP checksums all right' "$(counter bad_sum)" 0
	equal 'sequence numbers without gaps' "$(counter seq_gaps)" 0
	equal 'IPv4 ids go up by one' "$(counter id_breaks)" 0
	equal 'nothing longer than the MTU' "$(counter max_len)" 1400
	equal 'nothing but data in the usual form' "$(counter others)" 0
	between 'every packet arrived' "$(counter packets)" "$packets" "$packets"
	between 'PSH on few segments of a bulk flow' "$(counter pushed)" 1 $(($(counter data) / 2))
	between 'several packets in a record' $((10 * packets / records)) 13 100000
done

finish
