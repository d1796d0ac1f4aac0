# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # shares variables with lib.sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Rates that do not count waiting. On the instruction clock time jumps to the next
# timer while the machine waits for its disk, a page of iperf3 read through 9p, say:
# that time of a measurement is gone, and nothing was sent in it.

# Of the time of a measurement, in percent, that the machine must be busy: with one
# processor for all, it always has something to do.
BUSY=95
TRIES=4

# clock: hundredths of a second of all processors since the boot, and of these idle
clock()
{
	local user nice system idle iowait irq softirq steal

	read -r _ user nice system idle iowait irq softirq steal _ </proc/stat
	idle=$((idle + iowait))
	echo $((user + nice + system + idle + irq + softirq + steal)) $idle
}

# watched NS COMMAND...: the sender of a measurement, run in that namespace; $tmp/busy
# gets the hundredths of a second in which there was something to do. What it waits for
# before and after it sends does not matter.
watched()
{
	ip netns exec "$1" bash -c "$(declare -f clock)"'
		begin=($(clock))
		"${@:2}" || status=$?
		end=($(clock))
		echo $((end[0] - end[1] - begin[0] + begin[1])) >"$1"
		exit ${status:-0}' watched "$tmp/busy" "${@:2}"
}
watch=watched # of lib.sh's iperf

# iperf_rate FILE: Mbit/s, of what iperf3 says there; $tmp/uneven gets the number of
# tenths of a second in which less than a quarter of the usual came: there it waited.
# That it was busy before and after, while the file was sent, must not make up for it.
iperf_rate()
{
	python3 -c 'import json, statistics, sys
doc = json.load(open(sys.argv[1]))
rates = [i["sum"]["bits_per_second"] for i in doc["intervals"] if not i["sum"]["omitted"]][1:]
usual = statistics.median(rates) if rates else 0
print(sum(rate < usual / 4 for rate in rates), file=open(sys.argv[2], "w"))
print("%.1f" % (doc["end"]["sum_received"]["bits_per_second"] / 1e6))' "$1" "$tmp/uneven"
}

# measured SECONDS COMMAND...: what it prints, which has watched its sender for that
# long; once more if the machine was idle, and in the end false. With several
# processors, or by the wall clock, that says nothing.
measured()
{
	local seconds=$1 try rate

	shift
	for ((try = 1; try <= TRIES; try++)); do
		echo 0 >"$tmp/uneven"
		rate=$("$@") || return
		if (($(nproc) > 1)) ||
				(($(<"$tmp/busy") >= BUSY * seconds && !$(<"$tmp/uneven"))) ||
				[[ ${KSSTP_CLOCK:-} == wall ]]; then
			echo "$rate"
			return
		fi
		echo "busy for $(<"$tmp/busy")0 ms of $seconds s, $(<"$tmp/uneven") tenths idle" \
			"($rate): once more" >&2
	done
	echo "$rate"
	return 1
}

# in_memory PROGRAM...: our own programs, which lie in the working tree, and these, with
# the libraries they load, are in memory before a clock starts
in_memory()
{
	local path

	mkdir -p "$tmp/bin"
	find "$KSSTP_BUILD" "$KSSTP_BUILD/selftests" -maxdepth 1 -type f -executable \
		-exec cp -t "$tmp/bin" {} +
	PATH=$tmp/bin:$PATH
	for path in $(type -P "$@"); do
		ldd "$path" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' | xargs cat "$path"
	done >/dev/null
}
