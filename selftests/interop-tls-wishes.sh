#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What TLS engines other than OpenSSL ask for and do on their own: smaller records,
# tickets amid a session, new keys, and an end.
set -euo pipefail
. "$(dirname "$0")/lib-tls-engines.sh"

# small ENGINE VERSION WORD LIMIT: records of the server, who is asked for that, have
# LIMIT bytes at most, and what TLS adds; and are not much smaller, as packets share them
small()
{
	local limit=$4 adds=17

	[[ $2 == 1.3 ]] || adds=24
	begin "$1" "tls=$2" "$3"
	check "$1 $2 $3: 1 MB to the client is intact" intact "$A" "$B" "$inside" 1
	end "$1" "$2" "$3"
	between "$1 $2 $3: the largest record of the server" "$(largest server)" \
		$((limit * 3 / 4)) $((limit + adds))
}

# ends WORDS SIGNAL SERVER CLIENT: what both ends say when the relay does that
ends()
{
	local before

	before=$(said server "$3")
	kill -"$2" "$relay"
	check "$1: the server says: $3" explain wait_for 'log line' said_more server "$3" "$before"
	check "$1: the client says: $4" explain wait_for 'log line' logged client "$4"
	wait "$(<"$tmp/client.pid")" || true
	check "$1: the server's TLS ends in order" relay_says '^server: close_notify'
	check "$1: the client's, too" relay_says '^client: close_notify'
}

# follows WORDS SIGNAL NAME: so does NAME's end, and it changes its own, as it is asked to
follows()
{
	local id times

	id=$(session_of "$3" id)
	for times in 1 2 3; do
		kill -"$2" "$relay"
		check "$1: $3 follows ($times)" explain wait_for 'the key' eval \
			'(($(tls_number '"$3"' '"$id"' rx_updates) == '"$times"'))'
		check "$1: and changes its own ($times)" explain wait_for 'the key' eval \
			'nb ping -c 1 -W 1 "$SERVER_TUN" >/dev/null;
			 (($(tls_number '"$3"' '"$id"' tx_updates) >= '"$times"'))'
		check "$1: the session goes on ($times)" nb ping -c 3 -i 0.2 -W 5 "$SERVER_TUN"
	done
}

setup_sstpd
server_conf | start_sstpd server "$A"
small gnutls 1.3 fragment=512 512
small gnutls 1.2 fragment=2048 2048
small wolfssl 1.3 fragment=1024 1024
small wolfssl 1.2 fragment=512 512
small mbedtls 1.2 fragment=4096 4096
# OpenSSL does not answer record_size_limit, so that nothing is agreed to.
small gnutls 1.3 limit=1024 16384

closed='end: .*peer closed TLS' changed='end: .*peer changed its TLS keys'
for engine in gnutls wolfssl; do
	begin $engine tls=1.3
	kill -HUP "$relay"
	check "$engine: tickets amid the session" wait_for 'tickets' grep 'got tickets' "$tmp/relay.log"
	check "$engine: which goes on" nb ping -c 3 -i 0.2 -W 5 "$SERVER_TUN"
	if keys_change; then
		follows "$engine changes its keys as a client" USR1 server
		follows "$engine changes its keys as a server" USR2 client
		end $engine tls=1.3
		continue
	fi
	ends "$engine changes its keys as a client" USR1 "$changed" "$closed"
	begin $engine tls=1.3
	ends "$engine changes its keys as a server" USR2 "$closed" "$changed"
done
for engine in gnutls wolfssl mbedtls; do
	begin $engine tls=1.3
	ends "close_notify of $engine" TERM "$closed" "$closed"
done
check 'and the server lives' kill -0 "$(<"$tmp/server.pid")"
finish
