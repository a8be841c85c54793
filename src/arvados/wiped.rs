//! Bytes that libraries have had in their hands, and that have a secret in them: zeroed where they stand, as soon
//! as nobody else has them any more. Given up instead, they would stay readable in freed memory.

use bytes::Bytes;
use reqwest::header::{HeaderValue, InvalidHeaderValue};
use std::fmt;
use zeroize::Zeroize;

/// How often what brought a secret is looked at until nobody else has it any more.
const LOOKS: usize = 10_000;

/// Zeroes them if nobody else has them; else gives them back.
fn wipe(bytes: Bytes) -> Result<(), Bytes> {
    bytes.try_into_mut().map(|mut alone| alone.as_mut().zeroize())
}

/// Zeroes the piece of a connection's buffer that brought a secret, once the connection has let go of it, which
/// takes it some turns. Pieces that share a buffer are given up but for the last: a record with a secret is
/// short, and comes in one.
pub(super) async fn wipe_when_let_go(mut bytes: Bytes) {
    for _ in 0..LOOKS {
        bytes = match wipe(bytes) {
            Ok(()) => return,
            Err(shared) => shared,
        };
        tokio::task::yield_now().await;
    }
}

/// A header with a secret. Requests share its bytes; when the last of its owners goes it is zeroed, unless a
/// request is still on its way then.
pub(super) struct SecretHeader {
    value: HeaderValue,
    bytes: Bytes,
}

impl SecretHeader {
    /// Of this text, which becomes its own.
    pub fn new(text: String) -> Result<Self, InvalidHeaderValue> {
        let bytes = Bytes::from(text);
        let mut value = match HeaderValue::from_maybe_shared(bytes.clone()) {
            Ok(value) => value,
            Err(error) => {
                // Nobody else has it.
                drop(wipe(bytes));
                return Err(error);
            }
        };
        value.set_sensitive(true);
        Ok(Self { value, bytes })
    }

    /// For a request.
    pub fn value(&self) -> HeaderValue {
        self.value.clone()
    }
}

impl Drop for SecretHeader {
    fn drop(&mut self) {
        self.value = HeaderValue::from_static("");
        drop(wipe(std::mem::take(&mut self.bytes)));
    }
}

impl fmt::Debug for SecretHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHeader(…)")
    }
}
