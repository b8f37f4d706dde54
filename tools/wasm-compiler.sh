# shellcheck shell=bash disable=SC2034
# Finds a Rust compiler for the browser and calls it. Source this file; setup.sh installs the compiler.
#
# Either the current toolchain has the standard library for wasm32-unknown-unknown, or Debian's rustc-web builds it from
# source. The two halves of the portal may come from different compilers.

wasm_target=wasm32-unknown-unknown
debian_rustc=/usr/bin/rustc
debian_cargo=/usr/bin/cargo
debian_linker=/usr/bin/wasm-ld-22
debian_packages="rustc-web cargo-web rust-web-src lld-22"

# Prints `toolchain`, `debian`, or nothing if there is no compiler.
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

# Runs Cargo for the browser: wasm_cargo build -p frontend …
wasm_cargo() {
  local subcommand=$1
  shift
  # Keep the builder's home folder out of a file that browsers download.
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
  case $(wasm_compiler) in
    toolchain)
      cargo "$subcommand" --target "$wasm_target" "$@"
      ;;
    debian)
      # -Z build-std is unstable in general, but rustc-web and these sources have the same version.
      RUSTC="$debian_rustc" RUSTC_BOOTSTRAP=1 CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$debian_linker" \
        "$debian_cargo" "$subcommand" -Z build-std=std,panic_abort --target "$wasm_target" "$@"
      ;;
    *)
      echo "No Rust compiler for the browser was found. Run: make setup" >&2
      return 1
      ;;
  esac
}
