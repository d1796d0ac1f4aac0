#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A repository of the packages in build/deb, made, and used by a bare Debian 13, with the
# commands of doc/packages.md, network-manager-ksstp beside Debian's own packages and their
# dialogs, and what apt does when something in it has been changed.
# On this machine itself, in a root that is removed in the end; packages.example.com is a web
# server here.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib-doc.sh"
. "$here/../scripts/lib.sh"

SUITE=trixie
PORT=8098
SITE=http://127.0.0.1:$PORT
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

bare_root()
{
	mmdebstrap --mode=root --variant=minbase --include=ca-certificates,curl "$SUITE" "$root" \
		"deb [signed-by=$KEYRING] $(debian_mirror) $SUITE main"
	cp /etc/resolv.conf "$root/etc/"
	# What somebody at a terminal would answer, and nothing that is not needed.
	printf 'APT::%s;\n' 'Get::Assume-Yes "true"' 'Install-Recommends "false"' \
		>"$root/etc/apt/apt.conf.d/test"
}

# inside COMMAND...
inside()
{
	chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
		LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"
}

apt_install()
{
	inside apt-get install -q "$@"
}

# A tree with these packages alone: the repository of this one may be somebody's.
make_repository()
{
	mkdir -p "$tmp/tree/build/deb"
	find "$PWD" -mindepth 1 -maxdepth 1 ! -name build -exec ln -s -t "$tmp/tree" {} +
	cp -a "build/deb/$SUITE" "$tmp/tree/build/deb/"
	(cd "$tmp/tree" && env -u KEY -u URI bash -ec "$(text packages '^to more than one machine')")
}

serve_repository()
{
	mkdir "$tmp/web"
	ln -s "$REPO" "$tmp/web/ksstp"
	python3 -m http.server --bind 127.0.0.1 --directory "$tmp/web" $PORT \
		>"$tmp/web.log" 2>&1 &
	at_exit kill "$!"
	wait_for 'web server' curl -sf "$SITE/ksstp/ksstp.asc" -o /dev/null ||
		bail "$(cat "$tmp/web.log")"
}

# guide PATTERN: the commands of that block, in the root
guide()
{
	inside bash -ec "$(text packages "$1" | sed "s|https://packages\.example\.com|$SITE|")"
}

# use URI: the list of packages has that, not the guide's address
use()
{
	sed -i "s|^URIs:.*|URIs: $1|" "$LIST"
}

# The repository alone: nobody else's can be what fails, or what helps.
update()
{
	inside apt-get -o Dir::Etc::SourceParts=- \
		-o Dir::Etc::SourceList=/etc/apt/sources.list.d/ksstp.sources \
		-o APT::Get::List-Cleanup=0 -o APT::Update::Error-Mode=any update
}

fresh_repository()
{
	rm -rf "$root/apt" "$root"/var/lib/apt/lists/{_apt,127.0.0.1}_*
	cp -a "$REPO" "$root/apt"
}

# changed FILE-PATTERN: a byte more at its end
changed()
{
	local file

	fresh_repository
	for file in "$root/apt"/$1; do
		echo >>"$file"
	done
}

begin_test
cd "$here/.."
ls build/deb/$SUITE/*.deb >/dev/null || bail 'no packages: scripts/deb'
root=$tmp/root
REPO=$tmp/tree/build/apt
LIST=$root/etc/apt/sources.list.d/ksstp.sources
mkdir "$root"
at_exit rm -rf --one-file-system "$root"
check 'the guide makes a repository' make_repository
check 'a bare root is made' bare_root
serve_repository
check 'the guide: key and list of packages are fetched' guide '^On a machine that is to use it'
equal 'the list is the one in the guide' "$(cat "$LIST")" "$(text packages '^The second file is')"
use $SITE/ksstp
mv "$root/etc/apt/keyrings/ksstp.asc" "$tmp/"
refuse 'without the key nothing is taken from it' 'is not signed' update
mv "$tmp/ksstp.asc" "$root/etc/apt/keyrings/"
check 'with it its index is' update
check 'the guide: packages are installed, beside those of Debian' guide '^and then$'
check 'sstpd comes from there' eval \
	'inside apt-cache policy sstpd | grep -q "$SITE/ksstp $SUITE/main"'
check 'and runs' inside sstpd --version
check 'what was installed is what was built' inside dpkg --verify sstpd sstp-dkms
check 'DKMS has built the module for the kernel of these headers' eval \
	'ls "$root"/lib/modules/*/updates/dkms/sstp.ko*'

# ---- beside Debian's package for NetworkManager ----

# serving: the files by which NetworkManager finds who does SSTP
serving()
{
	(cd "$root/usr/lib/NetworkManager/VPN" &&
		grep -lx 'service=org.freedesktop.NetworkManager.sstp' -- *.name | paste -sd ' ')
}

# keys_of FILE...: of vpn.data, as Debian's programs have them, in a table or among their words
keys_of()
{
	local file

	for file; do
		case $file in
		*sstpui.so) strings -a -n 4 "$file" | grep -xE '[a-z]+(-[a-z0-9]+)+' ;;
		*) "$here/nm-plugin-keys" "$file" refuse-eap ;;
		esac || return
	done
}

# settings KEY...: a connection with these, for D-Bus
settings()
{
	printf "{'connection': {'id': <'x'>, 'type': <'vpn'>,
		'uuid': <'5a5a5a5a-0000-4000-8000-000000000001'>},
		'vpn': {'service-type': <'org.freedesktop.NetworkManager.sstp'>, 'data': <{"
	printf "'%s': 'x'\n" "$@" | paste -sd ,
	printf '}>}}'
}

# left_out KEY...: those that our service says it does not know, of such a connection
left_out()
{
	inside gdbus call --system --dest org.freedesktop.NetworkManager.sstp \
		--object-path /org/freedesktop/NetworkManager/VPN/Plugin \
		--method org.freedesktop.NetworkManager.VPN.Plugin.Connect \
		"$(settings "$@")" >"$tmp/connect" 2>&1 || true
	# It ends with the first key that is wrong, after it has gone through all.
	grep -q 'must be\|there is none' "$tmp/connect" || cat "$tmp/connect"
	sed -n 's/.* \([^ ]*\) is not known, and left out$/\1/p' "$tmp/service" | sort | paste -sd ' '
}

start_service()
{
	apt_install -q dbus-daemon libglib2.0-bin
	mkdir -p "$root/run/dbus" "$root/run/sstpd"
	inside dbus-daemon --system --nofork --nopidfile >"$tmp/bus" 2>&1 &
	at_exit kill "$!"
	wait_for 'bus' test -S "$root/run/dbus/system_bus_socket"
	inside G_MESSAGES_DEBUG=all "$(sed -n 's/^program=//p' \
		"$root/usr/lib/NetworkManager/VPN/nm-ksstp-service.name")" --persist >"$tmp/service" 2>&1 &
	at_exit kill "$!"
	wait_for 'service' inside gdbus introspect --system \
		--dest org.freedesktop.NetworkManager.sstp \
		--object-path /org/freedesktop/NetworkManager/VPN/Plugin
}

# dialogs_keys: of Debian's service, both editors of GNOME and, without all that it needs,
# KDE's, in $tmp/keys
dialogs_keys()
{
	local dialogs

	inside bash -ec 'cd /tmp && apt-get download -q plasma-nm && dpkg-deb -x plasma-nm_*.deb plasma'
	dialogs=("$root/usr/libexec/nm-sstp-service" "$root"/usr/lib/*/NetworkManager/libnm-*sstp-editor.so
		"$root"/tmp/plasma/usr/lib/*/qt6/plugins/plasma/network/vpn/*sstpui.so)
	ls "${dialogs[@]}" && ((${#dialogs[@]} == 4)) && keys_of "${dialogs[@]}" >"$tmp/keys"
}

# A secret is none of vpn.data.
knows_keys()
{
	mapfile -t keys < <(grep -vx 'proxy-password' "$tmp/keys" | sort -u)
	echo "# ${#keys[@]} keys: ${keys[*]}"
	between 'so many' ${#keys[@]} 35 60
	equal 'our service knows each of them, and no others' \
		"$(left_out "${keys[@]}" no-such-key)" no-such-key
}

check 'network-manager-sstp is installed' apt_install network-manager-sstp
check 'and its dialogs' apt_install network-manager-sstp-gnome
equal 'and serves' "$(serving)" nm-sstp-service.name
check 'network-manager-ksstp is, beside it' apt_install network-manager-ksstp
equal 'and serves, alone' "$(serving)" nm-ksstp-service.name
check 'what the other has installed is as it was' inside dpkg --verify network-manager-sstp
check 'so are its dialogs' inside dpkg --verify network-manager-sstp-gnome
check 'which our service names' eval 'ls "$root"/usr/lib/*/NetworkManager/"$(sed -n "s/^plugin=//p" \
	"$root/usr/lib/NetworkManager/VPN/nm-ksstp-service.name")"'
check 'the dialogs have their keys' dialogs_keys
check 'our service runs' start_service
knows_keys
check 'the other is installed anew' apt_install --reinstall network-manager-sstp
equal 'which changes nothing' "$(serving)" nm-ksstp-service.name
check 'network-manager-ksstp is removed' inside apt-get remove -q network-manager-ksstp
equal 'the other serves again' "$(serving)" nm-sstp-service.name
inside apt-get purge -q sstpd sstp-dkms network-manager-ksstp network-manager-sstp \
	network-manager-sstp-gnome >/dev/null 2>&1
inside apt-get clean

# ---- what somebody has changed ----

use file:/apt
changed "pool/$SUITE/sstpd_*.deb"
update >/dev/null 2>&1 || true
refuse 'a package that was changed is refused' 'Hash Sum mismatch\|unexpected size' apt_install sstpd
changed "dists/$SUITE/main/binary-*/Packages*"
refuse 'so is an index that was' 'Hash Sum mismatch\|unexpected size' update
fresh_repository
sed -i 's/^Label: .*/Label: other/' "$root/apt/dists/$SUITE/InRelease"
refuse 'and what is signed' 'manipulated\|BADSIG' update
fresh_repository
mkdir -m 700 "$tmp/other"
GNUPGHOME=$tmp/other gpg -q --batch --passphrase '' --quick-generate-key other ed25519 sign never
GNUPGHOME=$tmp/other gpg -q --batch --yes --clearsign -o "$root/apt/dists/$SUITE/InRelease" \
	"$root/apt/dists/$SUITE/Release"
rm "$root/apt/dists/$SUITE/Release.gpg"
refuse 'and what somebody else has signed' 'is not signed' update
fresh_repository
check 'the repository itself is as it was' update
finish
