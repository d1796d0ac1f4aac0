# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A man in the middle whose TLS is not OpenSSL's, on top of lib-sstpd.sh: between our client
# and our server is tls-relay, with the server's certificate and key, and the engine of
# GnuTLS, wolfSSL or mbedTLS. It is a server to the client, and a client to the server.
#
#	$A  sstpd 192.0.2.1:443 -- tls-relay 192.0.2.1:444	$B  sstpd, a client

. "$(dirname "${BASH_SOURCE[0]}")/lib-sstpd.sh"

for_all=() # lines of configuration, for both ends

# begin ENGINE WORD...: a session through it, whose client has the address $inside
begin()
{
	local log=$tmp/relay.log

	rm -f "$log"
	ip netns exec "$A" tls-relay "$1" 444 "$ADDR_A:443" "$tmp/cert.pem" "$tmp/cert.key" \
		"$tmp/ca.pem" "$SERVER_NAME" "${@:2}" >"$log" 2>&1 &
	relay=$!
	at_exit kill -KILL "$relay"
	wait_for 'tls-relay' listening "$A" 444 || bail 'tls-relay does not start'
	{
		client_conf 'reconnect = no' | sed "s/^server = .*/server = $SERVER_NAME:444/"
		printf '%s\n' "${for_all[@]}"
	} | start_sstpd client "$B"
	check "$*: a session" explain wait_for session connected
	for name in server client; do
		equal "$*: the kernel's at the $name" "$(session_of $name path)" kernel
	done
	# shellcheck disable=SC2034 # for the caller
	inside=$(session_of client local)
}

# relay_says PATTERN: the relay has come to its end by itself, and has printed that
relay_says()
{
	wait "$relay" || true
	grep -E -- "$1" "$tmp/relay.log" || {
		cat "$tmp/relay.log"
		return 1
	}
}

# largest SIDE: payload of the largest record that came from there, and how much TLS adds
largest()
{
	sed -n "s/^$1: largest record //p" "$tmp/relay.log"
}

end() # WORD...: both ends in order
{
	hang_up
	check "$*: close_notify of the client" relay_says '^client: close_notify'
	check "$*: and of the server" relay_says '^server: close_notify'
}
