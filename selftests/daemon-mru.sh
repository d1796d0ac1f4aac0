#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How large packets and TLS records may be is agreed: what one end asks for is what the
# other sends at most, on both data paths.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

# has NAME KEY VALUE: of the session of that daemon
has()
{
	[[ $(session_of "$1" "$2") == "$3" ]]
}

# agreed DESCRIPTION PATH MTU_SERVER MTU_CLIENT SERVER_SENDS CLIENT_SENDS
agreed()
{
	local name
	local -A sends=([server]=$5 [client]=$6)

	server_conf "data-path = $2" "mtu = $3" | start_sstpd server "$A"
	client_conf "data-path = $2" "mtu = $4" | start_sstpd client "$B"
	for name in server client; do
		check "$1: $name on the $2 path" wait_for session has "$name" path "$2"
		check "$1: $name sends ${sends[$name]} bytes at most" \
			has "$name" mtu "${sends[$name]}"
	done
	check "$1: ping of that size, not to be divided" \
		nb ping -c 3 -i 0.2 -W 5 -M 'do' -s $(($6 - 28)) "$SERVER_TUN"
	check "$1: a larger one goes in fragments" \
		nb ping -c 3 -i 0.2 -W 5 -M dont -s $(($6 + 500)) "$SERVER_TUN"
	check "$1: 5 MB arrive intact" intact "$B" "$A" "$SERVER_TUN" 5
	stop_sstpd client
	stop_sstpd server
}

setup_sstpd
for path in kernel tun; do
	agreed 'both ends large' $path 4080 4080 4080 4080
	# It asks for no less than every PPP peer takes (RFC 1661 6.1).
	agreed 'a small server' $path 1400 4080 1400 1500
done
agreed 'the largest there is' kernel 4087 4087 4087 4087

# records_of NS: what the kernel's session there sends at most
records_of()
{
	session_stat "$1" record-size
}

server_conf 'data-path = kernel' | start_sstpd server "$A"
client_conf 'data-path = kernel' |
	LD_PRELOAD=$KSSTP_BUILD/selftests/preload/max-fragment.so start_sstpd client "$B"
check 'max_fragment_length: the session is on the kernel path' wait_for session has client path kernel
equal 'max_fragment_length of 512: the server keeps it' "$(records_of "$A")" 512
equal 'max_fragment_length of 512: the client does, too' "$(records_of "$B")" 512
check 'max_fragment_length: packets larger than a record pass' \
	nb ping -c 3 -i 0.2 -W 5 -s 1300 "$SERVER_TUN"
check 'max_fragment_length: 1 MB arrives intact' intact "$B" "$A" "$SERVER_TUN" 1
stop_sstpd client
stop_sstpd server
finish
