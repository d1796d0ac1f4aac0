#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# doc/gateway.md, done as it says, with its own files and commands: the office in
# namespace A, the branch in B, each with a network behind it on eth1. The package is
# installed, the certificate made, and the server started and watched as
# doc/remote-access.md says.
set -euo pipefail
. "$(dirname "$0")/lib-systemd.sh"
. "$(dirname "$0")/lib-doc.sh"
NET_OFFICE=10.99.1 NET_BRANCH=10.99.2

# users_line EXAMPLE: of a line of the users file, of which what is behind the address
# replaces what the branch's has there
users_line()
{
	[[ $1 == 'branch:$nt$'*:10.8.0.2:?* ]] &&
		sed -i "s|^\(branch:[^:]*:[^:]*\).*|\1:${1##*10.8.0.2:}|" /etc/sstpd/users
}

# The module is here already, and pkg-dkms.sh has the other package.
by_apt()
{
	local line

	line=$(text remote-access '^them; packages[.]md' | sed -n '/^apt/{s/linux-headers-amd64 //; s| ./sstp-dkms[^ ]*||p}')
	cd "$packages"
	bash -ec "${line/apt install/apt-get install -y}"
	cd /
}

certificate()
{
	cd "$tmp"
	bash -e <<<"$(text remote-access '^To try it out')"
	bash -e <<<"$(text remote-access '^## 2' | grep ^install)"
	cp ca.pem /usr/local/share/ca-certificates/vpn.crt
	update-ca-certificates
	cd /
}

office()
{
	bash -ec "$(text gateway '^a fixed address')" <<<'a long password'
	text gateway '^/etc/sstpd/sstpd.conf' >/etc/sstpd/sstpd.conf
	sstpd -t
}

branch()
{
	text gateway '^/etc/sstpd/office.conf' >/etc/sstpd/office.conf
	install -m 600 /dev/stdin /etc/sstpd/office.password <<<'a long password'
	# The one machine here has both gateways.
	mkdir -p /etc/systemd/system/sstpd@office.service.d
	printf '[Service]\nNetworkNamespacePath=%s\n' "$tmp/branch" \
		>/etc/systemd/system/sstpd@office.service.d/test.conf
	touch "$tmp/branch"
	mount --bind "/run/netns/$B" "$tmp/branch"
	at_exit umount "$tmp/branch"
	echo "$ADDR_A vpn.example.com" >>/etc/hosts
}

# commands PATTERN COMMAND: of the block behind the line that matches, that one, inside
commands()
{
	inside bash -ec "$(text gateway "$1" | grep -E -e "$2")"
}

kernel_path()
{
	commands '^and start it' '-i office show' | grep -E 'kernel'
}

# watched: what the guide has for that tells of the branch
watched()
{
	inside bash -ec "$(text remote-access '^On the server, with the client' |
		sed 's/=alice/=branch/')" >"$tmp/watched"
	grep 'branch .* kernel' "$tmp/watched" && grep 'session .* up: ' "$tmp/watched" &&
		! grep 'No entries' "$tmp/watched"
}

# reaches FROM TO: each the first three octets
reaches()
{
	local ns=$A

	[[ $1 != "$NET_BRANCH" ]] || ns=$B
	ip netns exec "$ns" ping -c 1 -W 2 -I "$1.1" "$2.1"
}

both_reach()
{
	reaches "$NET_OFFICE" "$NET_BRANCH" && reaches "$NET_BRANCH" "$NET_OFFICE"
}

# again: with what is in the files now. A restart would keep the session as it is.
again()
{
	inside systemctl reload sstpd
	inside systemctl stop sstpd@office
	inside systemctl start sstpd@office
}

# bird NAME NS NET
bird()
{
	text gateway '^BIRD [(]' | sed "s/^router id .*/router id $3.1;/" >"$tmp/bird.$1.conf"
	ip netns exec "$2" bird -f -c "$tmp/bird.$1.conf" -s "$tmp/bird.$1.sock" \
		>"$tmp/bird.$1.log" 2>&1 </dev/null &
	at_exit kill -KILL $!
}

learnt() # namespace, first three octets
{
	ip -n "$1" route show proto bird | grep "$2.0/24 .*dev sstp0"
}

setup
network_behind "$A" eth1 $NET_OFFICE
network_behind "$B" eth1 $NET_BRANCH
ls "$packages"/sstpd_*.deb >/dev/null || bail 'no packages: make deb'
equal 'both guides have the same line for apt' "$(text gateway '^them; packages[.]md')" \
	"$(text remote-access '^them; packages[.]md' | grep ^apt)"
check 'apt takes the package' by_apt
check 'a certificate, by remote-access.md' certificate
check 'the configuration of the office' office
branch
start_systemd

check 'the office is up' explain inside bash -ec \
	"$(text remote-access '^Accounts' | grep -E '^(sstpd|systemctl)')"
check 'the configuration of the branch' commands '^and start it' 'sstpd -t'
check 'the branch is up, now and at every boot' explain \
	commands '^and start it' 'systemctl enable --now'
check 'its data path is the kernel' explain wait_for 'session' kernel_path

check 'the office sees it, by remote-access.md' explain watched

check 'the way back in the users file' users_line "$(text gateway '^and the route comes and goes')"
again
check 'each site reaches the other' explain wait_for 'answers' both_reach
check 'by an interface of that name' ip -n "$A" link show dev sstp-branch

check 'instead, the gateways tell each other' users_line \
	"$(grep -oE 'branch:\$nt\$[^`]*source-check[^`]*' "$DOC/gateway.md")"
sed -i 's|^routes.*|routes = 10.8.0.1/32|' /etc/sstpd/office.conf
bird office "$A" $NET_OFFICE
bird branch "$B" $NET_BRANCH
again
check 'the office learns what is behind the branch' wait_for 'route' learnt "$A" $NET_BRANCH
check 'the branch what is behind the office' wait_for 'route' learnt "$B" $NET_OFFICE
check 'each site reaches the other' explain wait_for 'answers' both_reach

check 'the rules' ip netns exec "$A" bash -ec "$(text gateway '^The interfaces are called')"
check 'they are in force' eval 'ip netns exec "$A" nft list ruleset | grep "maxseg size set rt mtu"'
for unit in sstpd@office sstpd; do
	check "systemctl stop $unit" inside systemctl stop "$unit"
done
finish
