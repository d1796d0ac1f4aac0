#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A kernel that takes signed modules only, as with module.sig_enforce=1 on its command
# line, which once on stays on: for the test VM only. Debian's kernels trust the key of
# their build, and what shim has enrolled, which this VM has not; so what is shown is
# that a module signed with the distribution's key loads, that ours without a signature
# does not, nor with one of somebody else's, and what sstpd makes of it.
set -euo pipefail
[[ -e /ksstp/kernels ]] || { echo 'Bail out! only in the test VM'; exit 1; }
. "$(dirname "$0")/lib-sstpd.sh"

ENFORCE=/sys/module/module/parameters/sig_enforce
MODULE=/lib/modules/$(uname -r)/updates/sstp.ko

# Of the headers that modules are built with.
sign_file()
{
	local build

	build=$(realpath "/lib/modules/$(uname -r)/build")
	"$build/scripts/sign-file" "$@"
}

# As doc/packages.md says.
sign()
{
	openssl req -x509 -newkey rsa:2048 -nodes -subj '/CN=test of modules' -days 2 \
		-keyout "$tmp/key.pem" -outform DER -out "$tmp/key.der" &&
		sign_file sha256 "$tmp/key.pem" "$tmp/key.der" "$MODULE"
}

begin_test
[[ $(<$ENFORCE) == Y ]] || echo Y >$ENFORCE
make_namespaces
sstpd_files
equal 'the kernel takes signed modules only' "$(<$ENFORCE)" Y

check "Debian's own is signed" grep . <<<"$(modinfo -F signer tls)"
check 'and is taken' modprobe tls
equal 'ours is not signed' "$(modinfo -F signer sstp)" ''
refuse 'and is not taken' 'Key was rejected by service' modprobe sstp
check 'signed by a key' sign
equal 'it says by whose' "$(modinfo -F signer sstp)" 'test of modules'
refuse 'but that is no key of the kernel' 'Key was rejected\|key not available' modprobe sstp

reason='module sstp is not loaded, and this kernel takes signed modules only: see sstp(7)'
server_conf | start_sstpd server "$A"
client_conf | start_sstpd client "$B"
check 'server and client connect' wait_for session has_session client
equal 'over a TUN device' "$(session_of server path)" tun
equal 'for that reason' "$(session_of server path_reason)" "$reason"
check 'packets pass' nb ping -c 3 -i 0.2 -W 5 "$SERVER_TUN"
check 'the log says so' grep -F "kernel data path: $reason" "$tmp/server.log"
stop_sstpd client
stop_sstpd server
server_conf 'data-path = kernel' | start_sstpd server "$A"
check 'who takes nothing else is told' grep -F \
	"kernel data path: $reason: with \"data-path = kernel\" no session comes up" "$tmp/server.log"
finish
