# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the parts of the bench share variables
# SPDX-License-Identifier: GPL-2.0-or-later
#
# How the bench measures, and how it reports. "down" is from $A, where servers are,
# to $B, "up" the other way. The first second of everything is warm-up: buffers and
# windows of TCP grow, the processor's crypto is loaded.

WARM_UP_S=1

# steady COMMAND...: a rate, even if it counts time in which the machine waited; the
# bench has failed then
steady()
{
	measured $((seconds + WARM_UP_S)) "$@" || touch "$tmp/unsteady"
}

# stream NS_SERVER NS_CLIENT ADDRESS FLOWS [OPTION...]: Mbit/s of ktls-stream
stream()
{
	local server=$1 client=$2 address=$3 flows=$4 pid

	shift 4
	ip netns exec "$server" ktls-stream -s "$address" -P "$flows" \
		-w $((WARM_UP_S * 1000)) "$@" >"$tmp/rate" &
	pid=$!
	wait_for 'the server' listening "$server" 4433
	watched "$client" ktls-stream -c "$address" -P "$flows" \
		-t $((seconds + WARM_UP_S)) "$@"
	wait $pid
	sed 's/ .*//' "$tmp/rate"
}

# inner NS_SERVER NS_CLIENT ADDRESS FLOWS [SECONDS]: Mbit/s of iperf3; beside another one
# it needs a port and a name of its own, $iperf_port and $iperf_name
inner()
{
	local file=$tmp/${iperf_name:-iperf}

	iperf "$1" "$2" -c "$3" -P "$4" -C cubic -O $WARM_UP_S -t "${5:-$seconds}" \
		>"$file" || {
		json error <"$file" >&2
		return 1
	}
	iperf_rate "$file"
}

# packets NS_SERVER NS_CLIENT ADDRESS BYTES: UDP packets per second that arrive
packets()
{
	local pid

	ip netns exec "$1" udp-rate -s "$3" -w $((WARM_UP_S * 1000)) >"$tmp/pps" &
	pid=$!
	wait_for 'the receiver' bound_udp "$1" 9
	watched "$2" udp-rate -c "$3" -l "$4" -t $((seconds + WARM_UP_S))
	wait $pid
	cat "$tmp/pps"
}

# rtt NS ADDRESS SECONDS: 50th and 95th percentile of the round trip, ms
rtt()
{
	ip netns exec "$1" ping -n -i 0.05 -w "$3" "$2" |
		sed -n 's/.*time=\([0-9.]*\).*/\1/p' | sort -n |
		awk '{ t[NR] = $1 } END {
			if (NR < 20) exit 1
			printf "%.1f %.1f\n", t[int(NR * 0.50) + 1], t[int(NR * 0.95) + 1] }'
}

# yardstick FLOWS DIRECTION [TLS [CIPHER]]: Mbit/s of raw kTLS, measured once a boot
declare -A yardsticks
yardstick()
{
	local flows=$1 direction=$2 tls=${3:-1.3} suite=${4:-aes-128-gcm} key
	local options=(--tls "$tls" --cipher "$suite")

	key=$*
	[[ ! ${yardsticks[$key]:-} ]] || return 0
	[[ $direction == down ]] && set -- "$B" "$A" $ADDR_B || set -- "$A" "$B" $ADDR_A
	yardsticks[$key]=$(steady stream "$@" "$flows" "${options[@]}")
	result raw-ktls flows="$flows" direction="$direction" cipher="$suite" \
		mbit_s="${yardsticks[$key]}" of_raw_ktls=1.000
}

share() # RATE YARDSTICK
{
	awk -v r="$1" -v y="$2" 'BEGIN { printf "%.3f", r / y }'
}

# result NAME FIELD=VALUE...: a line of the table and one of JSON
FIELDS='flows direction mtu cipher mbit_s of_raw_ktls pps rtt_p50 rtt_p95 loss delay_ms'
result()
{
	local name=$1 field json
	local -A value=()

	shift
	for field; do
		value[${field%%=*}]=${field#*=}
	done
	json="\"name\": \"$name\", \"case\": \"$case\", \"kernel\": \"$kernel\", \"clock\": \"$clock\""
	for field in $FIELDS; do
		case ${value[$field]:-} in
		'') json+=", \"$field\": null" ;;
		*[!0-9.]*) json+=", \"$field\": \"${value[$field]}\"" ;;
		*) json+=", \"$field\": ${value[$field]}" ;;
		esac
	done
	row "$case" "$name" "${value[flows]:-}" "${value[direction]:-}" "${value[mtu]:-}" \
		"${value[mbit_s]:-}" "${value[of_raw_ktls]:-}" "${value[pps]:-}" \
		"${value[rtt_p50]:-}" "${value[rtt_p95]:-}" >&2
	echo "{$json}"
}

row()
{
	printf '%-16s %-16s %5s %-4s %5s %9s %8s %9s %7s %7s\n' "$@"
}
