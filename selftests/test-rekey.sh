#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# TLS keys that change (KeyUpdate) while the session goes on; where the kernel cannot,
# the session ends, and says so.
#
# KSSTP_REKEY_MB: megabytes each way with each cipher (4), with new keys for each few
# hundred records (make check-full: 256, for ten minutes of an emulated processor).
set -euo pipefail
. "$(dirname "$0")/lib.sh"

KEY_UPDATE='18000001 00'
# A kernel that checks itself has as many updates, of keys that are used for less.
((slowness > 1)) && FILE_MB=1 || FILE_MB=${KSSTP_REKEY_MB:-4}
((FILE_MB <= 4)) || TRANSFER_LIMIT=$((10 * FILE_MB))
# Updates of a key that is used for so many records at most, in a file of 16 KiB each:
# there may be more records, which are smaller.
RECORDS=$((FILE_MB < 16 ? 16 * FILE_MB : 256))
EVERY=$((RECORDS * 3 / 4))
LEAST=$((64 * FILE_MB / RECORDS))
TRACE=/sys/kernel/tracing

# peer [OPTION=VALUE...]: OpenSSL between both devices
peer()
{
	rm -f "$tmp/peer.log"
	rekey-peer "$A@$ADDR_A" sstp0 "$B@$ADDR_B" sstp0 "$@" >"$tmp/peer.log" 2>&1 &
	cli=$!
	at_exit kill -KILL "$cli"
	wait_for 'rekey-peer: ready' grep -q '^ready' "$tmp/peer.log" || {
		sed 's/^/# rekey-peer: /' "$tmp/peer.log"
		bail 'the tunnel did not come up'
	}
}

# of SIDE COUNTER: what rekey-peer said at its end
of()
{
	sed -n "s/^$1 .*\<$2=\([0-9]*\).*/\1/p" "$tmp/peer.log"
}

peer_is_gone()
{
	! kill -0 "$cli"
}

# both_ways DESCRIPTION: a file each way at the same time, not a byte wrong
both_ways()
{
	local to_a to_b pid

	(transfer_as b "$A" "$B" "$TUN_B" >"$tmp/sum.b" 2>&1) &
	pid=$!
	to_a=$(transfer_as a "$B" "$A" "$TUN_A" 2>&1) || true
	wait "$pid" || true
	to_b=$(<"$tmp/sum.b")
	equal "$1: to a" "$to_a" "$(sha256sum <"$tmp/file")"
	equal "$1: to b" "$to_b" "$(sha256sum <"$tmp/file")"
}

# transfer_as NAME NS_FROM NS_TO ADDRESS: as transfer, beside another one
transfer_as()
{
	local file=$tmp/file tmp=$tmp/to.$1

	mkdir -p "$tmp"
	shift
	transfer "$@" "$file"
}

# lasting DESCRIPTION CIPHER [OPTION=VALUE...]
lasting()
{
	local description=$1 cipher=$2 side

	shift 2
	peer "cipher=$cipher" "rekey-records=$RECORDS" "every=$EVERY" request=3 "$@"
	both_ways "$description"
	for side in A B; do
		between "$description: ${side,,}'s key for sending has changed" \
			"$(session_stat "${!side}" tls-tx-updates)" $LEAST 1000000
		between "$description: so has its peer's" \
			"$(session_stat "${!side}" tls-rx-updates)" $LEAST 1000000
		between "$description: no key was used for more than was to be" \
			"$(session_stat "${!side}" tls-tx-seq)" 0 $RECORDS
	done
	stop_cli
	for side in a b; do
		between "$description: OpenSSL at $side has seen updates" \
			"$(of $side received)" $LEAST 1000000
	done
}

setup
dd if=/dev/urandom of="$tmp/file" bs=1M count=$FILE_MB status=none

if ! keys_change; then
	add_devices
	script 'the module does not say that it can' <<-END
		connect a b
		a attach sstp0 tx-secret=32 rx-secret=32 fails EOPNOTSUPP cannot change TLS keys
	END
	peer secrets=no burst=1
	check 'an update ends the session' wait_for 'end' peer_is_gone
	equal 'and it says why' "$(grep '^end' "$tmp/peer.log")" 'end tls-key-update 0'
	finish
	exit
fi

add_devices
lasting 'AES-128-GCM' TLS_AES_128_GCM_SHA256
lasting 'AES-256-GCM' TLS_AES_256_GCM_SHA384
lasting 'ChaCha20-Poly1305' TLS_CHACHA20_POLY1305_SHA256

peer "rekey-records=$RECORDS"
both_ways 'a peer that does not update by itself'
between 'is asked to' "$(session_stat "$A" tls-rx-updates)" 3 1000000
stop_cli
between 'each time once' "$(of a requested)" "$(of a sent)" "$(($(of a sent) + 1))"

mountpoint -q $TRACE || mount -t tracefs tracefs $TRACE
echo >$TRACE/trace
echo 1 >$TRACE/events/sstp/enable
at_exit eval "echo 0 >$TRACE/events/sstp/enable"
peer rekey-seconds=1
begun=$SECONDS
# aged SIDE: no key is used for many records
aged()
{
	nb ping -qc 5 -i 0.05 -W "$PATIENCE" "$TUN_A" >"$tmp/ping" 2>&1 || return
	(($(session_stat "$1" tls-tx-updates) >= 3))
}
check 'a key is changed for its age' wait_for 'the third' aged "$A"
check 'at either end' wait_for 'the third' aged "$B"
between 'and not before' "$(session_stat "$A" tls-tx-updates)" 3 \
	$((SECONDS - begun + 2))
stop_cli

peer burst=10
check 'ten updates in a row are followed' nb ping -c 1 -W "$PATIENCE" "$TUN_A"
equal 'all of them' "$(session_stat "$A" tls-rx-updates)" 10
stop_cli
cat $TRACE/trace >"$tmp/trace"
echo 0 >$TRACE/events/sstp/enable
for direction in tx rx; do
	check "tracepoints tell of it: $direction" grep -qE \
		"sstp_key_update: id=[0-9]+ dev=sstp0 .*direction=$direction generation=3" \
		"$tmp/trace"
done
peer burst=11
check 'eleven end the session' wait_for 'end' peer_is_gone
equal 'and it says why' "$(grep '^end' "$tmp/peer.log")" 'end tls-key-update 0'
peer burst=10 request=1
check 'ten that want an answer get one, with nothing else to say' wait_for 'answer' \
	eval '(($(session_stat "$A" tls-tx-updates) > 0))'
check 'and it goes on' nb ping -c 1 -W "$PATIENCE" "$TUN_A"
stop_cli
peer secrets=no burst=1
check 'without secrets an update ends the session' wait_for 'end' peer_is_gone
equal 'and it says why' "$(grep '^end' "$tmp/peer.log")" 'end tls-key-update 0'

# ---- what is none, and what must not come after one ----

# wrong DESCRIPTION WORDS REASON [MORE]
wrong()
{
	script "$1" <<-END
		connect a b
		a attach sstp0 tls-client=1 tx-secret=32 rx-secret=32
		b send type=22 $2
		${4:-}
		a ended $3
	END
}

wrong 'a value that there is not' '18000001 02' tls-unexpected-record
wrong 'no bytes' 18000000 tls-unexpected-record
wrong 'two bytes' '18000002 0000' tls-unexpected-record
wrong 'a message behind it' "$KEY_UPDATE $KEY_UPDATE" tls-unexpected-record
wrong 'a message ahead of it' "04000012 00015180 00000000 01 00 0004 deadbeef 0000 $KEY_UPDATE" \
	tls-key-update
wrong 'in two records' 18000001 tls-key-update 'b send type=22 00'
wrong 'data under the old key behind it' "$KEY_UPDATE" tls-error 'b send data4:60:1'
wrong 'data under the old key behind one that wants an answer' '18000001 01' tls-error \
	'b send data4:60:1'
wrong 'another one under the old key' "$KEY_UPDATE" tls-error "b send type=22 $KEY_UPDATE"

# ---- secrets that are none ----

# refused DESCRIPTION OPTIONS ERRNO [CONNECT]
refused()
{
	script "$1" <<-END
		connect a b ${4:-}
		a attach sstp0 $2 fails $3
	END
}

refused 'one secret' tx-secret=32 EINVAL
refused 'one secret, the other' rx-secret=32 EINVAL
refused 'secrets of two lengths' 'tx-secret=32 rx-secret=48' EINVAL
refused 'secrets of another hash' 'tx-secret=48 rx-secret=48' EINVAL
refused 'secrets too long' 'tx-secret=65 rx-secret=65' ERANGE
refused 'empty secrets' 'tx-secret=0 rx-secret=0' EINVAL
refused 'secrets in TLS 1.2' 'tx-secret=32 rx-secret=32' EINVAL tls=1.2
refused 'keys of a few records' 'tx-secret=32 rx-secret=32 rekey-records=15' ERANGE
refused 'keys for longer than a week' 'tx-secret=32 rx-secret=32 rekey-seconds=604801' ERANGE
finish
