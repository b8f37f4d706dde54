//! TLS for calls to Workato: rustls with ring, given explicitly, so that no process-wide default is needed or set.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

/// Trusts the system's certificate authorities (or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name), and where
/// the system has none, as in a bare container, Mozilla's, which are compiled in.
///
/// # Errors
/// When rustls refuses the protocol versions.
pub fn tls_config() -> Result<ClientConfig, rustls::Error> {
    let system = rustls_native_certs::load_native_certs();
    for error in &system.errors {
        tracing::warn!(%error, "a certificate authority of the system cannot be read");
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots(system.certs)).with_no_client_auth())
}

fn roots(system: Vec<CertificateDer<'static>>) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(system);
    if roots.is_empty() {
        tracing::info!("the system has no certificate authorities; using Mozilla's");
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_without_certificate_authorities_uses_mozillas() {
        assert_eq!(roots(Vec::new()).len(), webpki_roots::TLS_SERVER_ROOTS.len());
        let unreadable = vec![CertificateDer::from(b"not a certificate".to_vec())];
        assert_eq!(roots(unreadable).len(), webpki_roots::TLS_SERVER_ROOTS.len());
    }
}
