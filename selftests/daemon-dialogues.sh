#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What Windows, MikroTik, Open SSTP Client and pppd say, byte for byte, to a real sstpd:
# TLS, HTTP, SSTP and PPP up to a ping through the tunnel (sstp-dialogue). Who has
# nothing but AES-CBC gets the TUN path, and is told what would help.
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

setup_sstpd
make_cert rsa rsa
printf '%s:pass\n' User User123 >"$tmp/users"
server_conf 'auth = mschapv2, eap-mschapv2, chap-md5, pap' \
	"certificate = $tmp/rsa.pem" "key = $tmp/rsa.key" |
	sed 's/^addresses = .*/addresses = 10.8.0.5/; s/^local = .*/local = 10.8.0.1/
		s/^dns = .*/dns = 10.8.0.53/' | start_sstpd server "$A"

dialogue 'Windows 10' kernel
dialogue 'Windows 7, set to EAP' tun
dialogue 'MikroTik, PAP only' tun
check 'which setting of the peer would help' \
	grep 'path_reason.*MikroTik: ciphers=aes256-gcm-sha384' "$tmp/shown"
dialogue 'Open SSTP Client' kernel
dialogue 'pppd, CHAP-MD5' kernel
equal 'everybody was let in' "$(stat_of server logins)" 5
finish
