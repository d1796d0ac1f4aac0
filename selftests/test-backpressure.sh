#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A peer, an owner or a stack that is slow: queues stay bounded, nothing is lost
# that TCP could have held back, and all goes on when the slow one does.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-doc.sh"

# More than this must never wait in the device: its queue and staging buffer.
QUEUE_MAX=1000000

setup
bare_device "$A"
# A kernel's own default, pfifo, has the sender know when it drops.
ip netns exec "$A" tc qdisc replace dev sstp0 root fq_codel

# ---- the peer stops reading ----

script 'the queue of the device fills to a bound' <<-END
	connect a b buf=32768
	a tap sstp0
	a attach sstp0
	a put times=900 ip4:1400
	$(queue_full)
	a put times=3000 ip4:1400
	a stat tx-queue-bytes <= $QUEUE_MAX now
	b drain least=500
	a stat tx-queue-bytes == 0
	a put ip4:60:7
	b recv data4:60:7
END
script 'small packets fill it, too' <<-END
	connect a b buf=32768
	a tap sstp0
	a attach sstp0
	a put times=20000 ip4:28
	$(queue_full)
	a exec sh -c "ethtool -S sstp0 >$tmp/queue"
	b drain least=500
END
# Each takes 640 bytes at least, with its sk_buff.
between 'no more of them than 512 KiB of memory' \
	"$(sed -n 's/ *tx_queue_bytes: //p' "$tmp/queue")" 3000 $((512 * 1024 / 640 * 28))
script 'what does not fit waits or drops in the qdisc, not in the module' <<-END
	connect a b buf=32768
	a tap sstp0
	a attach sstp0
	a put times=3000 ip4:1400
	$(queue_full)
	a stat tx-dropped == 0 now
	b drain least=500
END
check 'the qdisc says so' eval \
	'na tc -s qdisc show dev sstp0 | grep -E "dropped [1-9]|requeues [1-9]"'
script 'large super-packets are bounded too' <<-END
	connect a b buf=32768
	a tap sstp0
	a attach sstp0
	$(for i in {1..60}; do echo "a gso tcp4 mss=1360 len=60000 seed=$i"; done)
	$(queue_full)
	a stat tx-queue-bytes <= $QUEUE_MAX now
	b drain least=500
	a stat tx-queue-bytes == 0
END
script 'the other direction flows meanwhile' <<-END
	connect a b buf=32768
	a tap sstp0
	a attach sstp0
	a put times=900 ip4:1400
	$(queue_full)
	b send data4:60:1 { 00080000 }
	a packet ip4:60:1
	a expect packet { 00080000 }
	$(for i in {1..50}; do printf 'b send data4:1400:%d data4:1400:%d\na packet ip4:1400:%d\na packet ip4:1400:%d\n' "$i" "$((i + 100))" "$i" "$((i + 100))"; done)
	b drain least=500
END
script 'write() to the session fd is bounded, and room comes back' <<-END
	connect a b buf=32768
	a tap sstp0
	a attach sstp0
	a put times=900 ip4:1400
	$(queue_full)
	a flood min=8 max=4096 { 0008 0000 fill:00:100 }
	a poll
	b drain least=500
	a poll out
	a write { 00080000 }
	b recv { 00080000 }
END
script 'a stalled session ends at once when its fd is closed' <<-END
	connect a b buf=32768
	a tap sstp0
	a attach sstp0
	a put times=900 ip4:1400
	$(queue_full)
	a close
	a dump count=0
END

# ---- an owner that waits in read() or write() ----

script 'read() waits for a packet' <<-END
	connect a b
	a attach sstp0
	a waits
	b send { 00080000 }
	a returns 16
END
script 'read() waits for the end' <<-END
	connect a b
	a attach sstp0
	a waits
	b fin
	a returns 8
END
script 'a signal interrupts read()' <<-END
	connect a b
	a attach sstp0
	a waits
	a signal
	a returns fails EINTR
	b send { 00080000 }
	a expect packet { 00080000 }
END
# stalled: the peer does not read, the queue of the session fd is full, and write() waits
stalled()
{
	cat <<-END
		connect a b buf=32768
		a tap sstp0
		a attach sstp0
		a put times=900 ip4:1400
		$(queue_full)
		a flood min=8 max=4096 { 0008 0000 fill:00:100 }
		a waits { 00080000 }
	END
	cat
}
script 'write() waits for room' < <(stalled <<-END
	b drain least=500
	a returns 8
END
)
script 'write() waits in vain when the session ends' < <(stalled <<-END
	a del
	a returns fails EPIPE
END
)
script 'a signal interrupts write()' < <(stalled <<-END
	a signal
	a returns fails EINTR
	b drain least=500
	a write { 00080000 }
	b recv { 00080000 }
END
)

# ---- the owner stops reading ----

# Echo requests without end: bounded memory, then the end, with a reason.
script 'control packets that nobody reads end the session' <<-END
	connect a b
	a attach sstp0
	$(for i in {1..40}; do echo "b send if=open $(for _ in {1..100}; do printf '{ 00080000 } '; done)"; done)
	a poll in hup
	a expect packet { 00080000 }
	a ended
END
script 'the reason is control-overflow' <<-END
	connect a b
	a attach sstp0
	a monitor
	$(for i in {1..40}; do echo "b send if=open $(for _ in {1..100}; do printf '{ 00080000 } '; done)"; done)
	a notified control-overflow
END
# The bound is 64: so many in one record are there before the owner can have run.
record=$(for _ in {1..64}; do printf '{ 00080000 } '; done)
script 'as many as may wait, in one TLS record, are all read' <<-END
	connect a b
	a tap sstp0
	a attach sstp0
	b send $record data4:60:1
	a packet ip4:60:1
	$(for _ in {1..64}; do echo 'a expect packet { 00080000 }'; done)
	b send { 00080000 } data4:60:2
	a expect packet { 00080000 }
	a packet ip4:60:2
END
script 'one more ends the session, which is told behind them' <<-END
	connect a b
	a tap sstp0
	a attach sstp0
	b send data4:60:1 $record { 00080000 } data4:60:2
	a packet ip4:60:1
	a poll in hup
	$(for _ in {1..64}; do echo 'a expect packet { 00080000 }'; done)
	a expect end control-overflow
END
script 'a burst that the owner reads is no overflow' <<-END
	connect a b
	a attach sstp0
	$(for i in {1..20}; do
		echo "b send { 00080000 } { 00080000 } { 00080000 } { 00080000 }"
		for _ in {1..4}; do echo 'a expect packet { 00080000 }'; done
	done)
	a stat rx-control == 80
END

# ---- slow receivers of TCP through the tunnel ----

ip -n "$A" link del sstp0
na sysctl -qw net.ipv6.conf.default.disable_ipv6=0
add_devices
for ns in "$A" "$B"; do
	ip netns exec "$ns" tc qdisc replace dev sstp0 root pfifo limit 100000
done
start_pair

for flows in 1 8; do
	check "$flows TCP flows at full speed" eval \
		'iperf "$B" "$A" -c $TUN_B -n 6M -P $flows >/dev/null'
	equal "lose nothing in the tunnel" "$(lost)" 0
	check "$flows TCP flows the other way" eval \
		'iperf "$A" "$B" -c $TUN_A -n 6M -P $flows >/dev/null'
	equal "lose nothing in the tunnel" "$(lost)" 0
done

# A reader of the inner TCP that sleeps, then takes all.
head -c 3000000 /dev/urandom >"$tmp/file"
slow_reader()
{
	ip netns exec "$B" timeout "$TRANSFER_LIMIT" socat -u "TCP-LISTEN:7002,bind=$TUN_B" \
		SYSTEM:"sleep 1.5; sha256sum >$tmp/sum" &
	wait_for 'listener' listening "$B" 7002
	na timeout "$TRANSFER_LIMIT" socat -u "FILE:$tmp/file" "TCP:$TUN_B:7002"
	wait_for 'the sum' test -s "$tmp/sum"
	[[ $(<"$tmp/sum") == "$(sha256sum <"$tmp/file")" ]]
}
ip netns exec "$A" ping -q -i 0.05 -c 40 -W 10 $TUN_B >"$tmp/ping" &
pinger=$!
check 'a reader that stalls gets all in the end' slow_reader
wait $pinger || true
# The qdisc above the module may drop one that finds its queue too old.
check 'pings pass it meanwhile' eval 'cat $tmp/ping; grep -qE " (38|39|40) received" $tmp/ping'

# ---- the stack stops taking packets ----

set_to() # value, file of the kernel's that may be missing
{
	[[ -e $2 ]] || return 0
	at_exit eval "echo $(<"$2") >$2"
	echo "$1" >"$2"
}

# A thread delivers them (/sys/class/net/sstp0/threaded), on a processor that something
# of higher priority has for itself, without the twentieth that the kernel leaves others.
starve()
{
	local thread

	na sh -c 'echo 1 >/sys/class/net/sstp0/threaded'
	thread=$(pgrep -f '^\[napi/sstp0-')
	taskset -p -c 1 "$thread"
	taskset -p -c 0 $$
	set_to 1 /sys/devices/virtual/workqueue/sstp/cpumask
	# Those of the other processor stand still, which the kernel would report.
	set_to 0 /sys/module/workqueue/parameters/watchdog_thresh
	set_to -1 /proc/sys/kernel/sched_rt_runtime_us
	set_to 0 $sched/fair_server/cpu1/runtime
	timeout $((2 * PATIENCE)) taskset -c 1 chrt -f 1 \
		sh -c ": >$tmp/hogging; while :; do :; done" &
	hog=$!
	wait_for 'the loop' test -e "$tmp/hogging"
}

# Packets that the device has taken and the stack has not: nobody listens at the port.
held()
{
	local refused

	refused=$(na awk '/^Udp:/ { n = $3 } END { print n }' /proc/net/snmp)
	echo $(($(link_stat "$A" rx_packets) - before - refused + refused_before))
}

# Packets that have come in wait in the socket, unread.
unread()
{
	(($(na ss -Htn src "$ADDR_A" | awk '{ print $2 }') > 100000))
}

# starved_by SIZE BYTES MAX: so much in datagrams of that size, of which so many wait
starved_by()
{
	local packets=$(($2 / $1))

	head -c "$2" /dev/zero >"$tmp/zero"
	before=$(link_stat "$A" rx_packets)
	refused_before=$(na awk '/^Udp:/ { n = $3 } END { print n }' /proc/net/snmp)
	starve >"$tmp/starve" 2>&1
	ip netns exec "$B" socat -u -b "$1" "FILE:$tmp/zero" "UDP-SENDTO:$TUN_A:7003" &
	sender=$!
	check "a stack that is starved leaves packets of $1 bytes in the socket" \
		wait_for 'a full socket' unread
	between 'the device holds what 512 KiB are, and what one reading brings' \
		"$(held)" 100 "$3"
	kill $hog
	wait $sender
	check 'all of them come in once it is not' wait_for 'them' eval \
		"((\$(link_stat $A rx_packets) - before >= $packets))"
	equal 'none is lost' "$(lost)" 0
	taskset -p -c 0-$(($(nproc) - 1)) $$ >/dev/null
}

# A packet takes 2304 bytes or 768, and a reading of 64 KiB brings 49 or 1170.
sched=/sys/kernel/debug/sched
if (($(nproc) < 2)) || [[ ! -e $sched ]]; then
	skip 'a stack that is starved leaves packets in the socket' \
		'needs two processors and CONFIG_SCHED_DEBUG'
else
	check 'the guide has the file that says which processors encrypt' \
		bash -ec "$(text tuning '^such file where')"
	starved_by 1300 3000000 300
	starved_by 20 500000 2000
fi

# ---- TCP has no memory ----

now_ms()
{
	awk '{ print int($1 * 1000) }' /proc/uptime
}

# turns: how often tx_work runs in two seconds, which are some more on a busy machine
turns()
{
	local begun

	echo >"$tracing/trace"
	begun=$(now_ms)
	echo 1 >"$tracing/events/workqueue/workqueue_execute_start/enable"
	sleep 2
	echo 0 >"$tracing/events/workqueue/workqueue_execute_start/enable"
	echo "$(grep -c sstp_tx_work "$tracing/trace" || true) $(($(now_ms) - begun))"
}

# Takes memory of TCP's until it is ended.
hog_memory()
{
	exec python3 - <<-'END'
		import socket, time
		kept = []
		for _ in range(8):
		    l = socket.create_server(("127.0.0.1", 0))
		    l.setsockopt(socket.SOL_SOCKET, 33, 4000000)
		    c = socket.socket()
		    c.setsockopt(socket.SOL_SOCKET, 32, 4000000)
		    c.connect(l.getsockname())
		    kept += [l, c, l.accept()]
		    c.setblocking(False)
		    try:
		        while True:
		            c.send(bytes(65536))
		    except BlockingIOError:
		        pass
		print("full", flush=True)
		while True:
		    time.sleep(100)
	END
}

tracing=/sys/kernel/tracing
mountpoint -q $tracing || mount -t tracefs tracefs $tracing || true
if [[ -e $tracing/events/workqueue ]]; then
	hog_memory >"$tmp/hog" &
	hog=$!
	at_exit kill -KILL $hog
	wait_for 'full sockets' grep -q full "$tmp/hog"
	tcp_mem=$(</proc/sys/net/ipv4/tcp_mem)
	at_exit sysctl -qw net.ipv4.tcp_mem="$tcp_mem"
	sysctl -qw net.ipv4.tcp_mem='100 200 300'
	# What the connection has of its own goes first.
	na ping -q -c 20 -i 0.01 -s 3000 -W 1 $TUN_B >/dev/null || true
	sent=$(session_stat "$A" tx-stream-bytes)
	read -r turns ms <<<"$(turns)"
	if [[ $(session_stat "$A" tx-stream-bytes) == "$sent" ]]; then
		between 'turns in 2 s in which TCP has no memory' "$turns" 1 $((40 * ms / 2000 + 1))
	else
		skip 'turns while TCP has no memory' 'it had some'
	fi
	sysctl -qw net.ipv4.tcp_mem="$tcp_mem"
	check 'when it has some again, packets pass' wait_for 'an answer' \
		na ping -q -c 1 -W 1 $TUN_B
	kill -KILL $hog
else
	skip 'turns while TCP has no memory' 'no tracefs here'
fi

# The outer path is slow and loses: TCP below repairs it, nothing is lost above.
if na tc qdisc add dev veth root netem delay 5ms loss 1% rate 50mbit limit 2000; then
	check 'over a path that loses 1 %' eval \
		'iperf "$B" "$A" -c $TUN_B -n 3M >/dev/null'
	equal 'the tunnel loses nothing' "$(lost)" 0
	na tc qdisc del dev veth root
else
	skip 'over a path that loses 1 % the tunnel loses nothing' 'no netem here'
fi
stop_cli

finish
