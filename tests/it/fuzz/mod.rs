//! Whatever comes from outside is read without a fault: thousands of made-up inputs with every test run, and
//! all that were once of interest, kept in `__fuzz__/NAME/corpus`. To look for more:
//! `BOLERO_RANDOM_TEST_TIME_MS=60000 BOLERO_RANDOM_ITERATIONS=1000000000 cargo test --release --test it fuzz`.

mod forms;
mod made_up;
mod texts;
mod wire;
