# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What secure-boot-*.sh share: a machine that has started with Secure Boot, and from one
# start to the next keeps its keys where the firmware's variables are.

. "$(dirname "${BASH_SOURCE[0]}")/lib-signed.sh"

keys=$KSSTP_BUILD/secure-boot

# Debian's, of which the root has what it needs but for one library
mokutil()
{
	local tree=$KSSTP_BUILD/firmware/usr

	LD_LIBRARY_PATH=$tree/lib/x86_64-linux-gnu "$tree/bin/mokutil" "$@"
}
export -f mokutil
export KSSTP_BUILD

# unknown_key DESCRIPTION: the module is signed by one that the kernel does not know
unknown_key()
{
	refuse "$1" 'Key was rejected\|key not available' modprobe sstp
}

begin_secure_boot()
{
	modprobe efivarfs || bail 'this machine has no EFI'
	mount -t efivarfs efivarfs /sys/firmware/efi/efivars
	mount -t securityfs securityfs /sys/kernel/security
	equal 'Secure Boot is on' "$(mokutil --sb-state)" 'SecureBoot enabled'
	check 'for this the kernel is locked' grep -F '[integrity]' /sys/kernel/security/lockdown
	equal 'it takes signed modules only' "$(</sys/module/module/parameters/sig_enforce)" Y
	check "Debian's own are" modprobe tls
}
