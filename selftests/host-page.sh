#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The status page of `sstpctl metrics --listen` as a browser shows it, and `sstpctl top` as a
# terminal does: Chromium and tmux beside a server with five sessions, on the TUN path, so
# that it needs no module and runs on this machine itself (scripts/page).
#
# PICTURES=DIRECTORY: what they look like there, status-page.png and top.png.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

PAGE=http://127.0.0.1:9823/
USERS=(alice bob carol dave erin)
# Who can add an account can call it so.
HOSTILE='<script>alert(1)</script><img src=//192.0.2.9/x onerror=alert(2)>'

# browse NAME OPTION...: what the browser says of the page, in $tmp/NAME
browse()
{
	local name=$1

	shift
	ip netns exec "$A" "$here/browser" "$tmp/chromium-$name" "$PAGE" "$@" >"$tmp/$name"
}

# page NAME EXPRESSION [WORD]: of Python, about the last page p in $tmp/NAME
page()
{
	local name=$1

	shift
	python3 -c 'import json, sys
p = json.loads(open(sys.argv[1]).readlines()[-1])
health, *tables = p["tables"] or [[]]
sessions = tables[0] if tables else []
users = {row[1]: row for row in sessions[1:]}
if not eval("(" + sys.argv[2] + ")"):
    sys.exit(json.dumps(p, indent=1))' "$tmp/$name" "$@"
}

# address N: prints one of the server, for that client alone, which has one of its own for it
address()
{
	ip -n "$A" addr add "192.0.2.$((10 + $1))/24" dev veth
	ip -n "$B" addr add "192.0.2.$((100 + $1))/24" dev veth
	ip -n "$B" route add "192.0.2.$((10 + $1))" dev veth src "192.0.2.$((100 + $1))"
	echo "192.0.2.$((10 + $1))"
}

client() # N USER, the last one by IPv6
{
	local server=$ADDR6_A

	(($1 == 4)) || server=$(address "$1")
	cat <<-END
	[client n$1]
	server = $server
	user = $2
	password-file = $tmp/password
	tls-ca = $tmp/ca.pem
	tls-name = $SERVER_NAME
	interface = vpn$1
	END
}

sessions()
{
	[[ $(sessions_of server) == "$1" ]]
}

# traffic N SIZE INTERVAL: of client N
traffic()
{
	ip netns exec "$B" ping -q -I "vpn$1" -s "$2" -i "$3" 203.0.113.1 >/dev/null &
	at_exit kill $!
}

looked() # NAME TIMES
{
	[[ $(wc -l <"$tmp/$1") == "$2" ]]
}

# sound NAME: nothing but the page itself was asked for, and the browser does not complain
sound()
{
	page "$1" "set(p['requests']) == {'$PAGE'} and set(p['status']) == {200} and not p['complaints']"
}

top() # COMMAND...: of the terminal that shows it
{
	tmux -u -f /dev/null -S "$tmp/tmux" "$@"
}

start_top()
{
	LANG=C.UTF-8 top new-session -d -x 80 -y 10 "sstpctl -s '$tmp/server.sock' top -d 1"
	at_exit top kill-server
}

# On each line a bar, down to an eighth of a block.
bars() # NUMBER
{
	[[ $(top capture-pane -p | grep -c '[█▉▊▋▌▍▎▏]') == "$1" ]]
}

begin_test
make_namespaces
sstpd_files
for user in "${USERS[@]}" "$HOSTILE"; do
	printf '%s:%s\n' "$user" "$VPN_PASSWORD"
done >"$tmp/users"
# Not every machine's kernel has what the filter of source addresses needs.
server_conf 'data-path = tun' 'source-check = no' | sed 's/^listen = .*/listen = 0.0.0.0:443, [::]:443/
	s/^addresses = .*/addresses = 203.0.113.2-203.0.113.99/; s/^local = .*/local = 203.0.113.1/
	/^dns = /d' | start_sstpd server "$A"
for i in "${!USERS[@]}"; do
	client "$i" "${USERS[i]}"
done | start_sstpd clients "$B"
wait_for 'sessions' sessions ${#USERS[@]} || {
	log_of server
	log_of clients
	bail 'no sessions'
}
ip netns exec "$A" sstpctl -s "$tmp/server.sock" metrics --sessions --listen 127.0.0.1:9823 &
at_exit kill $!
wait_for 'exporter' listening "$A" 9823
for i in "${!USERS[@]}"; do
	traffic "$i" 1200 "0.0$((i + 1))"
done

check 'Chromium shows the page' browse wide --rows 5
check 'with each session' page wide "list(users) == '${USERS[*]}'.split()"
check 'and where it comes from' page wide \
	"users['alice'][2] == '192.0.2.100' and users['erin'][2] == '$ADDR6_B'"
check 'its numbers' page wide "['Sessions', '5'] in health and p['title'] == 'sstpd: 5 sessions'"
check 'and the certificate' page wide "'$tmp/cert.pem' in [row[0] for row in tables[1][1:]]"
check 'it needs nothing else, and nothing is refused' sound wide
check 'nothing is beside the window' page wide "p['width'] <= p['window'] and not p['outside']"
check 'it is legible' page wide "p['contrast'] >= 4.5 and p['canvas'] == 'rgb(255, 255, 255)'"

ip netns exec "$A" bash -c 'exec 9<>/dev/tcp/127.0.0.1/9823 && read -r -u 9 _' &
idle=$!
at_exit kill "$idle"
wait_for 'connection' eval 'ip netns exec "$A" ss -Htn state established "dport = :9823" | grep .'
check 'in the dark' browse dark --rows 5 --dark
check 'a connection made in advance holds nobody up' kill -0 "$idle"
check 'it is dark, and legible' page dark "p['contrast'] >= 4.5 and p['canvas'] == 'rgb(18, 18, 18)'"
check 'and sound' sound dark
check 'rates are there from the second time on' page dark \
	"'bit/s over the last' in dict(health)['Received'] and users['alice'][6] != '0 bit/s'"

start_top
check 'sstpctl top has a bar for each session' wait_for 'rates' bars ${#USERS[@]}
if [[ ${PICTURES:-} ]]; then
	sleep 60 # so that it looks like something
	check 'a picture of the page' browse picture --rows 5 --picture "$PICTURES/status-page.png"
	optipng -quiet "$PICTURES/status-page.png"
	check 'and of top' eval 'top capture-pane -p |
		"$here/terminal-picture" "$tmp/chromium-top" "$PICTURES/top.png"'
fi

# On a telephone, while a sixth session begins.
browse narrow --rows 5 --width 400 --then 6 &
at_exit kill $!
check 'a small window shows it' wait_for 'page' looked narrow 1
check 'all of its width, no word in pieces' page narrow \
	"p['width'] == p['window'] == 400 and not p['outside'] and p['lines'] <= 2 and p['font'] >= 12"
client 5 "$HOSTILE" | start_sstpd other "$B"
check 'it shows a new session by itself, where it was looked at' wait_for 'page' looked narrow 2
check 'whose name stays a name' page narrow "sys.argv[3] in users" "$HOSTILE"
check 'and does nothing' sound narrow

stop_sstpd server
check 'without a daemon' browse gone --title 'sstpd does not answer'
check 'it says so' page gone "p['status'] == [503] and set(p['requests']) == {'$PAGE'}"
finish
