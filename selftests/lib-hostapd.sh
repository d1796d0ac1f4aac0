# shellcheck shell=bash
# shellcheck disable=SC2154 # shares variables with lib-sstpd.sh and lib-freeradius.sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hostapd in namespace A as RADIUS server, at 127.0.0.1, on top of lib-freeradius.sh: EAP
# is PEAP with MSCHAPv2 in it, with the certificates of make_eap_pki.

# start_hostapd [1.2|1.3]: that version of TLS alone, or what hostapd likes
start_hostapd()
{
	local flags=

	case ${1:-} in
	1.2) flags='tls_flags=[DISABLE-TLSv1.3]' ;;
	1.3) flags='tls_flags=[ENABLE-TLSv1.3][DISABLE-TLSv1.2]' ;;
	esac
	install -m 600 /dev/null "$tmp/secret"
	printf '%s' "$SECRET" >"$tmp/secret"
	echo "127.0.0.1 $SECRET" >"$tmp/hostapd.clients"
	# Of version 0: what pppd gets it compares to flags without a version.
	printf '*\tPEAP [ver=0]\n"%s"\tMSCHAPV2\t"%s"\t[2]\n' "$VPN_USER" \
		"$VPN_PASSWORD" >"$tmp/hostapd.users"
	cat >"$tmp/hostapd.conf" <<-END
	driver=none
	radius_server_clients=$tmp/hostapd.clients
	radius_server_auth_port=1812
	eap_server=1
	eap_user_file=$tmp/hostapd.users
	ca_cert=$tmp/users-ca.pem
	server_cert=$tmp/radius.pem
	private_key=$tmp/radius.key
	$flags
	END
	ip netns exec "$A" hostapd -d "$tmp/hostapd.conf" >"$tmp/radius.log" 2>&1 </dev/null &
	radius=$!
	at_exit kill -KILL "$radius"
	wait_for 'hostapd' bound_udp "$A" 1812 || {
		tail -n 15 "$tmp/radius.log"
		bail 'hostapd does not start'
	}
}
