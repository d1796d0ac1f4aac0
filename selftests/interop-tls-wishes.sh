#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What TLS engines other than OpenSSL ask for and do on their own: smaller records,
# tickets amid a session, new keys, and an end.
#
# KSSTP_INTEROP_UPDATES: changes of keys in each direction while it is busy (8).
# KSSTP_INTEROP_SECONDS: how long that goes on at least, with each engine (0; make
# check-full: 600)
set -euo pipefail
. "$(dirname "$0")/lib-tls-engines.sh"

UPDATES=${KSSTP_INTEROP_UPDATES:-8}
BUSY_S=${KSSTP_INTEROP_SECONDS:-0}
((BUSY_S)) && MB=16 || MB=4

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

# enough_updates TIMES: so many at both ends, in both directions
enough_updates()
{
	local name direction n

	for name in server client; do
		for direction in rx tx; do
			n=$(tls_number $name "$(session_of $name id)" ${direction}_updates) || return
			((n >= $1)) || return
		done
	done
}

# both_ways MEGABYTES: at the same time, with files of their own
both_ways()
{
	local pid

	mkdir -p "$tmp/other"
	(tmp=$tmp/other intact "$B" "$A" "$SERVER_TUN" "$1") &
	pid=$!
	intact "$A" "$B" "$inside" "$1" && wait $pid
}

# busy_until_changed TIMES SECONDS: so long at least, its keys have changed so often
# meanwhile, and all was intact; how much, in $tmp/busy
busy_until_changed()
{
	local i begin=$SECONDS name

	for ((i = 1; i <= 20 * $1 || SECONDS - begin < $2; i++)); do
		both_ways "$MB" || return
		((SECONDS - begin >= $2)) && enough_updates "$1" || continue
		for name in server client; do
			echo "# $name: $(tls_number $name "$(session_of $name id)" rx_updates) updates" \
				"of the peer's key in $((SECONDS - begin)) s, $((i * MB)) MB each way"
		done >"$tmp/busy"
		return 0
	done
	return 1
}

# keeps_changing ENGINE: new keys for each few hundred records, under load both ways
keeps_changing()
{
	local what="$1, new keys all the time"

	: >"$tmp/busy"
	begin "$1" tls=1.3 every=600
	check "$what: all is intact" explain busy_until_changed "$UPDATES" "$BUSY_S"
	cat "$tmp/busy"
	end "$1" 'new keys all the time'
}

setup_sstpd
# Ours change at half of that; a peer's key may be changed again and again when it has been
# used for half of those.
! keys_change || for_all=('[global]' 'key-limit = 2000')
{
	server_conf
	printf '%s\n' "${for_all[@]}"
} | start_sstpd server "$A"
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
		keeps_changing $engine
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
