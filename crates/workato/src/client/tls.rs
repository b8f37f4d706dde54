//! TLS for calls to Workato: rustls with ring, set explicitly, so that no process-wide default is needed.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

/// A configuration that trusts the system's certificate authorities, or those in `SSL_CERT_FILE` and `SSL_CERT_DIR`. If
/// the system has none, as in a minimal container, it trusts Mozilla's, which are compiled in.
///
/// # Errors
/// If rustls does not support the protocol versions.
pub fn tls_config() -> Result<ClientConfig, rustls::Error> {
    let system = rustls_native_certs::load_native_certs();
    for error in &system.errors {
        tracing::warn!(%error, "could not read one of the system's certificate authorities");
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
    fn the_client_offers_only_tls_1_2_and_1_3() {
        let config = tls_config().expect("a configuration");
        let suites = &config.crypto_provider().cipher_suites;
        assert!(suites.iter().any(|suite| suite.version() == &rustls::version::TLS13));
        for suite in suites {
            let version = suite.version();
            assert!([&rustls::version::TLS12, &rustls::version::TLS13].contains(&version), "{suite:?}");
            let name = format!("{:?}", suite.suite());
            let is_strong = name.contains("GCM") || name.contains("CHACHA20_POLY1305");
            let is_forward_secret = name.starts_with("TLS13_") || name.starts_with("TLS_ECDHE_");
            assert!(is_strong && is_forward_secret, "{name}");
        }
    }

    #[test]
    fn a_system_without_certificate_authorities_uses_mozillas() {
        assert_eq!(roots(Vec::new()).len(), webpki_roots::TLS_SERVER_ROOTS.len());
        let unreadable = vec![CertificateDer::from(b"not a certificate".to_vec())];
        assert_eq!(roots(unreadable).len(), webpki_roots::TLS_SERVER_ROOTS.len());
    }
}
