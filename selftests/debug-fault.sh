#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Allocations fail where the module asks for them: loading, attaching, what else an
# owner does, sending, receiving. That may cost an error, packets or the session,
# never more. Needs a kernel with fault injection (selftests/vm/run --kernel
# debug-6.12).
#
#	ROUNDS=N	faults under traffic, N times (default 1)
set -euo pipefail
. "$(dirname "$0")/lib.sh"

ROUNDS=${ROUNDS:-1}
# Allocations of a process fail in turn; it has no more of them if so many in a row
# did no harm, and there are not as many as that.
SURE=10
TOO_MANY=400
FAULTS=/sys/kernel/debug
PERCENT=10
# Faults there are for one round, and how many of them make one.
SUPPLY=100000
ENOUGH=20

fault() # failslab|fail_page_alloc, setting, value
{
	echo "$3" >"$FAULTS/$1/$2"
}

# Addresses of the module's first function, and of a page behind its last.
module_text()
{
	local first last

	read -r first last < <(awk '$4 == "[sstp]" && tolower($2) == "t" { print $1 }' \
		/proc/kallsyms | sort | sed -n '1p;$p' | xargs)
	printf '%#x %#x\n' $((16#$first)) $((16#$last + 4096))
}

# function_text NAME: the same of a function of the kernel, and of what follows it
function_text()
{
	sort /proc/kallsyms | awk -v name="$1" '
		first && !last && $1 != first { last = $1 }
		$3 == name { first = $1 }
		END { print "0x" first, "0x" last }'
}

# only_below FIRST LAST DEPTH: no allocations fail but those made by code between
# these addresses, or DEPTH calls below it
only_below()
{
	local kind

	for kind in failslab fail_page_alloc; do
		fault $kind require-start "$1"
		fault $kind require-end "$2"
		fault $kind stacktrace-depth "$3"
		fault $kind ignore-gfp-wait N
		fault $kind verbose 0
		fault $kind times $SUPPLY
	done
	fault fail_page_alloc min-order 0
}

in_module_only() # DEPTH
{
	# shellcheck disable=SC2046 # two words
	only_below $(module_text) "$1"
}

no_faults()
{
	fault failslab probability 0
	fault fail_page_alloc probability 0
}

works() # works and leaves nothing behind
{
	run_script <<-END
		connect a b
		a attach sstp0
		b attach sstp0
		a exec ping -c 1 -W $PATIENCE $TUN_B
		a close
		b close
		a dump count=0
		b dump count=0
	END
}

# What an owner asks of the module.
owner_script()
{
	cat <<-END
		a monitor
		connect a b
		a attach sstp0
		a notified new
		a write { 00080000 }
		b recv { 00080000 }
		a show
		a set protocols=1
		a del
		a expect end admin
	END
}

# with_faults CLEAN COMMAND...: run it with its first, its second, its next allocation
# failing. How often it failed, in $failures; the numbers of those after which CLEAN
# did not succeed, in $left.
with_faults()
{
	local clean=$1 n good=0 missed=''

	shift
	failures=0 left=''
	for ((n = 1; good < SURE && n < TOO_MANY; n++)); do
		if (
			echo $n >/proc/self/fail-nth
			exec "$@"
		) >"$tmp/fault" 2>&1; then
			good=$((good + 1))
		else
			good=0
			failures=$((failures + 1))
			missed+=" $n"
		fi
		$clean || left+=" $n"
	done
	echo "# failed without number$missed of its allocations: $*"
	((n < TOO_MANY)) || left+=' and there is no end to it'
}

# without_memory FUNCTION DEPTH TIMES DESCRIPTION: a script on stdin, while the first
# allocations below that function fail
without_memory()
{
	local kind

	# shellcheck disable=SC2046 # two words
	only_below $(function_text "$1") "$2"
	for kind in failslab fail_page_alloc; do
		fault $kind times "$3"
		fault $kind probability 100
	done
	script "$4"
	no_faults
	check "$1() was short of memory" grep -qx 0 "$FAULTS"/fail{slab,_page_alloc}/times
}

session_gone()
{
	wait_for 'the session to go' no_sessions "$A"
}

unload()
{
	rmmod sstp 2>/dev/null || true
	[[ ! -d /sys/module/sstp ]]
}

# failed KIND: allocations that did, since in_module_only
failed()
{
	echo $((SUPPLY - $(<"$FAULTS/$1/times")))
}

# flood KIND DEPTH: traffic both ways while allocations of that kind fail. The
# session may end, but then with a reason, and both ends of it.
flood()
{
	start_pair
	in_module_only "$2"
	start_streams
	ip netns exec "$A" ping -q -i 0.01 -s 1300 "$TUN_B" >/dev/null 2>&1 &
	traffic+=($!)
	ip netns exec "$B" ping -q -i 0.01 -s 100 "$TUN6_A" >/dev/null 2>&1 &
	traffic+=($!)
	wait_for 'traffic' eval '(($(link_stat "$A" rx_packets) > 20))' || return 1
	fault "$1" probability $PERCENT
	wait_for 'faults' felt "$1" || return 1
	no_faults
	stop_traffic
}

felt() # KIND
{
	(($(failed "$1") >= ENOUGH)) || { (($(failed "$1"))) && grep -q ' end ' "$tmp/pair.log"; }
}

# After faults, either the tunnel works, or both ends are told why it does not.
sane()
{
	if grep -q ' end ' "$tmp/pair.log"; then
		wait_for 'both to end' no_sessions "$A" && wait_for 'both to end' no_sessions "$B"
	else
		na ping -q -c 3 -W "$PATIENCE" "$TUN_B" && nb ping -q -c 3 -W "$PATIENCE" "$TUN6_A"
	fi
}

setup
add_devices
[[ -w $FAULTS/failslab/require-start && -w $FAULTS/fail_page_alloc/require-start ]] || {
	skip 'allocations fail' 'this kernel has no fault injection (CONFIG_FAILSLAB, CONFIG_FAIL_PAGE_ALLOC, CONFIG_FAULT_INJECTION_STACKTRACE_FILTER)'
	finish
	exit
}
at_exit no_faults
no_faults

# ---- the owner ----

owner_script >"$tmp/owner"
in_module_only 32
with_faults session_gone \
	sstp-cli -t 5000 -e "a=$A@$ADDR_A" -e "b=$B@$ADDR_B" "$tmp/owner"
between 'faults make what the owner does fail' $failures 6 $TOO_MANY
equal 'no such attempt leaves a session' "$left" ''
check 'after all of them, attaching works' works

# ---- one allocation ----

# The number of an allocation is another each time, where the kernel has some of its
# own for each: those that the module makes itself, by their place.
while read -r function depth times; do
	without_memory "$function" "$depth" "$times" 'attaching fails' <<-END
		connect a b
		a attach sstp0 fails ENOMEM
		a dump count=0
	END
done <<-END
	sstp_session_new 5 1
	sstp_tx_init 12 1
	sstp_ctrl_file 12 1
	__xa_alloc 8 2
END

without_memory sstp_nl_begun 6 1 'nobody is told of a session, which works' <<-END
	a monitor
	connect a b
	a attach sstp0
	b send data4:100
	a stat rx-packets == 1
	a del
	a notified admin
END
without_memory sstp_nl_ended 6 1 'nobody but its owner is told of an end' <<-END
	a monitor
	connect a b
	a attach sstp0
	a notified new
	a del
	a expect end admin
	connect a b
	a attach sstp0
	a notified new
END
without_memory sstp_nl_session_get_doit 6 1 'a session cannot be shown, and then it can' <<-END
	connect a b
	a attach sstp0
	a show fails ENOMEM
	a show
END
without_memory sstp_ctrl_write_iter 6 1 'its owner cannot write, and then can' <<-END
	connect a b
	a attach sstp0
	a write { 00080000 } fails ENOMEM
	a write { 00080000 }
	b recv { 00080000 }
END
without_memory sstp_ctrl_rx 6 1 'what cannot be stored for its owner is counted' <<-END
	connect a b
	a attach sstp0
	b send { 00080000 }
	a stat drops-rx-memory == 1
	b send { 00080000 }
	a expect packet { 00080000 }
	a stat rx-control == 1 now
END

# ---- traffic ----

# What the module asks for itself; then what TLS and TCP do on its behalf.
for where in 'failslab 8' 'failslab 32' 'fail_page_alloc 32'; do
	for ((i = 1; i <= ROUNDS; i++)); do
		# shellcheck disable=SC2086 # two words
		flood $where >"$tmp/sane" 2>&1 && sane >>"$tmp/sane" 2>&1 || break
		stop_cli
	done
	if ((i > ROUNDS)); then
		ok "${where% *} under traffic, ${where#* } calls deep ($ROUNDS rounds)"
	else
		not_ok "${where% *} under traffic, ${where#* } calls deep" "round $i" \
			"$(cat "$tmp/pair.log" "$tmp/sane")"
		no_faults
		stop_traffic
		stop_cli KILL
	fi
done
check 'a session works after that' works
check 'no session is left in one namespace' no_sessions "$A"
check 'and none in the other' no_sessions "$B"
check 'nothing holds the module' eval \
	'ip -n "$A" link del sstp0 && ip -n "$B" link del sstp0 && remove_module'

# ---- loading ----

# shellcheck disable=SC2046 # two words
only_below $(function_text do_one_initcall) 32
with_faults unload insmod "$(modinfo -n sstp)"
between 'faults make loading fail' $failures 6 $TOO_MANY
equal 'what fails to load leaves nothing' "$left" ''
no_faults
modprobe sstp
add_devices
check 'after all of them, it loads and works' works
finish
