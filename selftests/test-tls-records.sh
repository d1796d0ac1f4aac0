#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# TLS records that are no application data, and TLS that does not decrypt.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

setup
bare_device "$A"

NEW_SESSION_TICKET='04000012 00015180 00000000 01 00 0004 deadbeef 0000'
KEY_UPDATE='18000001 01'

# record DESCRIPTION TLS_VERSION TYPE WORDS EXPECTATIONS [FURTHER RECORDS]: to an end
# that is the client of TLS
record()
{
	script "$1 (TLS $2)" <<-END
		connect a b tls=$2
		a tap sstp0
		a attach sstp0 ${role-tls-client=1}
		b send data4:60:1
		b send type=$3 $4
		$([[ ${6:-} ]] && printf '%s\n' "$6")
		a packet ip4:60:1
		$5
	END
}

for tls in 1.2 1.3; do
	record 'close_notify ends the session in order' $tls 21 0100 \
		'a expect end tls-close-notify'
	record 'a fatal alert ends it with its description' $tls 21 0228 \
		'a expect end tls-alert 40'
	record 'an alert of one byte is an error' $tls 21 01 \
		'a expect end tls-unexpected-record 21'
	record 'a record of an unknown type' $tls 99 0102 \
		'a expect end tls-unexpected-record 99'
	record 'a change_cipher_spec' $tls 20 01 \
		'a expect end tls-unexpected-record 20'
done
record 'the level of an alert does not matter' 1.3 21 0114 \
	'a expect end tls-alert 20'
record 'user_canceled alone does not end it' 1.3 21 015a \
	'a packet ip4:60:2' 'b send data4:60:2'
record 'NewSessionTicket is ignored' 1.3 22 "$NEW_SESSION_TICKET" \
	'a packet ip4:60:2' 'b send data4:60:2'
record 'several of them, and data between' 1.3 22 "$NEW_SESSION_TICKET" \
	'a packet ip4:60:2
	a packet ip4:60:3' "b send data4:60:2
	b send type=22 $NEW_SESSION_TICKET
	b send type=22 $NEW_SESSION_TICKET
	b send data4:60:3"
record 'a long NewSessionTicket is ignored whole' 1.3 22 '04002000 fill:aa:8192' \
	'a packet ip4:60:2' 'b send data4:60:2'
record 'KeyUpdate is reported, then the session ends' 1.3 22 "$KEY_UPDATE" \
	"a expect record 22 $KEY_UPDATE
	a expect end tls-key-update"

# ---- what must not come, and what need not end it (RFC 8446 5.1, RFC 5246 7.2) ----

# wrong DESCRIPTION TLS_VERSION WORDS [FURTHER RECORDS]: of a handshake
wrong()
{
	record "$1" "$2" 22 "$3" "a ended
	b recv-record 21 020a" "${4:-}"
}
goes_on="a packet ip4:60:2"
more='b send data4:60:2'

record 'two alerts in one record' 1.3 21 '015a 0100' 'a expect end tls-unexpected-record 21
	b recv-record 21 020a'
record 'two alerts in one record: the second counts' 1.2 21 '015a 0100' \
	'a expect end tls-close-notify'
record 'two alerts in one record: the second is fatal' 1.2 21 '015a 0228' \
	'a expect end tls-alert 40'
record 'a warning does not end it' 1.2 21 0164 "$goes_on" "$more"
record 'three bytes of alerts' 1.2 21 '015a 01' 'a expect end tls-unexpected-record 21'
record 'HelloRequest to a client' 1.2 22 00000000 "$goes_on" "$more"
record 'NewSessionTicket in two records' 1.3 22 "${NEW_SESSION_TICKET:0:11}" "$goes_on" \
	"b send type=22 ${NEW_SESSION_TICKET:11}
	$more"
record 'NewSessionTicket cut in its header' 1.3 22 0400 "$goes_on" \
	"b send type=22 ${NEW_SESSION_TICKET:4}
	$more"
record 'NewSessionTicket and KeyUpdate in one record' 1.3 22 "$NEW_SESSION_TICKET $KEY_UPDATE" \
	"a expect record 22 $NEW_SESSION_TICKET $KEY_UPDATE
	a expect end tls-key-update"
wrong 'NewSessionTicket' 1.2 "$NEW_SESSION_TICKET"
wrong 'NewSessionTicket of no bytes' 1.3 04000000
wrong 'HelloRequest' 1.3 00000000
wrong 'KeyUpdate, which there is not' 1.2 "$KEY_UPDATE"
wrong 'KeyUpdate with a value that there is not' 1.3 '18000001 02'
wrong 'KeyUpdate of no bytes' 1.3 18000000
wrong 'KeyUpdate of two bytes' 1.3 '18000002 0101'
wrong 'KeyUpdate with a message behind it' 1.3 "$KEY_UPDATE $NEW_SESSION_TICKET"
wrong 'Finished' 1.3 '14000020 fill:aa:32'
wrong 'data amid a NewSessionTicket' 1.3 "${NEW_SESSION_TICKET:0:11}" 'b send data4:60:2'
wrong 'an alert amid a NewSessionTicket' 1.3 "${NEW_SESSION_TICKET:0:11}" 'b send type=21 015a'
role=
wrong 'NewSessionTicket of a client' 1.3 "$NEW_SESSION_TICKET"
wrong 'HelloRequest of a client' 1.2 00000000
unset role
script 'an empty handshake record' <<-END
	connect a b
	a attach sstp0 tls-client=1
	b send type=0 16
	a ended
	b recv-record 21 020a
END
# An end without a key for sending, so that its bytes are TLS records as they are.
for bytes in '170303ffff fill:00:64 16' '1703030040 fill:41:64 14' '1703020030 fill:00:48 32'; do
	script "the alert for what does not decrypt: ${bytes:0:10}" <<-END
		connect a b b=rx
		a attach sstp0
		b plain ${bytes% *}
		a expect end tls-error
		b recv-record 21 02${bytes##* }
	END
done

# kTLS puts the type behind the data: with type 0, what is sent ends in the type of
# data and padding (RFC 8446 5.4).
script 'padded records among others' <<-END
	connect a b
	a tap sstp0
	a attach sstp0
	b send data4:60:1
	b send type=0 data4:1400:2 17 fill:00:200
	b send type=0 17 00
	b send data4:1400:3
	b send type=0 data4:60:4 17
	b send data4:60:5
	a packet ip4:60:1
	a packet ip4:1400:2
	a packet ip4:1400:3
	a packet ip4:60:4
	a packet ip4:60:5
END
# kTLS then has 0 bytes to give, as at the end of the stream.
script 'an empty record before one of another type is not the end' <<-END
	connect a b
	b send type=0 17
	b send type=22 $NEW_SESSION_TICKET
	b send data4:60:1
	a tap sstp0
	a attach sstp0 tls-client=1
	a packet ip4:60:1
END
script 'an empty record before the end is not all there was' <<-END
	connect a b
	a tap sstp0
	a attach sstp0 tls-client=1
	b send data4:60:1
	b send type=22 $NEW_SESSION_TICKET
	b send type=0 17
	b fin
	a packet ip4:60:1
	a expect end peer-fin
END
script 'KeyUpdate between two halves of a packet' <<-END
	connect a b
	a attach sstp0
	b send 1000 0044 ff03
	b send type=22 $KEY_UPDATE
	a expect record 22 $KEY_UPDATE
	a expect end tls-key-update
END

script 'close_notify inside a packet' <<-END
	connect a b
	a attach sstp0
	b send 1000 0044 ff03
	b send type=21 0100
	a expect end tls-close-notify
END
script 'an alert while data flows the other way' <<-END
	connect a b
	a tap sstp0
	a attach sstp0
	a put times=200 ip4:1400
	b send type=21 0228
	a expect end tls-alert 40
END
script 'NewSessionTicket before the hand-over' <<-END
	connect a b
	b send type=22 $NEW_SESSION_TICKET
	b send data4:60:1
	a tap sstp0
	a attach sstp0 tls-client=1
	a packet ip4:60:1
END
script 'close_notify before the hand-over' <<-END
	connect a b
	b send type=21 0100
	a attach sstp0
	a expect end tls-close-notify
END
script 'the owner is told once, then sees the end of file' <<-END
	connect a b
	a monitor
	a attach sstp0
	b send type=21 0100
	a poll in hup
	a expect end tls-close-notify
	a poll in hup
	a notified tls-close-notify
END

# ---- no TLS at all: the peer's end has no keys and sends bytes of its own ----

for tls in 1.2 1.3; do
	for bytes in 'fill:00:64' '1703030040 fill:41:64' '1703030020 fill:00:32' \
		'170303ffff fill:00:64' '1703020030 fill:00:48' \
		'474554202f20485454502f312e31 fill:20:64'; do
		script "bytes that do not decrypt: ${bytes:0:14} (TLS $tls)" <<-END
			connect a b tls=$tls b=none
			a attach sstp0
			b plain $bytes
			a expect end tls-error
		END
	done
done
script 'a record that is cut off by the end of the connection' <<-END
	connect a b b=none
	a attach sstp0
	b plain 1703030040 fill:41:10
	b fin
	a ended
END

# ---- the size that the peer wants ----

# What ten packets of 1400 bytes take, at the least.
for size in 512 1024 2048 4096 16384; do
	script "records of at most $size bytes" <<-END
		connect a b
		a tap sstp0
		a attach sstp0 record-size=$size
		a put times=10 ip4:1400
		$(printf 'b recv data4:1400\n%.0s' {1..10})
		a stat tls-tx-seq >= $(((10 * 1408 + size - 1) / size))
		b send data4:1400:2
		a packet ip4:1400:2
	END
done

# ---- a record that is not all there ----

# kTLS says when it is whole, but tells others if it was short of memory just then.
TRACE=/sys/kernel/tracing
TURN=$TRACE/events/workqueue/workqueue_execute_start/enable
mountpoint -q $TRACE || mount -t tracefs none $TRACE
at_exit eval "echo 0 >$TURN"
echo 1 >$TURN
cat >"$tmp/looks" <<-END
	echo >$TRACE/trace
	until [ "\$(grep -c 'function sstp_rx_work' $TRACE/trace)" -ge 10 ]; do sleep 0.1; done
END
script 'the rest of a record is looked for, whoever is told of it' <<-END
	connect a b b=none
	a attach sstp0
	b plain 1703030040 fill:41:10
	a exec timeout $PATIENCE sh $tmp/looks
END
echo 0 >$TURN

check 'no session is left' no_sessions "$A"
finish
