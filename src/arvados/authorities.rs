//! The certificate authorities of a file, block by block: one that can't be read takes none of the others
//! with it, and is named.

use super::connection::CaFile;
use super::error::{Error, Setting};
use crate::model::text::count;
use reqwest::Certificate;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// How a block begins, and how it ends.
const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";

/// So many unusable blocks are told one by one.
const MOST_TOLD: usize = 3;

/// What a file has.
pub struct Found {
    /// The authorities that can be used.
    pub certificates: Vec<Certificate>,
    /// What is wrong with the others: sentences.
    pub warnings: Vec<String>,
}

/// A block of the file.
struct Block<'a> {
    /// Counted from one.
    number: usize,
    /// The line it begins in, counted from one.
    line: usize,
    /// What it says it is, such as `CERTIFICATE`.
    label: &'a str,
    /// All of it; whether its end is there.
    text: Option<String>,
}

/// Reads it. An error if nothing in it can be used: with no authority at all, every server would be refused
/// for a reason that is not its own.
pub fn read(file: &CaFile) -> Result<Found, Error> {
    let text = String::from_utf8_lossy(&file.pem);
    let (mut certificates, mut faults, mut others) = (Vec::new(), Vec::new(), Vec::new());
    let mut known = RootCertStore::empty();
    for block in blocks(&text) {
        if !matches!(block.label, "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE") {
            others.push(block.label.to_owned());
            continue;
        }
        match certificate(&block, &mut known) {
            Ok(certificate) => certificates.push(certificate),
            Err(why) => {
                faults.push(format!("block {} (line {}) can't be used: {why}", block.number, block.line));
            }
        }
    }
    if certificates.is_empty() {
        let what = format!("{file} has no certificate that can be used: {}", {
            if let Some(fault) = faults.first() {
                fault.clone()
            } else if let Some(other) = others.first() {
                format!("it holds a {}, which is no certificate", other.to_lowercase())
            } else if file.pem.trim_ascii().is_empty() {
                "it is empty".to_owned()
            } else if file.pem.starts_with(&[0x30, 0x82]) {
                "it is in DER form; `openssl x509 -inform der -in FILE -out FILE.pem` makes PEM of it"
                    .to_owned()
            } else {
                "there is no -----BEGIN CERTIFICATE----- in it".to_owned()
            }
        });
        return Err(Error::Config(setting(file), what));
    }
    let told = faults.len().min(MOST_TOLD);
    let mut warnings: Vec<String> = faults[..told]
        .iter()
        .map(|fault| format!("{file}: {fault}; {} used", the_others(certificates.len())))
        .collect();
    if faults.len() > told {
        warnings.push(format!("{file}: {} more blocks can't be used", faults.len() - told));
    }
    Ok(Found { certificates, warnings })
}

/// What there is to correct where this file is at fault.
pub fn setting(file: &CaFile) -> Setting {
    if file.variable.is_some() { Setting::NamedAuthorities } else { Setting::UsualAuthorities }
}

fn the_others(usable: usize) -> String {
    count(usable, "other certificate is", "other certificates are")
}

/// The blocks of a text.
fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut found: Vec<Block<'_>> = Vec::new();
    let mut open: Option<(usize, &str, String)> = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(label) = line.strip_prefix(BEGIN) {
            if let Some((line, label, _)) = open.take() {
                found.push(Block { number: found.len() + 1, line, label, text: None });
            }
            open = Some((index + 1, label.trim_end_matches('-'), String::new()));
        }
        if let Some((_, _, body)) = &mut open {
            body.push_str(line);
            body.push('\n');
        }
        if line.starts_with(END)
            && let Some((line, label, body)) = open.take()
        {
            found.push(Block { number: found.len() + 1, line, label, text: Some(body) });
        }
    }
    if let Some((line, label, _)) = open {
        found.push(Block { number: found.len() + 1, line, label, text: None });
    }
    found
}

fn certificate(block: &Block<'_>, known: &mut RootCertStore) -> Result<Certificate, &'static str> {
    if block.label == "TRUSTED CERTIFICATE" {
        return Err("it is in OpenSSL's own form; `openssl x509 -in FILE` makes a usual one of it");
    }
    let text = block.text.as_deref().ok_or("its -----END CERTIFICATE----- is missing")?;
    let text = text.replace("X509 CERTIFICATE", "CERTIFICATE");
    let der = CertificateDer::from_pem_slice(text.as_bytes()).map_err(|_| "it is not base64")?;
    known.add(der.clone()).map_err(|_| "it is no certificate of an authority that can be read")?;
    Certificate::from_der(&der).map_err(|_| "it is no certificate")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn file(text: &str) -> CaFile {
        let pem = Arc::new(text.as_bytes().to_vec());
        CaFile { path: "~/ca.pem".to_owned(), variable: Some("SSL_CERT_FILE"), pem }
    }

    fn refused(text: &str) -> String {
        read(&file(text)).err().expect("nothing in it can be used").to_string()
    }

    #[test]
    fn a_file_without_a_usable_certificate_is_named_with_the_reason() {
        let start = "~/ca.pem (SSL_CERT_FILE) has no certificate that can be used: ";
        for (text, why) in [
            ("", "it is empty"),
            ("\n", "it is empty"),
            ("hello", "there is no -----BEGIN CERTIFICATE----- in it"),
            ("0\u{82}", "there is no -----BEGIN"),
            ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "it holds a private key"),
            ("x\n-----BEGIN CERTIFICATE-----\nAAAA\n", "block 1 (line 2) can't be used: its -----END"),
            (
                "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n",
                "block 1 (line 1) can't be used: it is not base64",
            ),
            (
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                "it is no certificate of an authority",
            ),
            ("-----BEGIN TRUSTED CERTIFICATE-----\nAAAA\n-----END TRUSTED CERTIFICATE-----\n", "OpenSSL's"),
        ] {
            let said = refused(text);
            assert!(said.starts_with(start) && said.contains(why), "{said}");
        }
        let der = CaFile { pem: Arc::new(vec![0x30, 0x82, 1, 2]), ..file("") };
        assert!(read(&der).err().expect("no PEM").to_string().contains("openssl x509 -inform der"));
    }
}
