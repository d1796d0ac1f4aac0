#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An AES-GCM key is good for so many records. Before the keys of a session have been used
# for more they change, where the kernel and TLS can; else it ends, in order, and its
# client comes again; or, where that is wanted, the log warns.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

LIMIT=1000

keeps_keys=() at_limit=()

# serve KEY=VALUE...: for [global]
serve()
{
	[[ ! -e $tmp/server.pid ]] || stop_sstpd server
	{
		server_conf 'data-path = kernel'
		printf '%s\n' '[global]' "$@"
	} | start_sstpd server "$A"
}

dial() # KEY=VALUE...: for the client
{
	[[ ! -e $tmp/client.pid ]] || stop_sstpd client
	client_conf 'data-path = kernel' 'reconnect-max = 1' "$@" | start_sstpd client "$B"
	check "a client is connected" explain wait_for session connected
	id=$(session_of server id)
}

# pings N: small ones, each of which is a record, or part of one
pings()
{
	nb ping -q -i 0.002 -c "$1" -W 1 "$SERVER_TUN" >/dev/null || true
}

records() # of the session: how often the key used most has been used
{
	number '[rt]x_seq' | sort -n | tail -n 1
}

number() # of the session, by its name, which begins with "tls_"
{
	tls_number server "$id" "$1"
}

# updates N: use keys until both have changed so often
updates()
{
	while [[ $(number tx_updates) ]] &&
		(($(number tx_updates) < $1 || $(number rx_updates) < $1)); do
		pings 200
	done
}

# use N: until its keys have been used so often, or it is gone
use()
{
	local now

	while now=$(records) && [[ $now ]] && ((now < $1)); do
		pings 200
	done
}

# keys TEXT: what `sstpctl show` says of them
keys()
{
	sstpctl -s "$tmp/server.sock" show "$id" | grep -A 2 '^ *TLS keys' | grep -q -- "$1"
}

used_up() # the session has ended for that
{
	logged server "session $id.*reason=key-limit"
}

another()
{
	connected && (($(session_of server id) != id))
}

setup_sstpd
# There, keys that do not change are those of TLS 1.2, with which a session ends only if
# it is told to.
if keys_change; then
	keeps_keys=('tls-max-version = 1.2') at_limit=('at-key-limit = end')
fi
serve "key-limit = $LIMIT" "${at_limit[@]}"
dial "${keeps_keys[@]}"
use $((LIMIT / 4))
check 'show says how many records are left' keys 'sent: generation 0, used for [0-9]* records, [0-9]* left'
if keys_change; then
	check 'and why keys do not change' keys 'do not change: TLS 1.2 has no KeyUpdate'
else
	check 'and why keys do not change' keys 'do not change: this kernel cannot'
fi
equal 'a quarter of what may be: the session is the same' "$(session_of server id)" "$id"
use $LIMIT
check 'when the keys are used up, it ends' explain wait_for 'end' used_up
check 'the server says so to its client' wait_for 'log line' logged client \
	"session .* end: .*(disconnect|terminat|closed)"
check 'and the client comes again' explain wait_for session another
check 'with new keys' test "$(id=$(session_of server id); records)" -lt $LIMIT

serve "key-limit = $LIMIT" 'at-key-limit = warn'
dial "${keeps_keys[@]}"
use $((2 * LIMIT))
check 'at-key-limit = warn: the log warns' wait_for 'log line' logged server \
	'has been used for [0-9]* records, of the 1000 that are safe; it goes on'
equal 'once' "$(grep -c 'that are safe' "$tmp/server.log")" 1
equal 'and the session is the same' "$(session_of server id)" "$id"
check 'and works' nb ping -c 1 -W 5 "$SERVER_TUN"

serve "key-limit = $LIMIT"
dial 'tls-max-version = 1.2'
check 'TLS 1.2: show says that keys do not change' keys 'do not change: TLS 1.2 has no KeyUpdate'
use $((2 * LIMIT))
check 'TLS 1.2 says nothing of it: the log warns' wait_for 'log line' logged server \
	'TLSv1.2 .* has been used for [0-9]* records'
equal 'and the session is the same' "$(session_of server id)" "$id"

serve
stop_sstpd client
{
	client_conf 'data-path = kernel' 'reconnect-max = 1' "${keeps_keys[@]}"
	printf '%s\n' '[global]' "key-limit = $LIMIT" "${at_limit[@]}"
} | start_sstpd client "$B"
check 'a client with a limit' explain wait_for session connected
id=$(session_of server id)
# Else it has another one before that (daemon-handover.sh).
na nft add table inet none '{ chain in { type filter hook input priority 0; tcp dport 443 tcp flags & (syn|ack) == syn drop; }; }'
use $((2 * LIMIT))
check 'that can have no other connection ends its session by itself' explain wait_for 'end' \
	logged client 'reason=key-limit'
na nft delete table inet none
check 'and comes again' explain wait_for session another

if keys_change; then
	serve "key-limit = $LIMIT" 'rekey = no'
	dial
	check 'rekey = no: show says so' keys 'do not change: rekey = no'
	serve 'rekey-interval = 1'
	dial
	check 'rekey-interval: our key changes for its age' wait_for 'the third' eval \
		'pings 10 && (($(number tx_updates) >= 3))'
	equal 'the peer keeps its own' "$(number rx_updates)" 0
	serve "key-limit = $LIMIT"
	dial
	updates 5
	check 'keys that change: show says so' keys 'change before that'
	check 'and how often they have' keys 'sent: generation [1-9]'
	equal 'the session is the same' "$(session_of server id)" "$id"
	check 'none was used for longer than allowed' test "$(records)" -lt $LIMIT
	check 'it works' nb ping -c 1 -W 5 "$SERVER_TUN"
	check 'nobody speaks of a limit' eval '! grep -q "that are safe\|key-limit$" "$tmp/server.log"'
fi
finish
