#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC1091,SC2154 # netifd has the library, which sets what json_get_vars names
#
# netifd's protocol "sstp", by a sstpd for each interface. Options, as of sstp-client's:
#	server, port, username, password, log_level, mtu, ipv6, defaultroute, metric,
#	peerdns, dns	(the last four are netifd's own)
# and of sstpd alone: tls_ca, tls_name, tls_pin (sstpd.conf(5): tls-pin-sha256).

[ -n "$INCLUDE_ONLY" ] || {
	. /lib/functions.sh
	. ../netifd-proto.sh
	init_proto "$@"
}

proto_sstp_init_config()
{
	# shellcheck disable=SC2034 # netifd reads them
	no_device=1 available=1

	for option in server username password tls_ca tls_name tls_pin; do
		proto_config_add_string "$option"
	done
	proto_config_add_int port
	proto_config_add_int mtu
	proto_config_add_int log_level
	proto_config_add_boolean ipv6
	proto_config_add_defaults
}

# sstp-client's levels of 0 to 4
sstp_level()
{
	case ${1:-1} in
	0) echo error ;;
	1) echo warning ;;
	2 | 3) echo info ;;
	*) echo debug ;;
	esac
}

# sstp_conf NAME: of the variables of proto_sstp_setup
sstp_conf()
{
	printf '[log]\nlevel = %s\n\n[client %s]\n' "$(sstp_level "$log_level")" "$1"
	printf 'interface = sstp-%.10s\naddresses = no\n' "$1"
	case $server in
	*:*:*) printf 'server = [%s]:%s\n' "$server" "${port:-443}" ;;
	*) printf 'server = %s:%s\n' "$server" "${port:-443}" ;;
	esac
	printf 'user = %s\npassword-file = %s/password\n' "$username" "$dir"
	printf 'up-script = /lib/netifd/sstp-updown\ndown-script = /lib/netifd/sstp-updown\n'
	[ "$ipv6" != 1 ] || echo 'ipv6 = yes'
	[ -z "$mtu" ] || echo "mtu = $mtu"
	[ -z "$tls_ca" ] || echo "tls-ca = $tls_ca"
	[ -z "$tls_name" ] || echo "tls-name = $tls_name"
	[ -z "$tls_pin" ] || echo "tls-pin-sha256 = $tls_pin"
}

proto_sstp_setup()
{
	config=$1 dir=/var/run/sstpd/$1

	json_get_vars server port username password log_level mtu ipv6 tls_ca tls_name tls_pin
	[ -n "$server" ] && [ -n "$username" ] || {
		proto_notify_error "$config" NO_SERVER_OR_USER
		proto_block_restart "$config"
		return 1
	}
	# The connection itself stays outside of what it carries.
	for address in $(resolveip -t 5 "$server"); do
		(proto_add_host_dependency "$config" "$address")
	done
	(
		umask 077
		mkdir -p "$dir"
		printf '%s\n' "$password" >"$dir/password"
		sstp_conf "$config" >"$dir/sstpd.conf"
	)
	mkdir -p /var/run/sstpd/empty
	modprobe sstp 2>/dev/null
	proto_run_command "$config" /usr/sbin/sstpd -f -c "$dir/sstpd.conf" -s "$dir/control"
}

proto_sstp_teardown()
{
	proto_kill_command "$1"
	rm -rf "/var/run/sstpd/${1:?}"
}

[ -n "$INCLUDE_ONLY" ] || add_protocol sstp
