#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What a device package does to a machine, said line by line for test_package.py: `fact NAME: VALUE`.
# Runs inside a fresh Debian root with /tmp/one.deb and /tmp/two.deb, as its root.
set -u
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

fact() { echo "fact $1: $2"; }
version() { dpkg-query -W -f '${Status} ${Version}' pump-core 2>/dev/null || echo none; }

dpkg -i /tmp/one.deb
fact install-exit $?
fact installed "$(version)"
for user in pump-control pump-safety pump-service pump-panel pump-gateway pump-verify pump-update; do
  fact "user-$user" "$(id -u "$user" >/dev/null 2>&1 && echo yes || echo no)"
done
fact users-differ "$(for user in pump-control pump-safety pump-service pump-panel pump-gateway pump-verify pump-update; do id -u $user; done |
  sort -u | wc -l)"
fact sockets "$(stat -c '%a %U %G' /run/pump)"
fact enabled "$(systemctl is-enabled pump.target 2>/dev/null || true)"
systemd-analyze verify --man=no /lib/systemd/system/pump-*.service /lib/systemd/system/pump.target >/tmp/verify 2>&1
fact verify "$(grep -c pump /tmp/verify) $(head -c 200 /tmp/verify | tr '\n' ' ')"
fact pumpctl "$(pumpctl version)"
for program in pump-controld pump-safetyd pump-paneld; do
  fact "version-$program" "$($program --version)"
done
fact without-devices "$(setpriv --reuid pump-control --regid pump --clear-groups \
  pump-controld --run /run/pump --board reference 2>&1; echo "exit $?")"
bash -n /usr/share/bash-completion/completions/pumpctl
fact completion $?
fact manual "$(zcat /usr/share/man/man1/pumpctl.1.gz | grep -m1 '^.Nm')"
fact manual-daemon "$(zcat /usr/share/man/man8/pump-controld.8.gz | head -1)"
fact overlays "$(ls /usr/lib/pump/overlays | tr '\n' ' ')"

fact manual-updated "$(zcat /usr/share/man/man8/pump-updated.8.gz | grep -m1 '^.Nm')"
# What pump-verify finds, as its unit runs it.
install -d -o pump-verify -m 0755 /run/pump-verify
verified() {
  setpriv --reuid pump-verify --regid pump-verify --clear-groups pump-verify all >/dev/null 2>&1
  echo "exit $? $(sed -n 2p /run/pump-verify/verdict)"
}
one() { pump-verify one "/usr/bin/$1" >/dev/null 2>&1; echo $?; }
flip() { cp -a "$1" /tmp/kept; printf 'XXXX' | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }
back() { cp -a /tmp/kept "$1"; }
fact verified "$(verified)"
for program in pump-controld pump-safetyd pump-serviced pump-paneld pump-gatewayd pump-updated; do
  fact "checked-$program" "$(one $program)"
done
flip /usr/bin/pump-safetyd 100000
fact changed-program "$(verified), one $(one pump-safetyd), other $(one pump-controld)"
back /usr/bin/pump-safetyd
flip /usr/lib/systemd/system/pump-safetyd.service 10
fact changed-unit "$(verified)"
back /usr/lib/systemd/system/pump-safetyd.service
flip /usr/lib/pump/manifest 40
fact changed-list "$(verified)"
back /usr/lib/pump/manifest
echo '# mine' >>/etc/default/pump-core
fact changed-settings "$(verified)"
sed -i '$d' /etc/default/pump-core

# As the unit does it, with the users and folders of the unit, but for systemd itself.
mkdir -p /var/lib/pump /var/lib/pump-update
chown pump-service /var/lib/pump && chown pump-update /var/lib/pump-update
install -d -o pump-update -g pump -m 0750 /run/pump-update
# Always in a shell of its own, in whose place the program comes: a signal reaches the program.
as() { user=$1; shift; exec setpriv --reuid "$user" --regid pump --clear-groups "$@"; }
umask 0007
as pump-service pump-serviced --run /run/pump --data /var/lib/pump --allow-user pump-control \
  --allow-user pump-safety --panel-user pump-panel --updater pump-update >/tmp/service.log 2>&1 &
service=$!
as pump-update pump-updated attend --state /var/lib/pump-update --run /run/pump --intake /run/pump-update >/tmp/update.log 2>&1 &
update=$!
n=0
while [ $n -lt 100 ] && [ ! -S /run/pump/update.sock ]; do sleep 0.1; n=$((n + 1)); done
sleep 2
fact started "$(kill -0 $service && echo service) $(kill -0 $update && echo update)"
fact sockets-made "$(ls /run/pump | tr '\n' ' ')"
# Whoever is neither client nor panel is sent away at the service's socket.
asked() { said=$(as "$1" pumpctl status --run /run/pump 2>&1); echo "$said: exit $?" | tr '\n' ' '; }
fact pumpctl-as-updater "$(asked pump-update)"
fact pumpctl-as-service "$(asked pump-service)"
kill $service $update
wait $service
fact service-exit $?
fact records "$(ls /var/lib/pump | tr '\n' ' ')"

mkdir -p /var/lib/pump
echo record >/var/lib/pump/records
echo 'PUMP_BOARD=reference # mine' >>/etc/default/pump-core
user=$(id -u pump-control)
dpkg -i /tmp/two.deb </dev/null
fact upgrade-exit $?
fact upgraded "$(version)"
fact settings-kept "$(grep -c '# mine' /etc/default/pump-core)"
fact same-user "$([ "$user" = "$(id -u pump-control)" ] && echo yes || echo no)"

printf '#!/bin/sh\necho %s\n' "'{\"state\":\"infusing\"}'" >/usr/local/bin/pumpctl
chmod +x /usr/local/bin/pumpctl
dpkg -r pump-core >/tmp/refused 2>&1
fact remove-while-infusing "$? $(version)"
fact refusal "$(grep -c 'a therapy is active' /tmp/refused)"
rm /usr/local/bin/pumpctl

dpkg -r pump-core
fact remove-exit $?
fact removed "$(version)"
fact program-left "$(ls /usr/bin/pump-* /usr/bin/pumpctl /lib/systemd/system/pump* 2>/dev/null | wc -l)"
fact records-after-remove "$(cat /var/lib/pump/records 2>/dev/null)"
fact settings-after-remove "$(ls /etc/default/pump-core 2>/dev/null)"

dpkg -P pump-core
fact purge-exit $?
fact purged "$(version)"
fact left-after-purge "$(ls -d /var/lib/pump /var/lib/pump-update /run/pump /etc/default/pump-core 2>/dev/null | wc -l)"
