#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# doc/remote-access.md, done as it says, with its own files and commands: certificate,
# server, accounts, rules, certificates of users. Its PowerShell is what sstpctl prints; apt
# and systemd are in pkg-gateway.sh, dnsmasq in interop-dnsmasq.sh, nmcli in daemon-nm.sh.
# The client is ours.
#
#	$B  client ---- $A  server, eth0 ---- behind  10.0.0.9, without a route back
#
# For the test VM only: files are where the guide has them.
set -euo pipefail
[[ -e /ksstp/kernels ]] || { echo 'Bail out! only in the test VM'; exit 1; }
. "$(dirname "$0")/lib-sstpd.sh"
. "$(dirname "$0")/lib-doc.sh"

SERVER_NAME=vpn.example.com
SERVER_TUN=10.8.0.1
BEHIND=10.0.0.9
C=sstp-test-$$-c

# run PATTERN [COMMAND]: the commands of that block in namespace A, those that match
run()
{
	na bash -ec "$(text remote-access "$1" | grep -E -e "${2:-.}")"
}

# options COMMAND: of that one in the PowerShell on stdin, with their values, but the name
# that everybody chooses
options()
{
	sed -z 's/`\n *//g' | tr -d "'" | grep "^$1 " |
		grep -oE -- ' -[A-Z][A-Za-z]+( [^- ][^ ]*)?' | grep -vE '^ -(Connection)?Name' | sort
}

# as_printed PATTERN COMMAND: the guide's has no option that the profile in $tmp/said has not
as_printed()
{
	text remote-access "$1" | options "$2" >"$tmp/guide"
	options "$2" <"$tmp/said" >"$tmp/profile"
	[[ -s $tmp/guide && ! $(comm -23 "$tmp/guide" "$tmp/profile") ]] || {
		cat "$tmp/guide" "$tmp/said"
		return 1
	}
}

behind()
{
	ip netns add "$C"
	at_exit ip netns del "$C"
	ip link add eth0 netns "$A" type veth peer name eth0 netns "$C"
	ip -n "$A" addr add 10.0.0.1/24 dev eth0
	ip -n "$C" addr add "$BEHIND/24" dev eth0
	ip -n "$A" link set eth0 up
	ip -n "$C" link set eth0 up
}

certificate()
{
	cd "$tmp"
	run '^To try it out' && run '^## 2' ^install
	cd /
}

serve()
{
	start_sstpd server "$A" </etc/sstpd/sstpd.conf
}

# dial [KEY=VALUE...]
dial()
{
	client_conf "$@" | sed "s|^routes = .*|routes = 10.0.0.0/8|; s|^user = .*|user = alice|" |
		start_sstpd client "$B"
}

refused_since() # HOW MANY logins
{
	(($(stat_of server logins_failed) > $1))
}

setup_sstpd
behind
mkdir -p /etc/sstpd /etc/sysctl.d
check 'a certificate' certificate
check 'looks as Windows wants it' eval \
	'run "^A certificate of a public CA" openssl | tee "$tmp/said" | grep "TLS Web Server Authentication" &&
	 grep "DNS:$SERVER_NAME" "$tmp/said" && ! grep -i "CRL" "$tmp/said"'
text remote-access '^/etc/sstpd/sstpd.conf' >/etc/sstpd/sstpd.conf
check 'an account' run '^Accounts' 'user -f' <<<"$VPN_PASSWORD"
check 'the configuration is good' run '^Accounts' 'sstpd -t'
serve
dial
check 'a client connects' explain wait_for session connected
equal 'by the kernel path' "$(session_of server path)" kernel

check 'forwarding, but for that of this machine' run '^## 3' '^echo'
na sysctl -qp /etc/sysctl.d/60-vpn.conf
check 'who has no way back does not answer' eval '! nb ping -n -c 1 -W 1 "$BEHIND"'
check 'addresses are translated' run '^cannot have one'
check 'and it answers' wait_for 'ping' nb ping -n -c 1 -W 2 "$BEHIND"
check 'the rule for large packets' run '^and large packets' 'nft'
check 'is in force' eval 'na nft list ruleset | grep "maxseg size set rt mtu"'
# shellcheck disable=SC2034 # in an eval
profile=$(grep -o 'sstpctl profile alice --for windows [^`]*' "$DOC/remote-access.md")
check 'the profile for a Windows client' eval \
	'$profile --conf /etc/sstpd/sstpd.conf 2>/dev/null >"$tmp/said"'
for command in Add-VpnConnection Add-VpnConnectionRoute; do
	check "has what the guide has, $command" as_printed '^`sstpd` do so' $command
done
check 'and how to trust its CA' grep -F "$(text remote-access '^and on the client')" "$tmp/said"
stop_sstpd client
stop_sstpd server

# ---- certificates of users ----

self_signed users-ca ec '/CN=CA of users'
cp "$tmp/users-ca.pem" /etc/sstpd/users-ca.pem
user_cert alice alice users-ca
text remote-access '^In `[[]server[]]`' >"$tmp/keys"
sed -i "/^\[server\]/r $tmp/keys" /etc/sstpd/sstpd.conf
line=$(grep -o '^and a line `NAME:[^`]*' "$DOC/remote-access.md")
line=${line##*\`}
printf '%s\n' "${line/NAME/alice}" >/etc/sstpd/users
check 'the profile for a Windows client, with a certificate' eval \
	'$profile --conf /etc/sstpd/sstpd.conf 2>/dev/null >"$tmp/said"'
check 'has what the guide has' as_printed '^e-mail address or principal' Add-VpnConnection
serve
dial 'auth = eap-tls' "eap-tls-certificate = $tmp/alice.pem" "eap-tls-key = $tmp/alice.key" \
	"eap-tls-ca = $tmp/ca.pem"
check 'a client with a certificate connects' explain wait_for session connected
equal 'by that' "$(session_of server auth)" EAP-TLS
disable=$(grep -o 'sstpctl user disable NAME' "$DOC/remote-access.md")
check 'its user is locked out' bash -ec "${disable/NAME/alice}"
refused=$(stat_of server logins_failed)
check 'with the reload' sstpctl -s "$tmp/server.sock" reload
check 'and does not come back' explain wait_for refusal refused_since "$refused"
check 'nobody is in' wait_for end has_no_session server
stop_sstpd client
stop_sstpd server
finish
