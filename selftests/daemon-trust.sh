#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A client that says it is a router, and that other ways are better: the server's
# kernel, which believes such things by default, believes none of them. On both data
# paths, whether the server forwards or not.
#
#	$A  sstpd, accept_ra = 2		$B  sstpd as client; it lies
set -euo pipefail
# shellcheck source=selftests/lib-policy.sh
. "$(dirname "$0")/lib-policy.sh"

FAR=10.77.0.1 FAR6=2001:db8:77::1

# lie: a Router Advertisement of a default route and a prefix, alone and behind an
# extension header, and redirects
lie()
{
	nb python3 - "$SERVER_TUN" $FAR $FAR6 "$(link_local "$A")" <<-'END'
	import socket, struct, sys

	server, far, far6, target = sys.argv[1:]
	index = socket.if_nametoindex("sstp0")
	prefix = struct.pack("!BBBBIII16s", 3, 4, 64, 0xc0, 9000, 9000, 0,
	                     socket.inet_pton(socket.AF_INET6, "2001:db8:bad::"))
	advertisement = struct.pack("!BBHBBHII", 134, 0, 0, 7, 0x08, 9000, 0, 0) + prefix
	s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
	s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
	s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 255)
	s.sendto(advertisement, ("ff02::1", 0, 0, index))
	s.sendto(struct.pack("!BBHI16s16s", 137, 0, 0, 0,
	                     socket.inet_pton(socket.AF_INET6, "fe80::bad"),
	                     socket.inet_pton(socket.AF_INET6, far6)), (target, 0, 0, index))
	# destination options: one PadN
	s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_DSTOPTS, bytes([0, 0, 1, 4, 0, 0, 0, 0]))
	s.sendto(advertisement, ("ff02::1", 0, 0, index))

	def checksum(data):
	    n = sum(struct.unpack("!%dH" % (len(data) // 2), data))
	    while n >> 16:
	        n = (n & 0xffff) + (n >> 16)
	    return ~n & 0xffff

	about = struct.pack("!BBHHHBBH4s4s8s", 0x45, 0, 28, 0, 0, 64, 1, 0,
	                    socket.inet_aton(server), socket.inet_aton(far), bytes(8))
	redirect = struct.pack("!BBH4s", 5, 1, 0, socket.inet_aton("10.88.0.19")) + about
	redirect = redirect[:2] + struct.pack("!H", checksum(redirect)) + redirect[4:]
	s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
	s.sendto(redirect, (server, 0))
	END
	# Behind all that: once it is answered, the rest has been heard.
	nb ping -c 1 -W 30 "$SERVER_TUN" &&
		nb ping -c 1 -W 30 "$(link_local "$A")%sstp0"
}

link_local() # NAMESPACE
{
	ip -n "$1" -6 -o addr show dev sstp0 scope link | sed -n 's/.* inet6 \([^/ ]*\).*/\1/p'
}

# A session is one as soon as IPv4 is agreed on.
have_ipv6()
{
	[[ $(link_local "$A") && $(link_local "$B") ]]
}

# told KEY VALUE: a sysctl of the session's interface
told()
{
	equal "$how: $1" "$(na sysctl -n "net.${1/.sstp0./.conf.sstp0.}")" "$2"
}

check_lies() # PATH FORWARDING
{
	local peer peer6

	how="$1, forwarding $2"
	na sysctl -q -w "net.ipv6.conf.all.forwarding=$2" "net.ipv4.conf.all.forwarding=$2" \
		net.ipv6.conf.all.accept_ra=2 net.ipv6.conf.default.accept_ra=2 \
		net.ipv4.conf.all.accept_redirects="$2" net.ipv4.conf.all.send_redirects=0
	connect alice
	equal "$how: the data path" "$(session_of server path)" "$1"
	told ipv6.sstp0.accept_ra 0
	told ipv6.sstp0.accept_redirects 0
	told ipv6.sstp0.accept_source_route -1
	told ipv6.sstp0.proxy_ndp 0
	told ipv4.sstp0.accept_redirects 0
	told ipv4.sstp0.send_redirects 0
	told ipv4.sstp0.accept_source_route 0
	# Routes as sstpd makes none: with a gateway, so that there is something to redirect.
	peer=$(session_of server peer)
	wait_for 'IPv6' have_ipv6
	peer6=$(link_local "$B")
	ip -n "$A" route add $FAR/32 via "$peer" dev sstp0
	ip -n "$A" -6 route add $FAR6/128 via "$peer6" dev sstp0
	check "$how: the client says it is a router" lie
	equal "$how: nobody has heard a default route" \
		"$(ip -n "$A" -6 route show default)" ''
	equal "$how: nor a prefix" "$(ip -n "$A" -6 route | grep -i 2001:db8:bad:)" ''
	check "$how: nor a redirect" grep -q "via $peer6 " <<<"$(ip -n "$A" -6 route get $FAR6)"
	check "$how: nor one of IPv4" grep -q "via $peer " <<<"$(ip -n "$A" route get $FAR)"
	disconnects
}

setup_policy
for path in tun kernel; do
	[[ ! -e $tmp/server.pid ]] || stop_sstpd server
	policy_conf "data-path = $path" | start_sstpd server "$A"
	for forwarding in 0 1; do
		check_lies $path $forwarding
	done
done

# In the namespace of the session, not in the daemon's.
ip netns exec "$C" sysctl -q -w net.ipv6.conf.all.accept_ra=2 net.ipv6.conf.default.accept_ra=2
connect away
equal 'in another namespace, too' \
	"$(ip netns exec "$C" sysctl -n net.ipv6.conf.sstp0.accept_ra)" 0
disconnects
stop_sstpd server
equal 'sstpd ends in order' "$status" 0
check 'no process is left of it' nobody_in "$A"

# ---- where it cannot be written ----

cat >"$tmp/sstpd-ro" <<'END'
#!/bin/sh
mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys &&
	exec sstpd "$@"
END
chmod 755 "$tmp/sstpd-ro"
SSTPD=$tmp/sstpd-ro start_sstpd server "$A" < <(policy_conf)
check 'without the right to write there is no session' explain refused alice \
	'/proc/sys/net/ipv[46]/conf/sstp0/[a-z_]*: Read-only'
na sysctl -q -w net.ipv6.conf.default.accept_ra=0 net.ipv6.conf.default.accept_redirects=0 \
	net.ipv6.conf.default.autoconf=0 net.ipv6.conf.default.accept_source_route=-1 \
	net.ipv4.conf.default.accept_redirects=0 net.ipv4.conf.default.send_redirects=0 \
	net.ipv4.conf.default.accept_source_route=0
connect alice
disconnects
stop_sstpd server
finish
