#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module's tracepoints, read by bpftrace with examples/sstp.bt as it is: a session
# that begins and ends, and a packet that is dropped.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

EXAMPLE=$(dirname "$0")/../examples/sstp.bt

traced() # pattern
{
	grep -qE "$1" "$tmp/trace"
}

setup
bare_device "$A"
bpftrace -B line "$EXAMPLE" >"$tmp/trace" 2>&1 </dev/null &
tracer=$!
at_exit kill -KILL "$tracer"
check 'bpftrace takes the example' wait_for 'its probes' traced '^Attaching'
# "Attaching" is said before it is done: sessions until one is seen.
seen()
{
	run_script <<-END &&
		connect a b
		a tap sstp0
		a attach sstp0
		b send 10000004
		a stat drops-rx-malformed == 1
		b fin
		a ended
	END
		traced 'session [0-9]+ begins'
}
check 'a session that begins' wait_for 'a session' seen
check 'its device, version of TLS and MRU' traced ' sstp0: session [0-9]+ begins, TLS 304, .* MRU [0-9]+'
check 'a session that ends, with the reason' wait_for 'its end' traced ' sstp0: session [0-9]+ ends, reason [0-9]+ detail [0-9]+, after [0-9]{1,2} s'
kill -INT "$tracer" || true
wait "$tracer" || true
check 'the drops, by device and reason' traced '^@drops\[sstp0, [0-9]+\]: [0-9]+'
sed 's/^/# /' "$tmp/trace"
finish
