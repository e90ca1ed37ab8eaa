//! Who asks.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::envelope::{Answer, Error, Result};

/// The one user, if there is one.
pub(crate) struct Gate {
    user: Option<(String, String)>,
    lifetime: u64,
    /// Tokens of an earlier generation are no longer taken.
    generation: u64,
}

impl Gate {
    pub(crate) fn new(user: Option<(String, String)>, lifetime: u64) -> Self {
        Self { user, lifetime, generation: 0 }
    }

    /// Makes every token expire.
    pub(crate) fn expire(&mut self) {
        self.generation += 1;
    }

    /// `POST /_open/auth`.
    pub(crate) fn login(&self, body: &[u8]) -> Result<Answer> {
        let Some((user, password)) = &self.user else { return Err(Error::new(404, 404, "unknown path '/_open/auth'")) };
        let body: Value = serde_json::from_slice(body).map_err(|_| Error::numbered(600))?;
        let is = |field: &str, value: &str| body.get(field).and_then(Value::as_str) == Some(value);
        if !is("username", user) || !is("password", password) {
            return Err(Error::new(401, 401, "Wrong credentials"));
        }
        let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        let (iat, exp) = (now(), now() + self.lifetime);
        let claims = json!({ "iss": "arangodb", "preferred_username": user, "iat": iat, "exp": exp }).to_string();
        let claims = URL_SAFE_NO_PAD.encode(claims);
        let signature = self.signature(&claims);
        Ok(Answer::new(200, json!({ "jwt": format!("{head}.{claims}.{signature}") })))
    }

    /// Whether the value of `Authorization` is good.
    pub(crate) fn admit(&self, authorization: Option<&str>) -> Result<()> {
        let Some((user, password)) = &self.user else { return Ok(()) };
        let refused = || Error::new(401, 11, "not authorized to execute this request");
        let (scheme, value) = authorization.and_then(|a| a.split_once(' ')).ok_or_else(refused)?;
        let is_good = match scheme.to_ascii_lowercase().as_str() {
            "basic" => STANDARD.decode(value).is_ok_and(|pair| pair == format!("{user}:{password}").as_bytes()),
            "bearer" => self.is_valid(value),
            _ => false,
        };
        if is_good { Ok(()) } else { Err(refused()) }
    }

    fn is_valid(&self, token: &str) -> bool {
        let mut parts = token.split('.').skip(1);
        let (Some(claims), Some(signature)) = (parts.next(), parts.next()) else { return false };
        let decoded = URL_SAFE_NO_PAD.decode(claims).ok();
        let decoded: Option<Value> = decoded.and_then(|claims| serde_json::from_slice(&claims).ok());
        let exp = decoded.and_then(|claims| claims.get("exp")?.as_u64());
        signature == self.signature(claims) && exp.is_some_and(|exp| exp > now())
    }

    fn signature(&self, claims: &str) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(format!("double {} {claims}", self.generation)))
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs())
}
