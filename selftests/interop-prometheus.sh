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

# agree RULES DASHBOARD: each panel with colours has another one, not green, from the number on
# at which the alert of its metric fires. An alert counts logins per second, the panel those of
# a time; what is counted whole is above N from N + 1 on.
agree()
{
	python3 - "$1" "$2" <<'END'
import json, re, sys, yaml

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
NUMBER = r"([<>]) ([0-9. *]+)$"

def metrics(expression):
    return set(re.findall(r"sstpd_[a-z_]+", expression))

rules = [(rule["alert"], rule["expr"]) for group in yaml.safe_load(open(sys.argv[1]))["groups"]
         for rule in group["rules"]]

def steps_of(panel):
    options = panel.get("fieldConfig", {}).get("defaults", {}).get("thresholds", {})
    return [(step["value"], step["color"]) for step in options.get("steps", [])]

def fires(expression, panel):
    """Above or below what number of the panel's an alert fires."""
    found = re.search(NUMBER, expression)
    way, number = found[1], 1.0
    for factor in found[2].split("*"):
        number *= float(factor)
    if window := re.search(r"increase\(.*\[(\d+)([smhd])\]", panel):
        return way, number * int(window[1]) * SECONDS[window[2]]
    return way, number + 1 if way == ">" else number

compared = bad = 0
for panel in json.load(open(sys.argv[2]))["panels"]:
    steps = steps_of(panel)
    if not steps:
        continue
    expression = panel["targets"][0]["expr"]
    about = [rule for rule in rules if metrics(rule[1]) == metrics(expression)]
    if len(about) != 1:
        print(panel["title"], "has", len(about), "alerts")
        bad += 1
        continue
    way, number = fires(about[0][1], expression)
    # The colour on either side of it.
    below = [color for value, color in steps if value is None or value < number][-1]
    above = [color for value, color in steps if value is None or value <= number][-1]
    firing, silent = (above, below) if way == ">" else (below, above)
    print("%s: %s %s %.10g: %s, else %s" % (panel["title"], about[0][0], way, number,
                                             firing, silent))
    compared += 1
    if firing == silent or firing == "green":
        print("not at a step of", steps)
        bad += 1
sys.exit(bad or compared != 4)	# there are as many
END
}

# other NAME EDIT: a copy of that example, edited
other()
{
	sed "$2" "$EXAMPLES/$1" >"$tmp/$1"
	! cmp -s "$tmp/$1" "$EXAMPLES/$1" || bail "no \"$2\" in $1"
}

# agree_not FILE EDIT: one of both is another, and that does not pass
agree_not()
{
	local rules=$EXAMPLES/prometheus-alerts.yml dashboard=$EXAMPLES/grafana-dashboard.json

	other "$1" "$2"
	[[ $1 == *.yml ]] && rules=$tmp/$1 || dashboard=$tmp/$1
	refuse "not with $2 in $1 alone" 'not at a step' agree "$rules" "$dashboard"
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
check 'the steps of the dashboard are the numbers of the alerts' \
	agree "$EXAMPLES/prometheus-alerts.yml" "$EXAMPLES/grafana-dashboard.json"
for edit in 's/{path="tun"}) > 0$/{path="tun"}) > 2/' 's/addresses < 10$/addresses < 11/' \
	's/< 14 \* 86400$/< 15 * 86400/' 's/\[10m\]) > 0.5$/[10m]) > 0.4/'; do
	agree_not prometheus-alerts.yml "$edit"
done
for step in 1 10 1209600 1800; do
	agree_not grafana-dashboard.json "s/\(\"value\":\) $step\>/\1 ${step}1/"
done
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
