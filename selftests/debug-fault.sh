#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Allocations fail where the module asks for them: attaching, sending, receiving.
# That may cost an error, packets or the session, never more. Needs a kernel with
# fault injection (selftests/vm/run --kernel debug-6.12).
#
#	ROUNDS=N	faults under traffic, N times (default 1)
#	NTH_MAX=N	the first N allocations of attaching fail in turn (default 20)
set -euo pipefail
. "$(dirname "$0")/lib.sh"

ROUNDS=${ROUNDS:-1}
# More than attaching asks for: the last ones must not fail any more.
NTH_MAX=${NTH_MAX:-20}
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

# Only allocations made by the module's code, or DEPTH calls below it, fail.
in_module_only() # DEPTH
{
	local kind

	for kind in failslab fail_page_alloc; do
		fault $kind require-start "${text% *}"
		fault $kind require-end "${text#* }"
		fault $kind stacktrace-depth "$1"
		fault $kind ignore-gfp-wait N
		fault $kind verbose 0
		fault $kind times $SUPPLY
	done
	fault fail_page_alloc min-order 0
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

# attach_with_fault N: the Nth allocation of the module in this process fails
attach_with_fault()
{
	(
		echo "$1" >/proc/self/fail-nth
		exec sstp-cli -e "a=$A@$ADDR_A" -e "b=$B@$ADDR_B" "$tmp/attach"
	) >"$tmp/attached" 2>&1
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
	ip netns exec "$A" ping -q -i 0.01 -s 1300 "$TUN_B" >/dev/null 2>&1 &
	one=$!
	ip netns exec "$B" ping -q -i 0.01 -s 100 "$TUN6_A" >/dev/null 2>&1 &
	two=$!
	wait_for 'traffic' eval '(($(link_stat "$A" rx_packets) > 20))' || return 1
	fault "$1" probability $PERCENT
	wait_for 'faults' felt "$1" || return 1
	no_faults
	kill -KILL $one $two
	wait $one $two 2>/dev/null || true
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
text=$(module_text)
in_module_only 32

# ---- attaching ----

printf '%s\n' 'connect a b' 'a attach sstp0' >"$tmp/attach"
failures=0 last_failure=0 hung=
for ((n = 1; n <= NTH_MAX; n++)); do
	attach_with_fault $n || {
		failures=$((failures + 1))
		last_failure=$n
	}
	wait_for 'the session to go' no_sessions "$A" || hung+=" $n"
done
between 'faults make attaching fail' $failures 4 $((NTH_MAX - 3))
between 'and every allocation has failed once' $last_failure 4 $((NTH_MAX - 3))
equal 'no such attempt leaves a session' "$hung" ''
check 'after all of them, attaching works' works

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
		kill -KILL $one $two 2>/dev/null || true
		stop_cli KILL
	fi
done
check 'a session works after that' works
check 'no session is left in one namespace' no_sessions "$A"
check 'and none in the other' no_sessions "$B"
check 'nothing holds the module' eval \
	'ip -n "$A" link del sstp0 && ip -n "$B" link del sstp0 && rmmod sstp && modprobe sstp'
finish
