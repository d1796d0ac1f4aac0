#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# sstpd on another kernel, or with a later module, than the one it was written for.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

PRELOAD=$KSSTP_BUILD/selftests/preload
WARNING='kernel 6.1.176 has bugs in kTLS that lose sessions and data; 6.1.192 or newer has not'

# serve [LIBRARY]: a new server, with that under it, and a client of it
serve()
{
	stop_sstpd client
	stop_sstpd server
	server_conf | LD_PRELOAD=${1:-} start_sstpd server "$A"
	client_conf | LD_PRELOAD=${1:-} start_sstpd client "$B"
	check 'a session comes up' wait_for session has_session client
	equal 'by the kernel' "$(session_of client path)" kernel
	equal 'at the server, too' "$(session_of server path)" kernel
}

# again: another session, and the configuration read again
again()
{
	client_conf 'interface = late' | start_sstpd late "$B"
	wait_for session has_session late
	stop_sstpd late
	sstpctl -s "$tmp/server.sock" reload
}

# warnings NAME
warnings()
{
	grep -c 'has bugs in kTLS' "$tmp/$1.log" || true
}

# ---- the kernel that runs ----

setup_sstpd
server_conf | start_sstpd server "$A"
client_conf | start_sstpd client "$B"
check 'a session comes up' wait_for session has_session client
series=$(awk -v release="$(uname -r)" '$2 == release { print $1 }' /ksstp/kernels)
# The main suite's is older than the floor where the security suite has a newer one.
[[ $series == main-* ]] && expected=1 || expected=0
equal "warnings of this kernel ($(uname -r))" "$(warnings server)" $expected

# ---- an older one ----

serve "$PRELOAD/other-kernel.so"
check 'an older kernel: the log says what is wrong with it' logged server "$WARNING"
check 'and which one would do' logged client "$WARNING"
check 'with more sessions, and a reload' again
equal 'it says so once' "$(warnings server)" 1

# ---- a later module ----

serve "$PRELOAD/later-module.so"
check 'a later module: the server skips what it does not know' wait_for 'log line' \
	logged server 'message of type 77 from the kernel'
check 'and so does the client' wait_for 'log line' \
	logged client 'message of type 77 from the kernel'
check 'packets pass' nb ping -c 3 -i 0.2 -W "$PATIENCE" "$SERVER_TUN"
equal 'it is the same session' "$(session_of client id)" 1
stop_sstpd server
check 'what it does know is read behind that: the end, and why' wait_for 'log line' \
	logged client 'the peer (terminated|disconnected)'
stop_sstpd client
finish
