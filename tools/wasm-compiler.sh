# shellcheck shell=bash disable=SC2034
# Which Rust can compile for the browser, and how to call it. To be sourced; installs nothing (setup.sh does).
#
# Either the toolchain in use has the standard library for wasm32-unknown-unknown, or Debian's rustc-web does it, with
# the library built from its sources. The two halves of the portal may come from different compilers.

wasm_target=wasm32-unknown-unknown
debian_rustc=/usr/bin/rustc
debian_cargo=/usr/bin/cargo
debian_linker=/usr/bin/wasm-ld-22
debian_packages="rustc-web cargo-web rust-web-src lld-22"

# Prints `toolchain`, `debian`, or nothing.
wasm_compiler() {
  local libdir
  if libdir=$(rustc --print target-libdir --target "$wasm_target" 2>/dev/null) && [ -d "$libdir" ]; then
    echo toolchain
  elif [ -x "$debian_cargo" ] && [ -x "$debian_linker" ] && debian_rustc_has_sources; then
    echo debian
  fi
}

debian_rustc_has_sources() {
  local sysroot
  sysroot=$("$debian_rustc" --print sysroot 2>/dev/null) && [ -f "$sysroot/lib/rustlib/src/rust/library/Cargo.toml" ]
}

# cargo SUBCOMMAND for the browser: wasm_cargo build -p frontend …
wasm_cargo() {
  local subcommand=$1
  shift
  # The home of whoever builds does not belong into a file that browsers fetch.
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
  case $(wasm_compiler) in
    toolchain)
      cargo "$subcommand" --target "$wasm_target" "$@"
      ;;
    debian)
      # Building the standard library is unstable in name only here: rustc-web is the compiler its sources belong to.
      RUSTC="$debian_rustc" RUSTC_BOOTSTRAP=1 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$debian_linker" \
        "$debian_cargo" "$subcommand" -Z build-std=std,panic_abort --target "$wasm_target" "$@"
      ;;
    *)
      echo "No Rust here compiles for the browser: make setup" >&2
      return 1
      ;;
  esac
}
