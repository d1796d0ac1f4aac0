#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A kernel that takes signed modules only, as with module.sig_enforce=1 on its command
# line, which once on stays on: for the test VM only. Debian's kernels trust the key of
# their build, and what shim has enrolled, which this VM has not (one with a firmware has:
# secure-boot-*.sh); so what is shown is that a module signed with the distribution's key
# loads, that ours without a signature does not, nor with one of somebody else's, and what
# sstpd makes of it.
set -euo pipefail
[[ -e /ksstp/kernels ]] || { echo 'Bail out! only in the test VM'; exit 1; }
. "$(dirname "$0")/lib-sstpd.sh"
. "$(dirname "$0")/lib-doc.sh"
. "$(dirname "$0")/lib-signed.sh"

ENFORCE=/sys/module/module/parameters/sig_enforce

# That of its build, at least.
keys_of_kernel()
{
	guide '^built in [(]' proc/keys | tee "$tmp/said"
	grep 'asymmetri.* X509' "$tmp/said"
}

begin_test
keys=$tmp
[[ $(<$ENFORCE) == Y ]] || echo Y >$ENFORCE
make_namespaces
sstpd_files
equal 'the kernel takes signed modules only' "$(<$ENFORCE)" Y

check "Debian's own is signed" grep . <<<"$(modinfo -F signer tls)"
check 'and is taken' modprobe tls
equal 'ours is not signed' "$(modinfo -F signer sstp)" ''
refuse 'and is not taken' 'Key was rejected by service' modprobe sstp
check 'the guide: a key' guide 'A key of your own'
check 'which is for modules' eval \
	'openssl x509 -inform DER -in "$tmp/modules.der" -noout -ext extendedKeyUsage |
	 grep -F 1.3.6.1.4.1.2312.16.1.2'
check 'the guide: signed by it' sign '^sign each module'
equal 'the guide: by whose key it is signed' "$(guide '^built in [(]' modinfo)" \
	'modules of example.com'
check 'the guide: which keys the kernel has' keys_of_kernel
refuse 'but that is no key of the kernel' 'Key was rejected\|key not available' modprobe sstp
check 'the guide: its log has that' guide '^built in [(]' dmesg

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
