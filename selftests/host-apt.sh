#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The repository that scripts/apt-repo makes (build/apt), used by a bare Debian 13 as
# doc/packages.md says, network-manager-ksstp beside Debian's own package, and what apt does
# when something in it has been changed.
# On this machine itself, in a root that is removed in the end.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$here/../scripts/lib.sh"

SUITE=trixie
REPO=$here/../build/apt
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

bare_root()
{
	mmdebstrap --mode=root --variant=minbase --include=ca-certificates "$SUITE" "$root" \
		"deb [signed-by=$KEYRING] $(debian_mirror) $SUITE main"
	cp /etc/resolv.conf "$root/etc/"
}

# inside COMMAND...
inside()
{
	chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
		LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"
}

apt_install()
{
	inside apt-get install -qy --no-install-recommends "$@"
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
	rm -rf "$root/apt" "$root"/var/lib/apt/lists/_apt_*
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
root=$tmp/root
mkdir "$root"
at_exit rm -rf --one-file-system "$root"
check 'a bare root is made' bare_root
fresh_repository
mkdir -p "$root/etc/apt/keyrings"
sed 's|^URIs:.*|URIs: file:/apt|' "$REPO/ksstp-$SUITE.sources" \
	>"$root/etc/apt/sources.list.d/ksstp.sources"

refuse 'without the key nothing is taken from it' 'is not signed' update
cp "$REPO/ksstp.asc" "$root/etc/apt/keyrings/"
check 'with it its index is' update
check 'beside those of Debian' inside apt-get -q update
check 'sstpd comes from there' eval \
	'inside apt-cache policy sstpd | grep -q "file:/apt $SUITE/main"'
check 'and is installed by apt-get' apt_install sstpd
check 'and runs' inside sstpd --version
check 'what was installed is what was built' eval 'inside dpkg --verify sstpd'

# ---- beside Debian's package for NetworkManager ----

# serving: the files by which NetworkManager finds who does SSTP
serving()
{
	(cd "$root/usr/lib/NetworkManager/VPN" &&
		grep -lx 'service=org.freedesktop.NetworkManager.sstp' -- *.name | paste -sd ' ')
}

check 'network-manager-sstp is installed' apt_install network-manager-sstp
equal 'and serves' "$(serving)" nm-sstp-service.name
check 'network-manager-ksstp is, beside it' apt_install network-manager-ksstp
equal 'and serves, alone' "$(serving)" nm-ksstp-service.name
check 'what the other has installed is as it was' inside dpkg --verify network-manager-sstp
check 'the other is installed anew' apt_install --reinstall network-manager-sstp
equal 'which changes nothing' "$(serving)" nm-ksstp-service.name
check 'network-manager-ksstp is removed' inside apt-get remove -qy network-manager-ksstp
equal 'the other serves again' "$(serving)" nm-sstp-service.name
inside apt-get purge -qy sstpd network-manager-ksstp network-manager-sstp >/dev/null

# ---- what somebody has changed ----

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
