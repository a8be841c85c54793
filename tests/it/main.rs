//! The one integration test binary: what a user of the program, or of its demo cluster, can see.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod conformance;

/// A client for tests that speak HTTP themselves.
fn http_client() -> reqwest::Client {
    // Another test may have put it in place already.
    let _known = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}
