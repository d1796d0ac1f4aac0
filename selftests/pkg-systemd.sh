#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The package's units under a real systemd, in namespaces of its own: both data
# paths work with all that the units forbid, the watchdog acts on a hung engine,
# reload and stop do what they say. `make deb` builds the package. For the test VM
# only: what it installs stays.
set -euo pipefail
[[ -e /ksstp/kernels ]] || { echo 'Bail out! only in the test VM'; exit 1; }
packages=$(cd "$(dirname "$0")/.." && pwd)/build/deb/trixie
export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
KSSTP_BUILD=/nonexistent
. "$(dirname "$0")/lib-sstpd.sh"
PATIENCE=240

# What systemd sees: its /run is not ours, the network is that of namespace A.
inside()
{
	nsenter -t "$(pgrep -P "$unshare" -x systemd)" -m -n -p "$@"
}

start_systemd()
{
	# Else the first boot makes caches anew: minutes of an emulated processor.
	touch /etc/.updated /var/.updated
	ip netns exec "$A" env -i container=other PATH="$PATH" unshare --fork --pid \
		--mount --mount-proc /usr/lib/systemd/systemd --unit=basic.target \
		>"$tmp/systemd.log" 2>&1 </dev/null &
	unshare=$!
	wait_for 'systemd' pgrep -P "$unshare" -x systemd ||
		bail "systemd does not start: $(tail -n 3 "$tmp/systemd.log")"
	# The first process of its namespace takes all others along.
	at_exit kill -KILL "$(pgrep -P "$unshare" -x systemd)"
}

active() # unit
{
	inside systemctl is-active "$1"
}

# up NAME PATH: the tunnel of that daemon
up()
{
	[[ $(inside sstpctl -s "/run/sstpd/$1.sock" show --json |
		sed -n 's/^ *"path": *"\(.*\)",/\1/p') == "$2" ]]
}

property() # unit, name
{
	inside systemctl show -P "$2" "$1"
}

explain()
{
	"$@" && return
	inside systemctl status --no-pager -l 'sstpd*'
	inside journalctl --no-pager -n 40
	tail -n 20 "$tmp/systemd.log"
	return 1
}

engine_of() # unit: process id, in the namespace of systemd
{
	inside pgrep -P "$(property "$1" MainPID)" -x sstpd-engine
}

restarted() # unit
{
	[[ $(property "$1" NRestarts) == 1 ]] && active "$1"
}

scraped()
{
	printf 'GET /metrics HTTP/1.1\r\n\r\n' | inside socat -t 5 - TCP4:127.0.0.1:9823 |
		grep '^sstpd_sessions{path="kernel",role="server"} 2'
}

configure()
{
	install -d /etc/sstpd
	install -m 600 "$tmp"/{users,cert.pem,cert.key,ca.pem,password} /etc/sstpd/
	server_conf | sed "s|$tmp|/etc/sstpd|" >/etc/sstpd/sstpd.conf
	for path in kernel tun; do
		client_conf "data-path = $path" "interface = vpn-$path" \
			"reconnect-min = 1" |
			sed "s|$tmp|/etc/sstpd|; s|^server =.*|server = $ADDR_A|" \
			>"/etc/sstpd/$path.conf"
	done
	mkdir -p /etc/systemd/system/sstpd.service.d
	printf '[Service]\nWatchdogSec=20\n' >/etc/systemd/system/sstpd.service.d/test.conf
}

setup_sstpd
ls "$packages"/sstpd_*.deb >/dev/null || bail 'no packages: make deb'
check 'the package installs' dpkg -i "$packages"/sstpd_*.deb
configure
start_systemd
check 'systemd starts' explain wait_for 'basic.target' active basic.target
((ktap_failed == 0)) || bail 'nothing else can be tested'

check 'systemctl start sstpd' explain inside systemctl start sstpd
check 'it is ready then' inside sstpctl version
for path in kernel tun; do
	check "systemctl start sstpd@$path" explain inside systemctl start "sstpd@$path"
	check "its session is on the $path path" explain wait_for 'session' up "$path" "$path"
done
check 'the journal has fields' eval \
	'inside journalctl --no-pager -o json SSTPD_USER="$VPN_USER" SSTPD_PROCESS=parent |
	 grep "\"SSTPD_INTERFACE\" *: *\"sstp"'
check 'no field of it is in the text' eval \
	'! inside journalctl --no-pager -u sstpd | grep "\[session="'
check 'systemctl start sstpd-metrics' explain inside systemctl start sstpd-metrics
check 'Prometheus gets metrics' wait_for 'metrics' scraped
check 'systemctl reload sstpd' inside systemctl reload sstpd
check 'it lives on' active sstpd
score=$(inside systemd-analyze security --no-pager sstpd-metrics.service | tail -n 1)
echo "# $score"
score=$(inside systemd-analyze security --no-pager sstpd.service | tail -n 1)
echo "# $score"
check 'systemd-analyze security finds little exposure' grep -E 'OK|SAFE' <<<"$score"

check 'the engine hangs' inside kill -STOP "$(engine_of sstpd)"
check 'the watchdog restarts the daemon' explain wait_for 'restart' restarted sstpd
check 'the client is back' explain wait_for 'session' up kernel kernel

for unit in sstpd@kernel sstpd@tun sstpd; do
	check "systemctl stop $unit" inside systemctl stop "$unit"
	equal 'it ended well' "$(property "$unit" Result)" success
done
check 'no interface is left' eval '! ip -n "$A" link show type sstp | grep .'
finish
