#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The package's units under a real systemd, in namespaces of its own: both data paths
# work with all that the units forbid, and so does telling systemd-resolved of name servers;
# a hung engine is replaced, a hung daemon restarted, reload and stop do what they say,
# network namespaces work with the drop-in that the manual has for them, and so does
# Debian's resolvconf that has dnsmasq told.
set -euo pipefail
. "$(dirname "$0")/lib-systemd.sh"

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

engine_of() # unit: process id, in the namespace of systemd
{
	inside pgrep -P "$(property "$1" MainPID)" -x sstpd-engine
}

another_than() # engine: the server has one, and it is not that
{
	local now

	now=$(engine_of sstpd) && [[ $now != "$1" ]]
}

restarted() # unit, more often than that
{
	(($(property "$1" NRestarts) > $2)) && active "$1"
}

scraped()
{
	printf 'GET /metrics HTTP/1.1\r\n\r\n' | inside socat -t 5 - TCP4:127.0.0.1:9823 |
		grep '^sstpd_sessions{path="kernel",role="server"} 2'
}

no_right_for_netns()
{
	inside journalctl --no-pager -u sstpd |
		grep 'network namespace away: Operation not permitted (it takes CAP_SYS_ADMIN'
}

# kernel_session: number of the one whose data path is the kernel's
kernel_session()
{
	inside sstpctl show --json | awk '/^ *"id": / { gsub(/[^0-9]/, ""); id = $0 }
		/^ *"path": "kernel"/ { print id }'
}

goes_on() # NUMBER
{
	[[ $(kernel_session) == "$1" ]] && up kernel kernel
}

another_main() # UNIT THAN
{
	local pid

	pid=$(property "$1" MainPID)
	((pid && pid != $2)) && active "$1"
}

# outlived UNIT DESCRIPTION COMMAND...: another process of the unit, the same session
outlived()
{
	local unit=$1 what=$2 pid number

	shift 2
	pid=$(property "$unit" MainPID)
	number=$(kernel_session)
	"$@"
	check "$what: another process" explain wait_for 'process' another_main "$unit" "$pid"
	check "$what: the same session" explain wait_for 'session' goes_on "$number"
}

in_netns()
{
	up away kernel && inside ip -n away link show type sstp | grep 'sstp[0-9]'
}

# resolved_has PATH: what that client has told it
resolved_has()
{
	[[ $(inside resolvectl dns "vpn-$1") == *': 10.88.0.53' &&
		$(inside resolvectl domain "vpn-$1") == *": ~$1.example" ]]
}

# ---- Debian's resolvconf, with dnsmasq ----

# In its directory dnsmasq's own part makes another file, and has it take the place of the
# one that there is.
install_resolvconf()
{
	cp -r /ksstp/resolvconf/etc/resolvconf /etc/
	cp -r /ksstp/resolvconf/usr/lib/resolvconf /usr/lib/
	install /ksstp/resolvconf/usr/sbin/resolvconf /usr/bin/
	ln -sf ../run/resolvconf/resolv.conf /etc/resolv.conf
	install -m 755 /dev/stdin /etc/resolvconf/update.d/dnsmasq <<-'END'
	#!/bin/sh
	set -e
	cat $(/usr/lib/resolvconf/list-records) >/run/dnsmasq/resolv.conf_new
	mv -f /run/dnsmasq/resolv.conf_new /run/dnsmasq/resolv.conf
	END
	inside install -d -o dnsmasq /run/dnsmasq
	inside /usr/bin/resolvconf --enable-updates
	echo "nameserver $ADDR_B" | inside /usr/bin/resolvconf -a eth0.dhclient
}

# dnsmasq_has ADDRESS...: its user reads these, in that order
dnsmasq_has()
{
	local found

	found=$(inside setpriv --reuid dnsmasq --clear-groups sed -n 's/^nameserver //p' \
		/run/dnsmasq/resolv.conf)
	[[ ${found//$'\n'/ } == "$*" ]] || { echo "$found"; return 1; }
}

# drop_in LINE...: of that unit
drop_in()
{
	mkdir -p /etc/systemd/system/sstpd@resolvconf.service.d
	printf '%s\n' '[Service]' "$@" >/etc/systemd/system/sstpd@resolvconf.service.d/dnsmasq.conf
	inside systemctl daemon-reload
}

told_in_vain()
{
	inside journalctl --no-pager -u sstpd@resolvconf --since "@$since" |
		grep '/usr/bin/resolvconf -a: status'
}

# in_vain WHAT: without it dnsmasq does not hear of it
in_vain()
{
	since=$(date +%s)
	check "$1: the client starts" explain inside systemctl start sstpd@resolvconf
	check "$1: resolvconf fails" explain wait_for 'log line' told_in_vain
	check "$1: dnsmasq has not heard of it" dnsmasq_has "$ADDR_B"
	inside systemctl stop sstpd@resolvconf
}

configure()
{
	install -d /etc/sstpd
	printf 'away:%s::netns=away\n' "$VPN_PASSWORD" >>"$tmp/users"
	install -m 600 "$tmp"/{users,cert.pem,cert.key,ca.pem,password} /etc/sstpd/
	server_conf | sed "s|$tmp|/etc/sstpd|" >/etc/sstpd/sstpd.conf
	for path in kernel tun; do
		client_conf "data-path = $path" "interface = vpn-$path" \
			"reconnect-min = 1" 'routes = 10.88.0.53/32' \
			"dns-domains = ~$path.example" |
			sed "s|$tmp|/etc/sstpd|; s|^server =.*|server = $ADDR_A|" \
			>"/etc/sstpd/$path.conf"
	done
	LOGIN=away client_conf 'interface = vpn-away' 'reconnect-min = 1' |
		sed "s|$tmp|/etc/sstpd|; s|^server =.*|server = $ADDR_A|" >/etc/sstpd/away.conf
	client_conf 'interface = vpn-resolvconf' 'reconnect-min = 1' 'dns = resolvconf' \
		'routes = 10.88.0.53/32' 'dns-domains = ~.' |
		sed "s|$tmp|/etc/sstpd|; s|^server =.*|server = $ADDR_A|" >/etc/sstpd/resolvconf.conf
	mkdir -p /etc/systemd/system/sstpd.service.d
	printf '[Service]\nWatchdogSec=20\n' >/etc/systemd/system/sstpd.service.d/test.conf
}

setup_sstpd
install_package
configure
start_systemd

# As it is on a machine of its own, where units see what is mounted later.
inside mount --make-rshared /
check 'systemd-resolved runs' explain inside systemctl start systemd-resolved
check 'systemctl start sstpd' explain inside systemctl start sstpd
check 'it is ready then' inside sstpctl version
for path in kernel tun; do
	check "systemctl start sstpd@$path" explain inside systemctl start "sstpd@$path"
	check "its session is on the $path path" explain wait_for 'session' up "$path" "$path"
	check 'systemd-resolved is told of its name server' explain \
		wait_for 'name server' resolved_has "$path"
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

# Sessions outlive the daemon: systemd keeps their descriptors.
for unit in sstpd sstpd@kernel; do
	outlived $unit "systemctl restart $unit" inside systemctl restart $unit
	outlived $unit "$unit is killed" inside systemctl kill --kill-whom=main -s KILL $unit
done
check 'and what systemd-resolved was told' resolved_has kernel
pid=$(property sstpd MainPID)
number=$(kernel_session)
check 'sstpctl upgrade' explain inside sstpctl upgrade
equal 'it is the same process' "$(property sstpd MainPID)" "$pid"
check 'with the same session' explain wait_for 'session' goes_on "$number"
check 'as systemd has it, too' active sstpd
outlived sstpd 'systemctl restart sstpd after that' inside systemctl restart sstpd

restarts=$(property sstpd NRestarts)
hung=$(engine_of sstpd)
check 'the engine hangs' inside kill -STOP "$hung"
check 'the daemon replaces it' explain wait_for 'another engine' another_than "$hung"
equal 'and was not restarted itself' "$(property sstpd NRestarts)" "$restarts"
check 'the client is back' explain wait_for 'session' up kernel kernel
number=$(kernel_session)
check 'the daemon hangs' inside kill -STOP "$(property sstpd MainPID)"
check 'the watchdog restarts it' explain wait_for 'restart' restarted sstpd "$restarts"
check 'with the same session' explain wait_for 'session' goes_on "$number"

inside ip netns add away
check 'systemctl start sstpd@away' explain inside systemctl start sstpd@away
check 'the unit has no right to network namespaces, and the log says which' \
	explain wait_for 'log line' no_right_for_netns
sed -n '/^\.B netns$/,/^\.fi/p' "$(dirname "$0")/../doc/sstpd.conf.5" | sed '1,/^\.nf/d; /^\.fi/d' \
	>/etc/systemd/system/sstpd.service.d/netns.conf
inside systemctl daemon-reload
inside ip netns del away
check 'systemctl restart sstpd, with the drop-in of the manual' explain \
	inside systemctl restart sstpd
inside ip netns add away
check 'the session is in the network namespace, made after the start' explain \
	wait_for 'session' in_netns

install_resolvconf
check 'dnsmasq has the name server outside' dnsmasq_has "$ADDR_B"
in_vain 'without a drop-in'
drop_in ReadWritePaths=/run/dnsmasq
in_vain 'with the directory alone'
drop_in ReadWritePaths=/run/dnsmasq CapabilityBoundingSet=CAP_DAC_OVERRIDE
check 'with both, as the manual has it' explain inside systemctl start sstpd@resolvconf
check 'dnsmasq is told' explain wait_for 'name server' dnsmasq_has 10.88.0.53 "$ADDR_B"
check 'the client stops' inside systemctl stop sstpd@resolvconf
check 'it is undone' explain dnsmasq_has "$ADDR_B"

for unit in sstpd@away sstpd@kernel sstpd@tun sstpd; do
	check "systemctl stop $unit" inside systemctl stop "$unit"
	equal 'it ended well' "$(property "$unit" Result)" success
done
check 'no interface is left' eval '! ip -n "$A" link show type sstp | grep .'
finish
