//! How an activity is declared: a marker type that carries its name, queue, policy and types.

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use ts_rs::{Config, ExportError, TS};

/// Time-outs, heartbeat and retries of an activity. The generated TypeScript proxies use exactly these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Longest time of one attempt, in seconds.
    pub start_to_close_s: u32,
    /// An attempt that has not been heard of for this long, in seconds, counts as lost. Every activity has one: a task
    /// handed to a worker that dies is only noticed by it.
    pub heartbeat_s: u32,
    /// How long it is tried again.
    pub attempts: Attempts,
}

/// How long an activity that fails for a reason that may pass is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempts {
    /// So many attempts in all, the first one included. Large enough that a few deploys, which cost an attempt each, do not
    /// exhaust it.
    AtMost(u32),
    /// As often as needed within so many seconds from the moment it was scheduled: for work that waits for somebody else's
    /// server.
    Within(u32),
}

impl Attempts {
    /// Temporal's number of attempts; 0 is no limit.
    pub fn maximum(self) -> u32 {
        match self {
            Self::AtMost(attempts) => attempts,
            Self::Within(_) => 0,
        }
    }

    /// Temporal's schedule-to-close time-out in seconds, where there is one.
    pub fn schedule_to_close_s(self) -> Option<u32> {
        match self {
            Self::AtMost(_) => None,
            Self::Within(seconds) => Some(seconds),
        }
    }
}

/// An activity: what it is called, where it runs and what goes in and out.
pub trait Activity: 'static {
    /// Temporal's activity type, flat camelCase.
    const NAME: &'static str;
    /// The task queue whose workers register it.
    const QUEUE: &'static str;
    /// Time-outs and retries.
    const POLICY: Policy;
    /// The one input object.
    type Input: Serialize + DeserializeOwned + JsonSchema + TS + 'static;
    /// The one output object.
    type Output: Serialize + DeserializeOwned + TS + 'static;
}

/// A row of a queue's table: an [`Activity`] without its types, for whoever walks over all of them.
#[derive(Clone, Copy)]
pub struct Declared {
    /// [`Activity::NAME`].
    pub name: &'static str,
    /// [`Activity::QUEUE`].
    pub queue: &'static str,
    /// [`Activity::POLICY`].
    pub policy: Policy,
    /// The first sentence of its documentation.
    pub summary: &'static str,
    pub(crate) input: fn(&Config) -> String,
    pub(crate) output: fn(&Config) -> String,
    /// The declarations of the input and the output, for the contracts hash.
    pub(crate) shape: fn(&Config) -> String,
    /// JSON Schema of the input.
    pub input_schema: fn() -> serde_json::Value,
    pub(crate) export: fn(&Config) -> Result<(), ExportError>,
}

impl Declared {
    pub(crate) const fn of<A: Activity>(summary: &'static str) -> Self {
        fn export<A: Activity>(config: &Config) -> Result<(), ExportError> {
            A::Input::export_all(config)?;
            A::Output::export_all(config)
        }
        fn shape<A: Activity>(config: &Config) -> String {
            format!("{} {}", <A::Input as TS>::decl(config), <A::Output as TS>::decl(config))
        }
        Self {
            name: A::NAME,
            queue: A::QUEUE,
            policy: A::POLICY,
            summary,
            input: <A::Input as TS>::name,
            output: <A::Output as TS>::name,
            shape: shape::<A>,
            input_schema: crate::schema_of::<A::Input>,
            export: export::<A>,
        }
    }
}

/// Declares the activities of one queue: a marker type for each, and the table `ACTIVITIES` of all of them.
macro_rules! declare_activities {
    (queue = $queue:expr; $($(#[doc = $doc:literal])+ $marker:ident = $name:literal : $input:ty => $output:ty, $policy:expr;)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Debug, Clone, Copy)]
            pub struct $marker;

            impl $crate::Activity for $marker {
                const NAME: &'static str = $name;
                const QUEUE: &'static str = $queue;
                const POLICY: $crate::Policy = $policy;
                type Input = $input;
                type Output = $output;
            }

            #[cfg(feature = "temporal")]
            impl ::temporalio_common::ActivityDefinition for $marker {
                type Input = $crate::Input<$input>;
                type Output = $crate::shared::OrBlob<$output>;
                fn name(&self) -> &str {
                    <Self as $crate::Activity>::NAME
                }
            }
        )+

        /// Every activity of this queue.
        pub const ACTIVITIES: &[$crate::Declared] = &[$($crate::Declared::of::<$marker>(concat!($($doc),+))),+];
    };
}
pub(crate) use declare_activities;
