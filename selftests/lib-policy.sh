# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What tests of the policy of sessions share, on top of lib-sstpd.sh: a server with
# several kinds of users.

# shellcheck source=selftests/lib-sstpd.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib-sstpd.sh"

C=sstp-test-$$-c
BEHIND6=2001:db8:99::1
SITE=10.1.0.1 SITE6=2001:db8:5::1
EVIL="\$(touch owned);\`touch owned\`'\"x y"

# policy_conf [KEY=VALUE...]: the server, keys for [server]
policy_conf()
{
	server_conf 'ipv6 = yes' "$@"
	cat <<-END
	exclude = 10.88.0.10-10.88.0.12
	ipv6-prefix = 2001:db8:88::/56
	ipv6-exclude = 2001:db8:88::/63
	[pool guests]
	addresses = 10.89.0.0/29, 10.89.1.7
	exclude = 10.89.0.0/29
	dns = 10.89.0.53
	[group guests]
	pool = guests
	interface = g-%u%d
	interface-group = 17
	rate-down = 8M
	rate-up = 8M
	[group tenant]
	vrf = blue
	[group away]
	netns = $C
	END
}

make_users()
{
	local name options

	while read -r name options; do
		printf '%s:%s%s\n' "$name" "$VPN_PASSWORD" "${options:+:${options# }}"
	done >"$tmp/users" <<-END
	alice
	site 10.88.0.99:routes=10.1.0.0/16,2001:db8:5::/48 interface=branch
	guest :group=guests
	tenant :group=tenant routes=10.1.0.0/16
	away :group=away routes=10.1.0.0/16
	speaker :source-check=no
	lost :group=nowhere
	nopool :pool=nowhere
	novrf :vrf=nowhere
	nonetns :netns=nowhere
	END
	printf '%s:%s\n' "$EVIL" "$VPN_PASSWORD" >>"$tmp/users"
}

# dial USER [KEY=VALUE...]: our client, without a second attempt
dial()
{
	LOGIN=$1
	shift
	# A route of IPv6, for it believes no prefix without.
	client_conf 'reconnect = no' 'ipv6 = yes' "routes = $SERVER_TUN/32, $BEHIND6/128" \
		"$@" | start_sstpd client "$B"
}

# connect USER [KEY=VALUE...]
connect()
{
	dial "$@"
	check "$1 connects" explain wait_for 'session' connected
	has_session server || bail 'nothing else can be tested'
}

# disconnects: the client ends, and both are rid of the session
disconnects()
{
	stop_sstpd client
	check 'the session ends' wait_for 'end of session' has_no_session server
}

# refused USER PATTERN: no session, and the log tells why
refused()
{
	dial "$1"
	wait_for 'end of the client' client_gone client &&
		wait_for "log line: $2" logged server "$2"
}

# no_route ARGUMENT...: of `ip route`, in $A. An interface goes a moment after the session
# is none any more, and with it its routes.
no_route()
{
	[[ ! $(ip -n "$A" route "$@") ]]
}

# address6: global address of the client
address6()
{
	ip -n "$B" -6 -o addr show dev sstp0 scope global |
		sed -n 's/.* inet6 \([^/ ]*\)\/64 .*/\1/p'
}

addressed()
{
	[[ $(address6) ]]
}

# setup_policy: namespace $C and VRF blue; addresses of a network behind the client,
# and some that are not the client's
setup_policy()
{
	local address

	setup_sstpd
	ip netns add "$C"
	at_exit ip netns del "$C"
	make_users
	na sysctl -q -w net.ipv6.conf.all.forwarding=1 net.ipv4.conf.all.rp_filter=0 \
		net.ipv4.conf.default.rp_filter=0
	ip -n "$A" addr add "$BEHIND6/128" dev lo
	ip -n "$A" link add blue type vrf table 10
	ip -n "$A" link set blue up
	for address in "$SITE" $SITE6 10.66.0.1 10.88.0.13 2001:db8:66::1 2001:db8:88:99::1; do
		ip -n "$B" addr add "$address" dev lo
	done
}
