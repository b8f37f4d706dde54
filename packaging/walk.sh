#!/usr/bin/env bash
# Walks the Debian package through its life on a clean Debian 12: install, start, set up, a team against the sandbox, a share,
# backup, upgrade, purge, restore, verify. Usage: packaging/walk.sh FILE.deb (needs root, debootstrap, Node and curl).
#
# The root is a container of its own network, so nothing outside is touched and every address is its loopback. With
# systemd-nspawn, systemd boots in it, so that the unit runs with its sandboxing and LoadCredential. Without, the program is
# started in a chroot with the unit's account, settings and key (WALK_WITHOUT_SYSTEMD=yes asks for that).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

step() { printf '\n== %s\n' "$*"; }
fail() {
  echo "walk: $*" >&2
  exit 1
}

# In the container's namespaces, as root.
in_root() {
  local clean=(/usr/bin/env -i --chdir=/ PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive SUDO_USER=ada)
  if [ -n "$leader" ]; then
    nsenter --target "$leader" --mount --uts --ipc --pid --root "${clean[@]}" "$@"
  else
    chroot "$root" "${clean[@]}" "$@"
  fi
}

boot() {
  local unified=0
  if [ -e /sys/fs/cgroup/cgroup.controllers ]; then unified=1; fi
  SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=$unified systemd-nspawn --quiet --directory="$root" --register=no --keep-unit \
    --console=pipe --boot </dev/null >"$root.boot.log" 2>&1 &
  local nspawn=$!
  for _ in $(seq 150); do
    leader=$(pgrep -P "$nspawn" | head -n 1) || leader=
    if [ -n "$leader" ] && in_root systemctl is-active --quiet multi-user.target 2>/dev/null; then
      echo "systemd $(in_root systemctl --version | awk 'NR == 1 { print $2 }') has booted"
      return
    fi
    kill -0 "$nspawn" 2>/dev/null || break
    sleep 0.2
  done
  cat "$root.boot.log" >&2
  fail "systemd does not boot. To walk without it, set WALK_WITHOUT_SYSTEMD=yes"
}

mount_chroot() {
  mount -t proc proc "$root/proc"
  mount -t tmpfs -o mode=755 tmpfs "$root/run"
  for device in null zero random urandom; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
  done
}

start() {
  if [ -n "$leader" ]; then
    in_root systemctl start partner-portal
  else
    in_root partner-portal-admin serve >>"$root/root/portal.log" 2>&1 &
  fi
  for _ in $(seq 150); do
    if [ "$(curl -s -o "$root/root/ready" -w '%{http_code}' http://127.0.0.1:9100/readyz)" = 200 ]; then return; fi
    sleep 0.2
  done
  if [ -n "$leader" ]; then in_root journalctl --no-pager -u partner-portal >&2; else cat "$root/root/portal.log" >&2; fi
  fail "the portal is not ready"
}

stop() {
  if [ -n "$leader" ]; then
    in_root systemctl stop partner-portal
  else
    # There are no other processes in this namespace. The sandbox has another account.
    pkill -TERM -u "$(in_root id -u partner-portal)" -x partner-portal
    for _ in $(seq 150); do
      pgrep -u "$(in_root id -u partner-portal)" -x partner-portal >/dev/null || return 0
      sleep 0.2
    done
    fail "the portal does not stop"
  fi
}

walk() {
  step "Install"
  in_root dpkg --install /root/portal.deb
  in_root dpkg --verify partner-portal
  in_root getent passwd partner-portal
  [ "$(stat -c '%a %U' "$root/etc/partner-portal/master.key")" = "600 root" ] || fail "the master key is not root's alone"
  [ "$(stat -c '%a' "$root/etc/partner-portal/portal.env")" = 640 ] || fail "everybody can read portal.env"
  if in_root ldd /usr/bin/partner-portal 2>&1 | grep -q '=>'; then fail "the program is not static"; fi
  for page in partner-portal partner-portal-serve partner-portal-check; do
    [ -s "$root/usr/share/man/man1/$page.1.gz" ] || fail "there is no man page of $page"
  done
  in_root partner-portal --version

  step "Start"
  local sandbox_token=wrkaus-walk-0123456789abcdef
  chroot "$root" /usr/bin/partner-portal sandbox --addr 127.0.0.1:4010 --token "$sandbox_token" --no-limits \
    >"$root/root/sandbox.log" 2>&1 &
  add_settings
  start
  pgrep -u "$(in_root id -u partner-portal)" -x partner-portal >/dev/null || fail "it does not run with its own account"
  if [ -n "$leader" ]; then
    in_root systemctl show partner-portal --property=ExecMainStatus,User,ProtectSystem,PrivateUsers,NoNewPrivileges,MemoryDenyWriteExecute
    in_root systemd-analyze security partner-portal --threshold=15 --no-pager | tail -n 1
    in_root sh -c 'journalctl --no-pager -u partner-portal | tail -n 3'
  fi
  in_root partner-portal-admin check --only configuration,files,keys,database,disk,portal

  step "Set up, a team, a share"
  node "$here/walk.mjs" "$root/var/lib/partner-portal/setup-link" http://127.0.0.1:4010 "$sandbox_token"
  in_root partner-portal-admin check
  share_is_logged
  curl -s http://127.0.0.1:4010/sandbox/ledger | grep -q '"action":"connector.share"' || fail "nothing was shared in the sandbox"

  step "Back up"
  in_root partner-portal-admin backup /var/lib/partner-portal/backup.db
  mkdir "$root/root/kept"
  mv "$root/var/lib/partner-portal/backup.db" "$root/root/kept/"
  cp -p "$root/var/lib/partner-portal/"signing.* "$root/etc/partner-portal/master.key" "$root/root/kept/"

  step "Install again, as an upgrade does"
  in_root dpkg --install /root/portal.deb
  cmp "$root/root/kept/master.key" "$root/etc/partner-portal/master.key" || fail "the upgrade replaced the master key"
  grep -q PORTAL_SECOND_FACTOR "$root/etc/partner-portal/portal.env" || fail "the upgrade replaced the settings"

  step "Purge"
  stop
  in_root dpkg --purge partner-portal | tee "$root/root/purge.log"
  grep -q "kept the audit log" "$root/root/purge.log" || fail "purging does not say what it keeps"
  [ -e "$root/var/lib/partner-portal/portal.db" ] || fail "purging removed the audit log"
  rm -r "$root/var/lib/partner-portal" "$root/etc/partner-portal"

  step "Restore"
  in_root dpkg --install /root/portal.deb
  install -m 0600 "$root/root/kept/master.key" "$root/etc/partner-portal/master.key"
  add_settings
  local id
  id=$(in_root id -u partner-portal)
  install -d -m 0700 -o "$id" -g "$(in_root id -g partner-portal)" "$root/var/lib/partner-portal"
  install -m 0600 -o "$id" -g "$(in_root id -g partner-portal)" "$root/root/kept/"{backup.db,signing.key,signing.mark} \
    "$root/var/lib/partner-portal/"
  in_root partner-portal-admin restore backup.db
  in_root partner-portal-admin audit verify
  start
  in_root partner-portal-admin check
  share_is_logged
  cp "$root/usr/bin/partner-portal" "$root/root/kept/"
  stop

  step "As in the container image: the program alone, a read-only root, another account"
  image
  step "Done: every step worked"
}

# What packaging/container/Containerfile builds, and how it is meant to be run, without a container engine.
image() {
  local image=$root/image served
  mkdir -p "$image"/{data,tmp,proc}
  cp "$root/root/kept/partner-portal" "$image/"
  mount --bind "$image" "$image"
  mount -o remount,ro,bind "$image"
  mount -t tmpfs -o mode=1777 tmpfs "$image/tmp"
  mount -t tmpfs -o uid=10001,gid=10001,mode=0700 tmpfs "$image/data"
  mount -t proc proc "$image/proc"
  install -m 0400 -o 10001 -g 10001 "$root/root/kept/master.key" "$image/data/master.key"
  in_image() {
    env -i PATH="$PATH" PORTAL_ADDR=0.0.0.0:3001 PORTAL_METRICS_ADDR=127.0.0.1:9101 PORTAL_DATA_DIR=/data/portal PORTAL_LOG_FORMAT=json \
      PORTAL_MASTER_KEY_FILE=/data/master.key PORTAL_INSECURE_HTTP=yes PORTAL_PUBLIC_URL=https://portal.example.com PORTAL_TRUSTED_PROXIES=127.0.0.1,::1 \
      chroot --userspec=10001:10001 --groups= "$image" /partner-portal "$@"
  }
  in_image serve >"$root/root/image.log" 2>&1 &
  served=$!
  for _ in $(seq 150); do
    if in_image check --only portal >"$root/root/image.check" 2>&1; then break; fi
    sleep 0.2
  done
  cat "$root/root/image.check"
  in_image check --only portal >/dev/null || { cat "$root/root/image.log" >&2; fail "the image's health check fails"; }
  in_image check --only configuration,files,keys,database,disk
  proxies
  pkill -TERM -u 10001 -x partner-portal
  wait "$served" || fail "the program in the image does not stop cleanly"
}

# The portal of the image behind the examples for proxies, if they are installed.
proxies() {
  local work=$root/root/proxies
  mkdir -p "$work"
  if command -v nginx >/dev/null && openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/privkey.pem" -out "$work/fullchain.pem" \
    -days 1 -subj /CN=portal.example.com 2>/dev/null; then
    sed -e "s#/etc/letsencrypt/live/portal.example.com#$work#; s#127.0.0.1:3000#127.0.0.1:3001#" "$here/proxy/nginx.conf" >"$work/site.conf"
    printf 'daemon off; user root; pid %s/pid; error_log %s/error.log; events {} http { access_log off; client_body_temp_path %s/b; proxy_temp_path %s/p; fastcgi_temp_path %s/f; uwsgi_temp_path %s/u; scgi_temp_path %s/s; include %s/site.conf; }\n' \
      "$work"{,,,,,,,} >"$work/nginx.conf"
    nginx -p "$work" -c "$work/nginx.conf" >"$work/nginx.log" 2>&1 &
    behind nginx $!
  else
    echo "walk: not tried behind nginx, because it is missing"
  fi
  if command -v caddy >/dev/null; then
    { printf '{\n\tlocal_certs\n\tskip_install_trust\n\tadmin off\n}\n'; sed -e 's#127.0.0.1:3000#127.0.0.1:3001#' "$here/proxy/Caddyfile"; } >"$work/Caddyfile"
    XDG_DATA_HOME=$work XDG_CONFIG_HOME=$work caddy run --adapter caddyfile --config "$work/Caddyfile" >"$work/caddy.log" 2>&1 &
    behind Caddy $!
  else
    echo "walk: not tried behind Caddy, because it is missing"
  fi
}

# behind NAME PID: reads a page and sends a form through the proxy, over TLS.
behind() {
  local url=https://portal.example.com page status
  local call=(curl -sk --max-time 10 --resolve portal.example.com:443:127.0.0.1)
  for _ in $(seq 100); do
    page=$("${call[@]}" -i "$url/login") && break
    sleep 0.2
  done
  grep -qi '^strict-transport-security' <<<"$page" || { cat "$root/root/proxies/"*.log >&2; fail "no page through $1: $page"; }
  # A wrong password leads back to the form; a foreign Host or Origin would be refused.
  status=$("${call[@]}" -o /dev/null -w '%{http_code}' -H "Origin: $url" -d 'email=nobody@example.com&password=a-wrong-password' "$url/api/fn/sign_in")
  [ "$status" = 303 ] || fail "a form through $1 is answered with $status"
  status=$("${call[@]}" -o /dev/null -w '%{http_code}' -H 'Origin: https://evil.example' -d 'email=a@example.com&password=x' "$url/api/fn/sign_in")
  [ "$status" = 403 ] || fail "a form of another site through $1 is answered with $status"
  kill "$2"
  wait "$2" 2>/dev/null || true
  echo "behind $1: a page, a form, and a refused form of another site"
}

add_settings() {
  cat >>"$root/etc/partner-portal/portal.env" <<SETTINGS
PORTAL_PUBLIC_URL=http://localhost:3000
PORTAL_WORKATO_HOSTS=http://127.0.0.1:4010
PORTAL_SECOND_FACTOR=optional
SETTINGS
}

share_is_logged() {
  local entries
  entries=$(in_root partner-portal-admin audit export --search action:connector.share | wc -l)
  [ "$entries" -ge 2 ] || fail "the share has no intent and outcome in the log, only $entries entries"
}

if [ "${1:-}" = --inside ]; then
  root=$2
  leader=
  mount --make-rprivate /
  # What systemd-nspawn leaves there stays in this namespace.
  mount -t tmpfs tmpfs /run
  ip link set lo up
  cp "$3" "$root/root/portal.deb"
  if [ -z "${WALK_WITHOUT_SYSTEMD:-}" ] && command -v systemd-nspawn >/dev/null; then
    boot
  else
    echo "walk: without systemd, so the unit's sandboxing and LoadCredential are not tried"
    mount_chroot
  fi
  walk
  exit 0
fi

deb=${1:?usage: packaging/walk.sh FILE.deb}
for tool in debootstrap unshare nsenter ip node curl; do
  if ! command -v "$tool" >/dev/null; then
    echo "walk: skipped, because $tool is missing"
    exit 0
  fi
done
if [ "$(id -u)" -ne 0 ]; then
  echo "walk: skipped, because it needs root"
  exit 0
fi
deb=$(realpath "$deb")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/partner-portal/bookworm.tar
root=$(mktemp -d /tmp/partner-portal-walk.XXXXXXXX)
trap 'rm -rf --one-file-system "$root" "$root".*' EXIT
if [ ! -s "$cache" ]; then
  mkdir -p "$(dirname "$cache")"
  # The mirror that this machine uses, if it is Debian 12.
  # shellcheck disable=SC2016
  mirror=$(apt-get indextargets --format '$(SITE) $(RELEASE)' 2>/dev/null | awk '$2 == "bookworm" { print $1; exit }')
  # shellcheck disable=SC2086
  debootstrap --variant=minbase --include=adduser,systemd,systemd-sysv bookworm "$root" $mirror >"$root.log" || {
    cat "$root.log" >&2
    exit 1
  }
  tar -C "$root" -cf "$cache.new" . && mv "$cache.new" "$cache"
else
  tar -C "$root" -xf "$cache"
fi
# mktemp made it for root alone, and accounts in the container must get in.
chmod 0755 "$root"
unshare --mount --net --pid --fork --kill-child --mount-proc "$here/walk.sh" --inside "$root" "$deb"
