# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # shares variables with lib-sstpd.sh and the tests
# SPDX-License-Identifier: GPL-2.0-or-later
#
# SoftEther VPN Server in namespace $A, on top of lib-sstpd.sh. Its virtual hub has a
# tap device there, with $SERVER_TUN, and its DHCP server gives 10.88.0.10..20.

SOFTETHER=$KSSTP_BUILD/softether
# What it calls our user.
SOFTETHER_USER=$VPN_USER@TEST

# It keeps its files beside the program, and its core where it was started: the test has
# a copy of its own.
start_softether()
{
	[[ -x $SOFTETHER/vpncmd ]] ||
		bail 'no SoftEther VPN here: run selftests/vm/softether on the host first'
	mkdir -p "$tmp/softether"
	cp "$SOFTETHER"/{vpnserver,vpncmd,hamcore.se2} "$tmp/softether/"
	ip netns exec "$A" env -C "$tmp/softether" "$tmp/softether/vpnserver" execsvc \
		>"$tmp/softether.log" 2>&1 </dev/null &
	softether=$!
	at_exit kill_softether
	wait_for 'vpnserver' listening "$A" 443 || {
		sed 's/^/# vpnserver: /' "$tmp/softether.log"
		bail 'vpnserver does not start'
	}
}

# It has a child that serves, and that another one follows on.
kill_softether()
{
	# Without the shell's word about it.
	{
		pkill -KILL -f "^$tmp/softether/vpnserver"
		wait "$softether"
	} 2>/dev/null || true
}

stop_softether()
{
	kill_softether
	wait_for 'end of vpnserver' no_listener "$A" 443
}

softether_is_gone()
{
	! pgrep -f "^$tmp/softether/vpnserver"
}

vpncmd_script() # commands on stdin
{
	cat >"$tmp/vpncmd.in"
	na "$tmp/softether/vpncmd" /SERVER localhost:443 "/IN:$tmp/vpncmd.in" \
		>"$tmp/vpncmd.log" 2>&1 </dev/null || {
		sed 's/^/# vpncmd: /' "$tmp/vpncmd.log"
		bail 'vpnserver cannot be configured'
	}
}

# It listens before it serves, and a busy machine has vpncmd give up meanwhile.
softether_serves()
{
	na "$tmp/softether/vpncmd" /SERVER localhost:443 /CMD About </dev/null
}

configure_softether()
{
	wait_for 'vpnserver to serve' softether_serves || bail 'vpnserver does not serve'
	make_cert softether rsa
	vpncmd_script <<-END
	ServerCertSet /LOADCERT:$tmp/softether.pem /LOADKEY:$tmp/softether.key
	HubCreate TEST /PASSWORD:
	BridgeCreate TEST /DEVICE:hub /TAP:yes
	ProtoOptionsSet SSTP /NAME:Enabled /VALUE:True
	Hub TEST
	UserCreate $VPN_USER /GROUP:none /REALNAME:none /NOTE:none
	UserPasswordSet $VPN_USER /PASSWORD:$VPN_PASSWORD
	SecureNatEnable
	NatDisable
	DhcpSet /START:10.88.0.10 /END:10.88.0.20 /MASK:255.255.255.0 /EXPIRE:7200 /GW:$SERVER_TUN /DNS:10.88.0.53 /DNS2:none /DOMAIN:none /LOG:no /PUSHROUTE:none
	DhcpEnable
	LogDisable packet
	END
	serve_on_tap
}

# serve_on_tap: it is on its own hub, once that is there
serve_on_tap()
{
	wait_for 'tap device of the hub' ip -n "$A" link show tap_hub ||
		bail 'vpnserver makes no tap device'
	ip -n "$A" addr add "$SERVER_TUN/24" dev tap_hub
}
