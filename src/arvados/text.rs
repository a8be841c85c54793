//! `null` and `""` mean the same (api.md v23).

use serde::{Deserialize, Deserializer};
use std::str::FromStr;

/// A UUID, or nothing where the server has `null`, `""` or a UUID of an unexpected kind.
pub fn uuid_or_nothing<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr,
{
    Ok(Option::<String>::deserialize(deserializer)?.and_then(|text| text.parse().ok()))
}

/// A list, or an empty one where the server has `null`.
pub fn list_or_nothing<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Ok(Option::<Vec<T>>::deserialize(deserializer)?.unwrap_or_default())
}
