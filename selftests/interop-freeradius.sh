#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# FreeRADIUS, as Debian ships it, decides about the logins of our server and
# keeps its accounts. The client is ours, and the data goes through the kernel.
#
#	$A  sstpd 10.88.0.1, freeradius at 127.0.0.1, nobody at 127.0.0.9
#	$B  sstpd as client
#
# KSSTP_INTEROP_MB: megabytes sent each way (10).
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"
. "$(dirname "$0")/lib-freeradius.sh"

MB=${KSSTP_INTEROP_MB:-10}
RADIUS_TUN=10.88.7.7
NETWORK=10.99.1.0/24

# ---- its accounting records ----

# record STATUS ATTRIBUTE: of the latest record of this status; fails if none
record()
{
	awk -v RS= -v status="Acct-Status-Type = $1" -v want="$2" '
		index($0, status) { found = $0 }
		END {
			n = split(found, lines, "\n")
			for (i = 1; i <= n; i++)
				if (split(lines[i], part, " = ") == 2) {
					gsub(/[ \t]/, "", part[1])
					gsub(/"/, "", part[2])
					if (part[1] == want) {
						print part[2]
						exit 0
					}
				}
			exit 1
		}' "$tmp/detail"
}

has_record() # STATUS [ATTRIBUTE VALUE]
{
	[[ $(record "$1" "${2:-Acct-Status-Type}") == "${3:-$1}" ]]
}

# interim_counts: the latest interim update has seen the files
interim_counts()
{
	(($(record Interim-Update Acct-Input-Octets) > MB << 20 &&
		$(record Interim-Update Acct-Output-Octets) > MB << 20))
}

# ---- sessions ----

radius_users()
{
	cat <<-END
	$VPN_USER	Cleartext-Password := "$VPN_PASSWORD"
	 	Framed-IP-Address = $RADIUS_TUN,
	 	Framed-Route = "$NETWORK 0.0.0.0 1",
	 	Framed-MTU = 1300,
	 	MS-Primary-DNS-Server = 10.88.0.54,
	 	Class = 0x00ff10,
	 	Filter-Id = "staff",
	 	Acct-Interim-Interval = 1

	brief	Cleartext-Password := "$VPN_PASSWORD"
	 	Session-Timeout = 3

	expired	Cleartext-Password := "$VPN_PASSWORD", SMB-Account-Ctrl-Text := "[Ue]"

	lazy	Cleartext-Password := "$VPN_PASSWORD"
	 	Idle-Timeout = 3

	branch	Cleartext-Password := "$VPN_PASSWORD"
	 	Framed-Pool = "branches",
	 	Framed-IPv6-Prefix = 2001:db8:55:1::/64,
	 	Delegated-IPv6-Prefix = 2001:db8:77::/56,
	 	Framed-IPv6-Route = "2001:db8:98::/48 :: 1",
	 	DNS-Server-IPv6-Address = 2001:db8::54,
	 	WISPr-Bandwidth-Max-Up = 4000000,
	 	WISPr-Bandwidth-Max-Down = 8000000,
	 	Cisco-AVPair = "ip:outacl=none",
	 	Termination-Action = RADIUS-Request

	six	Cleartext-Password := "$VPN_PASSWORD"
	 	Framed-IPv6-Pool = "sixes",
	 	Mikrotik-Rate-Limit = "1M/2M"

	tenant	Cleartext-Password := "$VPN_PASSWORD"
	 	Filter-Id = "tenants",
	 	Framed-Route = "$NETWORK 0.0.0.0 1",
	 	Acct-Interim-Interval = 1

	lost	Cleartext-Password := "$VPN_PASSWORD"
	 	Framed-Pool = "nowhere"
	END
}

# radius_conf [KEY=VALUE...]: our server, keys for [server]
radius_conf()
{
	server_conf "auth-backend = users, radius" 'ipv6 = yes' "$@"
	cat <<-END
	[pool branches]
	addresses = 10.89.0.0/24
	[pool sixes]
	ipv6-prefix = 2001:db8:66::/64
	[group tenants]
	vrf = blue
	[radius]
	auth-server = 127.0.0.9, 127.0.0.1
	acct-server = 127.0.0.1
	secret-file = $tmp/secret
	timeout = 3
	retries = 1
	nas-identifier = gate
	coa-listen = 127.0.0.1
	coa-sources = 127.0.0.1
	END
}

# dial USER [KEY=VALUE...]: our client, without a second attempt
dial()
{
	LOGIN=$1
	shift
	client_conf 'reconnect = no' "$@" | start_sstpd client "$B"
}

explain()
{
	"$@" && return
	tail -n 25 "$tmp/server.log" "$tmp/client.log" | tr -d '\0'
	tail -n 40 "$tmp/freeradius.log"
	return 1
}

# refused USER PATTERN [KEY=VALUE...]: no session, and our log tells why
refused()
{
	local user=$1 pattern=$2

	shift 2
	dial "$user" "$@"
	wait_for 'end of the client' client_gone client &&
		wait_for "log line: $pattern" logged server "$pattern"
}

# ended USER REASON CAUSE: the session of this user, by our log and the records
ended()
{
	wait_for 'end of session' has_no_session server &&
		wait_for "log line: $2" logged server "end: user $1 .*: $2" &&
		wait_for 'Accounting-Stop' has_record Stop User-Name "$1" &&
		has_record Stop Acct-Terminate-Cause "$3" &&
		wait_for 'end of the client' client_gone client
}

# carried COUNTER: of the client's interface
carried()
{
	nb cat "/sys/class/net/sstp0/statistics/$1"
}

# turns_told: records of something that begins or ends
turns_told()
{
	grep -cE 'Acct-Status-Type = (Start|Stop|Accounting-O)' "$tmp/detail"
}

interims_told()
{
	grep -c 'Acct-Status-Type = Interim-Update' "$tmp/detail"
}

more_interims() # THAN, of another process: the first is there to introduce the session
{
	(($(interims_told) > $1 + 2))
}

# session_name: Acct-Session-Id of the session there is; only its end differs
# from that of the one before
session_name()
{
	printf '%.8s%08X\n' "$(record Stop Acct-Session-Id)" \
		"$(session_of server id)"
}

# check_usage: hang up and compare what both sides have counted
check_usage()
{
	local sent got packets

	# Connections end a moment after the programs that had them.
	wait_for 'silence' quiet
	sent=$(carried tx_bytes) got=$(carried rx_bytes)
	packets=$(carried tx_packets)
	check 'the session ends' explain hang_up
	check 'Accounting-Stop arrives' wait_for 'record' has_record Stop \
		Acct-Session-Id "$(record Start Acct-Session-Id)"
	equal 'Acct-Input-Octets is what the client has sent' \
		"$(record Stop Acct-Input-Octets)" "$sent"
	equal 'Acct-Output-Octets is what the client has received' \
		"$(record Stop Acct-Output-Octets)" "$got"
	equal 'Acct-Input-Packets, too' "$(record Stop Acct-Input-Packets)" \
		"$packets"
	equal 'the user hung up' "$(record Stop Acct-Terminate-Cause)" User-Request
}

# radius_request KIND ATTRIBUTES: radclient as the RADIUS server; succeeds with an ACK.
# Its status does not tell: when a second begins between request and answer, with -r 1
# it may end at once, with 0. The server answers a request that comes again as before.
radius_request()
{
	local said

	said=$(na radclient -x -r 10 -t 3 -S "$tmp/secret" 127.0.0.1:3799 "$1" \
		<<<"$2, Event-Timestamp = $(date +%s), Message-Authenticator = 0x00" 2>&1)
	echo "$said"
	grep -q '^Received .*-ACK' <<<"$said"
}

wrong_secret()
{
	! na radclient -x -r 2 -t 1 127.0.0.1:3799 disconnect 'another secret' \
		<<<"User-Name = $VPN_USER" 2>&1 | grep -E '^Received|verification failed'
}

# addressed_in PREFIX: the client has an address there
addressed_in()
{
	ip -n "$B" -6 -o addr show dev sstp0 scope global | grep -q " inet6 $1"
}

grep_in() # PATTERN COMMAND...
{
	local pattern=$1

	shift
	"$@" | grep -qE "$pattern"
}

# rdnss_is ADDRESS: name server of the Router Advertisement that a solicitation gets
rdnss_is()
{
	nb timeout "$PATIENCE" python3 - "$1" <<-'END'
	import socket, struct, sys

	sock = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
	sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
	sock.sendto(struct.pack("!BBHI", 133, 0, 0, 0),
	            ("ff02::2", 0, 0, socket.if_nametoindex("sstp0")))
	while True:
	    packet = sock.recv(2000)
	    if packet[0] == 134:
	        break
	options = packet[16:]
	while options:
	    size = options[1] * 8
	    if options[0] == 25:
	        got = socket.inet_ntop(socket.AF_INET6, options[8:24])
	        sys.exit(None if got == sys.argv[1] else "it is " + got)
	    options = options[size:]
	sys.exit("it names none")
	END
}

# no_route ARGUMENT...: of `ip route`, in $A. An interface goes a moment after the session
# is none any more, and with it its routes.
no_route()
{
	[[ ! $(ip -n "$A" route "$@") ]]
}

# counted: an interim update of the session has octets of both directions
counted()
{
	has_record Interim-Update User-Name tenant &&
		(($(record Interim-Update Acct-Input-Octets) > 100 &&
			$(record Interim-Update Acct-Output-Octets) > 100))
}

setup_sstpd
make_eap_pki
ip -n "$A" link add blue type vrf table 10
ip -n "$A" link set blue up
printf 'local:%s\n' "$VPN_PASSWORD" >"$tmp/users"
radius_users | radius_files
start_freeradius
radius_conf | start_sstpd server "$A"
check 'Accounting-On arrives' wait_for 'record' has_record Accounting-On \
	NAS-Identifier gate

# MS-CHAPv2, and the kernel's data path
dial "$VPN_USER"
check 'a user of RADIUS connects by MS-CHAPv2' explain wait_for 'session' connected
((ktap_failed == 0)) || bail 'nothing else can be tested'
equal 'the data path is the kernel' "$(session_of server path)" kernel
check 'the first server is dead, which is told' logged server \
	'RADIUS authentication server 127.0.0.9:1812 does not answer'
equal 'Framed-IP-Address is given' "$(session_of server peer)" "$RADIUS_TUN"
equal 'Framed-MTU is obeyed' "$(session_of server mtu)" 1300
equal 'MS-Primary-DNS-Server is passed on' "$(session_of client dns1)" 10.88.0.54
check 'Framed-Route leads to the client' grep -q 'dev sstp0' \
	<(ip -n "$A" route show "$NETWORK")
check 'a Filter-Id that is no group is told' logged server \
	"user $VPN_USER: there is no \[group staff\]"
check 'Accounting-Start arrives' wait_for 'record' has_record Start \
	User-Name "$VPN_USER"
equal 'with the address' "$(record Start Framed-IP-Address)" "$RADIUS_TUN"
equal 'and Class' "$(record Start Class)" 0x00ff10
check "$MB MB from the client arrive intact" intact "$B" "$A" "$SERVER_TUN" "$MB"
check "$MB MB to the client arrive intact" intact "$A" "$B" "$RADIUS_TUN" "$MB"
check 'interim updates count up' wait_for 'interim update' interim_counts
# Another sstpd in the place of this one: for the RADIUS server nothing has happened.
told=$(turns_told)
interims=$(interims_told)
check 'sstpd is upgraded meanwhile' explain sstpctl -s "$tmp/server.sock" upgrade
check 'interim updates go on' wait_for 'interim update' more_interims "$interims"
check 'and count on' interim_counts
equal 'no Start, Stop or Accounting-On came of it' "$(turns_told)" "$told"
check_usage
equal 'it has Class again' "$(record Stop Class)" 0x00ff10
check 'the route is gone' wait_for 'its end' no_route show "$NETWORK"

printf 'not the password\n' >"$tmp/password"
check 'a wrong password is refused' explain refused "$VPN_USER" \
	"not established: user $VPN_USER from .*: wrong user name or password"
check 'and the client is told' logged client 'error 691'
printf '%s\n' "$VPN_PASSWORD" >"$tmp/password"
check 'a user that nobody knows is refused' explain refused nobody \
	'not established: user nobody from .*: wrong user name or password'

install -m 600 /dev/null "$tmp/new-password"
echo 'another password' >"$tmp/new-password"
check 'a password that has expired is told' explain refused expired \
	'not established: user expired from .*: the password has expired, the peer gave up'
dial expired "new-password-file = $tmp/new-password"
check 'it is changed by way of the RADIUS server' explain wait_for 'session' connected
check 'which has the new one' grep -iE "^expired (0x)?$(sstpctl nt-hash <"$tmp/new-password" |
	cut -c 5-)" "$tmp/changed"
check 'the session ends' explain hang_up

dial brief
check 'Session-Timeout ends a session' explain ended brief \
	'Session-Timeout reached' Session-Timeout

dial "$VPN_USER"
check 'the user connects again' explain wait_for 'session' connected
check 'Accounting-Start arrives' wait_for 'record' has_record Start \
	Acct-Session-Id "$(session_name)"
refuse 'a CoA-Request for what cannot be done gets a NAK' \
	'Error-Cause = Unsupported-Attribute' radius_request coa \
	"User-Name = $VPN_USER, Filter-Id = none"
refuse 'so does one for a rate that cannot be' \
	'Error-Cause = Invalid-Attribute-Value' radius_request coa \
	"User-Name = $VPN_USER, WISPr-Bandwidth-Max-Up = 1"
refuse 'a Disconnect-Request for another user gets a NAK' \
	'Error-Cause = Session-Context-Not-Found' radius_request disconnect \
	'User-Name = bob'
check 'a Disconnect-Request with a wrong secret gets nothing' wrong_secret
check 'the session is still there' connected
check 'a Disconnect-Request gets an ACK' radius_request disconnect \
	"Acct-Session-Id = $(record Start Acct-Session-Id)"
check 'and ends the session' explain ended "$VPN_USER" \
	'disconnected by the RADIUS server' Admin-Reset

dial "$VPN_USER"
check 'the user connects again' wait_for 'session' connected
check 'a CoA-Request gets an ACK' radius_request coa \
	"User-Name = $VPN_USER, Session-Timeout = 1"
check 'and changes the time granted' explain ended "$VPN_USER" \
	'Session-Timeout reached' Session-Timeout

# addresses, networks, name servers and rates that are granted
dial branch 'ipv6 = yes' 'routes = 2001:db8:55::/48'
check 'a user with a pool and prefixes connects' explain wait_for 'session' connected
check 'Framed-Pool is obeyed' grep -q '^10\.89\.0\.' <<<"$(session_of server peer)"
equal 'Framed-IPv6-Prefix is given' "$(session_of server ipv6_prefix)" 2001:db8:55:1::/64
check 'and the client makes an address from it' wait_for 'address' addressed_in 2001:db8:55:1:
check 'DNS-Server-IPv6-Address is advertised' rdnss_is 2001:db8::54
check 'Delegated-IPv6-Prefix leads to the client' grep -q 'dev sstp0' \
	<(ip -n "$A" -6 route show 2001:db8:77::/56)
check 'that it is not told is told' logged server \
	'user branch: Delegated-IPv6-Prefix is routed to the client'
check 'Framed-IPv6-Route leads to the client' grep -q 'dev sstp0' \
	<(ip -n "$A" -6 route show 2001:db8:98::/48)
check 'WISPr-Bandwidth-Max-Down limits' grep -q 'tbf .*rate 8Mbit' \
	<(tc -n "$A" qdisc show dev sstp0)
check 'WISPr-Bandwidth-Max-Up limits' grep -q 'police .*rate 4Mbit' \
	<(tc -n "$A" filter show dev sstp0 ingress)
check 'what cannot be done is told: Termination-Action' logged server \
	'user branch: RADIUS asks for Termination-Action, which is not done'
check "what another vendor means, too" logged server \
	'user branch: RADIUS asks for an attribute of vendor 9, which is not done'
check 'a CoA-Request with rates gets an ACK' radius_request coa \
	'User-Name = branch, Mikrotik-Rate-Limit = "1M/16M"'
check 'and changes them: down' wait_for 'rate' grep_in 'tbf .*rate 16Mbit' \
	tc -n "$A" qdisc show dev sstp0
check 'and up' wait_for 'rate' grep_in 'police .*rate 1Mbit' \
	tc -n "$A" filter show dev sstp0 ingress
check '1 MB still arrives intact' intact "$B" "$A" "$SERVER_TUN" 1
check 'the session ends' explain hang_up
check 'its record has the prefix' wait_for 'record' has_record Stop \
	Framed-IPv6-Prefix 2001:db8:55:1::/64

dial six 'ipv6 = yes'
check 'a user with an IPv6 pool connects' explain wait_for 'session' connected
equal 'Framed-IPv6-Pool is obeyed' "$(session_of server ipv6_prefix)" 2001:db8:66::/64
check 'Mikrotik-Rate-Limit limits' grep -q 'tbf .*rate 2Mbit' \
	<(tc -n "$A" qdisc show dev sstp0)
check 'the session ends' explain hang_up

check 'a pool that is not there is no login' explain refused lost \
	'user lost: there is no \[pool nowhere\]'

# a VRF, by the group that Filter-Id names
dial tenant
check 'a user of a VRF connects' explain wait_for 'session' connected
equal 'the data path is the kernel' "$(session_of server path)" kernel
check 'its route is in the table of the VRF' grep -q "^$NETWORK dev sstp0" \
	<(ip -n "$A" route show table 10)
check 'the client is reached there' na ping -c 2 -i 0.2 -W 5 -I blue \
	"$(session_of server peer)"
check 'accounting counts there' wait_for 'octets' counted
check 'a Disconnect-Request gets an ACK' radius_request disconnect 'User-Name = tenant'
check 'and ends the session' explain ended tenant \
	'disconnected by the RADIUS server' Admin-Reset
check 'nothing is left in the VRF' wait_for 'its end' no_route show table 10

stop_sstpd server
check 'Accounting-Off arrives' wait_for 'record' has_record Accounting-Off
check 'requests and answers were counted' logged server \
	'RADIUS authentication: [0-9]+ requests, .*[1-9][0-9]* answered, 0 not; ignored: 0 malformed, 0 unexpected, 0 not authentic'

# PAP, and packets through TUN
radius_conf 'auth = pap' 'data-path = tun' | start_sstpd server "$A"
dial "$VPN_USER" 'auth = pap'
check 'a user of RADIUS connects by PAP' explain wait_for 'session' connected
equal 'the data path is TUN' "$(session_of server path)" tun
check "2 MB from the client arrive intact" intact "$B" "$A" "$SERVER_TUN" 2
check "1 MB to the client arrives intact" intact "$A" "$B" "$RADIUS_TUN" 1
check_usage

printf 'not the password\n' >"$tmp/password"
check 'a wrong password is refused' explain refused "$VPN_USER" \
	"not established: user $VPN_USER from .*: wrong user name or password" \
	'auth = pap'
printf '%s\n' "$VPN_PASSWORD" >"$tmp/password"

dial lazy 'auth = pap'
check 'Idle-Timeout ends a session' explain ended lazy \
	'Idle-Timeout reached' Idle-Timeout

stop_sstpd server

# EAP: the RADIUS server begins with EAP-TLS, which a client may turn down.
radius_conf 'auth = eap-radius, pap' | start_sstpd server "$A"
user_cert alice "$VPN_USER" users-ca
user_cert stranger "$VPN_USER" ca
EAP_TLS=('auth = eap-tls' "eap-tls-ca = $tmp/users-ca.pem" 'eap-tls-name = radius.test')
dial "$VPN_USER" 'auth = eap-mschapv2'
check 'a user of RADIUS connects by EAP-MSCHAPv2' explain wait_for 'session' connected
equal 'the method is EAP by RADIUS' "$(session_of server auth)" 'EAP by RADIUS'
equal 'Framed-IP-Address is given' "$(session_of server peer)" "$RADIUS_TUN"
check 'Accounting-Start has Class' wait_for 'record' has_record Start Class 0x00ff10
check "1 MB from the client arrives intact" intact "$B" "$A" "$SERVER_TUN" 1
check 'the session ends' explain hang_up
dial "$VPN_USER" "${EAP_TLS[@]}" "eap-tls-certificate = $tmp/alice.pem" \
	"eap-tls-key = $tmp/alice.key"
check 'a user of RADIUS connects by EAP-TLS' explain wait_for 'session' connected
equal 'the method is EAP by RADIUS' "$(session_of server auth)" 'EAP by RADIUS'
equal 'for the client it is EAP-TLS' "$(session_of client auth)" EAP-TLS
check 'ping' nb ping -c 2 -i 0.2 -W 5 "$SERVER_TUN"
check 'the session ends' explain hang_up
check 'a certificate of another CA is refused' explain refused "$VPN_USER" \
	"not established: user $VPN_USER from .*: wrong user name or password" \
	"${EAP_TLS[@]}" "eap-tls-certificate = $tmp/stranger.pem" \
	"eap-tls-key = $tmp/stranger.key"
check 'and the client is told' logged client 'the server refused the login|unknown ca'
printf 'not the password\n' >"$tmp/password"
check 'a wrong password is refused' explain refused "$VPN_USER" \
	"not established: user $VPN_USER from .*: wrong user name or password" \
	'auth = eap-mschapv2'
printf '%s\n' "$VPN_PASSWORD" >"$tmp/password"
check 'the login that follows is delayed at most' logged server "user $VPN_USER"
dial local 'auth = eap-mschapv2'
check 'a user of the file is not of that method' explain wait_for 'log line' \
	logged server 'not established: user local .*: no EAP type is for this user'
wait_for 'end of the client' client_gone client

kill -TERM "$freeradius"
wait "$freeradius" || true
check 'no RADIUS server, no login' explain refused "$VPN_USER" \
	"user $VPN_USER: no RADIUS server has answered" 'auth = pap'
dial local 'auth = pap'
check 'users of the file can still log in' explain wait_for 'session' connected
stop_sstpd client
stop_sstpd server
equal 'sstpd ends in order' "$status" 0
check 'records that nobody has taken are told' logged server \
	'[0-9]+ accounting records lost'
check 'no process is left of it' nobody_in "$A"
finish
