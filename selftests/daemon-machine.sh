#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What concerns the whole machine, which thus must be a test VM: the clock jumps, the
# system's table of files is full, the module is not there, or another one; which queue
# interfaces get.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

FILE_MAX=/proc/sys/fs/file-max

module_file=$(modinfo -n sstp)

alive()
{
	nb ping -c 1 -W 5 "$SERVER_TUN"
}

answered() # NUMBER
{
	(($(grep -c 'bytes from' "$tmp/ping.log") >= $1))
}

# answers NUMBER: so many more to the ping that runs
answers()
{
	wait_for 'answers' answered $(($(grep -c 'bytes from' "$tmp/ping.log" || true) + $1))
}

# jump SECONDS: the clock, forwards or back
jump()
{
	date -s "@$(($(date +%s) + $1))" >/dev/null
}

# serve: a new server, and a client of it
serve()
{
	stop_sstpd client
	stop_sstpd server
	server_conf | start_sstpd server "$A"
	client_conf | start_sstpd client "$B"
	wait_for session has_session client
}

setup_sstpd
server_conf | start_sstpd server "$A"
client_conf | start_sstpd client "$B"
check 'a client is connected' wait_for session has_session client
equal 'by the kernel' "$(session_of client path)" kernel

# ---- clock ----

# The certificates of this test are good for two days, from now on.
for seconds in 7200 -3600 86400 -86400; do
	jump "$seconds"
	check "the clock jumps by $seconds s: the session lives" alive
	equal "the clock jumps by $seconds s: it is the same one" "$(session_of client id)" 1
	between "the clock jumps by $seconds s: its age is right" \
		"$(session_of client seconds)" 0 600
	client_conf 'interface = late' | start_sstpd late "$B"
	check "the clock jumps by $seconds s: a new one comes up" wait_for session \
		has_session late
	stop_sstpd late
done
jump $((400 * 86400))
client_conf 'interface = late' 'reconnect-max = 1' | start_sstpd late "$B"
check 'beyond the life of a certificate, the client says so' wait_for 'log line' logged late \
	'certificate.*expired'
check 'the session lives' alive
jump $((-400 * 86400))
check 'and it comes up when the clock is right again' wait_for session has_session late
stop_sstpd late

# ---- files ----

before=$(<$FILE_MAX)
# ping gives its rights away, and then needs a file: it must have it before.
ip netns exec "$B" ping -i 0.3 "$SERVER_TUN" >"$tmp/ping.log" 2>&1 &
at_exit kill $!
wait_for 'ping' answers 1
at_exit sh -c "echo $before >$FILE_MAX"
# The kernel counts files for each CPU, and knows the sum to some dozens only: have
# many more than the limit. Twice the limit of unix sockets are allowed, to root too.
bash -c 'for ((i = 0; i < 600; i++)); do exec {fd}</dev/null; done
	echo open; exec sleep infinity' >"$tmp/holder" &
holder=$!
at_exit kill $holder
wait_for 'open files' grep -q open "$tmp/holder"
echo 300 >$FILE_MAX
# By address: name service needs files before there is a socket.
client_conf 'interface = late' 'reconnect-max = 1' |
	sed "s/^server = .*/server = $ADDR_A/" | start_sstpd late "$B"
# The client's socket is the parent's, whom the limit does not bind.
check 'ENFILE: the log says so' wait_for 'log line' logged server \
	'accept.*: Too many open files in system'
check 'ENFILE: the session lives' answers 3
echo "$before" >$FILE_MAX
kill $holder
check 'ENFILE: is over when there is room again' wait_for session has_session late
stop_sstpd late

# ---- module ----

refuse 'the module stays while there are sessions' 'in use' rmmod sstp
stop_sstpd client
stop_sstpd server
check 'and can be removed when there are none' remove_module
mv "$module_file" "$module_file.away"
at_exit mv "$module_file.away" "$module_file"
server_conf 'data-path = kernel' | start_sstpd server "$A"
check 'without the module: who takes nothing else is told' logged server \
	'kernel data path: module sstp is not loaded: with "data-path = kernel" no session comes up'
stop_sstpd server
server_conf | start_sstpd server "$A"
client_conf | start_sstpd client "$B"
check 'without the module sessions come up' wait_for session has_session client
equal 'over a TUN device' "$(session_of server path)" tun
equal 'for that reason' "$(session_of server path_reason)" 'module sstp is not loaded'
check 'and work' alive
check 'which the log said at the start' logged server \
	'kernel data path: module sstp is not loaded'

mv "$module_file.away" "$module_file"
modprobe sstp
LD_PRELOAD=$KSSTP_BUILD/selftests/preload/other-module.so serve
equal 'with another module they come up, too' "$(session_of server path)" tun
equal 'for another reason' "$(session_of server path_reason)" \
	'module sstp speaks version 9, this sstpd 1: load the module that belongs to it'
check 'and work' alive
OTHER_MODULE=mru LD_PRELOAD=$KSSTP_BUILD/selftests/preload/other-module.so serve
equal 'with one that refuses an attribute, too' "$(session_of server path)" tun
check 'whose name is in the reason' grep -F '(peer-mru)' <<<"$(session_of server path_reason)"
serve
equal 'with ours, the data path is the kernel again' "$(session_of server path)" kernel
stop_sstpd client
stop_sstpd server

# ---- queue ----

# Only the first namespace knows what a new interface gets. The server is in there now.
ip -n "$A" link set veth netns 1
A=$A-first
ip netns attach "$A" 1
at_exit ip netns del "$A"
ip addr add "$ADDR_A/24" dev veth
ip link set veth up
before=$(sysctl -n net.core.default_qdisc)
at_exit sysctl -q -w "net.core.default_qdisc=$before"

# queue DEFAULT: a server, where that is the machine's; what waits there for a client
queue()
{
	sysctl -q -w "net.core.default_qdisc=$1"
	serve
	tc -n "$A" qdisc show dev "$(session_of server interface)" >"$tmp/queue"
}

queue fq_codel
check 'few flows for one machine' grep '^qdisc fq_codel .* root .* flows 64 ' "$tmp/queue"
queue pfifo_fast
check 'who wants another queue has it' grep '^qdisc pfifo_fast .* root ' "$tmp/queue"
printf '%s:%s::routes=10.1.0.0/16\n' "$VPN_USER" "$VPN_PASSWORD" >"$tmp/users"
queue fq_codel
check 'as many flows as ever for a network' \
	grep '^qdisc fq_codel .* root .* flows 1024 ' "$tmp/queue"
stop_sstpd client
stop_sstpd server
finish
