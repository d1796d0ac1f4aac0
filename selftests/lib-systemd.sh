# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What tests of the installed Debian package share, on top of lib-sstpd.sh: the package
# and a real systemd, in namespaces of its own. `make deb` builds the package. For the
# test VM only: what is installed stays.
[[ -e /ksstp/kernels ]] || { echo 'Bail out! only in the test VM'; exit 1; }
packages=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/build/deb/trixie
export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
KSSTP_BUILD=/nonexistent
. "$(dirname "${BASH_SOURCE[0]}")/lib-sstpd.sh"
PATIENCE=240

install_package()
{
	ls "$packages"/sstpd_*.deb >/dev/null || bail 'no packages: make deb'
	check 'the package installs' dpkg -i "$packages"/sstpd_*.deb
}

# What systemd sees: its /run is not ours, the network is that of namespace A.
inside()
{
	nsenter -t "$(pgrep -P "$unshare" -x systemd)" -m -n -p "$@"
}

start_systemd()
{
	# Else the first boot makes caches anew: minutes of an emulated processor.
	touch /etc/.updated /var/.updated
	ip netns exec "$A" env -i container=other PATH="$PATH" unshare --fork --pid \
		--mount --mount-proc /usr/lib/systemd/systemd --unit=basic.target \
		>"$tmp/systemd.log" 2>&1 </dev/null &
	unshare=$!
	wait_for 'systemd' pgrep -P "$unshare" -x systemd ||
		bail "systemd does not start: $(tail -n 3 "$tmp/systemd.log")"
	# The first process of its namespace takes all others along.
	at_exit kill -KILL "$(pgrep -P "$unshare" -x systemd)"
	check 'systemd starts' explain wait_for 'basic.target' active basic.target
	((ktap_failed == 0)) || bail 'nothing else can be tested'
}

active() # unit
{
	inside systemctl is-active "$1"
}

# explain CHECK...: if it fails, with what the units and the journal say
explain()
{
	"$@" && return
	inside systemctl status --no-pager -l 'sstpd*'
	inside journalctl --no-pager -n 40
	tail -n 20 "$tmp/systemd.log"
	return 1
}
