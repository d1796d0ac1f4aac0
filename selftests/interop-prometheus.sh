#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Prometheus and its node exporter, as Debian ships them, read our metrics: the file, by
# the exporters of Debian 12 and 13; the pages, by Prometheus with the configuration, the
# alerts and the dashboard's queries of examples/. Which alerts fire, and which do not,
# is in alerts.test.yml.
set -euo pipefail
. "$(dirname "$0")/lib-sstpd.sh"
EXAMPLES=$here/../examples

# read_by PROGRAM PORT: its page in $tmp/page, with our file
read_by()
{
	ip netns exec "$A" "$1" --web.listen-address="127.0.0.1:$2" \
		--collector.disable-defaults --collector.textfile \
		--collector.textfile.directory="$tmp/textfile" >"$tmp/exporter.log" 2>&1 &
	at_exit kill $!
	wait_for 'node exporter' listening "$A" "$2" || return
	printf 'GET /metrics HTTP/1.0\r\n\r\n' |
		ip netns exec "$A" socat -t "$PATIENCE" - "TCP4:127.0.0.1:$2" >"$tmp/page"
}

on_page() # LINE
{
	grep -x -- "$1" "$tmp/page" || {
		cat "$tmp/page" "$tmp/exporter.log"
		return 1
	}
}

# ask [EXPRESSION VALUE]...: Prometheus, until it says so of each; without, it has to know
# the queries of the dashboard
ask()
{
	ip netns exec "$A" timeout "$PATIENCE" python3 - "$EXAMPLES/grafana-dashboard.json" "$@" <<'END'
import json, sys, time, urllib.parse, urllib.request

def query(expression):
    with urllib.request.urlopen("http://127.0.0.1:9090/api/v1/query?query=" +
                                urllib.parse.quote(expression)) as answer:
        return [sample["value"][1] for sample in json.load(answer)["data"]["result"]]

def until(expression, value):
    said = None
    while said != [value]:
        try:
            now = query(expression)
        except OSError as error:	# it is about to start
            now = error
        if str(now) != str(said):
            print(expression, "is", now, flush=True)
        said = now
        time.sleep(0.2)

asked = sys.argv[2:]
for expression, value in zip(asked[::2], asked[1::2]):
    until(expression, value)
if not asked:
    for panel in json.load(open(sys.argv[1]))["panels"]:
        for target in panel["targets"]:
            print(target["expr"])
            query(target["expr"].replace("$instance", ".*")
                  .replace("$__rate_interval", "1m"))
END
}

setup_sstpd
command -v promtool >/dev/null || bail 'no promtool here'
server_conf | start_sstpd server "$A"
client_conf | start_sstpd client "$B"
check 'a client connects' explain wait_for session connected

# ---- the node exporter ----

mkdir "$tmp/textfile"
for options in '' --sessions; do
	# shellcheck disable=SC2086
	sstpctl -s "$tmp/server.sock" metrics $options --textfile "$tmp/textfile/sstpd.prom"
	check "promtool check metrics${options:+, $options}" \
		promtool check metrics <"$tmp/textfile/sstpd.prom"
done
port=9100
for exporter in /usr/bin /ksstp/bookworm-node-exporter/usr/bin; do
	version=$("$exporter/prometheus-node-exporter" --version 2>&1 | sed -n '1s/.*version \([^ ]*\).*/\1/p')
	check "node exporter $version reads the file" read_by \
		"$exporter/prometheus-node-exporter" $port
	check "$version: without an error" on_page 'node_textfile_scrape_error 0'
	check "$version: the sessions" on_page 'sstpd_sessions{path="kernel",role="server"} 1'
	check "$version: the counters" on_page 'sstpd_logins_total{result="ok"} 1'
	check "$version: the version" on_page 'sstpd_build_info{version=".*"} 1'
	port=$((port + 1))
done

# ---- Prometheus ----

check 'the alerts fire, each at what it names' promtool test rules "$here/alerts.test.yml"
check 'the configuration' promtool check config "$EXAMPLES/prometheus.yml"
ip netns exec "$A" sstpctl -s "$tmp/server.sock" metrics --listen 127.0.0.1:9823 &
at_exit kill $!
mkdir "$tmp/examples"
sed 's/^rule_files:/global: { scrape_interval: 1s, evaluation_interval: 1s }\n&/' \
	"$EXAMPLES/prometheus.yml" >"$tmp/examples/prometheus.yml"
cp "$EXAMPLES/prometheus-alerts.yml" "$tmp/examples/"
ip netns exec "$A" prometheus --config.file="$tmp/examples/prometheus.yml" \
	--storage.tsdb.path="$tmp/tsdb" --web.listen-address=127.0.0.1:9090 \
	>"$tmp/prometheus.log" 2>&1 &
at_exit kill $!
check 'Prometheus scrapes sstpd, and knows the session' ask 'up{job="sstpd"}' 1 \
	'sstpd_sessions{path="kernel",role="server"}' 1
# The certificate of this test is good for two days.
check 'it has an alert of the certificate, and no other' ask \
	'count(ALERTS{alertname="SstpdCertificateEnds"})' 1 'count(ALERTS)' 1
check 'it understands the dashboard' ask
stop_sstpd server
check 'sstpd is gone: an alert' ask 'count(ALERTS{alertname="SstpdDown"}) > bool 0' 1
finish
