#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Many sessions in one machine, all of them with traffic both ways; what each of them
# costs, and that all of it comes back.
#
#	SESSIONS=N	(default 200; scripts/check endure: 1000)
set -euo pipefail
. "$(dirname "$0")/lib.sh"

SESSIONS=${SESSIONS:-$((200 / slowness))}
# KiB: twice what doc/tuning.md says of an idle session; and that of one that has had
# packets of each size, a few at a time, with the buffers that it keeps for a while.
IDLE_MAX=94
BUSY_MAX=300

# kib WHAT: of one session, the least of all times
kib()
{
	grep -oE " $1=-?[0-9]+" "$tmp/many" | cut -d= -f2 | sort -n | head -n 1
}

setup
nets()
{
	local i

	for ((i = 0; i < SESSIONS; i++)); do
		echo "link add s$i mtu 1400 type sstp"
		echo "link set s$i up"
		echo "route add 10.64.$((i / 256)).$((i % 256)) dev s$i"
	done
}
na sysctl -qw net.ipv6.conf.default.disable_ipv6=1
ip -n "$A" addr add "$TUN_A/32" dev lo
nets | ip -n "$A" -batch -
# What the machine keeps of its first time, caches and the like, is no session's.
echo "a many b s count=$SESSIONS" | run_script >/dev/null 2>&1 || true
for time in first second third; do
	check "$SESSIONS sessions answer every packet, the $time time" eval \
		'echo "a many b s count=$SESSIONS" | run_script >>"$tmp/many"'
done
sed 's/^/# /' "$tmp/many"
# The kernel frees caches meanwhile: there is only an upper limit to see. What it keeps
# for itself comes and goes, what a session costs or leaves behind is there each time.
between 'KiB that an idle session costs' "$(kib idle-kib)" -1000 $IDLE_MAX
between 'KiB after traffic' "$(kib after-traffic-kib)" -1000 $BUSY_MAX
# Less than the smallest buffer that could have been forgotten.
between 'KiB that stay behind' "$(kib closed-kib)" -1000 40
check 'no session is left' no_sessions "$A"
finish
