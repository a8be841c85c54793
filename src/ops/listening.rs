//! Waits during a change for a silence of the server that is to be told of.

use super::silence::{self, Then};
use crate::arvados::client::Client;
use std::time::Duration;

/// A silence of the server, as the client that makes the change hears it.
pub struct Silence {
    client: Client,
    silence: silence::Silence,
}

impl Silence {
    /// Something is begun with this client.
    pub fn begins(client: Client) -> Self {
        let silence = silence::Silence::since(client.timer().now());
        Self { client, silence }
    }

    /// Waits until it is to be told of; comes back with how long it is.
    pub async fn long(&mut self) -> Duration {
        loop {
            if let Some(at) = self.client.last_answer() {
                self.silence.answered(at);
            }
            match self.silence.look(self.client.timer().now()) {
                Then::Say(lasts) => return lasts,
                Then::LookAfter(delay) => self.client.timer().wait(delay).await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arvados::connection::Connection;
    use crate::demo;
    use crate::secret::Secret;
    use crate::timer::ManualTime;
    use futures::poll;
    use std::pin::pin;

    #[tokio::test]
    async fn a_long_step_that_is_answered_stays_quiet_and_one_that_is_not_is_told_of() {
        let demo = demo::start(demo::Options::default()).await.expect("a demo cluster");
        let time = ManualTime::starting_at("2026-11-24T10:42:00Z".parse().expect("a time"));
        let token = Secret::new(demo.admin_token().to_owned());
        let connection = Connection::on_loopback(demo.addr().to_string(), token);
        let client = Client::new(&connection, time.timer()).expect("a client");
        let mut silence = Silence::begins(client.clone());
        let mut long = pin!(silence.long());
        for _ in 0..5 {
            time.advance(Duration::from_secs(9));
            client.current_token().await.expect("an answer");
            assert!(poll!(&mut long).is_pending(), "an answer came");
        }
        client.hearing().current_token().await.expect("an answer");
        time.advance(Duration::from_secs(10));
        assert_eq!(long.await, Duration::from_secs(10), "what another hears is no answer");
    }
}
