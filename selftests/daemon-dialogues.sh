#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What Windows, MikroTik, Open SSTP Client and pppd say, byte for byte, to a real sstpd:
# TLS, HTTP, SSTP and PPP up to a ping through the tunnel, and IPCP once more after it,
# which a tunnel survives (sstp-dialogue). Who has nothing but AES-CBC gets the TUN path,
# and is told what would help.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

# dialogue CLIENT PATH: the dialogue, and on what path it ends
dialogue()
{
	check "$1" explain ip netns exec "$B" "$here/sstp-dialogue" "$1" "$ADDR_A" \
		"$SERVER_NAME" sh -c "sstpctl -s $tmp/server.sock show --json >$tmp/shown"
	check "$1: the data path is $2" grep "\"path\": \"$2\"" "$tmp/shown"
	check "$1: it is gone then" wait_for 'end' has_no_session server
}

serve() # ADDRESSES KEY=VALUE...: with these in [server]
{
	local pool=$1

	shift
	server_conf 'auth = mschapv2, eap-mschapv2, chap-md5, pap' \
		"certificate = $tmp/rsa.pem" "key = $tmp/rsa.key" "$@" |
		sed "s/^addresses = .*/addresses = $pool/; s/^local = .*/local = 10.8.0.1/
			s/^dns = .*/dns = 10.8.0.53/" | start_sstpd server "$A"
}

setup_sstpd
make_cert rsa rsa
printf '%s:pass\n' User User123 >"$tmp/users"
serve 10.8.0.5

dialogue 'Windows 10' kernel
dialogue 'Windows 7, set to EAP' tun
dialogue 'MikroTik, PAP only' tun
check 'which setting of the peer would help' \
	grep 'path_reason.*MikroTik: ciphers=aes256-gcm-sha384' "$tmp/shown"
dialogue 'Open SSTP Client' kernel
dialogue 'pppd, CHAP-MD5' kernel
equal 'everybody was let in' "$(stat_of server logins)" 5
stop_sstpd server

# One who comes again and again takes his own place each time, and leaves sessions behind
# that take their time to end: the engine must not be thought broken for them.
serve 10.8.0.5-10.8.0.40 'max-sessions = 1' 'max-half-open = 4'
nb "$here/sstp-dialogue" --logins 30 'MikroTik, PAP only' "$ADDR_A" "$SERVER_NAME" >"$tmp/let-in"
between 'who comes again and again is let in' "$(<"$tmp/let-in")" 2 30
refuse 'and nobody suffers for it' '' grep -E 'broken|is gone: ' "$tmp/server.log"
finish
