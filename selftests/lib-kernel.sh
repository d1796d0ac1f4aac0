# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# For kernel-*.sh: the selftests of the kernel that runs, as vm/kernel-selftests has
# left them in the root of the VM, and what they say as checks of ours. A script that
# sources this instead of lib.sh defines
#
#	shortcoming TEST	prints why TEST cannot pass here and succeeds, if so
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Seconds for all tests of one program: some of them wait, others move much.
KSELFTEST_LIMIT=$((900 * slowness))
series=
kernel_selftests=

# find_selftests: sets both, or ends the script as one that has nothing to run
find_selftests()
{
	series=$(awk -v release="$(uname -r)" '$2 == release { print $1 }' /ksstp/kernels)
	# the same source with other options, or in another suite
	series=${series#*-}
	kernel_selftests=/ksstp/kernel-selftests/$series/tools/testing/selftests
	[[ -d $kernel_selftests ]] && return
	skip 'the selftests of this kernel' \
		"not there: selftests/vm/kernel-selftests ${series:-SERIES} fetches them"
	finish
	exit
}

# report TEST OUTCOME REASON: OUTCOME is ok, not ok, SKIP or XFAIL; REASON what the test
# said of it
report()
{
	local why

	why=$(shortcoming "$1") || why=
	case $2 in
	SKIP | XFAIL)
		skip "$1" "$3"
		;;
	ok)
		[[ ! $why ]] || echo "# was not expected to pass: $why"
		ok "$1"
		;;
	*)
		if [[ $why ]]; then
			skip "$1" "$why"
		else
			not_ok "$1" "$3"
		fi
		;;
	esac
}

# run_kselftest NAME COMMAND...: in $A. What it says is TAP; the harness of programs in C
# names a test where it begins, and a test that is skipped not always again.
run_kselftest()
{
	local name=$1 line test='' said='' seen=0 planned=0
	local result='^(ok|not ok) [0-9]+ ?([^ #]*)( # (SKIP|XFAIL) ?(.*))?$'

	shift
	ip netns exec "$A" timeout "$KSELFTEST_LIMIT" "$@" >"$tmp/said" 2>&1 || true
	while IFS= read -r line; do
		if [[ $line == 1..* ]]; then
			planned=${line#1..}
		elif [[ $line =~ ^'#  RUN '+([^ ]+) ]]; then
			test=${BASH_REMATCH[1]} said=''
		elif [[ $line =~ $result ]]; then
			report "$name: ${BASH_REMATCH[2]:-$test}" \
				"${BASH_REMATCH[4]:-${BASH_REMATCH[1]}}" "${BASH_REMATCH[5]:-$said}"
			seen=$((seen + 1)) said=''
		else
			said+=${said:+$'\n'}$line
		fi
	done <"$tmp/said"
	if ((planned && seen == planned)); then
		ok "$name: all of its tests have run"
	else
		not_ok "$name: all of its tests have run" "$seen of $planned" \
			"$(tail -n 20 "$tmp/said")"
	fi
}
