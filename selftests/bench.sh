#!/bin/bash
# shellcheck disable=SC2034 # the parts of the bench share variables
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tunnels next to each other and to what they are built on, all in one boot: each
# case of bench/cases.sh with the peers of bench/peers.sh.
#
#	selftests/bench.sh [-t SECONDS] [-p "PEER..."] [CASE...]
#
# Prints a table on stderr, and on stdout one JSON object per line. Meant for a VM on
# the instruction clock (scripts/bench); KSSTP_CLOCK=wall says that it is another one,
# where figures vary with all else the machine does.
set -euo pipefail
# shellcheck source=selftests/lib-sstpd.sh
. "$(dirname "$0")/lib-sstpd.sh"
# shellcheck source=selftests/lib-softether.sh
. "$(dirname "$0")/lib-softether.sh"
# shellcheck source=selftests/lib-rate.sh
. "$(dirname "$0")/lib-rate.sh"
for part in meter peers cases; do
	# shellcheck source=/dev/null
	. "$(dirname "$0")/bench/$part.sh"
done

# On the instruction clock time jumps while the machine waits for its disk.
PATIENCE=600 TRANSFER_LIMIT=600

seconds=3 peers='' kernel=$(uname -r) clock=${KSSTP_CLOCK:-instructions}
LAN_A=sstp-test-$$-la LAN_B=sstp-test-$$-lb
while getopts 't:p:' option; do
	case $option in
	t) seconds=$OPTARG ;;
	p) peers=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
(($#)) || set -- one-flow four-flows ipv6 large-mru forwarded tls12 small-packets \
	one-packet-records latency loss

known=$(declare -F | sed -n 's/^declare -f case_//p' | tr _ -)
for case; do
	grep -qxF -- "$case" <<<"$known" ||
		bail "no case $case; there are: $(xargs <<<"$known")"
done
setup_sstpd >/dev/null
in_memory iperf3 openvpn ping sstpc pppd
row case name flows way mtu Mbit/s 'of kTLS' pkt/s 'RTT p50' p95 >&2
for case; do
	"case_${case//-/_}"
done
[[ ! -e $tmp/unsteady ]] || bail 'rates that count idle time, see above'
