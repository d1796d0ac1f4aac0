#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Two faults at a time: each round takes two from the table, and a moment for the second
# one. A healthy session beside them must not notice, and when both are over everybody is
# served. KSSTP_TWO_FAULTS_S: for how long, default 60 s; KSSTP_SEED: to do it again.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

SECONDS_MAX=${KSSTP_TWO_FAULTS_S:-60}
SEED=${KSSTP_SEED:-$((SECONDS + $$))}
# Of a child that dies in a row the sixth successor comes late: not what is looked for here.
KILLS_MAX=4
KILLS_S=125

FAULTS=(kill_engine kill_authd kill_radius kill_resolver bad_users bad_certificate no_files
	refused_reload reload address_away interface_down disconnect client_killed
	connection_storm)
MOMENTS=(at_once during_login during_reload after_a_while)

declare -A kills kill_time

start_two()
{
	client_conf 'interface = healthy' 'reconnect = no' | start_sstpd healthy "$B"
	bob | start_sstpd client "$B"
}

bob()
{
	LOGIN=bob client_conf 'interface = other' 'reconnect-max = 1' |
		sed 's/^\[client .*/[client other]/'
}

id_of() # USER
{
	sstpctl -s "$tmp/server.sock" show --json | python3 -c 'import json, sys
for s in json.load(sys.stdin)["sessions"]:
    if s["user"] == sys.argv[1]: print(s["id"])' "$1"
}

has() # USER
{
	[[ $(id_of "$1") ]]
}

# ---- faults ----

# kills ROLE PID: if its turn has not come too often
kills()
{
	if ((SECONDS - ${kill_time[$1]:--1000} > KILLS_S)); then
		kills[$1]=0
	fi
	((${kills[$1]} < KILLS_MAX)) || return 0
	kills[$1]=$((kills[$1] + 1))
	kill_time[$1]=$SECONDS
	kill -KILL "$2" 2>/dev/null || true
}

child() # ROLE
{
	pgrep -P "$(<"$tmp/server.pid")" "^sstpd-$1\$" || true
}

kill_engine()
{
	other_engine "$healthy"
	[[ ! $victim ]] || kills engine "$victim"
}

kill_authd() { kills authd "$(child authd)"; }
kill_radius() { kills radius "$(child radius)"; }
kill_resolver() { kills resolver "$(child resolver)"; }
bad_users() { echo 'a line that is no account' >>"$tmp/users"; }
bad_certificate() { echo 'half a certificate' >"$tmp/cert.pem"; }
no_files() { rm -f "$tmp/users" "$tmp/cert.pem" "$tmp/cert.key"; }
reload() { kill -HUP "$(<"$tmp/server.pid")"; }

refused_reload()
{
	bad_users
	reload
}

address_away()
{
	ip -n "$A" addr del "$ADDR_A/24" dev veth 2>/dev/null || true
}

interface_down()
{
	ip -n "$B" link set other down 2>/dev/null || true
	ip -n "$B" link set other up 2>/dev/null || true
}

disconnect()
{
	local id

	id=$(id_of bob)
	[[ ! $id ]] || sstpctl -s "$tmp/server.sock" disconnect "$id" >/dev/null 2>&1 || true
}

client_killed()
{
	kill -KILL "$(<"$tmp/client.pid")" 2>/dev/null || true
	wait "$(<"$tmp/client.pid")" 2>/dev/null || true
}

connection_storm()
{
	ip netns exec "$B" python3 -c 'import socket, sys
for i in range(50):
    try:
        s = socket.create_connection((sys.argv[1], 443), 0.2); s.send(b"\x16\x03\x01")
    except OSError: pass' "$ADDR_A" || true
}

# ---- moments ----

at_once() { :; }
during_login() { disconnect; }
during_reload() { reload; }
after_a_while() { sleep "0.$((RANDOM % 10))"; }

# ---- and all is well again ----

heal()
{
	local f

	for f in users cert.pem cert.key; do
		# In one step: a reload of just now may still be reading.
		cp -p "$tmp/good/$f" "$tmp/$f.new"
		mv "$tmp/$f.new" "$tmp/$f"
	done
	ip -n "$A" addr add "$ADDR_A/24" dev veth 2>/dev/null || true
	kill -0 "$(<"$tmp/client.pid")" 2>/dev/null || bob | start_sstpd client "$B"
	two_engines
}

healthy_is_well()
{
	[[ $(id_of "$VPN_USER") == "$healthy" ]] &&
		wait_for ping na ping -c 1 -W 5 "$healthy_peer"
}

bob_is_well()
{
	has bob && [[ $(sessions_of client) == 1 ]]
}

all_there()
{
	[[ $(child engine | wc -l) == 2 && $(child authd) && $(child radius) && $(child resolver) ]]
}

round()
{
	"$1"
	"$3"
	"$2"
	heal
	healthy_is_well && wait_for children all_there && wait_for bob bob_is_well && return
	echo "seed $SEED, round $rounds: $1, $3, $2: healthy is $(id_of "$VPN_USER"), was $healthy"
	tail -n 30 "$tmp/server.log"
	return 1
}

setup_sstpd
printf 'bob:%s\n' "$VPN_PASSWORD" >>"$tmp/users"
install -m 600 /dev/null "$tmp/secret"
echo 'the secret of RADIUS' >"$tmp/secret"
mkdir "$tmp/good"
cp -p "$tmp/users" "$tmp/cert.pem" "$tmp/cert.key" "$tmp/good"
{
	server_conf 'auth-backend = users, radius'
	client_conf 'interface = nowhere' 'reconnect-max = 5' |
		sed 's/^server = .*/server = nowhere.test/'
	printf '%s\n' '[radius]' 'auth-server = 127.0.0.1' "secret-file = $tmp/secret" \
		'[global]' 'engines = 2'
} | start_sstpd server "$A"
start_two
check 'both clients are connected' wait_for sessions eval "has $VPN_USER && has bob"
healthy=$(id_of "$VPN_USER")
healthy_peer=$(sstpctl -s "$tmp/server.sock" show --json | python3 -c 'import json, sys
for s in json.load(sys.stdin)["sessions"]:
    if s["id"] == int(sys.argv[1]): print(s["peer"])' "$healthy")
two_engines
RANDOM=$SEED
echo "# seed $SEED"
rounds=0
failed=0
start=$SECONDS
while ((SECONDS - start < SECONDS_MAX && !failed)); do
	rounds=$((rounds + 1))
	first=${FAULTS[RANDOM % ${#FAULTS[@]}]}
	second=${FAULTS[RANDOM % ${#FAULTS[@]}]}
	moment=${MOMENTS[RANDOM % ${#MOMENTS[@]}]}
	round "$first" "$second" "$moment" >"$tmp/round" 2>&1 || failed=1
done
if ((failed)); then
	not_ok "two faults at a time: $first, $moment, $second" "$(<"$tmp/round")"
else
	ok "$rounds rounds of two faults at a time"
fi
stop_sstpd healthy
stop_sstpd client
stop_sstpd server
equal 'the daemon ends in order' "$status" 0
finish
