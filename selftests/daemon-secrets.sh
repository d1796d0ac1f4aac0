#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Where secrets are: the memory of every process is searched for them, while a
# session is up by the kernel, and after a login that failed; so are the logs at
# their most talkative; and a crash leaves no core file.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"
. "$(dirname "$0")/lib-secrets.sh"

WRONG='Wr0ng+but-just-as-secret'

# keys: of the last TLS connection in the key log, secrets and what is made of them
keys()
{
	python3 - "$tmp/keys" <<-'END'
	import hashlib, hmac, struct, sys
	def expand(secret, label, size):
	    info = struct.pack("!HB", size, len(label) + 6) + b"tls13 " + label + b"\0\1"
	    return hmac.new(secret, info, hashlib.sha256).digest()[:size]
	last = {line.split()[0]: bytes.fromhex(line.split()[2]) for line in open(sys.argv[1])}
	for name, secret in last.items():
	    if "TRAFFIC_SECRET_0" in name:
	        print("0x" + secret.hex())
	        print("0x" + expand(secret, b"key", 16).hex())
	END
}

no_core()
{
	[[ ! $(find "$tmp" -name 'core*') ]]
}

setup_sstpd
hash=$(printf '%s\n' "$VPN_PASSWORD" | sstpctl nt-hash | grep -oiE '[0-9a-f]{32}')
# Where keys change there are secrets more that nobody may keep.
rekeying()
{
	cat
	printf '%s\n' '[global]' 'rekey = yes'
}

server_conf 'tls-ciphersuites = TLS_AES_128_GCM_SHA256' | rekeying |
	KEYLOG=$tmp/keys start_sstpd server "$A"
check 'that keys are written is in the log, and loud' logged server \
	'TLS SECRETS ARE WRITTEN TO'
client_conf | rekeying | start_sstpd client "$B"
check 'a session is up' wait_for session has_session client
equal 'by the kernel' "$(session_of server path)" kernel

check 'memory of authd is locked' all_locked server authd
check 'what the parent has of the configuration, and of the files in it, is' eval \
	'(($(locked server parent) > 0))'
equal 'the password: the server'\''s authd has it' \
	"$(holders server "$VPN_PASSWORD")" authd
equal 'its hash: likewise' "$(holders server "0x$hash")" authd
equal 'the password: of the client, authd and the parent, who gave it' \
	"$(holders client "$VPN_PASSWORD")" 'authd parent'
mapfile -t secrets < <(keys)
equal 'TLS keys: four were found' "${#secrets[@]}" 4
for secret in "${secrets[@]}"; do
	equal 'a TLS key: nobody at the server has it any more' \
		"$(holders server "$secret")" ''
	equal 'a TLS key: nobody at the client' "$(holders client "$secret")" ''
done

install -m 600 /dev/null "$tmp/wrong"
printf '%s\n' "$WRONG" >"$tmp/wrong"
client_conf 'interface = wrong' 'reconnect-max = 60' |
	sed "s|^password-file.*|password-file = $tmp/wrong|" | start_sstpd wrong "$B"
check 'a wrong password' wait_for 'log line' logged wrong 'not established'
equal 'the wrong password: nobody at the server has it' "$(holders server "$WRONG")" ''
stop_sstpd wrong

for name in server client wrong; do
	check "$name: the log has no password" eval \
		'! grep -qF -e "$VPN_PASSWORD" -e "$WRONG" "$tmp/$name.log"'
	check "$name: nor a hash" eval '! grep -qi "$hash" "$tmp/$name.log"'
	check "$name: nor a key" eval \
		'! grep -qiE "$(printf "%s|" "${secrets[@]#0x}")no such line" "$tmp/$name.log"'
done

pattern=$(</proc/sys/kernel/core_pattern)
echo "$tmp/core.%e" >/proc/sys/kernel/core_pattern
(ulimit -c unlimited; exec sh -c 'kill -SEGV $$') 2>/dev/null || true
check 'core files are written here' test -e "$tmp/core.sh"
rm "$tmp"/core.*
for role in engine authd; do
	pid=$(pgrep -P "$(<"$tmp/server.pid")" "^sstpd-$role\$")
	prlimit --pid "$pid" --core=unlimited 2>/dev/null || true
	kill -SEGV "$pid"
	check "$role crashes" wait_for 'log line' logged server \
		"$role .process $pid. is gone: killed by signal 11"
	check "$role leaves no core file" no_core
done
kill -SEGV "$(<"$tmp/server.pid")"
wait "$(<"$tmp/server.pid")" 2>/dev/null || true
check 'nor does the parent' no_core
echo "$pattern" >/proc/sys/kernel/core_pattern
stop_sstpd client
finish
