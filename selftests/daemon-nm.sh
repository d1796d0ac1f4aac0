#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A real NetworkManager has a connection of SSTP, and nm-sstp-service of ours brings it
# up: addresses, routes and name servers are NetworkManager's, packets the module's. A
# wrong password, a server that is gone and one that is stopped are what nmcli and
# NetworkManager's signals say, and nothing is left over.
#
#	$A  sstpd at 198.51.100.1	$B  NetworkManager, which has veth and nothing else
#	    10.99.0.1 behind it		    nm-sstp-service, sstpd
#	    192.0.2.1 ------- veth -------- 192.0.2.2
#
# For the test VM only: the system's bus is ours.
set -euo pipefail
[[ -e /ksstp/kernels ]] || { echo 'Bail out! only in the test VM'; exit 1; }
. "$(dirname "$0")/lib-sstpd.sh"
. "$(dirname "$0")/lib-doc.sh"

SERVER_AT=198.51.100.1
BEHIND=10.99.0.1
DNS=10.88.0.53
DNS_LATER=10.88.0.54
BEHIND6=2001:db8:99::1
PREFIX6=2001:db8:88
DNS6=2001:db8:99::53
IFNAME=sstp-5a5a5a5a
UUID=5a5a5a5a-0000-4000-8000-000000000001
nm_run=/run/sstpd/nm-$UUID

# ---- NetworkManager ----

start_bus()
{
	mkdir -p /run/dbus
	# That of another test would do as well, were it not for nobody at its other end.
	rm -f /run/dbus/system_bus_socket
	dbus-daemon --system --nofork --nopidfile >"$tmp/bus.log" 2>&1 &
	at_exit kill "$!"
	wait_for 'bus' test -S /run/dbus/system_bus_socket || bail "$(cat "$tmp/bus.log")"
}

# The service as the documents have it installed, where NetworkManager and the bus look.
install_service()
{
	install -D "$KSSTP_BUILD/sstpd" /usr/local/sbin/sstpd
	at_exit rm -rf /usr/local/sbin/sstpd /usr/local/libexec/ksstp \
		/usr/lib/NetworkManager/VPN/nm-ksstp-service.name \
		/usr/share/dbus-1/system.d/nm-ksstp-service.conf
	make -s -C "$here/.." O=build/trixie install-nm >"$tmp/make" 2>&1 ||
		bail "make install-nm: $(tail -n 1 "$tmp/make")"
}

# Without udev, as in a container: /sys is not for writing there.
start_network_manager()
{
	cat >"$tmp/nm.conf" <<-END
	[main]
	plugins=keyfile
	dns=default
	rc-manager=unmanaged
	auth-polkit=false
	hostname-mode=none
	no-auto-default=*
	[keyfile]
	path=$tmp/connections
	unmanaged-devices=*,except:interface-name:veth
	[logging]
	level=INFO
	[connectivity]
	enabled=false
	END
	mkdir "$tmp/connections"
	ip netns exec "$B" unshare -m sh -c "mount -o remount,ro /sys &&
		exec NetworkManager --debug --config=$tmp/nm.conf --config-dir=$tmp/nm.d \
		--state-file=$tmp/nm.state --intern-config=$tmp/nm.intern" \
		>"$tmp/nm.log" 2>&1 </dev/null &
	nm=$!
	at_exit rm -rf /run/NetworkManager
	at_exit kill -KILL "$nm"
	wait_for 'NetworkManager' nb nmcli general status || bail "$(tail "$tmp/nm.log")"
}

# What a program on the bus is told.
watch_signals()
{
	gdbus monitor --system --dest org.freedesktop.NetworkManager >"$tmp/signals" 2>&1 &
	at_exit kill "$!"
	wait_for 'signals' grep -q 'is owned by' "$tmp/signals" || bail "$(cat "$tmp/signals")"
}

# connection NAME LINES...: in a file of it, as editors have written them
connection()
{
	local file=$tmp/connections/$1.nmconnection

	install -m 600 /dev/null "$file"
	cat >"$file"
	nb nmcli connection reload
}

outside()
{
	connection outside <<-END
	[connection]
	id=outside
	type=ethernet
	interface-name=veth
	[ipv4]
	method=manual
	address1=$ADDR_B/24,$ADDR_A
	[ipv6]
	method=ignore
	END
	check 'NetworkManager has the interface outside' explain nb nmcli --wait 60 \
		connection up outside
}

# vpn [KEY=VALUE...]: of [vpn], before what is said here; $VPN_IPV4 and $VPN_ROUTES6 are
# lines of [ipv4] and [ipv6]
vpn()
{
	connection vpn <<-END
	[connection]
	id=vpn
	uuid=$UUID
	type=vpn
	autoconnect=false
	[vpn]
	service-type=org.freedesktop.NetworkManager.sstp
	gateway=$SERVER_NAME
	user=$VPN_USER
	ca-cert=$tmp/${CA:-ca}.pem
	refuse-eap=yes
	refuse-pap=yes
	$(printf '%s\n' "$@")
	[vpn-secrets]
	${SECRETS-password=$VPN_PASSWORD}
	[ipv4]
	method=auto
	${VPN_IPV4:-}
	[ipv6]
	method=${VPN_IPV6:-ignore}
	${VPN_ROUTES6:-}
	END
}

up()
{
	nb nmcli --wait 90 connection up vpn "$@"
}

down()
{
	nb nmcli --wait 60 connection down vpn
}

vpn_state()
{
	nb nmcli -g GENERAL.STATE connection show vpn
}

not_active()
{
	[[ ! $(vpn_state) ]]
}

# NetworkManager's words for NMActiveConnectionStateReason, by number
REASONS=(unknown none user-disconnected device-disconnected service-stopped ip-config-invalid
	connect-timeout service-start-timeout service-start-failed no-secrets login-failed
	connection-removed dependency-failed device-realize-failed device-removed)

# ends: why active connections have ended, so far, each in a line. NetworkManager says that
# once of each; VpnStateChanged may come again, when the service has gone as well.
ends()
{
	local number

	sed -n 's/.*\.Connection\.Active\.StateChanged (uint32 4, uint32 \([0-9]*\))$/\1/p' \
		"$tmp/signals" | while read -r number; do
		echo "${REASONS[number]:-$number}"
	done
}

# mark: what ended_with looks at begins here
mark()
{
	marked=$(ends | wc -l)
}

ended_since()
{
	ends | tail -n +$((marked + 1)) | paste -sd ' '
}

# ended_with DESCRIPTION REASON...: since the mark so many, for these reasons
ended_with()
{
	wait_for 'signals' eval '[[ $(ended_since | wc -w) -ge $(($# - 1)) ]]' || true
	equal "$1" "$(ended_since)" "${*:2}"
}

# explain CHECK...: if it fails, with what all sides have logged
explain()
{
	"$@" && return
	tail -n 20 "$tmp/signals"
	grep -v '<trace>' "$tmp/nm.log" | tail -n 60
	tail -n 10 "$tmp/server.log" | tr -d '\0'
	return 1
}

# ---- what there is ------------------------------------------------------------------

has_address()
{
	ip -n "$B" -4 addr show dev "$IFNAME" | grep -q 'inet 10\.88\.0\.1[0-9] peer 10\.88\.0\.1/32'
}

way_to() # ADDRESS WHAT
{
	[[ $(ip -n "$B" route get "$1") == *"$2"* ]]
}

asks() # SERVER
{
	grep -qx "nameserver $1" /run/NetworkManager/resolv.conf
}

no_interface()
{
	! ip -n "$B" link show dev "$IFNAME" 2>/dev/null
}

client_processes()
{
	ip netns pids "$B" | xargs -r ps -o comm= -p | grep '^sstpd'
}

no_secrets()
{
	! compgen -G "$nm_run/*password" && ! compgen -G "$nm_run/*.key"
}

# Whoever kills the service leaves some, without a secret, to the next one.
no_files()
{
	if [[ ${killed:-} ]]; then
		no_secrets
	else
		! compgen -G '/run/sstpd/nm-*'
	fi
}

nothing_left()
{
	not_active && no_interface && no_files && ! client_processes && ! asks "$DNS" &&
		way_to $BEHIND 'dev veth' && way_to $SERVER_AT "via $ADDR_A dev veth"
}

nothing_is_left() # AFTER
{
	check "$1: nothing is left" explain wait_for 'end of all' nothing_left
	client_gone server || check "$1: the server has no session" explain \
		wait_for 'end of session' has_no_session server
}

the_client() # KEY
{
	sstpctl -s "$nm_run/control.sock" show --json | sed -n "s/^      \"$1\": \"\?\([^\",]*\).*/\1/p"
}

# service_name: what the service of the only connection is called on the bus
service_name()
{
	gdbus call --system --dest org.freedesktop.DBus --object-path / \
		--method org.freedesktop.DBus.ListNames |
		grep -o 'org\.freedesktop\.NetworkManager\.sstp\.Connection_[0-9]*' | sort -u
}

# by_nobody NAME OBJECT METHOD ARGUMENT...: a call of somebody who has no rights
by_nobody()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups gdbus call --system --dest "$1" \
		--object-path "$2" --method "$3" "${@:4}"
}

# ---- tests --------------------------------------------------------------------------

full_tunnel()
{
	vpn
	check 'up' explain up
	check 'the address is there' explain has_address
	equal 'packets are the module'"'"'s' "$(the_client path)" kernel
	equal 'the MTU' "$(ip netns exec "$B" cat /sys/class/net/$IFNAME/mtu)" 1400
	check 'all goes there' way_to $BEHIND "dev $IFNAME"
	check 'but the connection itself' way_to $SERVER_AT "via $ADDR_A dev veth"
	check 'its name server is asked' explain wait_for 'name server' asks $DNS
	check 'no secret is left in a file' no_secrets
	refuse 'nobody else may end it' AccessDenied by_nobody "$(service_name)" \
		/org/freedesktop/NetworkManager/VPN/Plugin \
		org.freedesktop.NetworkManager.VPN.Plugin.Disconnect
	refuse 'nor serve in its place' AccessDenied by_nobody org.freedesktop.DBus / \
		org.freedesktop.DBus.RequestName org.freedesktop.NetworkManager.sstp 0
	check 'a file comes through' intact "$B" "$A" $BEHIND 2
	check 'and another one back' intact "$A" "$B" "$(the_client local)" 2
	mark
	check 'down' explain down
	ended_with 'NetworkManager: somebody has ended it' user-disconnected
	check 'its end was in order' explain wait_for 'log line' logged server \
		'session .* end: .*(disconnected|terminated)'
	nothing_is_left 'down'
}

split_tunnel()
{
	VPN_IPV4=$'never-default=true\nroute1=10.99.0.0/24' vpn 'mtu=1300' 'unit=7'
	IFNAME=sstp7
	check 'split tunnel, with a unit: up' explain up
	check 'split tunnel: the route leads there' way_to $BEHIND 'dev sstp7'
	check 'split tunnel: all else does not' way_to 203.0.113.1 'dev veth'
	equal 'split tunnel: its MTU' "$(ip netns exec "$B" cat /sys/class/net/sstp7/mtu)" 1300
	check 'split tunnel: a ping' nb ping -c 1 -W $PATIENCE $BEHIND
	check 'split tunnel: down' explain down
	nothing_is_left 'split tunnel'
	IFNAME=$OWN_IFNAME
}

# The session goes on over another connection, for which the server has another name server.
moves()
{
	vpn
	check 'moves: up' explain up
	check 'moves: a name server' explain wait_for 'name server' asks $DNS
	sed -i "s/^dns = .*/dns = $DNS_LATER/" "$tmp/server.conf"
	sstpctl -s "$tmp/server.sock" reload >/dev/null
	check 'another connection' sstpctl -s "$nm_run/control.sock" reconnect NetworkManager
	check 'moves: its name server is asked' explain wait_for 'name server' asks $DNS_LATER
	check 'the one before is not' eval '! asks $DNS'
	check 'moves: it goes on' nb ping -c 1 -W $PATIENCE $BEHIND
	check 'moves: down' explain down
	nothing_is_left 'moves'
	sed -i "s/^dns = .*/dns = $DNS/" "$tmp/server.conf"
	sstpctl -s "$tmp/server.sock" reload >/dev/null
}

# Asked for by nmcli, which our program tells what to ask.
asked()
{
	echo "vpn.secrets.password:$VPN_PASSWORD" >"$tmp/asked"
	SECRETS='' vpn 'password-flags=2'
	check 'a password that is asked for: up' explain up passwd-file "$tmp/asked"
	check 'a password that is asked for: down' explain down
	nothing_is_left 'a password that is asked for'
}

# ask ANSWER...: what the guide says for a desktop, with these on its standard input
ask()
{
	local commands

	commands=$(text remote-access '^On a Linux desktop' | sed "s/vpn\.example\.com/$SERVER_NAME/
		s|user=alice|user=$VPN_USER, ca-cert=$tmp/ca.pem|")
	printf '%s\n' "$@" | ip netns exec "$B" timeout "$PATIENCE" bash -ec "$commands" >"$tmp/ask" 2>&1
}

# What nmcli says is what our program has told it.
asked_again()
{
	check 'the guide, with a wrong password first: up' explain ask wrong "$VPN_PASSWORD"
	check 'it was asked for' grep 'A password is needed to connect to "work"' "$tmp/ask"
	check 'and again, and why' grep 'The server has refused user or password' "$tmp/ask"
	check 'the guide: the way inside is the tunnel' way_to $BEHIND 'dev sstp-'
	check 'the guide: it leads there' nb ping -c 1 -W $PATIENCE $BEHIND
	check 'and no other' way_to 203.0.113.1 'dev veth'
	nb nmcli connection delete work >/dev/null
	check 'the guide: the connection is gone' wait_for 'end' eval '! client_processes'
	mark
	refuse 'twice the same wrong password is the end' 'No valid secrets' eval \
		'! ask wrong wrong && cat "$tmp/ask" && false'
	ended_with 'NetworkManager: it has no secrets' no-secrets
	check 'as the log says' grep 'no other password than the one that was refused' "$tmp/nm.log"
	nb nmcli connection delete work >/dev/null
}

# What the server's own configuration makes of itself for its user, as its first lines say.
by_profile()
{
	sstpctl profile "$VPN_USER" --conf "$tmp/server.conf" --for networkmanager \
		--routes 10.99.0.0/24 | sed "s|^ca-cert=.*|ca-cert=$tmp/ca.pem|" | connection profile
	check 'a profile: up' explain eval \
		'nb nmcli --wait 90 --ask connection up sstp-vpn <<<"$VPN_PASSWORD"'
	check 'a profile: its route leads there' way_to $BEHIND 'dev sstp-'
	check 'a profile: all else does not' way_to 203.0.113.1 'dev veth'
	check 'a profile: a ping' nb ping -c 1 -W $PATIENCE $BEHIND
	nb nmcli connection delete sstp-vpn >/dev/null
	check 'a profile: the connection is gone' wait_for 'end' eval '! client_processes'
}

# Beside the first one, with a service and an sstpd of its own.
two_at_once()
{
	vpn
	sed "s/^id=vpn/id=other/; s/^uuid=5a5a5a5a/uuid=6b6b6b6b/; s/^user=.*/user=$OTHER_USER/
		s/^method=auto/&\\nnever-default=true/" "$tmp/connections/vpn.nmconnection" |
		connection other
	check 'one connection' explain up
	check 'and another one beside it' explain nb nmcli --wait 90 connection up other
	check 'both have their interface' eval \
		"ip -n $B -4 addr show dev sstp-6b6b6b6b | grep 10.88 && has_address"
	check 'the other one ends' nb nmcli --wait 60 connection down other
	check 'the one goes on' nb ping -c 1 -W $PATIENCE $BEHIND
	check 'and ends' down
	nothing_is_left 'two connections'
}

# the_address6: of the prefix, as NetworkManager has it
the_address6()
{
	nb nmcli -e no -g IP6.ADDRESS connection show vpn | grep -o "$PREFIX6:[^ /]*/128"
}

# has_address6: NetworkManager says that it has one, and so does the kernel
has_address6()
{
	local address

	address=$(the_address6) &&
		ip -n "$B" -6 addr show dev "$IFNAME" | grep "inet6 $address "
}

# of_its_own WHEN: the address of the link, which NetworkManager does not know
of_its_own()
{
	check "IPv6: the other end answers, $1" nb ping -c 1 -W $PATIENCE \
		"$(the_client peer_ipv6)%$IFNAME"
}

# advertise ROUTER VALID...: by hand, a router and a prefix for so many seconds, and a name
# server; one after the other, without much of a pause. $PREFIX_NUMBER: of the prefix (1)
advertise()
{
	na python3 - $PREFIX6:${PREFIX_NUMBER:-1}:: $DNS6 "$@" <<-'END'
	import socket, struct, sys, time

	prefix, dns = [socket.inet_pton(socket.AF_INET6, text) for text in sys.argv[1:3]]
	router, *times = map(int, sys.argv[3:])
	s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
	s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
	for valid in times:
	    s.sendto(struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, router, 0, 0) +
	             struct.pack("!BBBBIII16s", 3, 4, 64, 0xc0, valid, valid, 0, prefix) +
	             struct.pack("!BBHI16s", 25, 3, 0, 1800, dns),
	             ("ff02::1", 0, 0, socket.if_nametoindex("sstp0")))
	    time.sleep(0.3)
	END
}

has_way6()
{
	has_address6 && way_to $BEHIND6 "dev $IFNAME" && asks $DNS6
}

no_way6()
{
	! way_to $BEHIND6 "dev $IFNAME" && ! asks $DNS6
}

advertised() # ROUTER VALID WHEN
{
	advertise "$1" "$2"
	check "IPv6, by hand: all goes there, $3" explain wait_for 'way' has_way6
}

withdrawn() # WHAT
{
	check "IPv6, by hand: $1: nothing goes there any more" explain wait_for 'no way' no_way6
	check "IPv6, by hand: $1: IPv4 goes on" eval \
		"way_to $BEHIND 'dev $IFNAME' && asks $DNS"
}

# renewals: how often NetworkManager has had it come up again
renewals()
{
	grep -c 'NetworkManager state is now CONNECTING' "$tmp/nm.log" || true
}

has_last_word()
{
	has_way6 && [[ $(the_address6) == $PREFIX6:2:* ]]
}

# Twelve times in four seconds, and then something else.
often()
{
	local before

	before=$(renewals)
	advertise 1800 0 1800 0 1800 0 1800 0 1800 0 1800 0
	PREFIX_NUMBER=2 advertise 1800 1800
	check 'IPv6, by hand: the last word counts' explain wait_for 'way' has_last_word
	between 'of thirteen words in seconds NetworkManager has heard few' \
		$(($(renewals) - before)) 1 6
	PREFIX_NUMBER=2 advertise 1800 0
}

# What the server takes back, or does not say again in time, NetworkManager is told.
withdraws()
{
	advertised 1800 1800 'at first'
	advertise 1800 0
	withdrawn 'without its prefix'
	advertised 1800 1800 'with its prefix again'
	advertise 1800 2
	withdrawn 'its prefix has expired'
	of_its_own 'after that'
	advertised 1800 1800 'and again'
	often
	advertise 0 1800
	check 'IPv6, by hand: no router: the way leads elsewhere' explain wait_for 'no way' eval \
		"! way_to $BEHIND6 'dev $IFNAME'"
}

# Its sstpd makes way for another one, which needs the password that it has read.
upgraded()
{
	refuse 'an upgrade: it needs the password' "$nm_run/password" \
		sstpctl -s "$nm_run/control.sock" upgrade
	(umask 077 && printf '%s\n' "$VPN_PASSWORD" >"$nm_run/password")
	check 'with that it is upgraded' explain sstpctl -s "$nm_run/control.sock" upgrade
	check 'the service is back, and leaves no secret' explain wait_for 'no secret' no_secrets
	check 'the upgrade has taken nothing away' has_way6
	advertised 1800 1800 'after an upgrade'
	advertise 1800 0
	withdrawn 'withdrawn after an upgrade'
}

with_ipv6()
{
	POOL=$(printf '%s\n' "ipv6-prefix = $PREFIX6::/48" "ipv6-dns = $DNS6")
	na sysctl -q -w net.ipv6.conf.all.forwarding=1
	ip -n "$A" addr add $BEHIND6/128 dev inside
	stop_sstpd server
	serve 'ipv6 = yes'
	VPN_IPV6=auto vpn
	check 'IPv6: up' explain up
	check 'IPv6: it has an address, by what the server advertises' explain \
		wait_for 'address' has_address6
	of_its_own 'with another address there'
	check 'IPv6: all goes there' way_to $BEHIND6 "dev $IFNAME"
	check 'IPv6: what is behind the server answers' eval \
		'address=$(the_address6) && nb ping -c 1 -W $PATIENCE -I "${address%/128}" $BEHIND6'
	check 'IPv6: its name server is asked' explain wait_for 'name server' asks $DNS6
	check 'IPv6: down' explain down
	nothing_is_left 'IPv6'

	VPN_IPV6=auto VPN_ROUTES6=$'never-default=true\nroute1=2001:db8:99::/64' vpn
	check 'IPv6, split: up' explain up
	check 'IPv6, split: it has an address' explain wait_for 'address' has_address6
	check 'IPv6, split: what is behind the server answers' nb ping -c 1 -W $PATIENCE $BEHIND6
	check 'IPv6, split: all else does not go there' eval \
		"! way_to 2001:db8:77::1 'dev $IFNAME'"
	check 'IPv6, split: its prefix makes no route' eval \
		"! way_to ${PREFIX6}:ffff::1 'dev $IFNAME'"
	check 'IPv6, split: down' explain down
	nothing_is_left 'IPv6, split'

	POOL=
	stop_sstpd server
	serve 'ipv6 = yes'
	VPN_IPV6=auto vpn
	check 'IPv6, and no router: up' explain up
	of_its_own 'and is no router'
	withdraws
	advertised 1800 1800 'once more'
	upgraded
	check 'IPv6, and no router: down' explain down
	nothing_is_left 'IPv6, and no router'
}

# In one file, as Windows hands it out.
by_certificate()
{
	self_signed users-ca ec '/CN=CA of users'
	user_cert carol carol users-ca
	openssl pkcs12 -export -in "$tmp/carol.pem" -inkey "$tmp/carol.key" \
		-certfile "$tmp/users-ca.pem" -passout pass:sesame -out "$tmp/carol.p12"
	P12=(connection-type=tls tls-identity=carol "tls-user-cert=$tmp/carol.p12"
		"tls-user-key=$tmp/carol.p12" "tls-ca-cert=$tmp/ca.pem")
	echo 'carol:*' >>"$tmp/users"
	stop_sstpd server
	serve 'auth = eap-tls' "eap-tls-ca = $tmp/users-ca.pem"
	SECRETS=tls-user-key-secret=sesame vpn "${P12[@]}"
	check 'PKCS#12: up' explain up
	equal 'PKCS#12: who it is' "$(session_of server user) by $(session_of server auth)" \
		'carol by EAP-TLS'
	check 'PKCS#12: no secret is left in a file' no_secrets
	check 'PKCS#12: down' explain down
	nothing_is_left 'PKCS#12'
	SECRETS=tls-user-key-secret=other vpn "${P12[@]}"
	fails 'PKCS#12 with another password' 'The VPN service failed to start' \
		service-start-failed 'carol\.p12 is PKCS#12 with another password'
	user_cert stranger carol other
	SECRETS='' vpn connection-type=tls tls-identity=carol "tls-ca-cert=$tmp/ca.pem" \
		"tls-user-cert=$tmp/stranger.pem" "tls-user-key=$tmp/stranger.key"
	fails 'a certificate of another CA' 'Invalid secrets' login-failed \
		'not established: user carol .*EAP-TLS: tlsv1 alert unknown ca'
	stop_sstpd server
	serve
}

# ---- what goes wrong ------------------------------------------------------------------

# fails DESCRIPTION NMCLI-SAYS REASON LOG-SAYS
fails()
{
	local before

	mark
	before=$(wc -l <"$tmp/nm.log")
	refuse "$1: nmcli says so" "Error: Connection activation failed: $2" up
	ended_with "$1: NetworkManager's reason" "$3"
	check "$1: the log says why" explain eval \
		"tail -n +$((before + 1)) '$tmp/nm.log' | grep -E '$4'"
	nothing_is_left "$1"
}

does_not_come_up()
{
	SECRETS=password=wrong vpn
	fails 'a wrong password, and nobody to ask' 'No valid secrets' no-secrets \
		'failed to request VPN secrets'
	CA=other vpn
	fails 'a server of another CA' 'Unknown reason' unknown \
		'server certificate: unable to get local issuer'
	vpn 'user=alice\nup-script = /tmp/x'
	fails 'a value with a line break' 'The VPN service failed to start' \
		service-start-failed 'user: the value has a control character'
	vpn 'ca-cert=/nonexistent.pem'
	fails 'a file that is not there' 'The VPN service failed to start' \
		service-start-failed 'cannot read /nonexistent.pem: No such file'
	vpn 'no-such-key=1'
	check 'a key that nobody knows is no matter' explain up
	check 'and the log says so' grep -q 'no-such-key is not known' "$tmp/nm.log"
	check 'down again' explain down
}

goes() # WHAT REASONS COMMAND...: while it is up, with $DATA, further lines of [vpn]
{
	vpn ${DATA:+"$DATA"}
	check "$1: up before" explain up
	mark
	"${@:3}"
	check "$1: the connection has ended" explain wait_for 'end' not_active
	# shellcheck disable=SC2086 # a list of words
	ended_with "$1: NetworkManager's reason" $2
	nothing_is_left "$1"
}

kill_one() # SIGNAL NAME-OF-PROCESS
{
	ip netns pids "$B" | xargs -r ps -o pid=,comm= -p |
		awk -v name="$2" '$2 == name { print $1 }' | xargs kill "-$1"
}

# Of two processes, the service and sstpd, none is left when one is gone.
ends_by_itself()
{
	goes 'sstpd killed' unknown kill_one KILL sstpd
	killed=yes
	goes 'the service killed' service-stopped kill_one KILL nm-sstp-service
	killed=
	goes 'up again at once' 'service-stopped user-disconnected' up_again
	goes 'ended at the server' unknown \
		sstpctl -s "$tmp/server.sock" disconnect --user $VPN_USER
	DATA='lcp-echo-interval=2' goes 'the server silent' unknown silence
	goes 'the server gone' unknown stop_server
	fails 'no server' 'Unknown reason' unknown 'Connection refused'
}

# It answers no more, as behind a firewall that has forgotten the connection.
silence()
{
	na nft 'add table inet silent; add chain inet silent in { type filter hook input priority 0; };
		add rule inet silent in iifname veth drop'
	wait_for 'end' not_active || true
	na nft delete table inet silent
}

# The sstpd before takes its time to end, and its interface along.
up_again()
{
	local pid status=0

	kill_one STOP sstpd
	kill_one KILL nm-sstp-service
	wait_for 'end' not_active
	up >"$tmp/again" 2>&1 &
	pid=$!
	check 'the service killed, and up again: it waits' explain wait_for 'log line' \
		grep -q 'waiting for the sstpd of before' "$tmp/nm.log"
	kill_one CONT sstpd
	wait "$pid" || status=$?
	equal 'it comes up' "$status" 0
	check 'and stays up' nb ping -c 1 -W $PATIENCE $BEHIND
	down >/dev/null
}

stop_server()
{
	kill -KILL "$(<"$tmp/server.pid")"
	wait "$(<"$tmp/server.pid")" 2>/dev/null || true
	rm -f "$tmp/server.sock"
}

serve()
{
	{
		server_conf 'source-check = no' "$@" | sed "s/^listen = .*/listen = $SERVER_AT:443/"
		printf '%s\n' "${POOL:-}"
	} | start_sstpd server "$A"
}

setup_sstpd
OWN_IFNAME=$IFNAME
OTHER_USER=bob
printf '%s:%s\n' $OTHER_USER "$VPN_PASSWORD" >>"$tmp/users"
network_behind "$A" inside 10.99.0
ip -n "$A" addr add $SERVER_AT/32 dev inside
printf '127.0.0.1 localhost\n%s %s\n' $SERVER_AT "$SERVER_NAME" >"/etc/netns/$B/hosts"
self_signed other ec '/CN=another CA'
install_service
serve
start_bus
start_network_manager
watch_signals
outside
full_tunnel
split_tunnel
moves
asked
asked_again
by_profile
two_at_once
does_not_come_up
with_ipv6
by_certificate
ends_by_itself
finish
