//! A passkey in software, for tests: it answers challenges as a browser with an authenticator does.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::{SecureRandom, SystemRandom},
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const HAS_CREDENTIAL: u8 = 0x40;

/// A passkey of one person at one portal.
#[derive(Debug)]
pub struct SoftPasskey {
    key: EcdsaKeyPair,
    id: Vec<u8>,
    user: String,
    /// Where the browser says that it is.
    pub origin: String,
    /// The signature counter.
    pub counter: u32,
    /// Whether each use is counted.
    pub counts: bool,
    /// Whether the device verifies its user.
    pub verifies_user: bool,
}

#[expect(clippy::missing_panics_doc, clippy::expect_used, reason = "only tests use it, with options of the portal")]
impl SoftPasskey {
    /// Makes a passkey for these options, in a browser at this origin. Returns it with the browser's answer.
    #[must_use]
    pub fn create(options: &str, origin: &str) -> (Self, String) {
        let options: Value = serde_json::from_str(options).expect("options");
        let options = &options["publicKey"];
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.as_ref(), &random).expect("a key");
        let mut id = vec![0; 32];
        random.fill(&mut id).expect("random bytes");
        let user = text(&options["user"]["id"]);
        let passkey = Self { key, id, user, origin: origin.to_owned(), counter: 0, counts: true, verifies_user: true };
        let answer = passkey.registration(options);
        (passkey, answer)
    }

    fn registration(&self, options: &Value) -> String {
        let mut data = self.authenticator_data(&text(&options["rp"]["id"]), HAS_CREDENTIAL);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("a short id").to_be_bytes());
        data.extend(&self.id);
        // The public key in COSE: EC2, ES256, P-256, x and y.
        let point = self.key.public_key().as_ref();
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point[33..65]);
        // {"fmt": "none", "attStmt": {}, "authData": …} in CBOR.
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        attestation.push(u8::try_from(data.len()).expect("fewer than 256 bytes"));
        attestation.extend(&data);
        let client = self.client_data("webauthn.create", &text(&options["challenge"]));
        self.answer_with(json!({ "attestationObject": base64(&attestation), "clientDataJSON": base64(&client) }))
    }

    /// Answers these options.
    #[must_use]
    pub fn answer(&mut self, options: &str) -> String {
        self.counter += u32::from(self.counts);
        let options: Value = serde_json::from_str(options).expect("options");
        let options = &options["publicKey"];
        let data = self.authenticator_data(&text(&options["rpId"]), 0);
        let client = self.client_data("webauthn.get", &text(&options["challenge"]));
        let signed = [data.as_slice(), &Sha256::digest(&client)].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).expect("a signature");
        self.answer_with(json!({
            "authenticatorData": base64(&data),
            "clientDataJSON": base64(&client),
            "signature": base64(signature.as_ref()),
            "userHandle": self.user,
        }))
    }

    fn authenticator_data(&self, rp: &str, more: u8) -> Vec<u8> {
        let verified = if self.verifies_user { USER_VERIFIED } else { 0 };
        let mut data = Sha256::digest(rp.as_bytes()).to_vec();
        data.push(USER_PRESENT | verified | more);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client_data(&self, kind: &str, challenge: &str) -> Vec<u8> {
        json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false })
            .to_string()
            .into_bytes()
    }

    fn answer_with(&self, response: Value) -> String {
        let id = base64(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response, "extensions": {} }).to_string()
    }
}

fn base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[expect(clippy::expect_used, reason = "only tests use it, with options of the portal")]
fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}
