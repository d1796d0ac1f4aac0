#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The Debian packages on this kernel, as an administrator meets them: installed,
# the module built by DKMS, for a new kernel too, signed, loaded by itself, then
# one that cannot be built, then removed. `make deb` builds the packages. What
# it installs it does not put back: for the test VM only.
set -euo pipefail
[[ -e /ksstp/kernels ]] || { echo 'Bail out! only in the test VM'; exit 1; }
packages=$(cd "$(dirname "$0")/.." && pwd)/build/deb/trixie
rm -f "/lib/modules/$(uname -r)/updates/sstp.ko"
depmod
export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
KSSTP_BUILD=/nonexistent
export PATIENCE=90
. "$(dirname "$0")/lib-sstpd.sh"

release=$(uname -r)
other=$(awk -v is="$release" '$2 != is && $1 != "6.1" { print $2; exit }' /ksstp/kernels)

# Headers that are not there yet: the packages build for this kernel alone.
hide_headers()
{
	local dir

	for dir in /lib/modules/*; do
		[[ ${dir##*/} == "$release" ]] || mv "$dir/build" "$dir/hidden"
	done
}

# A kernel is installed, with its headers, and calls what its package would.
install_kernel() # release
{
	mv "/lib/modules/$1/hidden" "/lib/modules/$1/build"
	/etc/kernel/postinst.d/dkms "$1" "/boot/vmlinuz-$1"
}

state_of() # kernel: what DKMS says of the module
{
	dkms status -m sstp -k "$1" | sed 's/.*: *//'
}

# tunnel PATH: server and client come up, on that data path, and move packets
tunnel()
{
	server_conf | start_sstpd server "$A"
	client_conf | start_sstpd client "$B"
	check 'server and client connect' wait_for 'session' connected
	equal "over $1" "$(session_of server path)" "$1"
	check 'packets pass' nb ping -c 3 -i 0.2 -W 5 "$SERVER_TUN"
}

tunnel_down()
{
	stop_sstpd client
	stop_sstpd server
}

# One that the compiler does not take, as after a change of the kernel's.
break_module()
{
	echo '#error not with this kernel' >>/usr/src/sstp-*/kmod/main.c
	dkms remove -m sstp -v "$version" --all
	dkms add -m sstp -v "$version"
}

echo 'KTAP version 1'
ls "$packages"/sstp*.deb >/dev/null || bail 'no packages: make deb'
version=$(dpkg-deb -f "$packages"/sstp-dkms_*.deb Version)
version=${version%-*}
hide_headers
check 'the packages install' dpkg -i "$packages"/sstp{d,-dkms}_*.deb
equal 'DKMS has built the module' "$(state_of "$release")" installed
check 'modprobe finds that one' grep -q /updates/dkms/ <(modinfo -n sstp)
equal 'it has the version of the package' "$(modinfo -F version sstp)" "$version"
check 'it is signed with the key of this machine' grep . <(modinfo -F signer sstp)
check 'the units are there' test -e /usr/lib/systemd/system/sstpd@.service
check 'their empty directory is there' test -d /run/sstpd/empty
check 'what autopkgtest runs' "$here/../debian/tests/tunnel"
equal 'for this kernel only' "$(state_of "$other")" added
check 'a new kernel is installed' install_kernel "$other"
equal 'DKMS has built the module for it' "$(state_of "$other")" installed

setup_sstpd
check 'the module can be removed from the kernel' remove_module
tunnel kernel
check 'the daemon has loaded it' test -d /sys/module/sstp
tunnel_down

check 'the module is removed from the kernel' remove_module
check 'its source changes' break_module
refuse 'it cannot be built' 'bad exit status' dkms install -m sstp -v "$version"
tunnel tun
check 'sstpctl says why' grep 'sstp' <<<"$(session_of server path_reason)"
check 'the log does' logged server 'kernel data path: .*sstp'
echo "# reason: $(session_of server path_reason)"
tunnel_down

check 'the packages can be removed' dpkg -P sstp-dkms sstpd
equal 'DKMS knows no module any more' "$(dkms status -m sstp)" ''
refuse 'nor does modprobe' 'not found' modprobe sstp
check 'no source is left' test ! -e "/usr/src/sstp-$version"
check 'no unit is left' test ! -e /usr/lib/systemd/system/sstpd.service
finish
