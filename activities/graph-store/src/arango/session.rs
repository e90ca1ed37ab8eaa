//! Who the server takes this process for.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::header::HeaderValue;
use serde::Deserialize;
use tokio::sync::{Mutex, MutexGuard};
use zeroize::Zeroizing;

/// The JWT in use. One task at a time asks for a new one; the others wait for that.
#[derive(Default)]
pub(super) struct Session {
    current: Mutex<Option<Arc<Bearer>>>,
}

/// What is sent with each request.
pub(super) struct Bearer {
    /// None where the server asks nobody who they are.
    pub(super) header: Option<HeaderValue>,
    renew: Option<Instant>,
}

#[derive(Deserialize)]
struct Granted {
    jwt: String,
}

#[derive(Deserialize)]
struct Claims {
    exp: Option<u64>,
    iat: Option<u64>,
}

impl Session {
    /// The place of the JWT, for whoever looks whether it is still good and puts a new one there.
    pub(super) async fn lock(&self) -> MutexGuard<'_, Option<Arc<Bearer>>> {
        self.current.lock().await
    }

    /// The server no longer takes this one.
    pub(super) async fn refused(&self, bearer: &Arc<Bearer>) {
        let mut current = self.current.lock().await;
        // Another task may have renewed it meanwhile.
        if current.as_ref().is_some_and(|now| Arc::ptr_eq(now, bearer)) {
            *current = None;
        }
    }
}

impl Bearer {
    /// Whether it lasts for a while.
    pub(super) fn is_good(&self) -> bool {
        self.renew.is_none_or(|at| Instant::now() < at)
    }

    /// For a server without authentication.
    pub(super) fn nobody() -> Self {
        Self { header: None, renew: None }
    }

    /// A JWT that cannot be renewed.
    pub(super) fn fixed(token: &str) -> Option<Self> {
        Some(Self { header: Some(header(token)?), renew: None })
    }

    /// A JWT out of the answer to a login; renewed when a tenth of its time is left.
    pub(super) fn granted(answer: &[u8]) -> Option<Self> {
        let token = Zeroizing::new(serde_json::from_slice::<Granted>(answer).ok()?.jwt);
        let claims = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part.trim_end_matches('=')).ok());
        let claims: Option<Claims> = claims.and_then(|claims| serde_json::from_slice(&claims).ok());
        let renew = claims.and_then(|Claims { exp, iat }| {
            // Both are of the server's clock, which need not be ours.
            let begin = iat.or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|now| now.as_secs()))?;
            let lifetime = Duration::from_secs(exp?.saturating_sub(begin));
            Instant::now().checked_add(lifetime - lifetime / 10)
        });
        Some(Self { header: Some(header(&token)?), renew })
    }
}

fn header(token: &str) -> Option<HeaderValue> {
    let mut header = HeaderValue::from_str(&format!("bearer {token}")).ok()?;
    header.set_sensitive(true);
    Some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(claims: &str) -> Option<Bearer> {
        let jwt = format!("eyJh.{}.c2ln", URL_SAFE_NO_PAD.encode(claims));
        Bearer::granted(serde_json::json!({ "jwt": jwt }).to_string().as_bytes())
    }

    #[test]
    fn a_token_is_renewed_before_it_expires_whatever_the_clocks_say() {
        let hour = granted(r#"{"iss":"arangodb","iat":1000,"exp":4600}"#).unwrap();
        let left = hour.renew.unwrap() - Instant::now();
        assert!(left > Duration::from_secs(3_200) && left <= Duration::from_secs(3_240), "{left:?}");
        assert!(granted(r#"{"iat":1000,"exp":1000}"#).unwrap().renew.unwrap() <= Instant::now());
        assert!(granted(r#"{"iss":"arangodb"}"#).unwrap().renew.is_none());
        assert!(granted("nonsense").unwrap().renew.is_none());
        assert!(Bearer::granted(b"{}").is_none());
        assert!(Bearer::granted(br#"{"jwt":"a\nb"}"#).is_none());
    }
}
