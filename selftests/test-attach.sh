#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# session-new accepts a connected kTLS socket and an idle sstp device, from a
# caller that may do this, and says what is wrong with anything else.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

setup
bare_device "$A"
bare_device "$B"
ip -n "$A" link add sstp1 type sstp
ip -n "$A" link set sstp1 up
ip -n "$A" link add dummy0 type dummy 2>/dev/null ||
	ip -n "$A" link add dummy0 type bridge

# refused DESCRIPTION CONNECT_OPTIONS ATTACH_ARGUMENTS: and works afterwards
refused()
{
	script "refused: $1" <<-END
		connect a b $2
		a attach $3
	END
}

# ---- what is right ----

for tls in 1.2 1.3; do
	for cipher in aes-128-gcm aes-256-gcm chacha20-poly1305; do
		script "TLS $tls $cipher is accepted" <<-END
			connect a b tls=$tls cipher=$cipher
			a attach sstp0
			b send data4:100
			a stat rx-packets == 1
		END
	done
done
script 'TCP over IPv6 is accepted' <<-END
	connect e f
	e tap sstp0
	e attach sstp0
	f send data4:60:1 data6:100:2
	e packet ip4:60:1
	e packet ip6:100:2
	e put ip6:1400:3
	f recv data6:1400:3
END
script 'the device has carrier during a session and not after' <<-END
	connect a b
	a attach sstp0
	a exec ip link show sstp0 | grep -q LOWER_UP
	a close
	a exec ! ip link show sstp0 | grep -q LOWER_UP
END
script 'the device is free again as soon as close() returns' <<-END
	connect a b
	a attach sstp0
	a close
	connect a b
	a attach sstp0
	a close
	connect a b
	a attach sstp0
END
script 'close() ends the connection for the peer' <<-END
	connect a b
	a attach sstp0
	a close
	b recv-record 21 0100
	b recv-eof
END
script 'a session is described, alone and in a dump' <<-END
	connect a b
	a attach sstp0 protocols=1 peer-mru=1500
	a show
	a dump count=1
	b dump count=0
END
shown="ifindex=$(na cat /sys/class/net/sstp0/ifindex) .*protocols=1 .*peer-mru=1500 "
shown+='.*tls-version=771 tls-cipher=52 '
check 'with its attributes' eval 'run_script <<<"connect a b tls=1.2 cipher=aes-256-gcm
a attach sstp0 protocols=1 peer-mru=1500
a show" | grep "$shown"'
script 'sessions of several devices have ids of their own' <<-END
	connect a b
	connect c d port=4431
	a attach sstp0
	c attach sstp1
	a dump count=2
	c close
	a dump count=1
END
script 'the request can come from another process namespace than the peer' <<-END
	connect a b
	a attach sstp0
	b attach sstp0
	a dump count=1
	b dump count=1
END
# The limit, filled with data packets for the owner and a control packet.
limit=24576 # SSTP_MAX_RX_PENDING
largest='[,ff03,0063,fill:aa:4087,]'
pending=$largest
for ((i = 1; i < limit / 4095; i++)); do
	pending+=,$largest
done
rest="{,fill:00:$((limit % 4095 - 4)),}"
script 'the largest rx-pending is taken, and acted on' <<-END
	connect a b
	a attach sstp0 rx-pending=$pending,$rest
	$(yes 'a expect packet [ ff03 0063 fill:aa:4087 ]' | head -n $((limit / 4095)))
	a expect packet ${rest//,/ }
	b send { 0009 0000 }
	a expect packet { 0009 0000 }
END
script 'rx-pending may end inside a packet' <<-END
	connect a b
	a tap sstp0
	a attach sstp0 rx-pending=data4:100:1,1000
	b send 0070ff030021 ip4:104:2
	a packet ip4:100:1
	a packet ip4:104:2
END
ip -n "$A" addr add "$TUN_A" peer "$TUN_B" dev sstp0
ping=4500001c00000000400166450a4d00020a4d00010800f7f700070001
script 'the first packet of the peer is answered, as often as it calls' <<-END
	$(for i in {1..20}; do
		echo connect a b
		echo 'a exec ip link set sstp0 down && ip link set sstp0 up'
		echo "a attach sstp0 rx-pending=[,ff030021,$ping,]"
		echo 'a stat tx-packets == 1'
		echo a close
	done)
END
ip -n "$A" addr flush dev sstp0
script 'an MTU up to the peer MRU is right' <<-END
	connect a b
	a attach sstp0 peer-mru=1400
END
script 'session-set changes what may pass' <<-END
	connect a b
	a attach sstp0 protocols=3 peer-mru=1500
	a set protocols=1 peer-mru=1400
	b send data4:60 data6:60
	a stat rx-packets == 1
	a stat rx-dropped == 1
END
script 'session-del ends a session and its owner is told' <<-END
	connect a b
	a attach sstp0
	a monitor
	a del
	a expect end admin
	a notified admin
	a dump count=0
END
script 'the end of a session is announced' <<-END
	connect a b
	a attach sstp0
	a monitor
	a close
	a notified owner-closed
END

# ---- sockets ----

refused 'a number that is no descriptor' '' 'sstp0 fd=200 fails EBADF socket'
refused 'a file that is no socket' '' 'sstp0 fd=file fails ENOTSOCK'
refused 'a UDP socket' '' 'sstp0 fd=udp fails EOPNOTSUPP TCP'
refused 'a Unix socket' '' 'sstp0 fd=unix fails EOPNOTSUPP TCP'
refused 'a socket that is not connected' '' 'sstp0 fd=unconnected fails ENOTCONN'
refused 'a listening socket' '' 'sstp0 fd=listening fails ENOTCONN'
refused 'TCP without kTLS' 'a=none' 'sstp0 fails EOPNOTSUPP TLS'
refused 'kTLS for sending only' 'a=tx' 'sstp0 fails EOPNOTSUPP TLS'
refused 'kTLS for receiving only' 'a=rx' 'sstp0 fails EOPNOTSUPP TLS'
script 'refused: a connection the peer has closed' <<-END
	connect a b
	b hangup
	a exec true
	a attach sstp0 fails ENOTCONN
END
for holder in dup message; do
	script "refused: a socket that somebody else holds, too ($holder); it stays as is" <<-END
		connect a b
		a attach sstp0 held=$holder fails EBUSY somebody else holds the socket
		a dump count=0
		a attach sstp0
		a write { 0009 0000 }
		b recv { 0009 0000 }
	END
done

# ---- devices ----

refused 'an interface index that is not used' '' 'sstp0 ifindex=9999 fails ENODEV'
refused 'interface index 0' '' 'sstp0 ifindex=0 fails ERANGE'
refused 'a device of another kind' '' 'dummy0 fails EOPNOTSUPP sstp'
refused 'the loopback device' '' 'lo fails EOPNOTSUPP sstp'
script 'refused: a device that has a session' <<-END
	connect a b
	connect c d port=4431
	a attach sstp0
	c attach sstp0 fails EBUSY session
	a dump count=1
	b send data4:100
	a stat rx-packets == 1
END
refused 'a device MTU above the peer MRU' '' 'sstp0 peer-mru=1399 fails EINVAL MTU'
script 'refused: raising the MTU above the peer MRU later' <<-END
	connect a b
	a attach sstp0 peer-mru=1500
	a exec ip link set sstp0 mtu 1500
	a exec ! ip link set sstp0 mtu 1501
	a exec ip link set sstp0 mtu 1400
	a set peer-mru=1399 fails EINVAL MTU
	a set peer-mru=1600
	a exec ip link set sstp0 mtu 1600
	a exec ! ip link set sstp0 mtu 1601
	a exec ip link set sstp0 mtu 1400
END
script 'ip says why, and what the limit is' <<-END
	connect a b
	a attach sstp0 peer-mru=1500
	a exec ip link set sstp0 mtu 1501 2>&1 | grep -q maximum
	a exec ip -d link show dev sstp0 | grep -qw maxmtu.1500
	a set peer-mru=1450
	a exec ip link set sstp0 mtu 1451 2>&1 | grep -q maximum
	a exec ip -d link show dev sstp0 | grep -qw maxmtu.1450
	a exec ip link set sstp0 mtu 67 2>&1 | grep -q minimum
END
check 'the MTU limit goes with the session' eval \
	'ip -n "$A" link set sstp0 mtu 1501 && ip -n "$A" link set sstp0 mtu 1400'

# ---- attributes ----

refused 'no ifindex' '' 'sstp0 omit=ifindex fails EINVAL missing: ifindex'
refused 'no socket' '' 'sstp0 omit=socket-fd fails EINVAL missing: socket-fd'
refused 'no protocols' '' 'sstp0 omit=protocols fails EINVAL missing: protocols'
refused 'no peer MRU' '' 'sstp0 omit=peer-mru fails EINVAL missing: peer-mru'
refused 'an unknown protocol' '' 'sstp0 protocols=4 fails EINVAL at: protocols'
refused 'a peer MRU below 68' '' 'sstp0 peer-mru=67 fails ERANGE at: peer-mru'
refused 'a peer MRU above 4087' '' 'sstp0 peer-mru=4088 fails ERANGE at: peer-mru'
refused 'one byte more of rx-pending than the limit' '' \
	"sstp0 rx-pending=fill:10:$((limit + 1)) fails ERANGE at: rx-pending"
refused 'an attribute that is only for replies' '' 'sstp0 session-fd=3 fails EINVAL'
script 'session-get and session-del need an id that exists' <<-END
	a show id=77 fails ENOENT
	a del id=77 fails ENOENT
	a set id=77 protocols=1 fails ENOENT
	a show omit=id fails EINVAL missing: id
	a del omit=id fails EINVAL missing: id
END
script 'a session is not visible from another namespace' <<-END
	connect a b
	a attach sstp0
	b dump count=0
	b del id=1 fails ENOENT
	a dump count=1
END

# ---- rights ----

script 'refused: a caller without CAP_NET_ADMIN' <<-END
	connect a b
	caps drop
	a attach sstp0 fails EPERM
	a dump count=0 fails EPERM
	caps restore
	a attach sstp0
END
script 'refused: a caller without rights where the socket belongs' <<-END
	connect a b
	userns
	a exec ip link add sstp0 type sstp
	a attach sstp0 fails EPERM socket
END
script 'accepted: a device and a socket of different namespaces' <<-END
	connect a b
	a tap sstp0
	a attach sstp0 socket-of=b
	a send data4:60:1
	a packet ip4:60:1
	a put ip4:60:2
	a recv data4:60:2
END

check 'no session is left in one namespace' no_sessions "$A"
check 'and none in the other' no_sessions "$B"
finish
