#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The first start of a machine with Secure Boot, whose kernel does not take our module: a key
# is made and the machine asked to take it, as doc/packages.md says. What comes of that is in
# secure-boot-trust.sh, on the machine's next start; scripts/secure-boot does both.
set -euo pipefail
[[ -e /ksstp/kernels ]] || { echo 'Bail out! only in the test VM'; exit 1; }
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-doc.sh"
. "$(dirname "$0")/lib-secure-boot.sh"

ask()
{
	printf '%s\n' "$KSSTP_MOK_PASSWORD" "$KSSTP_MOK_PASSWORD" | guide '^next start:'
}

asked()
{
	mokutil --list-new | tee "$tmp/new"
	grep 'CN *= *modules of example.com' "$tmp/new"
}

begin_test
begin_secure_boot
refuse 'ours is not signed, and not taken' 'Key was rejected by service' modprobe sstp
check 'the guide: a key' guide 'A key of your own'
check 'the guide: ours is signed by it' sign '^sign each module'
unknown_key 'by which nobody knows'
equal 'nobody has asked for a key' "$(mokutil --list-new)" ''
check 'the guide: the firmware is asked to take it' ask
check 'and will ask whoever is there at the next start' asked
unknown_key 'until then it is a key like any'
finish
