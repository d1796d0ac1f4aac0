#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sstp-client with pppd, as Debian ships them, is the client of our server: it
# logs in by MS-CHAPv2, sstpc makes the key of the crypto binding from what its
# pppd sends, and the data goes through the kernel on our side. Then it logs in by
# each of the other methods that both know, some of them by FreeRADIUS or hostapd.
#
#	$A  sstpd, 10.88.0.1, a RADIUS server	$B  sstpc + pppd, 10.88.0.10 on ppp0
#
# KSSTP_INTEROP_MB: megabytes sent each way (10).
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"
. "$(dirname "$0")/lib-freeradius.sh"
. "$(dirname "$0")/lib-hostapd.sh"

MB=${KSSTP_INTEROP_MB:-10}
CLIENT_TUN=10.88.0.10
PREFIX6=2001:db8:88

# pppd_files METHOD [OPTION...]: its /etc/ppp, instead of the machine's; pppd is to log
# in by METHOD only: pap, chap, mschap-v2 or eap
pppd_files()
{
	local method=$1 other

	shift
	mkdir -p "/etc/netns/$B/ppp"
	{
		printf '%s\n' noauth nodetach noipdefault usepeerdns debug "$@"
		for other in pap chap mschap mschap-v2 eap; do
			[[ $other == "$method" ]] || echo "refuse-$other"
		done
	} >"/etc/netns/$B/ppp/options"
}

begun()
{
	grep -qE 'Sending Connect-Request|event loop terminated' "$log"
}

# dial LOG PASSWORD [SERVER]: start sstpc and its pppd, process id in $sstpc. Now and then
# it gives up by itself as soon as it is connected, before it has said a word of SSTP.
dial()
{
	local try

	log=$tmp/$1
	for try in 1 2 3 4; do
		rm -f "$log"
		ip netns exec "$B" sstpc --log-stderr --log-level 4 \
			--ca-cert "$tmp/ca.pem" --user "$VPN_USER" --password "$2" \
			"${3:-$SERVER_NAME}" logfile "$log.pppd" >"$log" 2>&1 </dev/null &
		sstpc=$!
		at_exit kill -KILL "$sstpc"
		wait_for 'sstpc' begun || true
		grep -q 'event loop terminated' "$log" || break
		echo "# sstpc gave up by itself, the $try. time"
	done
}

# dial_by_plugin LOG: pppd starts sstpc, as its manual has it, and gives it the keys of
# whatever EAP it has done; without that, sstpc knows MS-CHAPv2 alone. Process id of
# pppd in $sstpc.
dial_by_plugin()
{
	log=$tmp/$1
	# It removes the socket when it ends, after pppd, which may be the next one's by then.
	wait_for 'the end of the last sstpc' no_sstpc
	ip netns exec "$B" pppd pty "sstpc --log-stderr --log-level 4 --ca-cert $tmp/ca.pem \
		--ipparam test --nolaunchpppd $SERVER_NAME 2>$log" plugin sstp-pppd-plugin.so \
		sstp-sock /run/sstpc/sstpc-test ipparam test user "$VPN_USER" \
		logfile "$log.pppd" >"$log.out" 2>&1 </dev/null &
	sstpc=$!
	at_exit kill -KILL "$sstpc"
}

# end_pppd: pppd ends in order, with LCP Terminate-Request, and so does sstpc
end_pppd()
{
	kill -TERM "$(pgrep -P "$sstpc" -x pppd || echo "$sstpc")" &&
		wait_for 'end of sstpc' is_gone
}

is_gone()
{
	! kill -0 "$sstpc"
}

no_sstpc()
{
	! pgrep -x sstpc
}

sstpc_up()
{
	has_session server && ip -n "$B" -4 -o addr show dev ppp0 |
		grep -q "inet $CLIENT_TUN"
}

# explain CHECK...: if it fails, with what both sides have logged
explain()
{
	"$@" && return
	tail -n 20 "$tmp/server.log" "$log" | tr -d '\0'
	[[ ! -e $log.pppd ]] || tail -n 30 "$log.pppd"
	return 1
}

refused() # PATTERN of our log
{
	wait_for 'end of sstpc' is_gone &&
		wait_for "log line: $1" logged server "$1"
}

# log_in_by METHOD NAME: as pppd and as our log call it. The server begins with
# MS-CHAPv2: pppd has to turn down what comes before METHOD.
log_in_by()
{
	pppd_files "$1"
	dial "$1" "$VPN_PASSWORD"
	logs_in_by "$2" "$2"
}

# logs_in_by NAME METHOD: pppd has dialled, and does NAME, which we call METHOD
logs_in_by()
{
	check "pppd logs in by $1" explain wait_for 'session' sstpc_up
	check "which is $2" logged server "user $VPN_USER authenticated by $2\$"
	check "ping after $1" nb ping -c 3 -i 0.2 -W 5 "$SERVER_TUN"
	check 'and hangs up' explain end_pppd
	check 'the session is gone' wait_for 'end of session' has_no_session server
}

# eap_by_freeradius TYPE: what it begins with
eap_by_freeradius()
{
	rm -rf "$tmp/raddb"
	radius_files "$1" <<<"$VPN_USER	Cleartext-Password := \"$VPN_PASSWORD\""
	start_freeradius
	radius=$freeradius
}

# start_relay: our server, for the RADIUS server that runs
start_relay()
{
	{
		server_conf 'auth-backend = users, radius' 'auth = eap-radius'
		printf '%s\n' '[radius]' 'auth-server = 127.0.0.1' "secret-file = $tmp/secret"
	} | start_sstpd server "$A"
}

stop_relay()
{
	stop_sstpd server
	equal 'sstpd ends in order' "$status" 0
	kill -TERM "$radius"
	wait "$radius" || true
}

# The keys of PEAP and EAP-TLS are those of the crypto binding.
eap_by_radius()
{
	local password="password \"$VPN_PASSWORD\"" ca="ca $tmp/users-ca.pem"

	eap_by_freeradius mschapv2
	start_relay
	pppd_files eap
	dial eap-radius "$VPN_PASSWORD"
	logs_in_by EAP-MSCHAPv2-of-FreeRADIUS 'EAP by RADIUS'
	stop_relay

	eap_by_freeradius tls
	start_relay
	pppd_files eap "$ca" "cert $tmp/user.pem" "key $tmp/user.key" need-peer-eap
	dial_by_plugin eap-tls-radius
	logs_in_by EAP-TLS-of-FreeRADIUS 'EAP by RADIUS'
	stop_relay

	# FreeRADIUS 3.2 ends PEAP with a Result TLV alone, of 11 bytes. The PEAP of pppd
	# 2.5.2 knows it only with a Crypto-Binding TLV behind it, of 71: it takes the
	# first byte of others for a type of EAP, which is that of Identity, and answers
	# with its name. hostapd sends both.
	start_hostapd
	start_relay
	pppd_files eap "$ca" "$password"
	dial_by_plugin peap
	logs_in_by PEAP-of-hostapd 'EAP by RADIUS'
	check 'it was PEAP' grep -q 'PEAP CB: generate mppe keys' "$log.pppd"
	pppd_files eap "$ca" 'password wrong'
	dial_by_plugin peap-wrong
	check 'a wrong password is refused by PEAP' explain refused \
		"not established: user $VPN_USER from $ADDR_B:[0-9]*: wrong user name or password"
	stop_relay
}

# eap_tls: our server does EAP-TLS itself
eap_tls()
{
	printf '%s:*\n' "$VPN_USER" >"$tmp/users"
	server_conf 'auth = eap-tls' "eap-tls-ca = $tmp/users-ca.pem" \
		"eap-tls-certificate = $tmp/radius.pem" "eap-tls-key = $tmp/radius.key" |
		start_sstpd server "$A"
	pppd_files eap "ca $tmp/users-ca.pem" "cert $tmp/user.pem" "key $tmp/user.key" \
		need-peer-eap
	dial_by_plugin eap-tls
	logs_in_by EAP-TLS EAP-TLS
	stop_sstpd server
	equal 'sstpd ends in order' "$status" 0
}

# sstpc waits for a key that CHAP-MD5 does not give, and never completes the call.
chap_md5()
{
	pppd_files chap
	dial chap "$VPN_PASSWORD"
	check 'pppd proves itself by CHAP-MD5' explain wait_for 'log line' \
		logged server "user $VPN_USER authenticated by CHAP-MD5\$"
	check 'pppd has its address' explain wait_for 'IPCP' \
		grep "local  IP address $CLIENT_TUN" "$log.pppd"
	check 'and hangs up' explain end_pppd
}

address6() # the one made of the prefix in the Router Advertisement
{
	ip -n "$B" -6 -o addr show dev ppp0 scope global |
		sed -n "s/.* inet6 \($PREFIX6:[^/ ]*\).*/\1/p"
}

addressed6()
{
	[[ $(address6) ]]
}

# wrong_by METHOD PATTERN: pppd's log of the refusal
wrong_by()
{
	pppd_files "$1"
	dial "$1-wrong" 'not the password'
	check "a wrong password is refused by $1" explain refused \
		"not established: user $VPN_USER from $ADDR_B:[0-9]*: wrong user name or password"
	check 'pppd is told' wait_for 'line in its log' grep -E "$2" "$log.pppd"
}

# Between both: it has a certificate that sstpc trusts, and so reads all, but it
# cannot make the binding fit the certificate that our server has.
man_in_the_middle()
{
	make_cert middle
	ip netns exec "$A" socat \
		"OPENSSL-LISTEN:444,bind=$ADDR_A,cert=$tmp/middle.pem,key=$tmp/middle.key,verify=0" \
		"OPENSSL:$ADDR_A:443,verify=0" >"$tmp/socat" 2>&1 &
	at_exit kill -KILL $!
	wait_for 'man in the middle' listening "$A" 444
}

setup_sstpd
pppd_files mschap-v2
modprobe -a ppp_generic ppp_async || bail 'no PPP in this kernel (CONFIG_PPP_ASYNC)'
server_conf | start_sstpd server "$A"

dial good "$VPN_PASSWORD"
check 'sstpc connects' explain wait_for 'session' sstpc_up
((ktap_failed == 0)) || bail 'nothing else can be tested'
equal 'the data path is the kernel' "$(session_of server path)" kernel
equal 'the key exchange' "$(tls_group server)" X25519MLKEM768
equal 'the session is of that user' "$(session_of server user)" "$VPN_USER"
check 'pppd knows the name server' grep 'primary *DNS address 10.88.0.53' "$log.pppd"
check 'ping from the client' nb ping -c 5 -i 0.2 -W 5 "$SERVER_TUN"
check 'ping from the server' na ping -c 5 -i 0.2 -W 5 "$CLIENT_TUN"
check 'ping that fills the MTU' nb ping -c 3 -i 0.2 -W 5 -s 1372 -M "do" \
	"$SERVER_TUN"
started=$SECONDS
check "$MB MB from the client arrive intact" intact "$B" "$A" "$SERVER_TUN" "$MB"
echo "# in $((SECONDS - started)) s"
started=$SECONDS
check "$MB MB to the client arrive intact" intact "$A" "$B" "$CLIENT_TUN" "$MB"
echo "# in $((SECONDS - started)) s"
check 'they were counted' test "$(session_of server rx_bytes)" -gt $((MB << 20))
check 'pppd hangs up' explain end_pppd
check 'and our log tells so' explain wait_for 'log line' \
	logged server "session [0-9]* end: user $VPN_USER from $ADDR_B:.* received, .* sent: the peer terminated the PPP link"
check 'the session is gone' wait_for 'end of session' has_no_session server

dial again "$VPN_PASSWORD"
check 'sstpc connects again' explain wait_for 'session' sstpc_up
check 'the operator disconnects it' sstpctl -s "$tmp/server.sock" disconnect \
	"$(session_of server id)"
check 'it ends' explain wait_for 'end of sstpc' is_gone
check 'our log tells why' explain wait_for 'log line' logged server \
	"session [0-9]* end: .*: disconnected by the operator"

dial wrong 'not the password'
check 'a wrong password is refused, and our log tells so' explain refused \
	"session [0-9]* not established: user $VPN_USER from $ADDR_B:[0-9]*: wrong user name or password"
check 'pppd is told' grep 'CHAP authentication failed' "$log.pppd"

man_in_the_middle
dial middle "$VPN_PASSWORD" "$SERVER_NAME:444"
check 'a man in the middle is found out by the crypto binding' explain refused \
	"session [0-9]* not established: user $VPN_USER from $ADDR_A:[0-9]*: crypto binding failed"
equal 'there is no session' "$(sessions_of server)" 0

stop_sstpd server
equal 'sstpd ends in order' "$status" 0

server_conf 'auth = mschapv2, eap-mschapv2, chap-md5, pap' | start_sstpd server "$A"
log_in_by eap EAP-MSCHAPv2
log_in_by pap PAP
chap_md5
wrong_by eap 'EAP: .*[Ff]ail'
wrong_by chap 'CHAP authentication failed'
wrong_by pap 'PAP authentication failed'
stop_sstpd server
equal 'sstpd ends in order' "$status" 0

make_eap_pki
user_cert user "$VPN_USER" users-ca
: >"$tmp/users"
eap_by_radius
eap_tls
printf '%s:%s\n' "$VPN_USER" "$VPN_PASSWORD" >"$tmp/users"

{
	server_conf 'ipv6 = yes'
	printf '%s\n' "ipv6-prefix = $PREFIX6::/48"
} | start_sstpd server "$A"
pppd_files mschap-v2
echo '+ipv6' >>"/etc/netns/$B/ppp/options"
dial ipv6 "$VPN_PASSWORD"
check 'pppd connects with IPv6' explain wait_for 'session' sstpc_up
check 'its interface has a global address' explain wait_for 'address' addressed6
check 'and a default route' grep '^default .*dev ppp0' <<<"$(ip -n "$B" -6 route)"
check 'which the server reaches' na ping -c 3 -i 0.2 -W 5 "$(address6)"
check 'pppd hangs up' explain end_pppd
stop_sstpd server
equal 'sstpd ends in order' "$status" 0
check 'no process is left of it' nobody_in "$A"
check 'nor of the client' nobody_in "$B"
finish
