#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each operation of the netlink family with each attribute missing, too short,
# too long, out of range, unknown; each message of a refusal; who may ask. None
# of it may touch the session that is there all the while.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# table COMMAND...: requests on stdin (see sstp-genl), each of them a check
table()
{
	local line seen=0

	"$@" 2>&1 | while read -r line; do
		case $line in
		'ok '*) ok "${line#ok }" ;;
		*) not_ok "${line#not ok }" ;;
		esac
		seen=$((seen + 1))
	done || true
	((seen)) || not_ok 'a table of requests' 'nothing was asked'
}

genl_a() { table ip netns exec "$A" "$here/sstp-genl" "$@"; }

# wrong_u32 OP ATTRIBUTE OTHERS...: the ways in which four bytes can be wrong
wrong_u32()
{
	local op=$1 attr=$2 others=${*:3} bytes

	for bytes in 0 1 2 3 5 8; do
		echo "$op: $attr of $bytes bytes | $op $others $attr*$bytes | EINVAL at $attr"
	done
	echo "$op: $attr said to be a nest | $op $others nested $attr=1 | EINVAL at $attr"
}

# nla LENGTH TYPE BYTES: an attribute, by the byte order of this machine
nla()
{
	python3 -c 'import struct, sys
length, kind, data = sys.argv[1:]
print(struct.pack("=HH", int(length), int(kind)).hex() + data)' "$@"
}

# wrong_sources OP OTHERS...
wrong_sources()
{
	local op=$1 others=${*:2} addr

	addr=$(nla 8 1 0a000001)
	echo "$op: a source that is no nest | $op $others source:$addr | EINVAL at source"
	echo "$op: an empty source | $op $others nested source*0 | EINVAL at source neither an IPv4 nor an IPv6 address"
	echo "$op: a source of 5 bytes | $op $others nested source:$(nla 9 1 0a00000100000000) | EINVAL at source neither an IPv4 nor an IPv6 address"
	echo "$op: a source of 17 bytes | $op $others nested source:$(nla 21 1 "$(printf '00%.0s' {1..20})") | ERANGE"
	echo "$op: a prefix of 33 bits of IPv4 | $op $others nested source:${addr}$(nla 5 2 21000000) | EINVAL at source the prefix is longer than the address"
	echo "$op: a prefix of 129 bits | $op $others nested source:${addr}$(nla 5 2 81000000) | ERANGE"
	echo "$op: a source with something else | $op $others nested source:${addr}$(nla 5 3 01000000) | EINVAL"
	echo "$op: 33 sources | $op $others $(printf "nested source:$addr %.0s" {1..33})| E2BIG at source too many sources"
}

setup
add_devices
start_pair
id=$(session_stat "$A" id)
other=$(session_stat "$B" id)
[[ $id && $other ]] || bail 'no session'
before=$(echo 'a dump' | run_script | grep -o 'id=.*tls-cipher=[0-9]*')

# ---- session-new ----

right='ifindex=1 socket-fd=0 protocols=3 peer-mru=1500'

# without ATTRIBUTE: of what is right
without()
{
	sed "s/$1=[0-9]*//" <<<"$right"
}

{
	for attr in ifindex socket-fd protocols peer-mru; do
		# shellcheck disable=SC2046 # a list of words
		wrong_u32 session-new "$attr" $(without "$attr")
	done
	# the descriptor is looked at before the device
	for attr in socket-fd protocols peer-mru; do
		echo "session-new: no $attr | session-new $(without $attr) | EINVAL missing $attr"
	done
	for range in ifindex=0 ifindex=2147483648 socket-fd=2147483648 peer-mru=0 \
		peer-mru=67 peer-mru=4088 peer-mru=4294967295; do
		echo "session-new: $range | session-new $(without "${range%=*}") $range | ERANGE at ${range%=*}"
	done
	for flags in 4 8 2147483648 4294967295; do
		echo "session-new: protocols=$flags | session-new $(without protocols) protocols=$flags | EINVAL at protocols"
	done
	echo "session-new: rx-pending too long | session-new $right rx-pending*24577 | ERANGE at rx-pending"
	for attr in id session-fd; do
		echo "session-new: $attr is not for requests | session-new $right $attr=1 | EINVAL at $attr"
	done
	for attr in tls-version tls-cipher reason detail stats 0 22 100; do
		echo "session-new: attribute $attr | session-new $right $attr=1 | EINVAL at $attr"
	done
	for attr in slot record-size rekey-records rekey-seconds; do
		wrong_u32 session-new "$attr" "$right"
	done
	for size in 0 511 16385; do
		echo "session-new: record-size=$size | session-new $right record-size=$size | ERANGE at record-size"
	done
	echo "session-new: keys of 15 records | session-new $right rekey-records=15 | ERANGE at rekey-records"
	for seconds in 0 604801; do
		echo "session-new: keys of $seconds seconds | session-new $right rekey-seconds=$seconds | ERANGE at rekey-seconds"
	done
	wrong_sources session-new "$right"
	echo "session-new: a slot that the device has not | session-new $right slot=1 | ENOTSOCK at socket-fd"
	echo "session-new: the slot that there is | session-new $right slot=0 | ENOTSOCK at socket-fd"
	echo "session-new: replace, with a value | session-new $right replace=1 | ERANGE at replace"
	echo "session-new: replace | session-new $right replace*0 | ENOTSOCK at socket-fd"
	for attr in tx-secret rx-secret; do
		if keys_change; then
			echo "session-new: $attr alone | session-new $right $attr*32 | EINVAL two traffic secrets, and of one hash"
		else
			echo "session-new: $attr | session-new $right $attr*32 | EOPNOTSUPP at $attr this kernel cannot change TLS keys"
		fi
		echo "session-new: $attr too long | session-new $right $attr*65 | ERANGE at $attr"
	done
	echo "session-new: no attribute | session-new | EINVAL missing protocols"
	echo "session-new: bytes behind the attributes | session-new $right junk | EINVAL"
	echo "session-new: a dump | dump session-new $right | EOPNOTSUPP"
	echo "session-new: no such descriptor | session-new $(without socket-fd) socket-fd=99 | EBADF at socket-fd no such file descriptor"
	echo "session-new: not a socket | session-new $right | ENOTSOCK at socket-fd the file descriptor is not a socket"
} | genl_a
genl_a --no-fds <<-END
	session-new: no descriptor left | session-new $right | EMFILE
END

# ---- session-set, session-get, session-del ----

{
	for attr in protocols peer-mru; do
		wrong_u32 session-set "$attr" "id=$id"
	done
	echo "session-set: peer-mru below 68 | session-set id=$id peer-mru=67 | ERANGE at peer-mru"
	echo "session-set: peer-mru above 4087 | session-set id=$id peer-mru=4088 | ERANGE at peer-mru"
	echo "session-set: unknown protocol | session-set id=$id protocols=4 | EINVAL at protocols"
	echo "session-set: peer-mru below the MTU | session-set id=$id protocols=1 peer-mru=1399 | EINVAL at peer-mru the device's MTU is above peer-mru"
	echo "session-set: nothing to set | session-set id=$id | ok"
	wrong_sources session-set "id=$id"
	for attr in ifindex socket-fd session-fd rx-pending 100; do
		echo "session-set: attribute $attr | session-set id=$id $attr=1 | EINVAL at $attr"
	done
	for op in session-set session-get session-del; do
		wrong_u32 "$op" id
		echo "$op: no id | $op | EINVAL missing id a required attribute is missing"
		echo "$op: id 0 | $op id=0 | ERANGE at id"
		echo "$op: no such id | $op id=4294967295 | ENOENT at id no such session"
		echo "$op: bytes behind the attributes | $op id=$id junk | EINVAL"
	done
	for op in session-set session-get session-del; do
		wrong_u32 "$op" session-fd
		echo "$op: session-fd that is not open | $op session-fd=99 | EBADF at session-fd no such file descriptor"
		echo "$op: session-fd that is none | $op session-fd=0 | EINVAL at session-fd not a session fd"
		echo "$op: both names | $op id=$id session-fd=0 | EINVAL at session-fd either id or session-fd"
	done
	for op in session-get session-del; do
		echo "$op: another attribute | $op id=$id protocols=3 | EINVAL at protocols"
		echo "$op: a source | $op id=$id nested source*0 | EINVAL at source"
	done
	echo "session-set: a dump | dump session-set id=$id | EOPNOTSUPP"
	echo "session-del: a dump | dump session-del id=$id | EOPNOTSUPP"
	echo "session-get: one session | session-get id=$id | ok count=1"
	echo "session-get: all of them | dump session-get | ok count=1"
	echo "module-get: what it is | module-get | ok count=1"
	echo "module-get: a dump | dump module-get | EOPNOTSUPP"
	echo "a notification is no request | session-del-ntf id=$id | EOPNOTSUPP"
	echo "an unknown operation | 99 | EOPNOTSUPP"
	echo "a message without its header | raw | EINVAL"
} | genl_a
equal 'the session is as it was' \
	"$(echo 'a dump' | run_script | grep -o 'id=.*tls-cipher=[0-9]*')" "$before"
check 'and carries packets' na ping -c 1 -W "$PATIENCE" "$TUN_B"

# ---- who may ask ----

everything()
{
	cat <<-END
		$1: session-new | session-new $right | $2
		$1: session-set | session-set id=$id protocols=1 | $2
		$1: session-get | session-get id=$id | $2
		$1: a dump | dump session-get | $2
		$1: session-del | session-del id=$id | $2
		$1: module-get | module-get | $2
	END
}

everything 'root of a user namespace that does not own this network' EPERM |
	table ip netns exec "$A" unshare --user --map-root-user "$here/sstp-genl"
everything 'a caller without CAP_NET_ADMIN' EPERM |
	table ip netns exec "$A" setpriv --bounding-set -net_admin "$here/sstp-genl"
everything 'nobody' EPERM |
	table ip netns exec "$A" setpriv --reuid 65534 --clear-groups "$here/sstp-genl"
sed 's/^/root of another network: /' <<-END |
	session-set | session-set id=$id protocols=1 | ENOENT
	session-get | session-get id=$id | ENOENT
	session-del | session-del id=$id | ENOENT
	a dump | dump session-get | ok count=0
END
	table unshare --user --map-root-user --net "$here/sstp-genl"
table ip netns exec "$B" "$here/sstp-genl" <<-END
	the other end's namespace: session-set | session-set id=$id protocols=1 | ENOENT
	the other end's namespace: session-get | session-get id=$id | ENOENT
	the other end's namespace: session-del | session-del id=$id | ENOENT
	the other end's namespace: a dump | dump session-get | ok count=1
	the other end's namespace: its own session | session-get id=$other | ok count=1
END
equal 'nobody touched the session' \
	"$(echo 'a dump' | run_script | grep -o 'id=.*tls-cipher=[0-9]*')" "$before"
stop_cli

# ---- what is said of sockets and devices, word for word ----

# refused SOCKET_OPTIONS ATTACH_ARGUMENTS ERROR WORDS...
refused()
{
	script "said: ${*:4}" <<-END
		connect a b $1
		a attach $2 fails $3 ${*:4}
	END
}

refused '' 'sstp0 ifindex=9999' ENODEV no such device
refused '' 'lo' EOPNOTSUPP not an sstp device
refused '' 'sstp0 fd=udp' EOPNOTSUPP the socket is not TCP
refused '' 'sstp0 fd=unconnected' ENOTCONN the socket is not connected
refused 'a=none' 'sstp0' EOPNOTSUPP the socket has no kTLS
refused 'a=rx' 'sstp0' EOPNOTSUPP the socket has no kTLS key for sending
refused 'a=tx' 'sstp0' EOPNOTSUPP the socket has no kTLS key for receiving
refused '' 'sstp0 peer-mru=1399' EINVAL "the device's MTU is above peer-mru"
script 'said: the device already has a session' <<-END
	connect a b
	connect c d port=4431
	a attach sstp0
	c attach sstp0 fails EBUSY the device already has a session
END
script 'said: somebody else holds the socket, too' <<-END
	connect a b
	a attach sstp0 held=dup fails EBUSY somebody else holds the socket, too
END
script 'said: no CAP_NET_ADMIN in the network namespace of the socket' <<-END
	connect a b
	userns
	a exec ip link add sstp0 type sstp
	a attach sstp0 fails EPERM no CAP_NET_ADMIN in the socket's network namespace
END

# ---- a session by its fd ----

script 'session-get, set and del by the session fd' <<-END
	connect a b
	a attach sstp0
	a show by=fd
	a set by=fd protocols=1
	b send data6:60
	a stat rx-dropped == 1
	a del by=fd
	a expect end admin
	a show by=fd fails ENOENT the session has ended
END
script 'a session whose device has moved: by the session fd' <<-END
	connect a b
	a exec ip link add sstp7 type sstp
	a attach sstp7
	a exec ip link set sstp7 netns $B
	a show fails ENOENT
	a show by=fd
	a set by=fd peer-mru=1500
	a del by=fd
	a expect end admin
	b exec ip link del sstp7
END
# One that says nothing by itself.
bare_device "$A" sstp8
script 'record numbers are exact, in both directions' <<-END
	connect a b
	a attach sstp8
	a stat tls-tx-seq == 0
	a stat tls-rx-seq == 0
	a write { 0009 0000 }
	b recv { 0009 0000 }
	a stat tls-tx-seq == 1 now
	b send { 0009 0000 }
	b send { 0009 0000 }
	a stat rx-control == 2
	a stat tls-rx-seq == 2 now
END

check 'no session is left in one namespace' no_sessions "$A"
check 'and none in the other' no_sessions "$B"
finish
