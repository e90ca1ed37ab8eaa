//! Failing on demand: `POST /_double/fault` with an object.
//!
//! | `kind` | what happens |
//! | --- | --- |
//! | `refuse` | `status` and `number`, nothing is done |
//! | `key` | the document with the key `key` is refused with `number` |
//! | `drop` | everything is done, and the connection closed without an answer |
//! | `lose` | nothing is done, and the connection closed without an answer |
//! | `slow` | everything is done, and the answer comes after `milliseconds` |
//! | `truncate` | everything is done, and the answer breaks off |
//! | `cut` | everything is done, and the answer is half of its JSON |
//! | `hold` | the request waits, and is done when `POST /_double/release` comes, whether or not somebody waits for it |
//! | `die` | the process kills itself, before the request is done or (`after`: true) before it is answered |
//! | `queue` | the answer says that requests wait for `seconds` |
//!
//! `path` is what the path (with the query) has to contain, `method` which method it has to have; `skip` matching requests
//! are spared first, and `times` (1) are hit.

use serde_json::Value;

/// One order.
struct Fault {
    order: Value,
    skip: u64,
    times: u64,
}

/// All of them.
#[derive(Default)]
pub(crate) struct Faults {
    of_requests: Vec<Fault>,
    of_keys: Vec<Fault>,
}

impl Faults {
    pub(crate) fn add(&mut self, order: Value) {
        let number = |field: &str, otherwise| order.get(field).and_then(Value::as_u64).unwrap_or(otherwise);
        let (skip, times) = (number("skip", 0), number("times", 1));
        let is_of_key = order.get("kind").and_then(Value::as_str) == Some("key");
        let fault = Fault { order, skip, times };
        if is_of_key { self.of_keys.push(fault) } else { self.of_requests.push(fault) }
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// What a request suffers.
    pub(crate) fn of_request(&mut self, method: &str, path: &str) -> Option<Value> {
        let of = |order: &Value, field: &str| order.get(field).and_then(Value::as_str).map(str::to_owned);
        Self::next(&mut self.of_requests, |order| {
            of(order, "path").is_none_or(|part| path.contains(&part))
                && of(order, "method").is_none_or(|wanted| wanted == method)
        })
    }

    /// With what the document of that key is refused.
    pub(crate) fn of_key(&mut self, key: &str) -> Option<u64> {
        let fault = Self::next(&mut self.of_keys, |order| order.get("key").and_then(Value::as_str) == Some(key))?;
        fault.get("number").and_then(Value::as_u64)
    }

    fn next(faults: &mut Vec<Fault>, is_hit: impl Fn(&Value) -> bool) -> Option<Value> {
        let at = faults.iter().position(|fault| is_hit(&fault.order))?;
        let fault = faults.get_mut(at)?;
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        fault.times -= 1;
        let order = fault.order.clone();
        if fault.times == 0 {
            faults.remove(at);
        }
        Some(order)
    }
}
