#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# TLS of GnuTLS, wolfSSL and mbedTLS at both ends of ours: the kernel reads what they
# send, their tickets among it, they read what the kernel sends, and both end in order.
#
# KSSTP_INTEROP_MB: megabytes sent each way (2).
set -euo pipefail
. "$(dirname "$0")/lib-tls-engines.sh"

MB=${KSSTP_INTEROP_MB:-2}

# carries WORD...: what a tunnel is for
carries()
{
	check "$*: ping, in fragments" nb ping -c 3 -i 0.2 -W 5 -s 3000 "$SERVER_TUN"
	check "$*: $MB MB to the server are intact" intact "$B" "$A" "$SERVER_TUN" "$MB"
	check "$*: $MB MB to the client are intact" intact "$A" "$B" "$inside" "$MB"
}

setup_sstpd
server_conf | start_sstpd server "$A"
for engine in gnutls wolfssl mbedtls; do
	for version in 1.3 1.2; do
		begin $engine tls=$version
		# wolfSSL as a client has another one first, in TLS 1.3.
		[[ $engine$version == wolfssl1.3 ]] && group=secp256r1 || group=x25519
		equal "$engine $version: the key exchange with our server" "$(tls_group server)" $group
		equal "$engine $version: and with our client" "$(tls_group client)" x25519
		carries $engine $version
		end $engine $version
	done
done
finish
