#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A session owns its socket alone; an ordinary user, in namespaces of his own, delays
# neither what root does nor another's session, whatever he does with his sockets.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# Sessions of the stranger.
COUNT=${COUNT:-300}
# What he may delay others by, in milliseconds.
DELAY=$((100 * slowness))

# start_stranger ARGUMENTS...: his answers in $tmp/says, his stdin is descriptor 7
start_stranger()
{
	rm -f "$tmp/stdin" "$tmp/says"
	mkfifo -m 666 "$tmp/stdin"
	: >"$tmp/says"
	prlimit --nofile=8192 setpriv --reuid 1000 --regid 1000 --clear-groups \
		unshare -Urn "$here/sstp-stranger" "$@" <"$tmp/stdin" >"$tmp/says" 2>&1 &
	stranger=$!
	at_exit kill -KILL "$stranger"
	exec 7>"$tmp/stdin"
}

stop_stranger()
{
	exec 7>&-
	kill -KILL "$stranger" 2>/dev/null || true
	wait "$stranger" 2>/dev/null || true
}

# one_off ARGUMENTS...: what the stranger says, who ends by himself
one_off()
{
	timeout $((PATIENCE * 4)) setpriv --reuid 1000 --regid 1000 --clear-groups \
		unshare -Urn "$here/sstp-stranger" "$@" 2>&1
}

says() # pattern
{
	grep -qE "$1" "$tmp/says"
}

now_ms()
{
	echo $(($(date +%s%N) / 1000000))
}

# What a program takes that asks nothing of the kernel: how busy the machine is.
bare_program()
{
	local start

	start=$(now_ms)
	ip -V >"$tmp/version"
	echo $(($(now_ms) - start + 1))
}

# root_link: how many milliseconds root takes to make a device, once; "never"
root_link()
{
	local start

	start=$(now_ms)
	rm -f "$tmp/made"
	# One that waits for the RTNL cannot be killed, nor waited for.
	(ip link add dummy9 type dummy; now_ms >"$tmp/made.new"; mv "$tmp/made.new" "$tmp/made") &
	wait_for 'root makes a device' test -e "$tmp/made" || {
		echo never
		return
	}
	echo $(($(cat "$tmp/made") - start))
	ip link del dummy9
}

# median COMMAND...: of five numbers, or "never"
median()
{
	local n values=()

	for _ in {1..5}; do
		n=$("$@")
		[[ $n != never ]] || { echo never; return; }
		values+=("$n")
	done
	printf '%s\n' "${values[@]}" | sort -n | sed -n 3p
}

# a ping through the tunnel of others
neighbour()
{
	na ping -c 1 -W "$PATIENCE" "$TUN_B" | sed -n 's/.*time=\([0-9]*\).*/\1/p' | grep . || echo never
}

# in_time NUMBER BEFORE BARE: where a program that asks for nothing takes BARE ms instead
# of $bare_before, all else may take longer in proportion; and twice as long at times
# without anybody's doing
in_time()
{
	[[ $1 != never ]] && (($1 <= 2 * $2 * ($3 > bare_before ? $3 : bare_before) / bare_before + DELAY))
}

# look: at what may not be disturbed, between two looks at the machine
look()
{
	bare=$(median bare_program)
	link=$(median root_link)
	ping=$(median neighbour)
	bare=$(printf '%s\n' "$bare" "$(median bare_program)" | sort -n | tail -n 1)
}

# undisturbed WHEN: what hangs here hangs until a peer does something, which none does; one
# look of three may be at a machine that had other things to do
undisturbed()
{
	local bare link ping try

	for try in 1 2 3; do
		look
		in_time "$link" "$link_before" "$bare" && in_time "$ping" "$ping_before" "$bare" && break
		echo "# look $try: $link ms, ping $ping ms, a bare program $bare ms"
	done
	check "$1: root makes a device: $link ms, $link_before before" \
		in_time "$link" "$link_before" "$bare"
	check "$1: another's session passes a ping: $ping ms, $ping_before before" \
		in_time "$ping" "$ping_before" "$bare"
}

setup
add_devices
start_pair
bare_before=$(median bare_program)
link_before=$(median root_link)
ping_before=$(median neighbour)
[[ $link_before != never && $ping_before != never ]] || bail 'nothing works here'

# ---- who holds the socket, too ----

# An ordinary user may have his own page faults, those of system calls as well, where
# that is allowed.
faults=/proc/sys/vm/unprivileged_userfaultfd
if [[ -e $faults ]]; then
	at_exit eval "echo $(<$faults) >$faults"
	echo 1 >$faults
fi

for how in dup message thread page mapping process uring; do
	status=0
	one_off hold $how >"$tmp/says" || status=$?
	if ((status == 4)); then
		skip "refused while it is held by: $how" "$(cat "$tmp/says")"
		continue
	fi
	equal "refused while it is held by: $how" "$(sed -n 1p "$tmp/says")" EBUSY
	# What the thread slept in can only be ended by ending the connection.
	[[ $how == thread ]] && later=ENOTCONN || later=attached
	equal "and then: $how" "$(sed -n 2p "$tmp/says")" "$later"
done

# ---- who does not listen ----

equal 'who has no room for the answer has no session, and his device is free' \
	"$(one_off deaf)" $'0\nattached'

# ---- a sender who sleeps ----

for how in thread page; do
	start_stranger blocked $how
	wait_for 'an answer' says 'attached|EBUSY|no userfaultfd' || true
	if says 'no userfaultfd'; then
		skip "a thread sleeps in send() on the socket: $how" "$(cat "$tmp/says")"
	else
		check "a thread sleeps in send() on the socket: $how" says 'attached|EBUSY'
		undisturbed "a sleeping sender ($how), his device being deleted"
	fi
	stop_stranger
done

# ---- a device that does not stay ----

one_off moving $((100 / slowness)) >"$tmp/says" 2>&1
sed 's/^/# /' "$tmp/says"
check 'his device moves meanwhile: a session is made, or refused for that' \
	grep -xE '((attached|EBUSY|ECANCELED|ENODEV) [0-9]+ ?)+' "$tmp/says"

# ---- many sessions that do not get on ----

# progress PATTERN: until the stranger says that, as long as he says something
progress()
{
	local before=-1 now

	until says "$1"; do
		now=$(wc -l <"$tmp/says")
		((now > before)) || return 1
		before=$now
		PATIENCE=$((PATIENCE * 2)) wait_for "more of $1" eval \
			"says '$1' || ((\$(wc -l <'$tmp/says') > $now))" || return 1
	done
}

start_stranger flood "$COUNT"
if ! progress ready; then
	not_ok "$COUNT sessions whose peers do not read" "$(tail -n 3 "$tmp/says")"
	finish
fi
undisturbed "$COUNT sessions whose peers do not read"
echo >&7
undisturbed 'while their owner closes them'
check 'the owner closes them all' progress closed
# As it would be for 30 seconds in a thread of the kernel's that closes others' files, too.
equal 'nobody waits for what is still to be sent' \
	"$(grep -ls sk_stream_wait_close /proc/[0-9]*/stack)" ''
undisturbed 'with connections that would linger'
stop_stranger
undisturbed 'while his namespaces end'
stop_cli
check 'nothing holds the module once he is gone' wait_for 'last reference' module_unused
finish
