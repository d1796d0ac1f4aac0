#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Requests that the spec of the netlink family allows, and more that it does not, at
# random, from two processes at once (see sstp-genl-fuzz).
#
#	FUZZ_SECONDS=N	for so long (default 10)
#	FUZZ_SEED=N	(default: another each time)
set -euo pipefail
. "$(dirname "$0")/lib.sh"

FUZZ_SECONDS=${FUZZ_SECONDS:-$((10 * slowness))}
FUZZ_SEED=${FUZZ_SEED:-$((SRANDOM % 1000000000))}

# seen OPERATION KIND OUTCOME: how often, in both processes
seen()
{
	awk -v what="$1 $2 $3" '$1 " " $2 " " $3 == what { n += $4 } END { print n + 0 }' \
		"$tmp/one" "$tmp/two"
}

fuzz() # seed
{
	exec ip netns exec "$A" "$here/sstp-genl-fuzz" --seconds "$FUZZ_SECONDS" --seed "$1" \
		sstp0 sstp1 sstp2
}

setup
for i in 0 1 2; do
	ip -n "$A" link add sstp$i mtu 1400 type sstp
	ip -n "$A" link set sstp$i up
done

echo "# first seed $FUZZ_SEED"
fuzz "$FUZZ_SEED" >"$tmp/one" 2>&1 &
one=$!
fuzz $((FUZZ_SEED + 1)) >"$tmp/two" 2>&1 &
two=$!
status=0
wait $one || status=$?
wait $two || status=$?
equal 'both processes ask to the end' $status 0
equal 'every answer is one that the spec allows' \
	"$(cat "$tmp/one" "$tmp/two" | grep -vE '^(requests|session-[a-z]+ (do|dump)) ')" ''
echo "# $(awk '/^requests/ { n += $2 } END { print n }' "$tmp/one" "$tmp/two") requests"
for op in session-new session-set session-get session-del; do
	for outcome in ok EINVAL ERANGE; do
		between "$op: some $outcome" "$(seen $op do $outcome)" 1 1000000000
	done
done
for outcome in EBADF ENOTSOCK ENODEV EBUSY EOPNOTSUPP; do
	between "session-new: some $outcome" "$(seen session-new do $outcome)" 1 1000000000
done
between 'dumps' "$(seen session-get dump ok)" 1 1000000000
wait_for 'sessions to end' no_sessions "$A" || true
check 'no session is left' no_sessions "$A"
check 'nor anything that holds the module' eval \
	'ip -n "$A" link del sstp0 && ip -n "$A" link del sstp1 && ip -n "$A" link del sstp2 &&
	 rmmod sstp && modprobe sstp'
finish
