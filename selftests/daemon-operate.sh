#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a gateway tells its operator, and programs: sstpctl in all its commands, as
# text and as JSON, events, the log's fields, metrics as an OpenMetrics parser
# reads them.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"

METRICS=127.0.0.1:9823

ctl() # NAME ARGUMENT...
{
	local name=$1

	shift
	sstpctl -s "$tmp/$name.sock" "$@"
}

# in_depth NAME EXPRESSION: of Python, about the session s in depth
in_depth()
{
	ctl "$1" show "$(session_of "$1" id)" --json >"$tmp/depth"
	python3 -c 'import json, sys
[s] = json.load(open(sys.argv[1]))["sessions"]
if not eval("(" + sys.argv[2] + ")"):
    sys.exit(json.dumps(s, indent=1))' "$tmp/depth" "$2"
}

narrow() # stdin: text of at most 80 columns
{
	awk 'length > 80 { print; wide = 1 } END { exit wide || !NR }'
}

# event N EXPRESSION: about the Nth event e that the monitor has printed
event()
{
	python3 -c 'import json, sys
events = [json.loads(line) for line in open(sys.argv[1])]
e = events[int(sys.argv[2])]
if not eval("(" + sys.argv[3] + ")"):
    sys.exit(json.dumps(events, indent=1))' "$tmp/events" "$1" "$2"
}

events() # how many there are at least
{
	[[ $(wc -l <"$tmp/events") -ge $1 ]]
}

# metric NAME [LABEL=VALUE]...: out of $tmp/metrics
metric()
{
	python3 -c 'import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
want = dict(a.split("=") for a in sys.argv[3:])
for family in text_string_to_metric_families(open(sys.argv[1]).read()):
    for s in family.samples:
        if s.name == sys.argv[2] and want.items() <= s.labels.items():
            print(int(s.value)); sys.exit()
sys.exit("no such sample")' "$tmp/metrics" "$@"
}


scrape() # REQUEST-LINE: the answer, head and all
{
	printf '%s\r\nHost: localhost\r\n\r\n' "$1" |
		ip netns exec "$A" socat -t 5 - "TCP4:$METRICS"
}

# well_formed TEXT: the page in $tmp/answer closes what it opens, has TEXT in a cell of a
# table, no script, and needs nothing from outside
well_formed()
{
	sed '1,/^$/d' "$tmp/answer" >"$tmp/page"
	python3 -c 'import html.parser, sys
class Page(html.parser.HTMLParser):
    stack, cells, tags = [], [], set()
    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        assert not {"src", "href"} & {k for k, v in attrs}, attrs
        if tag != "meta": self.stack.append(tag)
    def handle_endtag(self, tag):
        assert self.stack.pop() == tag, tag
    def handle_data(self, data):
        if self.stack and self.stack[-1] == "td": self.cells.append(data)
page = Page()
page.feed(open(sys.argv[1]).read())
page.close()
assert not page.stack and "script" not in page.tags, page.stack
assert sys.argv[2] in page.cells, page.cells' "$tmp/page" "$1"
}

# What `sstpctl --json COMMAND` prints has this member.
member() # MEMBER COMMAND...
{
	local member=$1

	shift
	"$@" | python3 -c 'import json, sys
sys.exit(sys.argv[1] not in json.load(sys.stdin))' "$member"
}

completes() # WORD... : what the completion offers for the last word
{
	bash -c '_sstpctl_run=${RUN:-}; . "$0"; COMP_WORDS=(sstpctl "$@") COMP_CWORD=$#; _sstpctl
		printf "%s\n" "${COMPREPLY[@]}"' "$here/../completion/sstp" "$@"
}

setup_sstpd
server_conf | start_sstpd server "$A"
ctl server monitor --json >"$tmp/events" &
monitor=$!
at_exit kill "$monitor"
wait_for 'monitor' events 1
ctl server monitor >"$tmp/events.txt" &
at_exit kill $!
wait_for 'monitor' grep -q monitoring "$tmp/events.txt"
client_conf 'reconnect-min = 1' | start_sstpd client "$B"
check 'they connect' wait_for 'session' connected
id=$(session_of server id)

# ---- events ----

check 'the monitor tells of the session' wait_for 'event' events 2
check 'and who it is' event 1 "e['event'] == 'session-up' and e['session']['id'] == $id
	and e['session']['user'] == '$VPN_USER' and e['session']['path'] == 'kernel'"
check 'the log has fields' logged server \
	"session $id up: .* \[session=$id user=$VPN_USER peer=$ADDR_B:[0-9]+ interface=sstp0\]"

# ---- one session ----

check 'traffic' intact "$B" "$A" "$SERVER_TUN" 4
check 'traffic back' intact "$A" "$B" "$(session_of client local)" 4
ip netns exec "$A" python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, 10, 3) # IP_MTU_DISCOVER = PROBE: only the device minds
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"sstp0")
try:
    s.sendto(bytes(1400), ("10.88.0.10", 9))
except OSError:
    pass'
for end in server client; do
	check "$end: the TCP connection outside" in_depth $end \
		"s['tcp']['rtt_us'] > 0 and s['tcp']['mss'] > 500 and s['tcp']['cwnd'] > 1
		and s['tcp']['delivery_rate'] > 0"
	check "$end: the stream inside" in_depth $end \
		"s['stream']['tx_bytes'] > 4 << 20 and s['stream']['rx_bytes'] > 4 << 20
		and s['stream']['tx_records'] > 256
		and 500 < s['stream']['tx_bytes_per_record'] <= 16384
		and s['stream']['queue_delay_us'] >= 0"
	check "$end: nothing dropped" in_depth $end \
		"len(s['drops']) == 8 and s['drops']['rx_malformed'] == 0"
	check "$end: MTU and MRU" in_depth $end \
		"s['mtu'] == 1400 and s['mru'] == 1500 and s['peer_mru'] == 1500"
	ctl $end show "$(session_of $end id)" >"$tmp/text"
	check "$end: the same for people, in 80 columns" eval \
		'narrow <"$tmp/text" && grep "RTT .* retransmits" "$tmp/text" &&
		 grep "dropped  *none" "$tmp/text"'
done
refuse 'no such session' 'no such session' ctl server show 4000000000

# ---- all commands ----

ip netns exec "$B" ping -i 0.01 -s 1300 "$SERVER_TUN" >"$tmp/pings" &
pings=$!
at_exit kill "$pings"
wait_for 'pings' grep -q 'bytes from' "$tmp/pings"
ctl server top --json -d 0.5 -n 3 >"$tmp/top"
kill "$pings"
check 'top --json is an object a round, with rates' eval \
	'python3 -c "import json, sys
rounds = [json.loads(line) for line in sys.stdin]
assert len(rounds) == 3, rounds
assert rounds[0][\"sessions\"][0][\"rx_rate\"] == 0
assert all(r[\"sessions\"][0][\"rx_rate\"] > 1300 for r in rounds[1:]), rounds" <"$tmp/top"'
check 'show is a table, a line a session' eval \
	'ctl server show | tee "$tmp/text" | narrow && [[ $(wc -l <"$tmp/text") == 2 ]] &&
	 grep -E "^ *$id $VPN_USER +$ADDR_B +10\.88\.0\.[0-9]+ +sstp0 +kernel " "$tmp/text"'
check 'of one user' eval 'ctl server show --user "$VPN_USER" | grep "^ *$id "'
equal 'not of another' "$(ctl server show --user nobody)" 'no session'
equal 'nor of the other path' "$(ctl server show --path tun --json | tr -d ' \n')" '{"sessions":[]}'
refuse 'show has no other order' 'not "colour"' ctl server show --sort colour
check 'top is a table' eval \
	'ctl server top -d 0.1 -n 2 | tee "$tmp/text" | narrow && grep -c "$VPN_USER" "$tmp/text" | grep -x 2'
check 'with totals, round trip time and delay' eval \
	'grep -c " 1 session  RX .*bit/s .*TX " "$tmp/text" | grep -x 2 &&
	 grep -E "$VPN_USER .* [0-9.]+ms +[0-9.]+m?s$" "$tmp/text"'
refuse 'top takes no other words' 'neither' ctl server top -x 3
check 'stats --json' member connections ctl server stats --json
check 'stats fits' eval 'ctl server stats | narrow'
check 'version --json' member sstpctl ctl server version --json
check '--json may come first' member sessions ctl server --json show
check 'show --json' member sessions ctl server show --json
check 'metrics --json' member established ctl server metrics --json
check 'reload --json' member reloaded ctl server reload --json
check 'the monitor tells of it' eval 'wait_for event events 3 && event 2 "e[\"event\"] == \"reload\""'
install -m 600 "$tmp/users" "$tmp/users2"
check 'user add --json' eval 'member added ctl server user -f "$tmp/users2" add carol 10.88.0.12 --json <<<secret'
check 'user list --json' eval 'ctl server --json user -f "$tmp/users2" list |
	python3 -c "import json, sys
assert {\"name\": \"carol\", \"address\": \"10.88.0.12\"} in json.load(sys.stdin)[\"users\"]"'
check 'user passwd --json' eval 'member changed ctl server --json user -f "$tmp/users2" passwd carol <<<other'
check 'user del --json' eval 'member deleted ctl server --json user -f "$tmp/users2" del carol'
check 'nt-hash --json' eval 'member nt_hash ctl server --json nt-hash <<<secret'
check 'the completion knows commands' eval 'completes mon | grep -x monitor'
# shellcheck disable=SC2034 # in the eval
check 'sockets and instances' eval 'RUN=$tmp completes -i "" | grep -x server &&
	RUN=$tmp completes -s "$tmp/s" | grep -x "$tmp/server.sock"'
check 'users of sessions' eval \
	'completes -s "$tmp/server.sock" disconnect --user "" | grep -x "$VPN_USER"'
check 'and those of the file' eval 'completes user -f "$tmp/users" del a | grep -x "$VPN_USER"'
check 'and the numbers of sessions' eval 'completes -s "$tmp/server.sock" show "" | grep -x "$id"'

# ---- metrics ----

ip netns exec "$A" sstpctl -s "$tmp/server.sock" metrics --listen "$METRICS" &
at_exit kill $!
wait_for 'exporter' listening "$A" 9823
scrape 'GET /metrics HTTP/1.1' | tr -d '\r' >"$tmp/answer"
check 'Prometheus gets 200' eval 'head -n 1 "$tmp/answer" | grep "^HTTP/1.1 200 "'
check 'and the type it asks for' grep -i '^content-type: application/openmetrics-text' "$tmp/answer"
sed '1,/^$/d' "$tmp/answer" >"$tmp/metrics"
equal 'a session' "$(metric sstpd_sessions role=server path=kernel)" 1
equal 'came up' "$(metric sstpd_sessions_established_total path=kernel)" 1
equal 'logged in' "$(metric sstpd_logins_total result=ok)" 1
between 'received bytes' "$(metric sstpd_received_bytes_total)" $((4 << 20)) $((20 << 20))
between 'the certificate is good for two days' \
	$(($(metric sstpd_certificate_not_after_seconds "file=$tmp/cert.pem") - $(date +%s))) \
	0 $((2 * 86400))
check 'as the log says' logged server "certificate $tmp/cert.pem expires within [12] day"
equal 'ten addresses are left' "$(metric sstpd_pool_free_addresses)" 10
# That of OCSP responses is where there are some: daemon-ocsp.sh.
for name in $(grep -ohE 'sstpd_[a-z_]+' "$here"/../examples/{prometheus-alerts.yml,grafana-dashboard.json} |
		grep -v '^sstpd_ocsp_' | sort -u); do
	check "the examples' $name is there" metric "$name"
done
check 'elsewhere it answers 404' eval 'scrape "GET /elsewhere HTTP/1.1" | grep "^HTTP/1.1 404 "'
scrape 'GET / HTTP/1.1' | tr -d '\r' >"$tmp/answer"
check 'people get a page' eval 'head -n 1 "$tmp/answer" | grep "^HTTP/1.1 200 " &&
	grep -i "^content-type: text/html" "$tmp/answer"'
check 'which may load and run nothing' grep "^Content-Security-Policy: default-src 'none'; " "$tmp/answer"
check 'of whole HTML, with the certificate' well_formed "$tmp/cert.pem"
check 'and nothing of who is connected' eval '! grep -F "$VPN_USER" "$tmp/answer"'
ip netns exec "$A" sstpctl -s "$tmp/server.sock" metrics --sessions --listen "${METRICS%:*}:9824" &
at_exit kill $!
wait_for 'exporter' listening "$A" 9824
METRICS=${METRICS%:*}:9824 scrape 'GET / HTTP/1.1' | tr -d '\r' >"$tmp/answer"
check 'unless that is wished' well_formed "$VPN_USER"
METRICS=${METRICS%:*}:9824 scrape 'GET /metrics HTTP/1.1' | tr -d '\r' | sed '1,/^$/d' >"$tmp/metrics"
equal 'a session by itself' "$(metric sstpd_session_sent_bytes_total "user=$VPN_USER" "session=$id" | grep -c '[0-9]')" 1
check 'to POST 405' eval 'scrape "POST /metrics HTTP/1.1" | grep "^HTTP/1.1 405 "'
check 'a file for the node exporter' ctl server metrics --textfile "$tmp/sstpd.prom"
equal 'that it may read' "$(stat -c %a "$tmp/sstpd.prom")" 644
check 'nothing is left beside it' eval '! ls "$tmp"/sstpd.prom.*'
# What counters are called there is no OpenMetrics.
{
	sed '/^# /d' "$tmp/sstpd.prom"
	echo '# EOF'
} >"$tmp/metrics"
check 'whose types the node exporter knows' eval '! grep "^# TYPE" "$tmp/sstpd.prom" | grep -v " gauge$\| counter$"'
equal 'with the same' "$(metric sstpd_sessions role=server path=kernel)" 1

# ---- the end of a session ----

check 'disconnect --json' member disconnecting ctl server disconnect "$id" --json
check 'the monitor tells of the end' eval 'wait_for event events 4 &&
	event 3 "e[\"event\"] == \"session-end\" and e[\"reason\"] == \"admin\" and e[\"session\"][\"id\"] == $id
	and e[\"session\"][\"rx_bytes\"] > 4 << 20"'
check 'the log gives the reason as a field' logged server "session $id end: .* reason=admin\]"
check 'the client is back' wait_for 'session' connected
stop_sstpd client

# ---- what a client is told ----

profile() # KIND [OPTION]...
{
	sstpctl profile "$VPN_USER" --conf "$tmp/server.conf" --for "$@" 2>"$tmp/complaints"
}

check 'a profile for sstpd' eval 'profile sstpd --routes 10.88.0.0/24 >"$tmp/profile"'
equal 'without complaints' "$(<"$tmp/complaints")" ''
check 'and without the password' eval '! grep -F "$VPN_PASSWORD" "$tmp/profile"'
sed "s|^password-file = .*|password-file = $tmp/password|" "$tmp/profile" | start_sstpd client "$B"
check 'is all that a client needs' wait_for 'session' connected
check 'its routes too' eval 'ip -n "$B" route show table all | grep "^10.88.0.0/24 "'
stop_sstpd client
check 'the one for NetworkManager is a key file' eval \
	'profile networkmanager | python3 -c "import configparser, sys
c = configparser.ConfigParser(interpolation=None)
c.read_file(sys.stdin)
assert c[\"vpn\"][\"gateway\"] == \"$SERVER_NAME\" and c[\"vpn\"][\"user\"] == \"$VPN_USER\""'

# ---- a failed login, and the end ----

# shellcheck disable=SC2034 # below, in an eval
events=$(wc -l <"$tmp/events")
echo 'not the password' >"$tmp/password"
client_conf | start_sstpd client "$B"
check 'a failed login is an event too' eval 'wait_for event grep -q session-failed "$tmp/events" &&
	grep session-failed "$tmp/events" | grep "\"reason\":\"peer-\|\"reason\":\"auth-failed\""'
ctl server metrics >"$tmp/metrics"
between 'and counted' "$(metric sstpd_logins_total result=failed)" 1 99
stop_sstpd client

stop_sstpd server
check 'for people: who, and why' eval 'narrow <"$tmp/events.txt" &&
	grep "who  *$VPN_USER from $ADDR_B" "$tmp/events.txt" &&
	grep "why  *admin: disconnected by the operator" "$tmp/events.txt"'
check 'the monitor ends with the daemon' wait_for 'its end' eval '! kill -0 $monitor'

# ---- what was accel-ppp's, and pppd's with sstpc ----

mkdir "$tmp/theirs" "$tmp/of-accel-ppp" "$tmp/of-pppd"
cat >"$tmp/theirs/accel-ppp.conf" <<-END
	[modules]
	sstp
	auth_mschap_v2
	chap-secrets
	ippool
	[sstp]
	bind=$ADDR_A
	accept=ssl
	ssl-pemfile=$tmp/cert.pem
	ssl-keyfile=$tmp/cert.key
	sndbuf=65536
	[ip-pool]
	gw-ip-address=$SERVER_TUN
	10.88.0.10-20
	[chap-secrets]
	gw-ip-address=$SERVER_TUN
	chap-secrets=$tmp/theirs/chap-secrets
END
printf '%s * "%s" *\n' "$VPN_USER" "$VPN_PASSWORD" >"$tmp/theirs/chap-secrets"
cat >"$tmp/theirs/office" <<-END
	pty "sstpc --nolaunchpppd --ca-cert $tmp/ca.pem $SERVER_NAME"
	name $VPN_USER
	password "${VPN_PASSWORD//\$/\\\$}"
	plugin sstp-pppd-plugin.so
	require-mschap-v2
	noauth
	usepeerdns
	defaultroute
	persist
END
check 'import: accel-ppp.conf' eval \
	'sstpctl import --into "$tmp/of-accel-ppp" "$tmp/theirs/accel-ppp.conf" 2>"$tmp/complaints"'
equal 'what has no equivalent is listed, and nothing else' "$(grep -o '\[.*' "$tmp/complaints")" \
	'[sstp] sndbuf 65536: no equivalent'
check 'import: a file of /etc/ppp/peers' sstpctl import --into "$tmp/of-pppd" "$tmp/theirs/office"
start_sstpd server "$A" <"$tmp/of-accel-ppp/sstpd.conf"
start_sstpd client "$B" <"$tmp/of-pppd/sstpd.conf"
check 'they connect by what it has made of these' explain wait_for 'session' connected
check 'ping' nb ping -c 1 -W "$PATIENCE" "$SERVER_TUN"
stop_sstpd client
stop_sstpd server
finish
