#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A socket that its owner has done something to before he hands it over: what is left of
# that neither stops the session nor harms the kernel (see sstp-odd-socket).
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# odd HOW ANSWERS [ROOT]: as an ordinary user in namespaces of his own, or as root in one
odd()
{
	local who=(setpriv --reuid 1000 --regid 1000 --clear-groups unshare -Urn) status=0

	[[ ! ${3:-} ]] || who=(unshare -n)
	PATIENCE=$PATIENCE timeout $((PATIENCE * 4)) "${who[@]}" "$here/sstp-odd-socket" "$1" \
		>"$tmp/says" 2>&1 || status=$?
	if ((status == 4)); then
		skip "a socket: $1" "$(cat "$tmp/says")"
	else
		check "a socket: $1: $(xargs <"$tmp/says")" grep -xE "$2" <<<"$(xargs <"$tmp/says")"
	fi
}

setup
for how in plain mapped addrform addrform-late rcvlowat cork oobinline timestamps \
	open-record peeked half-read signalled watched itself; do
	odd $how 'attached works ended'
done
# What is sent goes nowhere, or comes late, and the end waits for nothing. Of TCP_REPAIR
# kernel 6.1 takes no notice there.
for how in repair repair-receive; do
	odd $how 'attached (silent|works) ended'
done
for how in pacing inside; do
	odd $how 'attached silent ended'
done
odd mptcp EOPNOTSUPP
odd sockmap 'EBUSY|refused' root
check 'nothing holds the module' wait_for 'last reference' module_unused
finish
