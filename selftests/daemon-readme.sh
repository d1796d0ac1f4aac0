#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The README's server and client in ten lines, as they are there, with what was built for this
# VM, which they install into a directory; and what doc/tuning.md and doc/gateway.md have for
# them. What of that is left out, and why, is in doc-blocks.
#
# For the test VM only: files are where the README has them.
set -euo pipefail
[[ -e /ksstp/kernels ]] || { echo 'Bail out! only in the test VM'; exit 1; }
. "$(dirname "$0")/lib-sstpd.sh"
. "$(dirname "$0")/lib-doc.sh"

SERVER_NAME=vpn.example.com

# ten_lines PATTERN: what the README has there, from its directory to the check
ten_lines()
{
	text ../README "$1" | sed -n '/^mkdir/,/^sstpd -t/p' |
		sed "s/^sstpd -t .*/sstpd -t/; s|/path/to/fullchain|$tmp/cert|
			s|/path/to/privkey.pem|$tmp/cert.key|"
}

# served NAME NS: `sstpd -f`, which is the README's last word
served()
{
	na_of "$2" sstpd -f >"$tmp/$1.log" 2>&1 </dev/null &
	at_exit kill -KILL $!
	wait_for "sstpd ($1): ready" logged "$1" 'is ready' || {
		log_of "$1"
		bail "sstpd ($1) does not start"
	}
}

# na_of NS COMMAND...: with an /etc/sstpd and a /run/sstpd of that namespace's
na_of()
{
	local ns=$1

	shift
	exec ip netns exec "$ns" unshare -m bash -c 'mount --bind "$0/etc" /etc/sstpd &&
		mount --bind "$0/run" /run/sstpd &&
		mount --bind "$0/ca.pem" /etc/ssl/certs/ca-certificates.crt && exec "$@"' \
		"$tmp/$ns" "$@"
}

machine() # NS
{
	mkdir -p "$tmp/$1/etc" "$tmp/$1/run"
	cp "$tmp/ca.pem" "$tmp/$1/ca.pem"
}

one_session() # NS
{
	(na_of "$1" bash -ec 'sstpctl show') | grep 'kernel'
}

# installs PATTERN: the line of the README that builds and installs; most of it is built
installs()
{
	text ../README "$1" | grep '^make' >"$tmp/make" &&
		(cd "$here/.." && O=build/trixie DESTDIR=$installed bash -ec "$(<"$tmp/make")")
}

# same_lines: those of the client are those of the server
same_lines()
{
	cmp <(text ../README '^## A server in ten lines' | grep '^make') \
		<(text ../README '^## A client in ten lines' | grep '^make')
}

setup_sstpd
installed=$tmp/installed
check 'the README: make, make install, modprobe' installs '^## A server in ten lines'
check 'the same for a client' same_lines
check 'the module is among it' cmp "$KSSTP_BUILD/mod-$(uname -r)/sstp.ko" \
	"$installed/lib/modules/$(uname -r)/updates/sstp.ko"
check 'and a unit that starts what it has installed' grep '^ExecStart=/usr/local/sbin/sstpd ' \
	"$installed/usr/local/lib/systemd/system/sstpd.service"
PATH=$installed/usr/local/sbin:$installed/usr/local/bin:$PATH
equal 'sstpd is that one' "$(type -P sstpd)" "$installed/usr/local/sbin/sstpd"
mkdir -p /etc/sstpd /run/sstpd
touch /etc/ssl/certs/ca-certificates.crt
machine "$A"
machine "$B"

check 'a server in ten lines' eval \
	'(na_of "$A" bash -ec "$(ten_lines "^## A server in ten lines")")'
served server "$A"
check 'a client in ten lines' eval \
	'(na_of "$B" bash -ec "$(ten_lines "^## A client in ten lines")")'
served client "$B"
check 'sstpctl show, at the server' wait_for session one_session "$A"
check 'and at the client' wait_for session one_session "$B"
check 'there is a way inside' nb ping -c 1 -W $PATIENCE 10.8.0.1

# inside PATTERN GUIDE [COMMAND]: the commands behind it, those that match, at the server
inside()
{
	(na_of "$A" bash -ec "$(text "$2" "$1" | grep -E -e "${3:-.}")")
}

check 'limits of TCP' inside '^TCP grows to' tuning
# Of these, tc is for the device, the other for the machine itself.
check 'the qdisc' bash -ec "$(text tuning '^ *default[?]' | grep sysctl)"
check 'of the device' eval 'inside "^ *default[?]" tuning "^ *tc" | grep "^qdisc fq_codel"'
check 'small packets' inside '^records\\. More saves' tuning
check 'is what they wait' eval 'na ethtool -c sstp0 | grep -E "^tx-usecs:[[:space:]]*50$"'
# shellcheck disable=SC2034 # in an eval
id=$( (na_of "$A" sstpctl show --json) | sed -n 's/^ *"id": \([0-9]*\).*/\1/p')
check 'one in depth' eval '(na_of "$A" bash -ec "$(text gateway "^## 5" | grep show |
	sed "s/show 1/show $id/")") | grep "queue"'

# watch COMMAND: of the guide's that one, which does not end by itself, into $tmp/watch
watch()
{
	na_of "$A" timeout "$PATIENCE" bash -ec "$(text gateway '^## 5' | grep -e "$1")" \
		>"$tmp/watch" 2>&1 </dev/null &
	watcher=$!
	at_exit kill "$watcher"
}

watch_ends()
{
	kill "$watcher"
	wait "$watcher" 2>/dev/null || true
}

watch ' top '
check 'what each session carries, time and again' wait_for 'rounds' eval \
	'(($(grep -c "alice .*kernel" "$tmp/watch") > 1)) && grep " 1 session .*RX .*TX" "$tmp/watch"'
watch_ends
watch ' monitor '
wait_for 'monitor' grep -q monitoring "$tmp/watch" || bail "$(cat "$tmp/watch")"
(na_of "$A" sstpctl disconnect "$id" >/dev/null)
check 'who goes, and why' wait_for 'event' eval 'grep "who  *alice from $ADDR_B" "$tmp/watch" &&
	grep "why  *admin: disconnected by the operator" "$tmp/watch"'
check 'and who comes' wait_for 'event' eval '[[ $(grep -c "who  *alice from" "$tmp/watch") == 2 ]]'
watch_ends

line=$(text tuning '^ChaCha20-Poly1305 is')
sed -i "/^\[server\]/a $line" "$tmp/$A/etc/sstpd.conf"
check 'another cipher first' eval '(na_of "$A" sstpd -t)'

# It is a router, by a file that every boot reads, and this machine must not keep.
mkdir -p /etc/sysctl.d
at_exit rm -f /etc/sysctl.d/60-vpn.conf
na sysctl -q -w net.ipv4.ip_forward=0
check 'forwarding' inside '^and forwarding on' gateway
equal 'is on' "$(na sysctl -n net.ipv4.ip_forward)" 1
finish
