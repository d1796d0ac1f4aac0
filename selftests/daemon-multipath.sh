#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# doc/tuning.md: one link of two tunnels, by multipath routes, with the files of that
# document. Flows are on both, and on the other one while one is away.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"
. "$(dirname "$0")/lib-doc.sh"

BEHIND=10.99.0 # a network behind the server
OFFICE=10.77.0 # one behind the client
FLOWS=24
BYTES=20000

# script_to NAME NET: the one of the document, with that network behind the other end
script_to()
{
	text tuning '^one; one at a time' |
		sed "s|^network=.*|network=$2.0/24|; s|/run/multipath.lock|$tmp/$1.lock|" >"$tmp/$1"
	chmod 700 "$tmp/$1"
	grep -q "^network=$2" "$tmp/$1" || bail "no network in the script"
}

# scripts_are NAME: in the keys on stdin
scripts_are()
{
	sed "s|/etc/sstpd/scripts/multipath|$tmp/$1|"
}

multipath_clients()
{
	local of

	for of in site1 site2; do
		text tuning '^site2, each with a user' | scripts_are client | sed "
			s|site1|$of|
			s|/etc/sstpd/site|$tmp/site|
			s|^server = .*|server = $SERVER_NAME\ntls-ca = $tmp/ca.pem|"
		printf '%s\n' "data-path = $path" 'reconnect-max = 2'
	done
}

# over NS NET INTERFACE...: its route to the network goes over these, and no other
over()
{
	local ns=$1 net=$2

	shift 2
	[[ $(ip -n "$ns" route show "$net.0/24" | grep -o 'dev [^ ]*' | sort) == \
		$(printf 'dev %s\n' "$@") ]]
}

both_over() # INTERFACE...
{
	over "$B" $BEHIND "$@" && over "$A" $OFFICE "$@"
}

sent() # NS INTERFACE
{
	ip netns exec "$1" cat "/sys/class/net/$2/statistics/tx_bytes"
}

# A connection with $BYTES there and back; says what is wrong
one_flow()
{
	local back

	back=$(head -c $BYTES /dev/zero | ip netns exec "$B" socat -t "$PATIENCE" - \
		"TCP:$BEHIND.1:7002,bind=$OFFICE.1" | wc -c)
	((back == BYTES)) || echo "$back bytes came back"
}

# All get through, and both tunnels carry at least one of them, each way.
many_flows()
{
	local of before=() i=0 failed

	for of in "${WAYS[@]}"; do
		# shellcheck disable=SC2086 # two words
		before+=("$(sent $of)")
	done
	failed=$(for ((i = 0; i < FLOWS; i++)); do one_flow & done; wait)
	[[ ! $failed ]] || { echo "$failed"; return 1; }
	i=0
	for of in "${WAYS[@]}"; do
		# shellcheck disable=SC2086 # two words
		(($(sent $of) - before[i++] > BYTES)) || {
			echo "no flow by ${of#* } from ${of% *}"
			return 1
		}
	done
}

goes_through()
{
	nb ping -c 3 -i 0.2 -W 5 -I $OFFICE.1 $BEHIND.1
}

setup_sstpd
WAYS=("$A site1" "$A site2" "$B site1" "$B site2")
network_behind "$A" lan $BEHIND
network_behind "$B" lan $OFFICE
for ns in "$A" "$B"; do
	line=$(text tuning '^By default flows are')
	check "ports count: $line" ip netns exec "$ns" bash -ec "$line"
done
text tuning '^`routes` but may send' >"$tmp/users"
for n in 1 2; do
	install -m 600 /dev/stdin "$tmp/site$n.password" <<<"PASSWORD$n"
done
script_to server $OFFICE
script_to client $BEHIND

ip netns exec "$A" socat TCP-LISTEN:7002,fork,reuseaddr PIPE &
at_exit kill "$!"
wait_for 'the echo' listening "$A" 7002

for path in ${PATHS:-kernel tun}; do
	server_conf "data-path = $path" "up-script = $tmp/server" "down-script = $tmp/server" |
		start_sstpd server "$A"
	multipath_clients | start_sstpd client "$B"
	check "$path: routes over both, at both ends" explain wait_for routes both_over site1 site2
	check "$path: $FLOWS flows, and both carry of them" many_flows

	# ends its session, and it cannot come back
	sed -i '/^site2:/s/$/ disabled/' "$tmp/users"
	sstpctl -s "$tmp/server.sock" reload >/dev/null
	check "$path: one ends, and the other is the route" explain wait_for routes both_over site1
	check "$path: packets pass" goes_through
	sed -i 's/ disabled$//' "$tmp/users"
	sstpctl -s "$tmp/server.sock" reload >/dev/null
	check "$path: when it may come again" explain wait_for routes both_over site1 site2
	check "$path: both carry" many_flows
	stop_sstpd client
	stop_sstpd server
done
finish
