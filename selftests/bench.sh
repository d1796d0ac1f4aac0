#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Throughput of tunnels next to what they are built on, all in one boot:
#
#	raw-tcp      plain TCP between the namespaces
#	raw-ktls     the same connection with kernel TLS: the yardstick
#	sstp-kernel  TCP through a tunnel, packets moved by the module
#	sstp-tun     TCP through a tunnel, packets moved by the daemon
#
# "down" is from the server's namespace to the client's, "up" the other way.
# Prints a table on stderr, and on stdout one JSON object per line. Meant for a
# VM on the instruction clock (scripts/bench); elsewhere the figures are noisy.
#
#	selftests/bench.sh [-t SECONDS] [-f "FLOWS..."] [-n "NAME..."] [-m MTU]
#			   [-c CIPHER]
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

# On the instruction clock time jumps while the machine waits for its disk.
# shellcheck disable=SC2034 # for lib.sh
PATIENCE=600

seconds=3 all_flows='1 4' names='raw-tcp raw-ktls sstp-kernel sstp-tun'
mtu=1400 cipher=aes-128-gcm
while getopts 't:f:n:m:c:' option; do
	case $option in
	t) seconds=$OPTARG ;;
	f) all_flows=$OPTARG ;;
	n) names=$OPTARG ;;
	m) mtu=$OPTARG ;;
	c) cipher=$OPTARG ;;
	*) exit 2 ;;
	esac
done
kernel=$(uname -r)
CLIENT_TUN=10.88.0.10
declare -A yardstick

# stream NS_SERVER NS_CLIENT ADDRESS FLOWS [OPTION...]: Mbit/s of ktls-stream
stream()
{
	local server=$1 client=$2 address=$3 flows=$4 pid

	shift 4
	ip netns exec "$server" ktls-stream -s "$address" -P "$flows" "$@" >"$tmp/rate" &
	pid=$!
	wait_for 'the server' listening "$server" 4433
	ip netns exec "$client" ktls-stream -c "$address" -P "$flows" -t "$seconds" "$@"
	wait $pid
	sed 's/ .*//' "$tmp/rate"
}

# inner NS_SERVER NS_CLIENT ADDRESS FLOWS: Mbit/s of iperf3
inner()
{
	iperf "$1" "$2" -c "$3" -P "$4" -t "$seconds" >"$tmp/iperf" || {
		tail -n 3 "$tmp/iperf" >&2
		return 1
	}
	json end.sum_received.bits_per_second <"$tmp/iperf" |
		awk '{ printf "%.1f\n", $1 / 1e6 }'
}

# result NAME FLOWS DIRECTION MBIT_S [MTU] [CIPHER]
result()
{
	local name=$1 flows=$2 direction=$3 rate=$4 size=${5:-null} suite=${6:-null} share

	[[ $name != raw-ktls ]] || yardstick[$flows.$direction]=$rate
	share=$(awk -v r="$rate" -v y="${yardstick[$flows.$direction]:-0}" \
		'BEGIN { if (y > 0) printf "%.3f", r / y; else print "null" }')
	printf '%-12s %-20s %5s  %-4s %5s  %-18s %9s  %s\n' "$name" "$kernel" "$flows" \
		"$direction" "${size/null/-}" "${suite/null/-}" "$rate" \
		"${share/null/-}" >&2
	[[ $suite == null ]] || suite="\"$suite\""
	printf '{"name": "%s", "kernel": "%s", "flows": %s, "direction": "%s", "mtu": %s, "cipher": %s, "mbit_s": %s, "of_raw_ktls": %s}\n' \
		"$name" "$kernel" "$flows" "$direction" "$size" "$suite" "$rate" "$share"
}

raw() # name, cipher or null, ktls-stream options
{
	local name=$1 suite=$2 flows rate

	shift 2
	for flows in $all_flows; do
		rate=$(stream "$B" "$A" $ADDR_B "$flows" "$@")
		result "$name" "$flows" down "$rate" null "$suite"
		rate=$(stream "$A" "$B" $ADDR_A "$flows" "$@")
		result "$name" "$flows" up "$rate" null "$suite"
	done
}

tunnel() # name
{
	local flows rate

	for flows in $all_flows; do
		rate=$(inner "$B" "$A" $CLIENT_TUN "$flows")
		result "$1" "$flows" down "$rate" "$mtu" "$cipher"
		rate=$(inner "$A" "$B" $SERVER_TUN "$flows")
		result "$1" "$flows" up "$rate" "$mtu" "$cipher"
	done
}

bench_raw_tcp() { raw raw-tcp null --plain; }

bench_raw_ktls() { raw raw-ktls "$cipher" --cipher "$cipher"; }

# The TLS 1.3 name of $cipher
ciphersuite()
{
	case $cipher in
	aes-128-gcm) echo TLS_AES_128_GCM_SHA256 ;;
	aes-256-gcm) echo TLS_AES_256_GCM_SHA384 ;;
	chacha20-poly1305) echo TLS_CHACHA20_POLY1305_SHA256 ;;
	*) bail "no TLS 1.3 cipher suite for $cipher" ;;
	esac
}

on_path() # kernel|tun
{
	[[ $(session_of client path) == "$1" && $(session_of server path) == "$1" ]]
}

# sstp NAME PATH: server and client, the way their users run them
sstp()
{
	local name=$1 path=$2 settings

	settings=("data-path = $path" "mtu = $mtu" "tls-ciphersuites = $(ciphersuite)")
	server_conf "${settings[@]}" | start_sstpd server "$A"
	client_conf "${settings[@]}" | start_sstpd client "$B"
	wait_for "a session on the $path path" on_path "$path" ||
		bail "no session on the $path path"
	tunnel "$name"
	stop_sstpd client
	stop_sstpd server
}

bench_sstp_kernel() { sstp sstp-kernel kernel; }

bench_sstp_tun() { sstp sstp-tun tun; }

setup_sstpd >/dev/null
# Yardstick and figures come from the same boot, the yardstick first.
[[ " $names " != *' sstp-'* || " $names " == *' raw-ktls '* ]] || names="raw-ktls $names"
printf '%-12s %-20s %5s  %-4s %5s  %-18s %9s  %s\n' name kernel flows way mtu cipher \
	Mbit/s 'of raw kTLS' >&2
for name in $names; do
	"bench_${name//-/_}"
done
