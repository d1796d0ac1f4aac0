# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the parts of the bench share variables
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the bench compares. open_NAME brings a tunnel up between $A and $B, the way
# its users do, and sets what follows; close_NAME takes it down. A peer whose
# kernel part or program is not there sets $missing instead.
#
#	$near, $far	addresses in the tunnel, in $A and in $B
#	$dev_near, $dev_far	its interfaces
#	$suite		its cipher
#
# The callers may set $mtu (1400), $tls (1.3), $cipher, $ipv6, $key_limit and $congestion
# (none).

mtu=1400 tls=1.3 cipher=aes-128-gcm ipv6=no key_limit='' congestion='' missing=''

# The networks behind $A and $B, in the case that has them.
BEHIND_NEAR=10.99.1.0/24 BEHIND_FAR=10.99.2.0/24

# ---- none: a connection of its own, for the latency cases ----

open_plain()
{
	near=$ADDR_A far=$ADDR_B dev_near=veth dev_far=veth suite=''
}

close_plain() { :; }

# ---- ksstp ----

# The configuration's name of $cipher with $tls.
sstp_cipher()
{
	case $tls-$cipher in
	1.3-aes-128-gcm) echo 'tls-ciphersuites = TLS_AES_128_GCM_SHA256' ;;
	1.3-aes-256-gcm) echo 'tls-ciphersuites = TLS_AES_256_GCM_SHA384' ;;
	1.3-chacha20-poly1305) echo 'tls-ciphersuites = TLS_CHACHA20_POLY1305_SHA256' ;;
	1.2-aes-256-gcm) echo 'tls-ciphers = ECDHE-ECDSA-AES256-GCM-SHA384' ;;
	*) bail "no cipher suite for TLS $tls with $cipher" ;;
	esac
}

on_path() # kernel|tun
{
	[[ $(session_of client path) == "$1" && $(session_of server path) == "$1" ]]
}

open_sstp() # PATH
{
	local settings=("data-path = $1" "mtu = $mtu" "tls-max-version = $tls"
		"ipv6 = $ipv6" "$(sstp_cipher)" ${congestion:+"tcp-congestion = $congestion"})

	# What else than its address may come from the client.
	printf '%s:%s::routes=%s\n' "$VPN_USER" "$VPN_PASSWORD" \
		"$BEHIND_FAR,$FAR6/128" >"$tmp/users"
	{
		server_conf "${settings[@]}"
		[[ ! $key_limit ]] || printf '[global]\nkey-limit = %s\n' "$key_limit"
	} | start_sstpd server "$A"
	client_conf "${settings[@]}" | start_sstpd client "$B"
	wait_for "a session on the $1 path" on_path "$1" || {
		log_of client
		bail "no session on the $1 path"
	}
	near=$SERVER_TUN far=$(session_of client local) suite=$cipher
	dev_near=$(session_of server interface) dev_far=$(session_of client interface)
	[[ $ipv6 == no ]] || sstp_addresses6
}

# Addresses that both ends can use, instead of the link-local ones.
NEAR6=fd88::1 FAR6=fd88::2
sstp_addresses6()
{
	near=$NEAR6 far=$FAR6
	ip -n "$A" addr add $NEAR6 peer $FAR6 dev "$dev_near" nodad
	ip -n "$B" addr add $FAR6 peer $NEAR6 dev "$dev_far" nodad
}

close_sstp()
{
	stop_sstpd client
	stop_sstpd server
}

open_sstp_kernel() { open_sstp kernel; }
close_sstp_kernel() { close_sstp; }
open_sstp_tun() { open_sstp tun; }
close_sstp_tun() { close_sstp; }

# ---- OpenVPN over TCP, in userspace and with the kernel's ovpn ----

# openvpn NAME NS OPTION...
openvpn_end()
{
	local name=$1 ns=$2

	shift 2
	ip netns exec "$ns" openvpn --dev ovpn0 --dev-type tun --topology subnet \
		--tun-mtu "$mtu" --mssfix 0 --data-ciphers "${cipher^^}" \
		--ca "$tmp/ca.pem" --verb 3 --socket-flags TCP_NODELAY "$@" \
		>"$tmp/$name.log" 2>&1 </dev/null &
	echo $! >"$tmp/$name.pid"
	at_exit kill -KILL "$!"
}

open_openvpn() # OPTION...: for both ends
{
	[[ -e $tmp/ovpn-client.pem ]] || self_signed ovpn-client ec '/CN=bench client' \
		-CA "$tmp/ca.pem" -CAkey "$tmp/ca.key" \
		-addext 'basicConstraints=critical,CA:FALSE' \
		-addext 'extendedKeyUsage=clientAuth'
	# Whose network it is, by OpenVPN's own routes.
	mkdir -p "$tmp/ovpn"
	echo "iroute ${BEHIND_FAR%/*} 255.255.255.0" >"$tmp/ovpn/DEFAULT"
	openvpn_end ovpn-server "$A" --proto tcp-server --port 1194 --dh none \
		--mode server --tls-server --server 10.89.0.0 255.255.255.0 \
		--client-config-dir "$tmp/ovpn" \
		--cert "$tmp/cert.pem" --key "$tmp/cert.key" "$@"
	wait_for 'OpenVPN server' listening "$A" 1194 || return 1
	openvpn_end ovpn-client "$B" --proto tcp-client --remote $ADDR_A 1194 --client \
		--nobind --cert "$tmp/ovpn-client.pem" --key "$tmp/ovpn-client.key" "$@"
	wait_for 'OpenVPN client' logged ovpn-client 'Initialization Sequence Completed' || {
		log_of ovpn-client
		log_of ovpn-server
		bail 'OpenVPN does not connect'
	}
	near=10.89.0.1 dev_near=ovpn0 dev_far=ovpn0 suite=$cipher
	far=$(ip -n "$B" -4 -o addr show dev ovpn0 | awk '{ sub("/.*", "", $4); print $4 }')
}

close_openvpn()
{
	stop_sstpd ovpn-client
	stop_sstpd ovpn-server
}

is_kind() # NS DEVICE KIND
{
	[[ $(ip -n "$1" -d link show dev "$2") == *" $3 "* ]]
}

open_openvpn_tcp()
{
	open_openvpn --disable-dco
	is_kind "$A" ovpn0 tun || bail 'OpenVPN is not on its userspace path'
}
close_openvpn_tcp() { close_openvpn; }

open_openvpn_dco_tcp()
{
	modprobe -q ovpn || { missing='module ovpn'; return; }
	open_openvpn
	is_kind "$A" ovpn0 ovpn && is_kind "$B" ovpn0 ovpn ||
		bail 'OpenVPN is not on its kernel path'
}
close_openvpn_dco_tcp() { close_openvpn; }

# ---- WireGuard ----

# wg_end NS ADDRESS PORT NAME, then the other's ADDRESS, PORT, NAME, endpoint and network
wg_end()
{
	ip -n "$1" link add wg0 mtu "$mtu" type wireguard
	ip netns exec "$1" wg set wg0 listen-port "$3" private-key "$tmp/$4.wg" \
		peer "$(wg pubkey <"$tmp/$7.wg")" allowed-ips "$5/32,$9" endpoint "$8:$6"
	ip -n "$1" addr add "$2/24" dev wg0
	ip -n "$1" link set wg0 up
}

open_wireguard()
{
	modprobe -q wireguard || { missing='module wireguard'; return; }
	near=10.90.0.1 far=10.90.0.2 dev_near=wg0 dev_far=wg0 suite=chacha20-poly1305
	(umask 077; wg genkey >"$tmp/near.wg"; wg genkey >"$tmp/far.wg")
	wg_end "$A" $near 5001 near $far 5002 far $ADDR_B $BEHIND_FAR
	wg_end "$B" $far 5002 far $near 5001 near $ADDR_A $BEHIND_NEAR
	nb ping -c 1 -W 10 $near >/dev/null || bail 'WireGuard does not connect'
}

close_wireguard()
{
	ip -n "$A" link del wg0
	ip -n "$B" link del wg0
}

# ---- ESP: what IKEv2 leads to, with keys that are there already ----

# esp_sa NS FROM TO SPI KEY: one direction, as strongSwan sets it up
esp_sa()
{
	ip -n "$1" xfrm state add src "$2" dst "$3" proto esp spi "$4" reqid 1 if_id 1 \
		mode tunnel replay-window 128 flag esn aead 'rfc4106(gcm(aes))' "$5" 128
}

# esp_policy NS DIRECTION FROM TO: whatever the interface sends, and whatever is for it
esp_policy()
{
	ip -n "$1" xfrm policy add dir "$2" if_id 1 \
		tmpl src "$3" dst "$4" proto esp reqid 1 mode tunnel
}

esp_end() # NS OWN_ADDRESS OTHERS IN_THE_TUNNEL
{
	local ns=$1 own=$2 other=$3

	ip -n "$ns" link add esp0 mtu "$mtu" type xfrm dev veth if_id 1
	esp_sa "$ns" $ADDR_A $ADDR_B 1 "$esp_key_a"
	esp_sa "$ns" $ADDR_B $ADDR_A 2 "$esp_key_b"
	esp_policy "$ns" out "$own" "$other"
	esp_policy "$ns" in "$other" "$own"
	esp_policy "$ns" fwd "$other" "$own"
	ip -n "$ns" addr add "$4/24" dev esp0
	ip -n "$ns" link set esp0 up
}

open_esp()
{
	local esp_key_a esp_key_b

	modprobe -qa xfrm_interface esp4 || { missing='ESP'; return; }
	near=10.91.0.1 far=10.91.0.2 dev_near=esp0 dev_far=esp0 suite=aes-128-gcm
	# 128 bits and RFC 4106's salt
	esp_key_a=0x$(openssl rand -hex 20) esp_key_b=0x$(openssl rand -hex 20)
	esp_end "$A" $ADDR_A $ADDR_B $near
	esp_end "$B" $ADDR_B $ADDR_A $far
	nb ping -c 1 -W 10 $near >/dev/null || bail 'nothing passes by ESP'
}

close_esp()
{
	local ns

	for ns in "$A" "$B"; do
		ip -n "$ns" link del esp0
		ip -n "$ns" xfrm policy flush
		ip -n "$ns" xfrm state flush
	done
}

# ---- SSTP as it is packaged: sstp-client with pppd, SoftEther's server ----

sstpc_connected()
{
	ip -n "$B" -4 -o addr show dev ppp0 | grep -q 'inet 10.88'
}

open_sstpc_softether()
{
	[[ -x $SOFTETHER/vpncmd ]] || { missing='SoftEther VPN'; return; }
	modprobe -qa ppp_generic ppp_async || { missing='PPP'; return; }
	start_softether >&2
	configure_softether >&2
	mkdir -p "/etc/netns/$B/ppp"
	printf '%s\n' noauth nodetach noipdefault refuse-eap "mtu $mtu" "mru $mtu" \
		>"/etc/netns/$B/ppp/options"
	ip netns exec "$B" sstpc --log-stderr --cert-warn --ca-cert "$tmp/ca.pem" \
		--user "$SOFTETHER_USER" --password "$VPN_PASSWORD" "$SERVER_NAME" \
		logfile "$tmp/pppd.log" >"$tmp/sstpc.log" 2>&1 </dev/null &
	echo $! >"$tmp/sstpc.pid"
	at_exit kill -KILL "$!"
	wait_for 'sstpc' sstpc_connected || {
		log_of sstpc
		bail 'sstpc does not connect to SoftEther'
	}
	near=$SERVER_TUN dev_near=tap_hub dev_far=ppp0 suite=aes-256-gcm
	far=$(ip -n "$B" -4 -o addr show dev ppp0 | awk '{ print $4 }')
	far=${far%/*}
	ip -n "$B" route replace 10.88.0.0/24 dev ppp0
}

close_sstpc_softether()
{
	stop_sstpd sstpc
	stop_softether
}

# with PEER COMMAND...: run it while the tunnel of PEER is up
with()
{
	local peer=$1

	shift
	missing=''
	"open_${peer//-/_}"
	if [[ $missing ]]; then
		echo "$peer: left out, no $missing here" >&2
		return
	fi
	name=$peer
	"$@"
	"close_${peer//-/_}"
}
