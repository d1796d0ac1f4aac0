#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The name servers of a client's tunnel are given to a real systemd-resolved, to openresolv
# and to Debian's resolvconf: what is inside is asked inside, what is outside outside, and
# nothing of it leaves by the other link. Where both are, "dns" says which. It is undone at
# the end, on reconnect and after a kill, and neither undone nor done again while sessions
# outlive the daemon. Scripts have them in their environment.
#
#	$A  dnsmasq inside 10.88.0.53		$B  client, systemd-resolved
#	    dnsmasq outside 192.0.2.1 ---veth---
#
# For the test VM only: the system's bus is ours.
set -euo pipefail
[[ -e /ksstp/kernels ]] || { echo 'Bail out! only in the test VM'; exit 1; }
. "$(dirname "$0")/lib-sstpd.sh"

INSIDE=10.88.0.53
INSIDE6=2001:db8:99::53
IS_INSIDE=10.88.7.7
IS_OUTSIDE=198.51.100.7
openresolv=/ksstp/openresolv
debians=/ksstp/resolvconf
calls=/run/sstp-test-calls
resolvconf_calls=/run/sstp-test-resolvconf-calls

# ---- name servers and resolvers ----

# name_server NAME ANSWER ADDRESS...: to all questions
name_server()
{
	local name=$1 answer=$2

	shift 2
	ip netns exec "$A" dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv \
		--no-hosts --user=root --bind-interfaces --except-interface=lo \
		"${@/#/--listen-address=}" --address="/#/$answer" --log-queries \
		--log-facility="$tmp/$name.dns" --pid-file="$tmp/$name.dns.pid" \
		2>"$tmp/$name.err" &
	at_exit kill "$!"
	wait_for "name server $name" bound_udp_at "$1" || bail "$(cat "$tmp/$name.err")"
}

bound_udp_at() # ADDRESS
{
	na ss -Hlun "src $1:53" | grep -q .
}

start_bus()
{
	mkdir -p /run/dbus /run/systemd
	dbus-daemon --system --nofork --nopidfile >"$tmp/bus.log" 2>&1 &
	at_exit kill "$!"
	wait_for 'bus' test -S /run/dbus/system_bus_socket || bail "$(cat "$tmp/bus.log")"
}

start_resolved()
{
	ip netns exec "$B" /usr/lib/systemd/systemd-resolved >"$tmp/resolved.log" 2>&1 &
	resolved=$!
	at_exit kill "$resolved"
	wait_for 'systemd-resolved' nb /usr/bin/resolvectl status || bail "$(tail "$tmp/resolved.log")"
	nb /usr/bin/resolvectl dns veth $ADDR_A
}

stop_resolved()
{
	kill "$resolved"
	wait "$resolved" 2>/dev/null || true
}

# What it does is noted, what we ask is not.
note_calls()
{
	: >"$calls"
	printf '#!/bin/sh\necho "$*" >>%s\nexec /usr/bin/resolvectl "$@"\n' "$calls" \
		>/usr/sbin/resolvectl
	chmod 755 /usr/sbin/resolvectl
	at_exit rm -f /usr/sbin/resolvectl "$calls"
}

# What is asked outside, by whomever
listen_outside()
{
	ip netns exec "$B" tcpdump -n -l --immediate-mode -i veth 'port 53 or port 853' \
		>"$tmp/outside.dump" 2>"$tmp/dump.err" &
	at_exit kill "$!"
	wait_for tcpdump grep -q 'listening on' "$tmp/dump.err"
}

# ---- questions ----

n_asked=0
# Whom a question goes to: systemd-resolved, or by the C library whoever is in resolv.conf
by=resolved

ask_resolved() # NAME
{
	nb /usr/bin/resolvectl query -4 --legend=no "$1"
}

ask_libc() # NAME
{
	nb getent ahostsv4 "$1" | sed "s/^/$1: /"
}

# asks ANSWER NAME: another name each time, as answers are kept; it is in $asked
asks()
{
	local said

	n_asked=$((n_asked + 1))
	asked=n$n_asked.$2
	said=$("ask_$by" "$asked") || return
	[[ $said == "$asked: $1 "* ]] || {
		echo "$said"
		return 1
	}
}

# goes WHERE DESCRIPTION NAME: and only there
goes()
{
	local answer=$IS_INSIDE elsewhere=outside

	[[ $1 == inside ]] || { answer=$IS_OUTSIDE; elsewhere=inside; }
	# Not in a shell of its own: $asked is wanted.
	if asks "$answer" "$3" >"$tmp/answer" 2>&1; then
		ok "$2"
	else
		not_ok "$2" "$(cat "$tmp/answer")" "$(nb /usr/bin/resolvectl status)"
	fi
	check "$2: one has heard of it" grep -qF "$asked" "$tmp/$1.dns"
	check "$2: the other has not" eval "! grep -F '$asked' '$tmp/$elsewhere.dns'"
	[[ $1 == outside ]] ||
		check "$2: nothing of it on the other link" eval \
			"! grep -F '$asked' '$tmp/outside.dump'"
}

# ---- what the resolver was told ----

link_has() # dns|domain VALUE
{
	[[ $(nb /usr/bin/resolvectl "$1" sstp0) == *"(sstp0): $2" ]]
}

told()
{
	link_has dns $INSIDE
}

# Nothing, and what it is that says so.
not_told()
{
	[[ $(nb /usr/bin/resolvectl dns sstp0) == *'(sstp0):' &&
		$(nb /usr/bin/resolvectl domain sstp0) == *'(sstp0):' ]]
}

calls()
{
	wc -l <"$calls"
}

# ---- the client ----

# split KEY=VALUE...: a client for some names
split()
{
	client_conf 'routes = 10.88.0.0/16' 'dns-domains = ~corp.example' \
		'reconnect-max = 1' "data-path = $path" "$@" | start_sstpd client "$B"
}

full()
{
	client_conf 'default-route = yes' 'reconnect-max = 1' "data-path = $path" "$@" |
		start_sstpd client "$B"
}

comes_up() # WHAT
{
	check "$1: a session" explain wait_for session connected
	check "$1: systemd-resolved is told" explain wait_for 'name servers' told
}

# An interface of somebody else's stays, and with it what was said of it.
interface_of_others()
{
	ip -n "$B" link add sstp0 type sstp
}

kill_all() # NAME: with no other one after it
{
	local pid

	pid=$(<"$tmp/$1.pid")
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || true
	wait_for 'end of all its processes' nobody_named sstpd
}

nobody_named() # START: of a program in the client's namespace
{
	[[ ! $(ip netns pids "$B" | xargs -r ps -o comm= -p | grep "^$1") ]]
}

some_names()
{
	split
	comes_up "$path"
	equal "$path: of these domains" "$(nb /usr/bin/resolvectl domain sstp0 | sed 's/.*: //')" \
		'~corp.example'
	goes inside "$path, a name inside" corp.example
	goes outside "$path, one outside" example.org
	goes outside "$path, one that only looks like it" notcorp.example
	stop_sstpd client
	check "$path, stopped: the client has undone it" grep -q '^revert' "$calls"
	check "$path: no file is left of it" test ! -e "$tmp/client.sock.dns"
	: >"$calls"
}

all_names()
{
	full
	comes_up "$path, default-route"
	goes inside "$path, default-route: any name" example.org
	goes inside "$path, default-route: another one" corp.example
	stop_sstpd client
	goes outside "$path, default-route: outside again" example.org
	: >"$calls"
}

reconnects()
{
	interface_of_others
	split
	comes_up 'reconnect'
	stop_sstpd server
	check 'the server goes: it is undone' explain wait_for 'end of name servers' not_told
	serve
	comes_up 'the server is back'
	goes inside 'the server is back, a name inside' corp.example
	stop_sstpd client
	check 'the client goes: it is undone' wait_for 'end of name servers' not_told
	: >"$calls"
}

# The next one wants nothing of the kind, but knows what the one before has done.
killed_and_changed()
{
	split
	comes_up 'to be killed'
	kill_all client
	check 'killed: it is still told' told
	check 'a file says so' grep -qx 'domain ~corp.example' "$tmp/client.sock.dns"
	client_conf 'dns = no' 'reconnect-max = 1' | start_sstpd client "$B"
	check 'the next one has undone it' explain wait_for 'end of name servers' not_told
	check 'the file is gone' wait_for 'end of file' test ! -e "$tmp/client.sock.dns"
	check 'it has a session' explain wait_for session connected
	check 'and tells nobody anything' not_told
	stop_sstpd client
	: >"$calls"
	ip -n "$B" link del sstp0
}

# ---- sessions that outlive the daemon ----

sstpd_of_client()
{
	cat "$tmp/client.sstpd" 2>/dev/null || true
}

another_sstpd() # THAN
{
	[[ $(sstpd_of_client) && $(sstpd_of_client) != "$1" ]]
}

restart()
{
	kill -USR2 "$(<"$tmp/client.pid")"
	wait_for 'another sstpd' another_sstpd "$1"
}

die()
{
	kill -KILL "$1"
	wait_for 'another sstpd' another_sstpd "$1"
}

upgrade()
{
	sstpctl -s "$tmp/client.sock" upgrade >/dev/null
}

same_session()
{
	has_session client && [[ $(session_of client id) == "$id" ]]
}

passes_on() # WHAT COMMAND
{
	local before

	before=$(said client 'is ready')
	"$2" "$(sstpd_of_client)"
	check "$1: the next sstpd" explain wait_for 'log line' said_more client 'is ready' "$before"
	check "$1: goes on with the session" explain wait_for session same_session
	check "$1: the name servers are what they were" told
	equal "$1: and nobody was told again" "$(calls)" 0
}

outlives()
{
	printf '#!/bin/sh\nexec fd-keeper "${3%%.conf}.sstpd" sstpd "$@"\n' >"$tmp/kept"
	chmod 755 "$tmp/kept"
	SSTPD=$tmp/kept split
	comes_up 'a session that stays'
	id=$(session_of client id)
	: >"$calls"
	passes_on 'restarted' restart
	passes_on 'killed' die
	passes_on 'upgraded' upgrade
	goes inside 'a name inside' corp.example
	# What the file says now counts for the session that is there.
	sed -i 's/^dns-domains = .*/dns-domains = ~corp.example, lab.example/' "$tmp/client.conf"
	restart "$(sstpd_of_client)"
	check 'restarted with other domains: they are told' explain wait_for 'domains' \
		link_has domain '~corp.example lab.example'
	check 'of the same session' same_session
	stop_sstpd client
	check 'stopped: undone' grep -q '^revert' "$calls"
	: >"$calls"
}

# ---- IPv6 ----

# The only name server is advertised.
advertised()
{
	stop_sstpd server
	na sysctl -qw net.ipv6.conf.all.forwarding=1
	{
		server_conf 'ipv6 = yes' | sed '/^dns = /d'
		printf '%s\n' 'ipv6-prefix = 2001:db8:88::/48' "ipv6-dns = $INSIDE6"
	} | start_sstpd server "$A"
	SSTPD=$tmp/kept full 'ipv6 = yes'
	check 'IPv6: a session' explain wait_for session connected
	check 'IPv6: systemd-resolved is told' explain wait_for 'name servers' \
		link_has dns $INSIDE6
	goes inside 'IPv6: a name' example.org
	id=$(session_of client id)
	: >"$calls"
	restart "$(sstpd_of_client)"
	check 'IPv6, restarted: the same session' explain wait_for session same_session
	check 'IPv6, restarted: the name server is what it was' link_has dns $INSIDE6
	equal 'IPv6, restarted: and nobody was told again' "$(calls)" 0
	stop_sstpd client
	check 'IPv6, stopped: undone' grep -q '^revert' "$calls"
	stop_sstpd server
	: >"$calls"
	serve
}

# ---- resolvconf ----

resolv_conf_has() # SERVER...: these, in that order
{
	[[ $(sed -n 's/^nameserver //p' "$resolv_conf" | xargs) == "$*" ]]
}

# Not made to be on one machine with systemd-resolved, nor with each other: packages keep
# them apart. What sstpd has it do is noted.
install_resolvconf() # PROGRAM LIBRARY
{
	resolvconf=$1
	at_exit rm -rf /run/resolvconf /usr/bin/resolvconf /usr/lib/resolvconf \
		"$resolvconf_calls"
	rm -rf /run/resolvconf /usr/lib/resolvconf
	cp -r "$2" /usr/lib/
	: >"$resolvconf_calls"
	printf '#!/bin/sh\necho "$*" >>%s\nexec %s "$@"\n' "$resolvconf_calls" "$resolvconf" \
		>/usr/bin/resolvconf
	chmod 755 /usr/bin/resolvconf
}

install_openresolv()
{
	install_resolvconf "$openresolv/usr/sbin/resolvconf" "$openresolv/usr/lib/resolvconf"
	resolv_conf=$tmp/resolv.conf
	at_exit rm -f /etc/resolvconf.conf
	echo "resolv_conf=$resolv_conf" >/etc/resolvconf.conf
	echo "nameserver $ADDR_A" | nb "$resolvconf" -a veth
	check 'openresolv has the name server outside' resolv_conf_has $ADDR_A
}

# With the link that its package makes.
install_debians()
{
	install_resolvconf "$debians/usr/sbin/resolvconf" "$debians/usr/lib/resolvconf"
	resolv_conf=/etc/resolv.conf
	at_exit rm -rf /etc/resolvconf "$resolv_conf"
	cp -r "$debians/etc/resolvconf" /etc/
	ln -sf ../run/resolvconf/resolv.conf "$resolv_conf"
	nb "$resolvconf" --enable-updates
	echo "nameserver $ADDR_A" | nb "$resolvconf" -a eth0.dhclient
	check "Debian's resolvconf has the name server outside" resolv_conf_has $ADDR_A
}

# Whoever is not meant is not called at all: what a client has run has ended when it has.
both_are_there()
{
	full 'dns = resolvconf'
	check 'both are there, dns = resolvconf: it is told' explain \
		wait_for 'name server' resolv_conf_has $INSIDE
	check 'systemd-resolved is not' not_told
	stop_sstpd client
	check 'stopped: undone' resolv_conf_has $ADDR_A
	equal 'resolvectl was not run' "$(cat "$calls")" ''
	equal 'resolvconf was, twice' "$(cut -d ' ' -f 1,2 "$resolvconf_calls" | tr '\n' ' ')" \
		'-a tun.sstp0 -d tun.sstp0 '
	: >"$resolvconf_calls"
	for whom in resolved auto; do
		full "dns = $whom"
		comes_up "both are there, dns = $whom"
		goes inside "dns = $whom: a name" example.org
		check "dns = $whom: openresolv has the name server outside" \
			resolv_conf_has $ADDR_A
		stop_sstpd client
		check "dns = $whom, stopped: undone" grep -q '^revert' "$calls"
		equal "dns = $whom: resolvconf was not run" "$(cat "$resolvconf_calls")" ''
		: >"$calls"
	done
}

by_resolvconf()
{
	full
	check 'systemd-resolved does not run: resolvconf is told' explain \
		wait_for 'name server' resolv_conf_has $INSIDE
	stop_sstpd client
	check 'stopped: undone' resolv_conf_has $ADDR_A
	full
	check 'once more' explain wait_for 'name server' resolv_conf_has $INSIDE
	kill_all client
	check 'killed: it still is' resolv_conf_has $INSIDE
	full 'dns = resolved'
	check 'the next one has undone it' explain wait_for 'name server' resolv_conf_has $ADDR_A
	stop_sstpd client
	split
	check 'some names' explain wait_for session connected
	check 'resolvconf is told' explain wait_for 'name server' eval \
		"nb $resolvconf -v | grep -x \"DOMAINS='corp.example:$INSIDE'\""
	check 'all others are asked outside' resolv_conf_has $ADDR_A
	stop_sstpd client
	split 'dns-domains = ~.'
	check 'the domain of all names' explain wait_for 'name server' resolv_conf_has $INSIDE
	stop_sstpd client
}

# Its list is one for all names; who is outside stays behind who is inside.
by_debians()
{
	full
	check "Debian's resolvconf is told" explain \
		wait_for 'name server' resolv_conf_has $INSIDE $ADDR_A
	goes inside "Debian's resolvconf: a name" example.org
	stop_sstpd client
	check 'stopped: undone' resolv_conf_has $ADDR_A
	goes outside 'stopped: a name' example.org
	equal 'it was run twice' "$(cut -d ' ' -f 1,2 "$resolvconf_calls" | tr '\n' ' ')" \
		'-a tun.sstp0 -d tun.sstp0 '
	# As the unit has it; the list is for every user.
	umask 077
	full
	umask 022
	check 'once more' explain wait_for 'name server' resolv_conf_has $INSIDE $ADDR_A
	equal 'all may read it' "$(stat -Lc %a "$resolv_conf")" 644
	kill_all client
	check 'killed: it still is' resolv_conf_has $INSIDE $ADDR_A
	full 'dns = resolved'
	check 'the next one has undone it' explain wait_for 'name server' resolv_conf_has $ADDR_A
	stop_sstpd client
	split 'dns-domains = lab.example'
	check "some names, by Debian's resolvconf" explain \
		wait_for 'name server' resolv_conf_has $INSIDE $ADDR_A
	equal 'they are searched in, but for those with ~' \
		"$(sed -n 's/^search //p' "$resolv_conf")" lab.example
	goes inside 'the others, too' example.org
	check 'as the log says' logged client 'all names are asked in the tunnel'
	stop_sstpd client
	check 'stopped: undone, domains too' eval \
		'resolv_conf_has $ADDR_A && ! grep ^search "$resolv_conf"'
}

# ---- name servers that do not count ----

does_not_count()
{
	client_conf 'dns-domains = ~corp.example' | start_sstpd client "$B"
	check 'a name server outside of "routes"' explain wait_for session connected
	check 'does not count, as the log says' explain wait_for 'log line' logged client \
		'only name servers that are not in "routes"'
	check 'nobody is told' not_told
	stop_sstpd client
	: >"$calls"
}

# ---- scripts ----

# named SERVERS VARIABLES: the server names these, "dns = no"
named()
{
	server_conf | sed "s/^dns = .*/dns = $1/" | start_sstpd server "$A"
	rm -f "$tmp/up.env"
	client_conf 'dns = no' "up-script = $tmp/up" | start_sstpd client "$B"
	check "up-script, name servers $1" explain wait_for 'script' test -e "$tmp/up.env"
	equal 'has them in its environment' "$(grep ^SSTP_DNS "$tmp/up.env" | sort | xargs)" "$2"
	stop_sstpd client
	stop_sstpd server
}

up_script()
{
	stop_sstpd server
	printf '#!/bin/sh\nenv >%s.new\nmv %s.new %s\n' "$tmp/up.env" "$tmp/up.env" "$tmp/up.env" \
		>"$tmp/up"
	chmod 755 "$tmp/up"
	named "$INSIDE, 10.88.0.54" "SSTP_DNS1=$INSIDE SSTP_DNS2=10.88.0.54"
	named "$INSIDE" "SSTP_DNS1=$INSIDE"
	serve
}

serve()
{
	server_conf 'source-check = no' | start_sstpd server "$A"
}

setup_sstpd
network_behind "$A" inside 10.88.0
ip -n "$A" addr add $INSIDE/24 dev inside
ip -n "$A" addr add $INSIDE6/128 dev inside nodad
name_server inside $IS_INSIDE $INSIDE $INSIDE6
name_server outside $IS_OUTSIDE $ADDR_A
start_bus
start_resolved
note_calls
listen_outside
goes outside 'before all: a name' example.org
serve

for path in ${PATHS:-kernel tun}; do
	some_names
	all_names
done
path=kernel
does_not_count
outlives
advertised
reconnects
killed_and_changed
up_script
install_openresolv
both_are_there
stop_resolved
by_resolvconf
install_debians
by=libc
by_debians
finish
