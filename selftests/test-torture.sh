#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two ways to end a session at the same time, every pair of them, under traffic in
# both directions (lib/cmd_torture.c): it ends, nothing hangs, leaks or stays behind,
# and the next session works.
#
#	ROUNDS=N	each pair N times (default 5)
#	PAIRS='a+b c+d'	only these
#	SEED=N		for who is first (default: another each time)
set -euo pipefail
. "$(dirname "$0")/lib.sh"

ROUNDS=${ROUNDS:-5}
SEED=${SEED:-$((SRANDOM % 1000000000))}
WAYS=(close kill fin rst alert link-delete link-down rmmod netns-delete)

pairs()
{
	local i k

	for ((i = 0; i < ${#WAYS[@]}; i++)); do
		for ((k = i + 1; k < ${#WAYS[@]}; k++)); do
			echo "${WAYS[i]}+${WAYS[k]}"
		done
	done
}

setup
at_exit modprobe sstp
echo "# seed $SEED"
for both in ${PAIRS:-$(pairs)}; do
	script "$both ($ROUNDS rounds)" -e n= <<-END
		n torture a b $both rounds=$ROUNDS seed=$SEED
	END
done
check 'nothing holds the module' eval 'rmmod sstp 2>/dev/null || [[ ! -d /sys/module/sstp ]]'

modprobe sstp
bare_device "$A"
script 'a session works after all that' <<-END
	connect a b
	a attach sstp0
	b send data4:100
	a stat rx-packets == 1
	a close
	a dump count=0
END
finish
