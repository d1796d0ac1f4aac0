#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What Windows, MikroTik, Open SSTP Client and pppd say, byte for byte, to a real sstpd:
# TLS, HTTP, SSTP and PPP up to a ping through the tunnel, and IPCP once more after it,
# which a tunnel survives (sstp-dialogue). Who has nothing but AES-CBC gets the TUN path,
# and is told what would help. Who agrees on IPv6 later than on IPv4 has it, and the monitor
# tells of it.
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

# later_ipv6: a dialogue with IPv6 at its end; keeps the addresses that there are then
later_ipv6()
{
	nb "$here/sstp-dialogue" --ipv6 'Windows 10' "$ADDR_A" "$SERVER_NAME" bash -c "
		source $here/lib.sh
		wait_for 'event' grep -q session-addresses $tmp/events &&
			ip -n $A -6 addr show dev sstp0 >$tmp/addresses"
}

serve() # ADDRESSES KEY=VALUE...: with these in [server]
{
	local pool=$1

	shift
	server_conf 'auth = mschapv2, eap-mschapv2, chap-md5, pap' \
		"certificate = $tmp/rsa.pem" "key = $tmp/rsa.key" "$@" |
		sed "s/^addresses = .*/addresses = $pool/; s/^local = .*/local = 10.8.0.1/
			s|^dns = .*|dns = 10.8.0.53\n${POOL:-}|" | start_sstpd server "$A"
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

POOL='ipv6-prefix = 2001:db8:88::/48' serve 10.8.0.5 'ipv6 = yes'
sstpctl -s "$tmp/server.sock" monitor --json >"$tmp/events" &
at_exit kill $!
wait_for 'monitor' test -s "$tmp/events"
check 'IPv6 later than IPv4' explain later_ipv6
equal 'the monitor tells of each in turn' "$(sed -n 's/.*"event":"\(session-[a-z]*\).*/\1/p' \
	"$tmp/events" | head -n 2 | xargs)" 'session-up session-addresses'
check 'with the address' grep '"session-addresses".*"peer_ipv6":"fe80::a:b:c:d"' "$tmp/events"
check 'and with that of the interface' grep -wF "$(sed -n \
	's/.*"session-addresses".*"local_ipv6":"\([^"]*\).*/inet6 \1/p' "$tmp/events")" "$tmp/addresses"
check 'which there was none of before' eval '! grep "\"session-up\".*peer_ipv6" "$tmp/events"'
check 'it is gone then' wait_for 'end' has_no_session server
stop_sstpd server

# One who comes again and again takes his own place each time, and leaves sessions behind
# that take their time to end: the engine must not be thought broken for them.
serve 10.8.0.5-10.8.0.40 'max-sessions = 1' 'max-half-open = 4'
nb "$here/sstp-dialogue" --logins 30 'MikroTik, PAP only' "$ADDR_A" "$SERVER_NAME" >"$tmp/let-in"
between 'who comes again and again is let in' "$(<"$tmp/let-in")" 2 30
refuse 'and nobody suffers for it' '' grep -E 'broken|is gone: ' "$tmp/server.log"
finish
