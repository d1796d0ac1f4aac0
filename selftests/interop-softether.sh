#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Our client at a server of others: SoftEther VPN Server. Its virtual hub has a
# tap device in $A, and its DHCP server gives the addresses:
#
#	$A  vpnserver: SSTP - hub - tap_hub 10.88.0.1	$B  sstpd, 10.88.0.10..20
#
# It rejects LCP options, never answers Echo-Requests of SSTP, and sends its own
# every few seconds.
#
# KSSTP_INTEROP_MB: megabytes sent each way (8).
set -euo pipefail
# shellcheck source=selftests/lib-sstpd.sh
. "$(dirname "$0")/lib-sstpd.sh"

MB=${KSSTP_INTEROP_MB:-8}
SOFTETHER=$KSSTP_BUILD/softether
# shellcheck disable=SC2034 # for client_conf
LOGIN=$VPN_USER@TEST
# shellcheck disable=SC2034 # for lib.sh
PATIENCE=60 TRANSFER_LIMIT=120

# It keeps its files beside the program: the test has a copy of its own.
start_softether()
{
	[[ -x $SOFTETHER/vpncmd ]] ||
		bail 'no SoftEther VPN here: run selftests/vm/softether on the host first'
	mkdir -p "$tmp/softether"
	cp "$SOFTETHER"/{vpnserver,vpncmd,hamcore.se2} "$tmp/softether/"
	na "$tmp/softether/vpnserver" execsvc >"$tmp/softether.log" 2>&1 </dev/null &
	softether=$!
	at_exit kill -KILL "$softether"
	wait_for 'vpnserver' listening "$A" 443 || {
		sed 's/^/# vpnserver: /' "$tmp/softether.log"
		bail 'vpnserver does not start'
	}
}

vpncmd_script() # commands on stdin
{
	cat >"$tmp/vpncmd.in"
	na "$tmp/softether/vpncmd" /SERVER localhost:443 "/IN:$tmp/vpncmd.in" \
		>"$tmp/vpncmd.log" 2>&1 </dev/null || {
		sed 's/^/# vpncmd: /' "$tmp/vpncmd.log"
		bail 'vpnserver cannot be configured'
	}
}

configure_softether()
{
	make_cert softether rsa
	vpncmd_script <<-END
	ServerCertSet /LOADCERT:$tmp/softether.pem /LOADKEY:$tmp/softether.key
	HubCreate TEST /PASSWORD:
	BridgeCreate TEST /DEVICE:hub /TAP:yes
	ProtoOptionsSet SSTP /NAME:Enabled /VALUE:True
	Hub TEST
	UserCreate $VPN_USER /GROUP:none /REALNAME:none /NOTE:none
	UserPasswordSet $VPN_USER /PASSWORD:$VPN_PASSWORD
	SecureNatEnable
	NatDisable
	DhcpSet /START:10.88.0.10 /END:10.88.0.20 /MASK:255.255.255.0 /EXPIRE:7200 /GW:$SERVER_TUN /DNS:10.88.0.53 /DNS2:none /DOMAIN:none /LOG:no /PUSHROUTE:none
	DhcpEnable
	LogDisable packet
	END
	wait_for 'tap device of the hub' ip -n "$A" link show tap_hub ||
		bail 'vpnserver makes no tap device'
	ip -n "$A" addr add "$SERVER_TUN/24" dev tap_hub
}

# explain CHECK...: if it fails, with what both sides have logged
explain()
{
	"$@" && return
	tail -n 20 "$tmp/client.log"
	find "$tmp/softether" -name '*.log' -exec tail -n 15 {} +
	return 1
}

# connect [KEY=VALUE...]: a session, its address in $address
connect()
{
	client_conf 'routes = 10.88.0.0/24' "$@" | start_sstpd client "$B"
	check "sstpd connects ${*:+(}$*${*:+)}" \
		explain wait_for 'session' has_session client
	address=$(session_of client local) || bail 'nothing else can be tested'
}

disconnect()
{
	stop_sstpd client
	equal 'sstpd ends in order' "$status" 0
}

pings()
{
	check 'ping from the client' nb ping -c 3 -i 0.2 -W 5 "$SERVER_TUN"
	check 'ping from the server' na ping -c 3 -i 0.2 -W 5 "$address"
}

data() # MEGABYTES
{
	check "$1 MB to the server arrive intact" intact "$B" "$A" "$SERVER_TUN" "$1"
	check "$1 MB from the server arrive intact" intact "$A" "$B" "$address" "$1"
}

silent_seconds()
{
	(($(session_of client seconds) >= $1))
}

setup_sstpd
start_softether
configure_softether

connect 'hello-interval = 5'
check 'the address is one of those of the server' grep -x '10\.88\.0\.1[0-9]' <<<"$address"
equal 'the name server is that of the server' "$(session_of client dns1)" 10.88.0.53
equal 'the data path is the kernel' "$(session_of client path)" kernel
pings
check 'ping that fills the MTU' nb ping -c 3 -i 0.2 -W 5 -s 1372 -M "do" "$SERVER_TUN"
data "$MB"
# It answers no Echo-Request, but it is alive.
check 'the session outlives its hello interval' wait_for '20 s' silent_seconds 20
check 'and goes on' nb ping -c 1 -W 5 "$SERVER_TUN"
disconnect
check 'the server saw an end of the session' wait_for 'log line' \
	grep -rq 'The PPP session is disconnected' "$tmp/softether"

connect 'tls-max-version = 1.2' 'tls-ciphers = ECDHE-RSA-AES128-GCM-SHA256'
equal 'the data path is the kernel' "$(session_of client path)" kernel
pings
data 1
disconnect

connect 'tls-max-version = 1.2' 'tls-ciphers = ECDHE-RSA-AES256-SHA384'
equal 'the data path is TUN' "$(session_of client path)" tun
check 'because of the cipher' grep 'AES256-SHA384.*kTLS' \
	<<<"$(session_of client path_reason)"
pings
data 1
disconnect

connect 'auth = pap'
check 'by PAP' logged client 'authenticated by PAP$'
pings
disconnect

echo 'not the password' >"$tmp/password"
client_conf 'reconnect = no' | start_sstpd client "$B"
check 'a wrong password is refused, and our log tells so' \
	explain wait_for 'log line' logged client 'wrong user name or password'
wait "$(<"$tmp/client.pid")" || true
check 'no process is left of the client' nobody_in "$B"

finish
