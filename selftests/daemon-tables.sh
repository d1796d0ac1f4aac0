#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sessions in a VRF and in another network namespace, and the scripts that are run
# for sessions. The data goes through the kernel.
#
#	$A  sstpd, VRF blue		$B  sstpd as client
#	$C  where sessions of the group away live
set -euo pipefail
# shellcheck source=selftests/lib-policy.sh
. "$(dirname "$0")/lib-policy.sh"

# ---- scripts ----

make_scripts()
{
	cat >"$tmp/hook" <<-END
	#!/bin/sh
	cd $tmp || exit 1
	env >"hook.\$1"
	echo "\$SSTP_USER" >hook.user
	ip -o link show dev "\$SSTP_INTERFACE" >"hook.link.\$1" 2>&1
	# behind all that is looked at then
	printf '%s\n' "\$1" >>hook.events
	case \$SSTP_USER in
	alice) exit 3 ;;
	speaker) sleep 300 ;;
	esac
	exit 0
	END
	chmod 755 "$tmp/hook"
}

told() # EVENT VARIABLE: what the script was told
{
	sed -n "s/^$2=//p" "$tmp/hook.$1"
}

hooked() # EVENT
{
	tail -n 1 "$tmp/hook.events" | grep -qx "$1"
}

no_sleeper()
{
	! pgrep -f 'sleep 300'
}

setup_policy
make_scripts
policy_conf | start_sstpd server "$A"

# VRF
connect tenant
peer=$(session_of server peer)
equal 'in a VRF: the data path is the kernel' "$(session_of server path)" kernel
check 'the interface is of the VRF' grep -q 'master blue' \
	<(ip -n "$A" link show dev "$(session_of server interface)")
check 'the address is in its table' grep -q "^$peer " \
	<(ip -n "$A" route show table 10)
check 'so is the network behind the client' grep -q '^10.1.0.0/16 ' \
	<(ip -n "$A" route show table 10)
check 'none of it is in the main table' test ! "$(ip -n "$A" route show "$peer"; ip -n "$A" route show 10.1.0.0/16)"
check 'the client is reached there' na ping -c 2 -i 0.2 -W 5 -I blue "$peer"
check 'its network, too' na ping -c 2 -i 0.2 -W 5 -I blue "$SITE"
check 'and not from elsewhere' bash -c "! ip netns exec $A ping -c 1 -W 1 $peer"
check 'the client has an IPv6 address' wait_for 'address' addressed
check 'which is in the table, too' grep -q "^$(session_of server ipv6_prefix) " \
	<(ip -n "$A" -6 route show table 10)
disconnects
check 'the table is empty again' wait_for 'its end' no_route show table 10

# network namespace, where a daemon that was killed has left something
ip -n "$C" link add sstp99 type sstp
ip -n "$C" link set sstp99 alias "sstpd $tmp/server.sock"
ip -n "$C" link add sstp98 type sstp
connect away
check 'what an earlier run has left there is gone' bash -c "! ip -n $C link show dev sstp99"
check 'what is of others is not' ip -n "$C" link show dev sstp98
peer=$(session_of server peer)
name=$(session_of server interface)
equal 'in a namespace: the data path is the kernel' "$(session_of server path)" kernel
check 'the interface is there' ip -n "$C" link show dev "$name"
check 'and not with the daemon' bash -c "! ip -n $A link show dev $name"
check 'the client is reached from there' ip netns exec "$C" ping -c 2 -i 0.2 -W 5 "$peer"
check 'its network, too' ip netns exec "$C" ping -c 2 -i 0.2 -W 5 "$SITE"
check 'the client has an IPv6 address' explain wait_for 'address' addressed
check '2 MB arrive intact' intact "$B" "$C" "$SERVER_TUN" 2
check 'what passes is counted' test "$(session_of server rx_bytes)" -gt 2000000
check 'the session can be ended' sstpctl -s "$tmp/server.sock" disconnect \
	"$(session_of server id)"
check 'and is' wait_for 'end of session' has_no_session server
check 'with its interface' wait_for 'its end' bash -c "! ip -n $C link show dev $name"
check 'and its client' wait_for 'end of the client' client_gone client

# Without descriptors for a namespace it is a session less, not a daemon less.
room() # N: the parent can open so many
{
	local limit=0 free=0

	while ((free < $1)) || [[ -e /proc/$parent/fd/$limit ]]; do
		[[ -e /proc/$parent/fd/$limit ]] || free=$((free + 1))
		limit=$((limit + 1))
	done
	prlimit --pid "$parent" --nofile="$limit:"
}

parent=$(<"$tmp/server.pid")
limits=$(prlimit --pid "$parent" --nofile --output SOFT --noheadings)
for ((n = 0; n < 5; n++)); do
	room $n
	dial away
	check "room for $n descriptors: the client is refused" \
		wait_for 'end of the client' client_gone client
done
check 'the daemon lives' kill -0 "$parent"
prlimit --pid "$parent" --nofile="${limits// /}:"
connect away
disconnects

connect away 'data-path = tun'
check 'by TUN, too, the client is reached from there' \
	ip netns exec "$C" ping -c 2 -i 0.2 -W 5 "$(session_of server peer)"
disconnects

stop_sstpd server
equal 'sstpd ends in order' "$status" 0

# scripts
policy_conf "up-script = $tmp/hook" "down-script = $tmp/hook" \
	'script-timeout = 5' | start_sstpd server "$A"
connect site
check 'the script is run' wait_for 'up' hooked up
equal 'it is told the user' "$(told up SSTP_USER)" site
equal 'the address' "$(told up SSTP_PEER)" 10.88.0.99
equal 'the interface' "$(told up SSTP_INTERFACE)" branch
equal 'and the networks' "$(told up SSTP_ROUTES)" '10.1.0.0/16 2001:db8:5::/48'
check 'the client is reached' na ping -c 1 -W 5 10.88.0.99
equal 'nothing else is in its environment' \
	"$(grep -cvE '^(SSTP_|PATH=|PWD=|SHLVL=|_=|OLDPWD=)' "$tmp/hook.up")" 0
disconnects
check 'another when it is over' wait_for 'down' hooked down
check 'which is told why' grep -q . <<<"$(told down SSTP_REASON)"
check 'and how much' test "$(told down SSTP_RX_BYTES)" -gt 0
connect "$EVIL"
check 'names are no commands' wait_for 'user' grep -qxF "$EVIL" "$tmp/hook.user"
check 'none was run' test ! -e "$tmp/owned" -a ! -e /owned
disconnects
rm -f "$tmp"/hook.link.*
connect away
check 'scripts run in the namespace of the session' explain wait_for 'link' \
	grep -q "$(session_of server interface)" "$tmp/hook.link.up"
disconnects
connect alice
check 'one that fails is told' wait_for 'log line' logged server \
	'hook up: status 3'
check 'the session stands all the same' na ping -c 1 -W 5 "$(session_of server peer)"
disconnects
connect speaker
check 'one that takes too long is told' wait_for 'log line' logged server \
	'hook up: takes longer than script-timeout, 5 s'
check 'and killed with all its children' wait_for 'end' no_sleeper
disconnects
stop_sstpd server
equal 'sstpd ends in order' "$status" 0
check 'no process is left of it' nobody_in "$A"
chmod o+w "$tmp/hook"
refuse 'a script that others may write is an error' 'chmod go-w' \
	sstpd -t -c "$tmp/server.conf"
chmod a-x,o-w "$tmp/hook"
refuse 'so is one that cannot be run' "$tmp/hook: Permission denied" \
	sstpd -t -c "$tmp/server.conf"
finish
