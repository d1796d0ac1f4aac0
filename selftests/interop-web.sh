#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A web site behind our server, as doc/remote-access.md sets it up, with its own lines: by
# nginx and by Apache, as Debian ships them. Their logs have the client's address, their
# redirects lead to where the client came from, and nobody else is believed.
#
#	$A  sstpd 192.0.2.1:443 -> nginx, Apache 127.0.0.1:8080		$B  clients
set -euo pipefail
[[ -e /ksstp/kernels ]] || { echo 'Bail out! only in the test VM'; exit 1; }
. "$(dirname "$0")/lib-sstpd.sh"
. "$(dirname "$0")/lib-doc.sh"

NAME=vpn.example.com
modules=/usr/lib/apache2/modules

# ---- the web servers ----

make_site()
{
	at_exit rm -rf /var/www/html/sstp-test
	mkdir -p /var/www/html/sstp-test/there
	echo 'it is here' >/var/www/html/sstp-test/there/page
}

# start_web NAME COMMAND...: until it listens
start_web()
{
	local name=$1

	shift
	echo "# $name"
	ip netns exec "$A" "$@" >"$tmp/web.err" 2>&1 &
	web=$!
	at_exit kill "$web"
	wait_for "$name" listening "$A" 8080 ||
		bail "$name does not start: $(cat "$tmp/web.err")"
}

stop_web()
{
	kill "$web"
	wait "$web" 2>/dev/null || true
}

start_nginx()
{
	{
		printf '%s;\n' "pid $tmp/nginx.pid" 'daemon off' 'user www-data' \
			"error_log $tmp/nginx.err"
		echo 'events { }'
		echo "http { access_log $tmp/access.log;"
		text remote-access '^nginx has'
		echo '}'
	} >"$tmp/nginx.conf"
	start_web "$(nginx -v 2>&1)" nginx -c "$tmp/nginx.conf"
}

# Of Debian's configuration what is needed, the log as its sites have it.
start_apache()
{
	{
		printf 'LoadModule %s_module '"$modules"'/mod_%s.so\n' mpm_event mpm_event \
			authz_core authz_core dir dir remoteip remoteip
		printf '%s\n' "PidFile $tmp/apache.pid" "DefaultRuntimeDir $tmp" \
			"ErrorLog $tmp/apache.err" 'User www-data' 'Group www-data' \
			"CustomLog $tmp/access.log \"%h %l %u %t \\\"%r\\\" %>s\""
		text remote-access '^Apache, after'
	} >"$tmp/apache.conf"
	start_web "$(apache2 -v | head -n 1)" apache2 -f "$tmp/apache.conf" -DFOREGROUND
}

# ---- who asks ----

asks() # ADDRESS PATH
{
	https "$B" "$1:443" "GET $2 HTTP/1.1" "Host: $NAME" 'Connection: close'
}

gets_page() # ADDRESS
{
	asks "$1" /sstp-test/there/page | grep -x 'it is here'
}

in_log() # ADDRESS
{
	grep -qF "$1 - - [" "$tmp/access.log"
}

# Where a browser goes next: to the same host, by HTTPS
redirects()
{
	local to

	to=$(asks "$ADDR_A" /sstp-test/there | tr -d '\r' | sed -n 's/^Location: //p')
	[[ $to == ?(https://$NAME)/sstp-test/there/ ]] || {
		echo "to: $to"
		return 1
	}
}

# A header is wanted, of whoever connects.
answers_without_header()
{
	printf 'GET /sstp-test/there/page HTTP/1.0\r\n\r\n' |
		ip netns exec "$A" timeout "$PATIENCE" socat -t "$PATIENCE" - TCP:127.0.0.1:8080 |
		grep 'it is here'
}

site_of() # NAME START
{
	: >"$tmp/access.log"
	"$2"
	check "$1: the page" gets_page "$ADDR_A"
	check "$1: the client's address is in its log" explain wait_for 'log line' in_log "$ADDR_B"
	check "$1: the page, by IPv6" gets_page "[$ADDR6_A]"
	check "$1: that address is, too" explain wait_for 'log line' in_log "$ADDR6_B"
	equal "$1: and no other" "$(cut -d ' ' -f 1 "$tmp/access.log" | sort -u | xargs)" \
		"$ADDR_B $ADDR6_B"
	check "$1: a redirect has neither port nor scheme of the inside" redirects
	check "$1: no answer to who sends no header" eval '! answers_without_header'
	stop_web
}

# ---- everything ----

setup_sstpd
make_site
mapfile -t lines < <(text remote-access '^reaches. In /etc/sstpd')
server_conf "${lines[@]}" |
	sed "s/^listen = .*/listen = $ADDR_A:443, [$ADDR6_A]:443/" | start_sstpd server "$A"
site_of nginx start_nginx
site_of Apache start_apache
client_conf | start_sstpd client "$B"
check 'sessions come up beside it' explain wait_for session has_session server
check 'ping' nb ping -c 3 -i 0.2 -W 5 "$SERVER_TUN"
stop_sstpd client
stop_sstpd server
equal 'sstpd ends in order' "$status" 0
finish
