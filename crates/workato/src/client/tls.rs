//! TLS for calls to Workato: rustls with ring, given explicitly, so that no process-wide default is needed or set.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

/// Trusts the system's certificate authorities (or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name), and where
/// the system has none, as in a bare container, Mozilla's, which are compiled in.
pub(super) fn config() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots()).with_no_client_auth())
}

fn roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    for error in &system.errors {
        tracing::warn!(%error, "a certificate authority of the system cannot be read");
    }
    roots.add_parsable_certificates(system.certs);
    if roots.is_empty() {
        tracing::info!("the system has no certificate authorities; using Mozilla's");
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}
