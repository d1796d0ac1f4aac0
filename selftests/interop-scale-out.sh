#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# doc/scale-out.md, with its own files and commands: two gateways behind HAProxy, accounts
# and a fixed address from FreeRADIUS, the way back by BIRD's BGP. One dies, and its client
# is on the other, by the same address; one is drained and stopped.
#
#	192.0.2.2        .20           .10       .11   .12         .1
#	+---------+  +----------+  +---------+  +---------+  +-----------------+
#	| clients |  |FreeRADIUS|  | HAProxy |  | gw1 gw2 |  | router, behind  |
#	+----$B---+  +----$A----+  +---------+  +---------+  | 10.99.1.1 and .2|
#	     |            |             |          |   |     +-----------------+
#	     +------------+-------------+----------+---+--------------+
# For the test VM only: files are where the guide has them.
set -euo pipefail
[[ -e /ksstp/kernels ]] || { echo 'Bail out! only in the test VM'; exit 1; }
. "$(dirname "$0")/lib-sstpd.sh"
. "$(dirname "$0")/lib-freeradius.sh"
. "$(dirname "$0")/lib-doc.sh"

ADDR_A=192.0.2.10
ROUTER=192.0.2.1
FIXED=10.8.9.9
# On the instruction clock (selftests/vm/run --icount) what the guide promises of time is
# judged: by the wall clock it would be the machine's. Time jumps there while it waits for
# its disk.
WITHIN=15
[[ ! ${KSSTP_ICOUNT:-} ]] || PATIENCE=600
declare -A NS=([front]=sstp-test-$$-f [gw1]=sstp-test-$$-1 [gw2]=sstp-test-$$-2 [router]=sstp-test-$$-r)
declare -A AT=([front]=$ADDR_A [gw1]=192.0.2.11 [gw2]=192.0.2.12 [router]=$ROUTER)

# join NAME: a machine on the network
join()
{
	local ns=${NS[$1]}

	ip netns add "$ns"
	at_exit ip netns del "$ns"
	ip -n "$ns" link set lo up
	ip link add "$1" netns "$A" type veth peer name eth0 netns "$ns"
	ip -n "$ns" addr add "${AT[$1]}/24" dev eth0
	ip -n "$A" link set "$1" master lan up
	ip -n "$ns" link set eth0 up
	ip netns exec "$ns" sysctl -qw net.ipv4.ip_forward=1
}

network()
{
	local name

	ip -n "$A" addr flush dev veth
	ip -n "$A" link add lan type bridge
	ip -n "$A" link set lan up
	ip -n "$A" link set veth master lan
	ip -n "$A" addr add 192.0.2.20/24 dev lan
	for name in front gw1 gw2 router; do
		join "$name"
	done
	for name in gw1 gw2; do
		ip -n "${NS[$name]}" route add default via "$ROUTER"
	done
	ip -n "${NS[router]}" addr add 10.99.1.1/32 dev lo
	ip -n "${NS[router]}" addr add 10.99.1.2/32 dev lo
}

# of GATEWAY: what the guide says for gw1, for that one
of()
{
	sed "s/gw1/$1/g; s/192\.0\.2\.11/${AT[$1]}/g"
}

radius()
{
	make_eap_pki
	SECRET=the-first-line-of-radius.secret
	radius_files <<-END
	alice	Cleartext-Password := "$VPN_PASSWORD"
	 	Framed-IP-Address = $FIXED

	bob	Cleartext-Password := "$VPN_PASSWORD"
	END
	mkdir -p /etc/sstpd
	cp -p "$tmp/secret" /etc/sstpd/radius.secret
	sed -i '/^client nas {/,/^}/d; s/ipaddr = 127.0.0.1/ipaddr = 192.0.2.20/' \
		"$tmp/raddb/radiusd.conf"
	for name in gw1 gw2; do
		text scale-out '^and in FreeRADIUS' | of "$name" >>"$tmp/raddb/radiusd.conf"
	done
	start_freeradius
}

start_gateway() # NAME
{
	cat >"$tmp/keys" <<-END
	listen = ${AT[$1]}:443
	certificate = $tmp/cert.pem
	key = $tmp/cert.key
	proxy-protocol-from = $ADDR_A
	END
	{
		text scale-out '^All machines ask' | of "$1" | sed "/^\[server\]/r $tmp/keys"
		printf '[pool]\naddresses = 10.8.%s.0/24\nlocal = 10.8.%s.1\n' "${1#gw}" "${1#gw}"
	} | start_sstpd "$1" "${NS[$1]}"
}

start_bird() # NAME, its configuration on stdin
{
	cat >"$tmp/bird.$1.conf"
	ip netns exec "${NS[$1]}" bird -f -c "$tmp/bird.$1.conf" -s "$tmp/bird.$1.sock" \
		>"$tmp/bird.$1.log" 2>&1 </dev/null &
	echo $! >"$tmp/bird.$1.pid"
	at_exit kill -KILL $!
}

router_conf()
{
	cat <<-END
	router id $ROUTER;
	protocol device { scan time 1; }
	protocol kernel { ipv4 { export where source = RTS_BGP; }; }
	END
	for name in gw1 gw2; do
		cat <<-END
		protocol bgp $name {
			local $ROUTER as 65000;
			neighbor ${AT[$name]} as 65001;
			connect delay time 1; connect retry time 1; error wait time 1, 2;
			ipv4 { import all; export none; };
		}
		END
	done
}

start_front()
{
	mkdir -p /run/haproxy
	text scale-out '^/etc/haproxy/haproxy.cfg' >/etc/haproxy/haproxy.cfg
	# A busy machine does not answer for 4 s, at times.
	[[ ${KSSTP_ICOUNT:-} ]] || sed -i 's/fall 2/fall 5/' /etc/haproxy/haproxy.cfg
	check 'the configuration of HAProxy' haproxy -c -f /etc/haproxy/haproxy.cfg
	ip netns exec "${NS[front]}" haproxy -db -f /etc/haproxy/haproxy.cfg >"$tmp/haproxy.log" 2>&1 &
	at_exit kill $!
}

backend_is() # NAME UP|DOWN
{
	echo 'show stat' | socat - UNIX-CONNECT:/run/haproxy/admin.sock |
		grep "^gateways,$1,.*,$2," >/dev/null
}

both_are_up()
{
	backend_is gw1 UP && backend_is gw2 UP
}

# clients: alice and bob, each with a way to an address behind
clients()
{
	for i in 1 2; do
		client_conf "interface = vpn$i" |
			sed "s/^\[client .*/[client c$i]/; s|^routes = .*|routes = 10.99.1.$i/32|
				$([[ $i == 1 ]] || echo 's/^user = .*/user = bob/')"
	done | start_sstpd clients "$B"
}

user_on() # USER GATEWAY: that has a session there
{
	sstpctl -s "$tmp/$2.sock" show --user "$1" --json | grep '"id"' >/dev/null
}

# on USER: the gateway that has its session
on()
{
	local name

	for name in gw1 gw2; do
		if [[ -e $tmp/$name.sock ]] && user_on "$1" "$name"; then
			echo "$name"
			return
		fi
	done
	return 1
}

id_of() # USER: of its session
{
	sstpctl -s "$tmp/$(on "$1").sock" show --user "$1" --json |
		sed -n 's/ *"id": \([0-9]*\),/\1/p'
}

other_session() # USER ID
{
	[[ $(id_of "$1") =~ ^[0-9]+$ && ${BASH_REMATCH[0]} != "$2" ]]
}

# in_time SINCE DESCRIPTION: the guide's seconds have not gone by
in_time()
{
	local took=$((SECONDS - $1))

	echo "# $2: $took s after it died"
	[[ ! ${KSSTP_ICOUNT:-} ]] || between "$2 within $WITHIN s" $took 0 $WITHIN
}

# at_gateway NAME COMMAND PATTERN: it says that there
at_gateway()
{
	ip netns exec "${NS[$1]}" bash -ec "${2/birdc/birdc -s $tmp/bird.$1.sock}" | tee "$tmp/at" &&
		grep "$3" "$tmp/at"
}

# reaches: from behind, each user's address
reaches() # USER N
{
	local to

	to=$(ip -n "$B" -4 -o addr show dev "vpn$2" | sed -nE 's/.* inet ([0-9.]+).*/\1/p')
	[[ $to ]] && ip netns exec "${NS[router]}" ping -n -c 1 -W 2 -I "10.99.1.$2" "$to"
}

# looked_at GATEWAY NUMBER: so many connections have been there, or more
looked_at()
{
	(($(stat_of "$1" connections) >= $2))
}

# alarming GATEWAY: what is counted there and alerts are about, if it is not 0
alarming()
{
	sstpctl -s "$tmp/$1.sock" metrics | grep -E '^sstpd_(tls_handshakes_failed_total|'\
'connections_refused_total\{|logins_total\{result="(failed|delayed|refused)"|'\
'sessions_ended_total\{reason="(hello-timeout|closed|internal)"|certificates_refused|'\
'sessions\{path="tun")' | grep -v ' 0$'
}

# tell CHECK...: if it fails, with what everybody has to say
tell()
{
	"$@" && return
	ip -n "${NS[router]}" route
	tail -n 15 "$tmp"/{gw1,gw2,clients,haproxy,freeradius,bird.router}.log
	return 1
}

setup_sstpd
network
radius
start_gateway gw1
start_gateway gw2
start_front
check 'HAProxy finds both' tell wait_for backends both_are_up
router_conf | start_bird router
for name in gw1 gw2; do
	text scale-out '^tells it to the router' | of "$name" |
		sed 's/hold time .*/& connect delay time 1; connect retry time 1;/' | start_bird "$name"
done
clients
check 'alice is on one' tell wait_for 'session' on alice
check 'bob too' tell wait_for 'session' on bob
check 'on the other' test "$(on alice)" != "$(on bob)"
check 'alice has the address of FreeRADIUS' eval "ip -n \"$B\" addr show dev vpn1 | grep -w $FIXED"
check 'the network behind reaches alice' tell wait_for 'route' reaches alice 1
check 'and bob' tell wait_for 'route' reaches bob 2

# What the guide has for looking at the routes.
routes=$(grep -o '`ip route show [^`]*' "$DOC/scale-out.md" | tr -d '`')
lists=$(grep -o '`birdc show route [^`]*' "$DOC/scale-out.md" | tr -d '`')
check 'each session has a route to its host' at_gateway "$(on alice)" "$routes" "^$FIXED "
check 'BIRD lists the client' wait_for 'route' at_gateway "$(on alice)" "$lists" "^$FIXED/32 "
check 'and bob, at the other' wait_for 'route' at_gateway "$(on bob)" "$lists" \
	"^10\.8\.[12]\.[0-9]*/32 "
refuse 'not each other' '' at_gateway "$(on bob)" "$lists" "^$FIXED/32 "
check 'the gateway knows where they are from' eval \
	'sstpctl -s "$tmp/$(on alice).sock" show --json | grep "\"remote\": \"$ADDR_B:"'

# ---- all are well ----

for name in gw1 gw2; do
	before=$(stat_of "$name" connections)
	check "HAProxy looks at $name twenty times more" tell \
		wait_for 'connections' looked_at "$name" $((before + 20))
	equal "by which no TLS handshake has failed" "$(stat_of "$name" tls_failed)" 0
	equal 'nor is anything else counted that alerts are about' "$(alarming "$name")" ''
done

# ---- one dies ----

victim=$(on alice) other=$(on bob)
id=$(id_of bob)
died=$SECONDS
ip -n "${NS[$victim]}" link set eth0 down
for pid in "$(<"$tmp/$victim.pid")" "$(<"$tmp/bird.$victim.pid")"; do
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || true
done
rm -f "$tmp/$victim.sock"
check 'one dies: its client is on the other' tell wait_for session user_on alice "$other"
in_time $died 'on the other'
check 'and is reached there, by the same address' tell wait_for 'route' reaches alice 1
in_time $died 'reached there'
equal 'the other client has its session still' "$(id_of bob)" "$id"

# ---- accounts ----

disconnect=$(grep -o 'radclient [0-9.:]* disconnect the-secret' "$DOC/scale-out.md" |
	sed "s/192\.0\.2\.[0-9]*/${AT[$other]}/; s/the-secret/$SECRET/")
check 'RADIUS ends a session' eval "echo 'User-Name = bob' | na $disconnect"
check 'whose client dials again' tell wait_for session other_session bob "$id"

# ---- maintenance ----

ip -n "${NS[$victim]}" link set eth0 up
ip -n "${NS[$victim]}" route add default via "$ROUTER"
wait_for 'end of its processes' nobody_in "${NS[$victim]}"
start_gateway "$victim"
text scale-out '^tells it to the router' | of "$victim" |
	sed 's/hold time .*/& connect delay time 1; connect retry time 1;/' | start_bird "$victim"
check 'the other is there again' tell wait_for backend backend_is "$victim" UP
drain=$(grep -o "echo 'set server [^|]*| socat[^\`]*" "$DOC/scale-out.md")
check 'a machine is drained' bash -ec "${drain//gw1/$other}"
stop_sstpd "$other"
equal 'and stopped' "$status" 0
rm -f "$tmp/$other.sock"
check 'all are on the one that is left' tell wait_for sessions eval \
	'user_on alice "$victim" && user_on bob "$victim"'
check 'alice is reached there' tell wait_for 'route' reaches alice 1
check 'bob too' tell wait_for 'route' reaches bob 2
equal 'nothing is counted there that alerts are about' "$(alarming "$victim")" ''
finish
