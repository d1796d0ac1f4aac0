#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Files as people have them: from Windows, with a passphrase, of yesterday.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

MARK=$'\xef\xbb\xbf'

# windows FILE: with a byte order mark and CRLF, and no end of the last line
windows()
{
	printf '%s%s' "$MARK" "$(sed 's/$/\r/' "$1")" >"$tmp/windows"
	cat "$tmp/windows" >"$1"
}

conf() # [GLOBAL...]: of a server, in $tmp/t.conf
{
	{
		server_conf
		(($# == 0)) || printf '%s\n' '[global]' "$@"
	} >"$tmp/t.conf"
}

expire() # cert.pem; of OpenSSL's releases one takes the one way, one the other
{
	local sign=(openssl x509 -req -in "$tmp/old.csr" -signkey "$tmp/cert.key"
		-out "$tmp/cert.pem")

	"${sign[@]}" -not_before 20200101000000Z -not_after 20200102000000Z 2>/dev/null ||
		"${sign[@]}" -days -1 2>/dev/null
}

judged() # without a terminal nobody can be asked, with one nobody must be
{
	timeout "$PATIENCE" script -qec "sstpd -t -c $tmp/t.conf" /dev/null </dev/null
}

setup_sstpd
cp -p "$tmp/cert.key" "$tmp/good.key"
cp -p "$tmp/cert.pem" "$tmp/good.pem"

printf ' \t\nbob:secret\n' >>"$tmp/users"
for f in users password cert.pem cert.key; do
	windows "$tmp/$f"
done
server_conf | start_sstpd server "$A"
client_conf 'reconnect-max = 2' | start_sstpd client "$B"
check 'files of Windows: a client comes in' explain wait_for session connected
stop_sstpd client
stop_sstpd server
sstpctl user -f "$tmp/users" disable alice >/dev/null
equal 'sstpctl finds the first user' "$(grep -c '^alice:.*disabled' "$tmp/users")" 1

conf
openssl pkey -in "$tmp/good.key" -aes256 -passout pass:sesame -out "$tmp/cert.key" 2>/dev/null
refuse 'a key with a passphrase' 'has a passphrase' judged
cp -p "$tmp/good.key" "$tmp/cert.key"

openssl req -new -key "$tmp/cert.key" -subj "/CN=$SERVER_NAME" -out "$tmp/old.csr"
expire
refuse 'a certificate that has expired' "$tmp/cert.pem: the certificate has expired" judged
refuse 'with it there is no start' 'has expired' ip netns exec "$A" sstpd -f -c "$tmp/t.conf"
conf 'allow-expired = yes'
check 'unless it is allowed' judged
cp "$tmp/good.pem" "$tmp/cert.pem"
server_conf | start_sstpd server "$A"
expire
check 'a reload with it is done' sstpctl -s "$tmp/server.sock" reload
stop_sstpd server
cp "$tmp/good.pem" "$tmp/cert.pem"

for addresses in 224.0.0.0/24 127.0.0.10-127.0.0.20 0.0.0.0/24; do
	conf
	sed -i "s|^addresses = .*|addresses = $addresses|" "$tmp/t.conf"
	refuse "addresses = $addresses" 'no host can have' judged
done
conf
sed -i 's/^listen/lisen/' "$tmp/t.conf"
refuse 'a typo' 'is it "listen"?' judged
conf
: >"$tmp/users"
check 'a users file without users, which may come' judged
check 'is warned of' eval 'judged | grep "$tmp/users: warning: nobody is in it"'
refuse 'a directory is no configuration' 'Is a directory' sstpd -t -c "$tmp"
finish
