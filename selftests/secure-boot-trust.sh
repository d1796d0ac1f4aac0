#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The start of that machine after the one in which shim's MOK manager took the key
# (secure-boot-ask.sh): what is signed with it is loaded, and nothing else of ours is.
set -euo pipefail
[[ -e /ksstp/kernels ]] || { echo 'Bail out! only in the test VM'; exit 1; }
. "$(dirname "$0")/lib-sstpd.sh"
. "$(dirname "$0")/lib-doc.sh"
. "$(dirname "$0")/lib-secure-boot.sh"

keys_of_kernel()
{
	guide '^built in [(]' proc/keys | grep 'modules of example.com: .*X509'
}

# shim's list is Debian's key and what its MOK manager took.
keys_of_machine()
{
	dmesg | grep -A 1 'integrity: Loading X.509 certificate: UEFI:MokListRT' |
		grep "Loaded X.509 cert 'modules of example.com: "
}

begin_test
make_namespaces
sstpd_files
begin_secure_boot
check 'the guide: which keys the kernel has' keys_of_kernel
check 'it is one that shim brought along' keys_of_machine

cp "$KSSTP_BUILD/mod-$(uname -r)/updates/sstp.ko" "$MODULE"
equal 'without a signature' "$(modinfo -F signer sstp)" ''
refuse 'ours is not taken' 'Key was rejected by service' modprobe sstp
mkdir "$tmp/other"
ours=$keys keys=$tmp/other
check 'another key, of the same name' guide 'A key of your own'
check 'signed with it' sign '^sign each module'
unknown_key 'it is not taken either'
keys=$ours
check 'signed with the key that the machine took' sign '^sign each module'
equal 'the guide: by whose key it is signed' "$(guide '^built in [(]' modinfo)" \
	'modules of example.com'
check 'it is taken' modprobe sstp

server_conf | start_sstpd server "$A"
client_conf | start_sstpd client "$B"
check 'server and client connect' wait_for session has_session client
equal 'over the module' "$(session_of server path) $(session_of client path)" 'kernel kernel'
check 'packets pass' nb ping -c 3 -i 0.2 -W 5 "$SERVER_TUN"
stop_sstpd client
stop_sstpd server
finish
