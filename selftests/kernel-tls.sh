#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel's own test of kTLS, net/tls in its selftests, with the module loaded and a
# session that goes on beside it: what ours rely on is whole.
set -euo pipefail
. "$(dirname "$0")/lib-kernel.sh"

# shortcoming TEST: why this kernel does not pass it, where it does not
shortcoming()
{
	return 1
}

# variants CIPHER: of the test, by names such as 13_sm4_gcm
variants()
{
	sed -nE "s/^FIXTURE_VARIANT_ADD\(tls, ([0-9]+_$1_[a-z0-9_]*)\).*/\1/p" \
		"$kernel_selftests/net/tls.c"
}

rekey_tests()
{
	sed -nE 's/^TEST_F\(.*, ([a-z_]*rekey[a-z_]*)\)$/\1/p' "$kernel_selftests/net/tls.c" |
		sort -u
}

setup
find_selftests
add_devices
start_pair
check 'a session, before' na ping -c 1 -W "$PATIENCE" "$TUN_B"
leave_out=()
for cipher in sm4 aria; do
	modprobe -q "crypto-$cipher" && continue
	mapfile -t names < <(variants $cipher)
	leave_out+=("${names[@]/#/-V}")
	skip "tls: ${names[*]}" "this kernel is built without $cipher"
done
if ! keys_change; then
	mapfile -t names < <(rekey_tests)
	leave_out+=("${names[@]/#/-T}")
	skip "tls: ${names[*]}" 'this kernel does not change keys'
fi
run_kselftest tls "$kernel_selftests/net/tls" "${leave_out[@]}"
check 'the session, after' na ping -c 1 -W "$PATIENCE" "$TUN_B"
finish
