#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# `dpkg -i` of a newer package while everything runs: the server, tunnels of their own and
# the metrics go on with the new programs, and no session in the kernel is lost. `dpkg -r`
# then leaves nothing.
set -euo pipefail
. "$(dirname "$0")/lib-systemd.sh"

UNITS=(sstpd sstpd@kernel sstpd@second sstpd@tun sstpd-metrics)

property() # unit, name
{
	inside systemctl show -P "$2" "$1"
}

# newer: the same package of a higher version, whose programs are files of their own
newer()
{
	local root=$tmp/newer

	dpkg-deb -R "$packages"/sstpd_*.deb "$root"
	sed -i 's/^Version: .*/&+newer/' "$root/DEBIAN/control"
	dpkg-deb --root-owner-group -b "$root" "$tmp/newer.deb"
}

configure()
{
	local name

	install -d /etc/sstpd
	install -m 600 "$tmp"/{users,cert.pem,cert.key,ca.pem,password} /etc/sstpd/
	server_conf | sed "s|$tmp|/etc/sstpd|" >/etc/sstpd/sstpd.conf
	for name in kernel second tun; do
		client_conf "data-path = ${name/second/kernel}" "interface = vpn-$name" \
			"reconnect-min = 1" |
			sed "s|$tmp|/etc/sstpd|; s|^server =.*|server = $ADDR_A|" \
			>"/etc/sstpd/$name.conf"
	done
}

up() # NAME: that tunnel has a session
{
	inside sstpctl -i "$1" show --json | grep -q '"interface"'
}

# kernel_sessions: number, address and begin of each at the server whose path is the kernel's
kernel_sessions()
{
	inside sstpctl show --json | awk -F '"' '/"id":/ { id = $3 } /"peer":/ { peer = $4 }
		/"path":/ { path = $4 } /"since":/ { if (path == "kernel") print id, peer, $4 }'
}

# runs_new UNIT OLD: another process, of the program that is installed
runs_new()
{
	local pid

	pid=$(property "$1" MainPID)
	((pid && pid != $2)) && active "$1" || return
	[[ $(inside readlink "/proc/$pid/exe") != *deleted* ]]
}

scraped()
{
	printf 'GET /metrics HTTP/1.1\r\n\r\n' | inside socat -t 5 - TCP4:127.0.0.1:9823 |
		grep "^sstpd_sessions{path=\"kernel\",role=\"server\"} $1"
}

setup_sstpd
install_package
check 'there is a newer one' newer
configure
start_systemd
for unit in "${UNITS[@]}"; do
	check "systemctl start $unit" explain inside systemctl start "$unit"
done
for name in kernel second tun; do
	check "$name: a session" explain wait_for 'session' up "$name"
done
# From another machine, on which nothing happens.
client_conf | start_sstpd client "$B"
check 'somebody else has one, too' explain wait_for 'session' has_session client
declare -A old
for unit in "${UNITS[@]}"; do
	old[$unit]=$(property "$unit" MainPID)
done
before=$(kernel_sessions)
equal 'at the server they are all in the kernel' "$(wc -l <<<"$before")" 4
check 'the metrics know them' wait_for 'metrics' scraped 4
ip netns exec "$B" ping -i 0.01 -W 2 "$SERVER_TUN" >"$tmp/ping" 2>&1 &
pinger=$!

check 'the newer package installs' inside dpkg -i "$tmp/newer.deb"
for unit in "${UNITS[@]}"; do
	check "$unit runs the new program" explain wait_for 'process' runs_new "$unit" "${old[$unit]}"
done
for name in kernel second tun; do
	check "$name: a session" explain wait_for 'session' up "$name"
done
check 'the metrics know as many' wait_for 'metrics' scraped 4
equal 'three are the same: all but the one whose client has no kernel' \
	"$(comm -12 <(sort <<<"$before") <(kernel_sessions | sort) | wc -l)" 3
kill -INT "$pinger"
wait "$pinger" || true
echo "# $(grep received "$tmp/ping")"
check 'no ping was lost' no_gaps "$tmp/ping"

stop_sstpd client
check 'dpkg -r' explain inside dpkg -r sstpd
for unit in "${UNITS[@]}"; do
	check "$unit has ended" eval '! active '"$unit"
done
check 'no process is left' eval '! inside pgrep -x "sstpd|sstpd-engine|sstpctl"'
check 'nor an interface' eval '! ip -n "$A" link show type sstp | grep .'
check 'nor one of TUN' eval '! ip -n "$A" link show vpn-tun'
finish
