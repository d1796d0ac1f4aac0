#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Requests that the spec of the netlink family allows, and more that it does not, at
# random, from two processes at once (see sstp-genl-fuzz).
#
#	FUZZ_SECONDS=N	for so long (default 10), and again until all that can come has
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

# OPERATION OUTCOME, for all that have to come in the end
wanted()
{
	printf '%s\n' session-{new,set,get,del}' '{ok,EINVAL,ERANGE} \
		'session-new '{EBADF,ENOTSOCK,ENODEV,EBUSY,EOPNOTSUPP}
}

all_seen()
{
	local op outcome

	while read -r op outcome; do
		(($(seen "$op" do "$outcome"))) || return 1
	done < <(wanted)
	(($(seen session-get dump ok)))
}

# A round, from two seeds. A slow machine asks little in it.
fuzz_both() # seed
{
	local one two status=0

	fuzz "$1" >>"$tmp/one" 2>&1 &
	one=$!
	fuzz $(($1 + 1)) >>"$tmp/two" 2>&1 &
	two=$!
	wait $one || status=$?
	wait $two || status=$?
	return $status
}

echo "# first seed $FUZZ_SEED"
status=0
for ((round = 0; round < 10; round++)); do
	fuzz_both $((FUZZ_SEED + 2 * round)) || status=$?
	((!status)) && ! all_seen || break
done
equal 'both processes ask to the end' $status 0
equal 'every answer is one that the spec allows' \
	"$(cat "$tmp/one" "$tmp/two" | grep -vE '^(requests|session-[a-z]+ (do|dump)) ')" ''
echo "# $(awk '/^requests/ { n += $2 } END { print n }' "$tmp/one" "$tmp/two") requests"
while read -r op outcome; do
	between "$op: some $outcome" "$(seen "$op" do "$outcome")" 1 1000000000
done < <(wanted)
between 'dumps' "$(seen session-get dump ok)" 1 1000000000
wait_for 'sessions to end' no_sessions "$A" || true
check 'no session is left' no_sessions "$A"
check 'nor anything that holds the module' eval \
	'ip -n "$A" link del sstp0 && ip -n "$A" link del sstp1 && ip -n "$A" link del sstp2 &&
	 remove_module && modprobe sstp'
finish
