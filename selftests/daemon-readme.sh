#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The README's server and client in ten lines, as they are there but for the building, and
# the commands of doc/tuning.md and of doc/gateway.md that look at them. The file for
# processors is test-backpressure.sh's: with one processor there is none.
#
# For the test VM only: files are where the README has them.
set -euo pipefail
[[ -e /ksstp/kernels ]] || { echo 'Bail out! only in the test VM'; exit 1; }
. "$(dirname "$0")/lib-sstpd.sh"
. "$(dirname "$0")/lib-doc.sh"

SERVER_NAME=vpn.example.com

# ten_lines END: what the README has for it, from its directory to the check
ten_lines()
{
	text ../README "^## A $1 in ten lines" | sed -n '/^mkdir/,/^sstpd -t/p' |
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

setup_sstpd
mkdir -p /etc/sstpd /run/sstpd
touch /etc/ssl/certs/ca-certificates.crt
machine "$A"
machine "$B"

check 'a server in ten lines' eval '(na_of "$A" bash -ec "$(ten_lines server)")'
served server "$A"
check 'a client in ten lines' eval '(na_of "$B" bash -ec "$(ten_lines client)")'
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
check 'the qdisc' bash -ec "$(text tuning '^ *default\?' | grep sysctl)"
check 'of the device' eval 'inside "^ *default\\?" tuning "^ *tc" | grep "^qdisc fq_codel"'
check 'small packets' inside '^records\\. More saves' tuning
check 'is what they wait' eval 'na ethtool -c sstp0 | grep -E "^tx-usecs:[[:space:]]*50$"'
# shellcheck disable=SC2034 # in an eval
id=$( (na_of "$A" sstpctl show --json) | sed -n 's/^ *"id": \([0-9]*\).*/\1/p')
check 'one in depth' eval '(na_of "$A" bash -ec "$(text gateway "^## 5" | grep show |
	sed "s/show 1/show $id/")") | grep "queue"'
line=$(text tuning '^ChaCha20-Poly1305 is')
sed -i "/^\[server\]/a $line" "$tmp/$A/etc/sstpd.conf"
check 'another cipher first' eval '(na_of "$A" sstpd -t)'
finish
