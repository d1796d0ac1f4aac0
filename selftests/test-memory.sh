#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Memory is what it says: who pins what the module received is charged for it, and the
# control group of who made a session for all that the session takes.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

SOCKETS=16 SEGMENTS=130

available() # KiB that nobody uses, or could do without
{
	awk '/^(MemFree|Buffers|Cached|SReclaimable):/ { n += $2 } END { print n }' /proc/meminfo
}

# Bytes that the sockets of the service say they hold.
charged()
{
	nb ss -Htnm state established sport = :6000 | sed -n 's/.*skmem:(r\([0-9]*\),.*/\1/p' |
		awk '{ n += $1 } END { print n + 0 }'
}

# A service that accepts and does not read, beside one that reads.
service()
{
	exec ip netns exec "$B" python3 - <<-'END'
		import socket, threading
		def listen(port):
		    s = socket.create_server(("10.77.0.2", port), backlog=64)
		    return s
		deaf, sink = listen(6000), listen(6001)
		kept = []
		def accept():
		    while True:
		        kept.append(deaf.accept())
		threading.Thread(target=accept, daemon=True).start()
		bulk, _ = sink.accept()
		room = bytearray(1 << 20)
		while bulk.recv_into(room):
		    pass
		threading.Event().wait()
	END
}

# As a hostile peer: a small segment to each, and between two of them as much to the
# other as fills a buffer. Ends when it has sent all, or they take no more.
pin()
{
	na python3 - $SOCKETS $SEGMENTS <<-'END'
		import socket, sys
		sockets, segments = map(int, sys.argv[1:])
		def connect(port):
		    s = socket.create_connection(("10.77.0.2", port))
		    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
		    return s
		victims = [connect(6000) for _ in range(sockets)]
		bulk = connect(6001)
		bulk.setsockopt(socket.IPPROTO_TCP, 25, 4096)  # TCP_NOTSENT_LOWAT
		for v in victims:
		    v.setblocking(False)
		for _ in range(segments):
		    for v in victims:
		        try:
		            v.send(bytes(300))
		        except BlockingIOError:
		            pass
		        bulk.sendall(bytes(31000))
		print("sent", flush=True)
		sys.stdin.close()
		import time
		while True:
		    time.sleep(100)
	END
}

# ---- control groups ----

cgroups=
# control_group NAME
control_group()
{
	mkdir "$tmp/cgroup/$1"
	at_exit rmdir "$tmp/cgroup/$1"
}

# A tunnel whose sessions belong to a group, and whose sockets do not.
tunnel_in_group() # NAME
{
	cat >"$tmp/tunnel" <<-END
		connect a b
		a exec echo \$PPID >$tmp/cgroup/$1/cgroup.procs
		a attach sstp0
		b attach sstp0
		hold
	END
	start_cli "$tmp/pair.log" -e "a=$A@$ADDR_A" -e "b=$B@$ADDR_B" "$tmp/tunnel"
}

# says NAME FILE
says()
{
	cat "$tmp/cgroup/$1/memory.$2"
}

# Memory of the kernel's that it is charged for.
kernel_memory() # NAME
{
	says "$1" stat | sed -n 's/^kernel //p'
}

# An idle session gives its free buffers back.
settled() # NAME
{
	local before

	before=$(kernel_memory "$1")
	sleep 0.3
	[[ $before == "$(kernel_memory "$1")" ]]
}

# From now on it gets nothing more, not even what processors hold in advance for it:
# asking for less has those give it back.
no_more() # NAME
{
	wait_for 'idle sessions' settled "$1"
	echo 0 >"$tmp/cgroup/$1/memory.high"
	echo max >"$tmp/cgroup/$1/memory.high"
	says "$1" current >"$tmp/cgroup/$1/memory.max"
}

# ---- who asks for pages ----

TRACE=/sys/kernel/tracing

trace_pages() # FILTER
{
	echo >$TRACE/trace
	echo "$1" >$TRACE/events/kmem/mm_page_alloc/filter
	echo 1 >$TRACE/events/kmem/mm_page_alloc/enable
}

trace_nothing()
{
	echo 0 >$TRACE/events/kmem/mm_page_alloc/enable
	echo 0 >$TRACE/events/kmem/mm_page_alloc/filter
}

setup
mountpoint -q $TRACE || mount -t tracefs tracefs $TRACE
at_exit trace_nothing
mkdir "$tmp/cgroup"
if mount -t cgroup2 none "$tmp/cgroup" && at_exit umount "$tmp/cgroup" &&
		echo +memory >"$tmp/cgroup/cgroup.subtree_control"; then
	cgroups=yes
	control_group tunnel
fi
add_devices
if [[ $cgroups ]]; then
	tunnel_in_group tunnel
else
	start_pair
fi
service &
pid=$!
at_exit kill -KILL $pid
wait_for 'the services' eval 'listening "$B" 6000 && listening "$B" 6001'
before=$(available)
[[ ! $cgroups ]] || charged_before=$(kernel_memory tunnel)
pin >"$tmp/pin" &
at_exit pkill -KILL -P $!
PATIENCE=$((6 * PATIENCE)) wait_for 'all segments' grep -q sent "$tmp/pin"
wait_for 'silence' quiet
held=$(((before - $(available)) * 1024)) said=$(charged)
between 'sockets that are not read are charged for something' "$said" 500000 100000000
# What the programs take beside is not the module's.
between 'and no more than four times that is held' "$held" -100000000 \
	$((4 * said + 24000000))

# ---- a control group pays for it, as far as it can ----

if [[ $cgroups ]]; then
	charged=$(($(kernel_memory tunnel) - charged_before))
	between 'the control group of the sessions is charged for what is held' \
		$charged "$said" $((4 * said + 24000000))
	no_more tunnel
	trace_pages 'order == 2'
	head -c 3000000 /dev/urandom >"$tmp/file"
	same_file 'when it may take no more, a file arrives all the same' "$A" "$B" "$TUN_B"
	same_file 'the other way, too' "$B" "$A" "$TUN_A"
	# memory.events of 6.1 does not know of who does not wait.
	between 'it was refused memory meanwhile' \
		"$(grep -c 'mm_page_alloc:.* pfn=0x0 .*ACCOUNT' "$TRACE/trace")" 1 1000000
	trace_nothing
	check 'and nobody was killed for it' eval 'says tunnel events | grep -x "oom_kill 0"'
	# Its owner takes some to end.
	echo max >"$tmp/cgroup/tunnel/memory.max"
else
	skip 'a control group is charged for what is held' 'no cgroup2 with memory here'
fi
stop_cli

# ---- what a session takes when it begins ----

# A slot to stage packets in, a buffer for each direction, the session itself.
SESSIONS=100 SESSION_KIB=64

devices()
{
	local i

	for ((i = 0; i < SESSIONS; i++)); do
		echo "link add s$i mtu 1400 type sstp"
		echo "link set s$i up"
		echo "route add 10.64.0.$i dev s$i"
	done
}

# In a control group of its own.
charged_sessions()
{
	echo "$BASHPID" >"$tmp/cgroup/sessions/cgroup.procs"
	echo "a many b s count=$SESSIONS" | run_script
}

if [[ $cgroups ]]; then
	control_group sessions
	na sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	ip -n "$A" addr add "$TUN_A/32" dev lo 2>/dev/null || true
	devices | ip -n "$A" -batch -
	check "$SESSIONS sessions in a control group" eval '(charged_sessions)'
	between 'it is charged for their buffers, KiB' \
		$(($(says sessions peak) / 1024)) \
		$((SESSIONS * SESSION_KIB)) $((SESSIONS * 1000))
else
	skip 'a control group is charged for its sessions' 'no cgroup2 with memory here'
fi

# ---- a machine whose memory is in small pieces ----

trace_pages 'order > 3'
script 'a session begins and carries packets' <<-END
	connect a b
	a attach sstp0
	b send data4:1400 { 00080000 }
	a stat rx-packets == 1
	a expect packet { 00080000 }
END
trace_nothing
equal 'nobody asked for 64 KiB in one piece' "$(grep -c 'sstp-cli.*mm_page_alloc:' $TRACE/trace)" 0

finish
