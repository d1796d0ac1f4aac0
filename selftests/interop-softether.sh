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
# And what a restart of it costs, to stand beside ours (daemon-storm.sh).
#
# KSSTP_INTEROP_MB: megabytes sent each way (8).
set -euo pipefail
# shellcheck source=selftests/lib-sstpd.sh
. "$(dirname "$0")/lib-sstpd.sh"
# shellcheck source=selftests/lib-softether.sh
. "$(dirname "$0")/lib-softether.sh"

MB=${KSSTP_INTEROP_MB:-8}
# shellcheck disable=SC2034 # for client_conf
LOGIN=$SOFTETHER_USER

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
equal 'the key exchange' "$(tls_group client)" X25519MLKEM768
pings
check 'ping that fills the MTU' nb ping -c 3 -i 0.2 -W 5 -s 1372 -M "do" "$SERVER_TUN"
data "$MB"
# It answers no Echo-Request, but it is alive.
check 'the session outlives its hello interval' wait_for '20 s' silent_seconds 20
check 'and goes on' nb ping -c 1 -W 5 "$SERVER_TUN"
disconnect
check 'the server saw an end of the session' wait_for 'log line' \
	grep -rq 'The PPP session is disconnected' "$tmp/softether"

# Each connection has an address of its own from it, as long as the one before is there.
another_session()
{
	local now

	now=$(session_of client id) && [[ $now != "$id" ]]
}

connect
id=$(session_of client id)
check 'its connection is to be replaced' sstpctl -s "$tmp/client.sock" reconnect test
check 'another one is there' explain wait_for 'session' another_session
check 'with another address, so that it is an ordinary one: the log says so' \
	logged client "session $id: its new connection has come to something else"
check 'with another address it is' test "$(session_of client local)" != "$address"
address=$(session_of client local)
pings
disconnect

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

# ---- a restart of it, in order, as an upgrade has it ----

MANY=10

many_up()
{
	[[ $(sessions_of clients) == "$MANY" ]]
}

# numbers: of all sessions, by which a client tells one from the next
numbers()
{
	sstpctl -s "$tmp/clients.sock" show --json | sed -n 's/^      "id": \([0-9]*\).*/\1/p' |
		sort
}

# gone_of_them: how many of $before are not there any more
gone_of_them()
{
	comm -23 - <(numbers) <<<"$before" | wc -l
}

all_lost()
{
	(($(gone_of_them) == MANY))
}

start_clients $MANY
check "$MANY sessions" wait_for sessions many_up
before=$(numbers)
pkill -TERM -f "^$tmp/softether/vpnserver"
check 'it ends in order' wait_for 'end of vpnserver' softether_is_gone
start_softether
serve_on_tap
check 'all come again' explain wait_for sessions many_up
check 'each as another session' wait_for 'the end of those before' all_lost
echo "# sessions lost by a restart of SoftEther's server: $(gone_of_them) of $MANY"
stop_sstpd clients

echo 'not the password' >"$tmp/password"
client_conf 'reconnect = no' | start_sstpd client "$B"
check 'a wrong password is refused, and our log tells so' \
	explain wait_for 'log line' logged client 'wrong user name or password'
wait "$(<"$tmp/client.pid")" || true
check 'no process is left of the client' nobody_in "$B"

finish
