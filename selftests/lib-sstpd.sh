# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What tests with the daemon share, on top of lib.sh: a PKI for one server,
# sstpd processes, and what sstpctl tells of their sessions.
#
# Each sstpd has a NAME, and its files are $tmp/NAME.conf, .log, .sock and .pid.

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

SERVER_NAME=vpn.test
SERVER_TUN=10.88.0.1
VPN_USER=alice
# What shells and pppd's options files may stumble over, as far as sstpc quotes it.
VPN_PASSWORD='Pa$$w0rd%x'

# setup_sstpd: namespaces and module as ever; ca.pem, cert.pem, cert.key, and
# a users file in $tmp; $SERVER_NAME resolves to $ADDR_A in namespace B
setup_sstpd()
{
	setup
	sstpd_files
}

# sstpd_files: all of that but namespaces and module
sstpd_files()
{
	make_pki
	# authd and engine drop their rights, the parent reads these as root
	install -m 600 /dev/null "$tmp/users"
	printf '%s:%s\n' "$VPN_USER" "$VPN_PASSWORD" >"$tmp/users"
	install -m 600 /dev/null "$tmp/password"
	printf '%s\n' "$VPN_PASSWORD" >"$tmp/password"
	# `ip netns exec` lays these over /etc
	mkdir -p "/etc/netns/$B"
	at_exit rm -rf "/etc/netns/$B"
	printf '127.0.0.1 localhost\n%s %s\n' "$ADDR_A" "$SERVER_NAME" \
		>"/etc/netns/$B/hosts"
}

make_pki()
{
	make_ca
	make_cert cert
}

make_ca()
{
	self_signed ca ec "/CN=sstp test CA"
}

# make_cert NAME [ec|rsa]: NAME.pem and NAME.key for $SERVER_NAME, signed by
# the CA
make_cert()
{
	self_signed "$1" "${2:-ec}" "/CN=$SERVER_NAME" \
		-CA "$tmp/ca.pem" -CAkey "$tmp/ca.key" \
		-addext "subjectAltName=DNS:$SERVER_NAME,IP:$ADDR_A" \
		-addext 'basicConstraints=critical,CA:FALSE' \
		-addext 'extendedKeyUsage=serverAuth'
}

# self_signed NAME ec|rsa SUBJECT [OPTION...]: unless an option gives a CA
self_signed()
{
	local name=$1 subject=$3 key=(-newkey rsa:2048)

	[[ $2 == rsa ]] || key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256)
	shift 3
	openssl req -x509 "${key[@]}" -noenc -keyout "$tmp/$name.key" -days 2 \
		-subj "$subject" -out "$tmp/$name.pem" "$@" 2>"$tmp/openssl.log" || {
		sed 's/^/# openssl: /' "$tmp/openssl.log"
		bail "openssl cannot make the certificate $name"
	}
	chmod 600 "$tmp/$name.key"
}

# make_eap_pki: users-ca.pem, the CA of users, and radius.pem for radius.test, which
# it signed as well
make_eap_pki()
{
	self_signed users-ca ec '/CN=CA of users'
	self_signed radius rsa '/CN=radius.test' -CA "$tmp/users-ca.pem" \
		-CAkey "$tmp/users-ca.key" -addext 'subjectAltName=DNS:radius.test' \
		-addext 'basicConstraints=critical,CA:FALSE' \
		-addext 'extendedKeyUsage=serverAuth'
}

# user_cert NAME CN CA [OPTION...]: for a client
user_cert()
{
	local name=$1 cn=$2 ca=$3

	shift 3
	self_signed "$name" ec "/O=test/CN=$cn" -CA "$tmp/$ca.pem" -CAkey "$tmp/$ca.key" \
		-addext 'basicConstraints=critical,CA:FALSE' \
		-addext 'extendedKeyUsage=clientAuth' "$@"
}

# ---- processes ----

# start_sstpd NAME NS: with the configuration on stdin, [global] is added; $SSTPD may
# name another program, which ends up as sstpd
start_sstpd()
{
	local name=$1 ns=$2

	{
		cat
		printf '[global]\ncontrol = %s\n' "$tmp/$name.sock"
		[[ ! ${KEYLOG:-} ]] || printf 'tls-keylog = %s\n' "$KEYLOG"
		printf '[log]\nlevel = debug\n'
	} >"$tmp/$name.conf"
	# That of the run before says "ready", until the shell gets round to emptying it.
	rm -f "$tmp/$name.log"
	ip netns exec "$ns" "${SSTPD:-sstpd}" -f -c "$tmp/$name.conf" \
		>"$tmp/$name.log" 2>&1 </dev/null &
	echo $! >"$tmp/$name.pid"
	at_exit kill -KILL "$!"
	wait_for "sstpd ($name): ready" started "$name" || {
		log_of "$name"
		bail "sstpd ($name) does not start"
	}
}

# started NAME: it is ready. A client that tries only once may have been refused, and be
# gone, before its other processes were.
started()
{
	logged "$1" 'is ready' ||
		{ grep -qx 'reconnect = no' "$tmp/$1.conf" && client_gone "$1"; }
}

# stop_sstpd NAME: in order; its exit status in $status
stop_sstpd()
{
	local pid

	pid=$(<"$tmp/$1.pid")
	status=0
	kill -TERM "$pid" || true
	wait "$pid" || status=$?
}

log_of() # NAME
{
	sed "s/^/# $1: /" "$tmp/$1.log"
}

# server_conf [KEY=VALUE...]: a server in namespace A, keys for [server]
server_conf()
{
	cat <<-END
	[server]
	listen = $ADDR_A:443
	certificate = $tmp/cert.pem
	key = $tmp/cert.key
	users = $tmp/users
	END
	(($# == 0)) || printf '%s\n' "$@"
	cat <<-END
	[pool]
	addresses = 10.88.0.10-10.88.0.20
	local = $SERVER_TUN
	dns = 10.88.0.53
	END
}

# client_conf [KEY=VALUE...]: a client for it in namespace B, as $LOGIN, which may reach
# the server by its address inside
client_conf()
{
	cat <<-END
	[client test]
	server = $SERVER_NAME
	user = ${LOGIN:-$VPN_USER}
	password-file = $tmp/password
	tls-ca = $tmp/ca.pem
	routes = $SERVER_TUN/32
	END
	(($# == 0)) || printf '%s\n' "$@"
}

# start_clients NUMBER [PORT]: in one sstpd, in place of those of the time before
start_clients()
{
	[[ ! -e $tmp/clients.pid ]] || stop_sstpd clients
	for ((i = 0; i < $1; i++)); do
		client_conf "interface = vpn$i" 'reconnect-max = 2' |
			sed "s/^\[client .*/[client n$i]/; s/^server = .*/&${2:+:$2}/"
	done | start_sstpd clients "$B"
}

# nobody_in NS: no process is left there
nobody_in()
{
	local pids

	pids=$(ip netns pids "$1")
	[[ ! $pids ]] || {
		# shellcheck disable=SC2086
		ps -o pid,args -p ${pids//$'\n'/,}
		return 1
	}
}

# two_engines: the server in $tmp/server.pid has two; their processes, by number, in
# $engine_pids. Called again, one that is new has taken the free place.
two_engines()
{
	local pid i

	[[ ${engine_parent:-} == "$(<"$tmp/server.pid")" ]] || engine_pids=('' '')
	engine_parent=$(<"$tmp/server.pid")
	for i in 0 1; do
		[[ ${engine_pids[i]} && -d /proc/${engine_pids[i]} ]] || engine_pids[i]=''
	done
	for pid in $(pgrep -P "$engine_parent" '^sstpd-engine$' | sort -n); do
		[[ " ${engine_pids[*]} " != *" $pid "* ]] || continue
		if [[ ! ${engine_pids[0]} ]]; then engine_pids[0]=$pid; else engine_pids[1]=$pid; fi
	done
}

# other_engine ID: $victim is that of two which does not have this session
other_engine()
{
	two_engines
	# shellcheck disable=SC2034 # for the caller
	victim=${engine_pids[$(($1 % 2))]}
}

# ---- sessions ----

# What sstpctl prints as JSON, a key a line, is read without an interpreter, which an
# emulated processor takes long to start: these are asked again until they are so.

# tls_group NAME: in which its only session has agreed on keys
tls_group()
{
	local tls

	tls=$(session_of "$1" tls) && echo "${tls##* }"
}

# session_of NAME KEY: of the only session of that daemon; fails if there is
# none, or more than one
session_of()
{
	sstpctl -s "$tmp/$1.sock" show --json | awk -v key="$2" '
		index($0, "      \"id\": ") == 1 { n++ }
		sub("^      \"" key "\": ", "") {
			gsub(/^"|"?,?$/, "")
			value = $0
			found = 1
		}
		END {
			if (n != 1 || !found)
				exit 1
			print value
		}'
}

sessions_of() # NAME: how many
{
	local all

	all=$(sstpctl -s "$tmp/$1.sock" show --json) || return
	grep -c '^      "id": ' <<<"$all" || true
}

has_session() # NAME
{
	[[ $(sessions_of "$1") == 1 ]]
}

has_no_session() # NAME
{
	[[ $(sessions_of "$1") == 0 ]]
}

# logged NAME PATTERN
logged()
{
	grep -qE -- "$2" "$tmp/$1.log"
}

said() # NAME PATTERN: how often
{
	grep -cE -- "$2" "$tmp/$1.log" || true
}

said_more() # NAME PATTERN THAN
{
	(($(said "$1" "$2") > $3))
}

# explain CHECK...: if it fails, with what both sides have logged
explain()
{
	"$@" && return
	tail -n 20 "$tmp/server.log" "$tmp/client.log" | tr -d '\0'
	return 1
}

# connected: the only client there is, as both sides see it
connected()
{
	has_session server && has_session client
}

client_gone() # NAME
{
	! kill -0 "$(<"$tmp/$1.pid")"
}

# hang_up: the client ends, and both are rid of the session
hang_up()
{
	stop_sstpd client
	wait_for 'end of session' has_no_session server
}

# both_say SERVER CLIENT: patterns of both logs; the client ends by itself
both_say()
{
	check "the server says: $1" explain wait_for 'log line' logged server "$1"
	check "the client says: $2" explain wait_for 'log line' logged client "$2"
	wait "$(<"$tmp/client.pid")" || true
}

# ---- traffic ----

# random_file MEGABYTES: its path, made once
random_file()
{
	[[ -e $tmp/random.$1 ]] ||
		head -c "$1"M /dev/urandom >"$tmp/random.$1"
	echo "$tmp/random.$1"
}

# intact NS_FROM NS_TO ADDRESS MEGABYTES: they arrive as they were sent
intact()
{
	local file sent got

	file=$(random_file "$4")
	sent=$(sha256sum <"$file")
	got=$(transfer "$1" "$2" "$3" "$file") || {
		echo "the transfer to $3 broke off, $(stat -c %s "$tmp/arrived") bytes arrived"
		return 1
	}
	[[ $got == "$sent" ]] || {
		echo "sent $sent, $(stat -c %s "$tmp/arrived") bytes arrived: $got"
		return 1
	}
}

# tls_number NAME ID FIELD: of `sstpctl show ID`, by its name, which begins with "tls_"
tls_number()
{
	sstpctl -s "$tmp/$1.sock" show "$2" --json 2>/dev/null |
		sed -n "s/.*\"tls_$3\": *\([0-9]*\).*/\1/p"
}

# stat_of NAME COUNTER: of `sstpctl stats`
stat_of()
{
	sstpctl -s "$tmp/$1.sock" stats --json |
		sed -nE "s/^  \"$2\": ([0-9]+),?\$/\1/p" | grep .
}

# stat_is NAME COUNTER VALUE
stat_is()
{
	[[ $(stat_of "$1" "$2") == "$3" ]]
}

# https NAMESPACE ADDRESS:PORT LINE...: send them as a request, print the answer
https()
{
	local ns=$1 to=$2

	shift 2
	printf '%s\r\n' "$@" '' | ip netns exec "$ns" timeout "$PATIENCE" \
		openssl s_client -quiet -connect "$to" 2>/dev/null
}
