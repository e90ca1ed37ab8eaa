//! Which files a home has, and how large they are.

use std::path::PathBuf;

use crate::{manifest::Provider, moment, prose, random::Random};

/// Sizes of real session files at these parts (in 1/10,000) of all files, smallest first: median 106 KB, nine in ten below
/// 1.25 MB, 99 in 100 below 15.3 MB, largest 90 MB.
const QUANTILES: [(u64, u64); 20] = [
    (0, 600),
    (500, 4_000),
    (1000, 8_000),
    (2000, 20_000),
    (3000, 40_000),
    (4000, 66_000),
    (5000, 106_000),
    (6000, 180_000),
    (7000, 310_000),
    (8000, 560_000),
    (8500, 800_000),
    (9000, 1_250_000),
    (9300, 1_900_000),
    (9500, 2_700_000),
    (9700, 4_800_000),
    (9800, 7_600_000),
    (9900, 15_300_000),
    (9950, 27_000_000),
    (9990, 46_000_000),
    (10_000, 90_000_000),
];
/// What a file has on average, by the table above.
const MEAN: u64 = 850_000;
/// Documents of Gemini are written as a whole, so they are kept in memory and stay small.
const LARGEST_DOCUMENT: u64 = 4_000_000;

/// How large a home is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// About so many bytes in all, in as many files as people have at that size; at least 8, which are then smaller.
    Bytes(u64),
    /// So many files with the sizes that people have, about 0.85 MB on average.
    Files(u64),
    /// So many files, whose sizes differ as people's do, and about so many bytes in all.
    FilesOfBytes {
        /// Number of files.
        files: u64,
        /// Bytes of all together.
        bytes: u64,
    },
    /// One session of Claude with so many bytes, or one line more.
    Single(u64),
    /// So many files of about the same size.
    Equal {
        /// Number of files.
        files: u64,
        /// Bytes of each.
        bytes: u64,
    },
}

/// One file of a home.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Whose session.
    pub provider: Provider,
    /// Below the home folder.
    pub path: PathBuf,
    /// What the file has at least, but for the line that reaches it: bytes.
    pub bytes: u64,
    /// Whether the last line is still being written, without its end.
    pub is_torn: bool,
    pub(crate) session: Naming,
    pub(crate) seed: u64,
}

impl Source {
    /// The same file with other content.
    #[must_use]
    pub fn with_seed(&self, seed: u64) -> Self {
        Self { seed, ..self.clone() }
    }
}

/// Where a session's id comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Naming {
    /// The id of the server is this one; it is in the file's name or in its first line.
    Known(String),
    /// The file's name is no UUID: the id is made of its path.
    OfPath {
        /// What the lines call the session.
        own_id: String,
        /// A sub-agent's name.
        agent: Option<String>,
    },
}

/// A home to be made: the same plan makes the same bytes, on every machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// What everything is drawn from.
    pub seed: u64,
    /// How much there is.
    pub shape: Shape,
}

impl Plan {
    /// The files of the home, in the order in which they are written.
    pub fn sources(&self) -> impl Iterator<Item = Source> + use<> {
        let Self { seed, shape } = *self;
        let files = self.files();
        let natural = move |at: u64| quantile(stratum(seed, at, files));
        // Sizes are drawn, then scaled to what was asked for.
        let (wanted, drawn) = match shape {
            Shape::Bytes(bytes) | Shape::FilesOfBytes { bytes, .. } => (bytes, (0..files).map(natural).sum()),
            _ => (1, 1),
        };
        (0..files).map(move |at| {
            let bytes = match shape {
                Shape::Single(bytes) | Shape::Equal { bytes, .. } => bytes,
                _ => scale(natural(at), wanted, drawn),
            };
            source(seed, at, bytes, matches!(shape, Shape::Single(_)))
        })
    }

    /// How many files the home will have.
    #[must_use]
    pub fn files(&self) -> u64 {
        match self.shape {
            Shape::Bytes(bytes) => (bytes / MEAN).max(8),
            Shape::Files(files) | Shape::FilesOfBytes { files, .. } | Shape::Equal { files, .. } => files,
            Shape::Single(_) => 1,
        }
    }
}

fn scale(size: u64, wanted: u64, drawn: u64) -> u64 {
    u64::try_from(u128::from(size) * u128::from(wanted) / u128::from(drawn.max(1))).unwrap_or(u64::MAX).max(1)
}

/// Where file `at` stands among all by size, in 1/10,000: every stratum once, in an order that depends on the seed.
fn stratum(seed: u64, at: u64, files: u64) -> u64 {
    let mut random = Random::part(seed, 1);
    let (mut step, shift) = (random.below(files.max(1)) | 1, random.below(files.max(1)));
    while common_divisor(step, files) != 1 {
        step += 2;
        if step > files * 4 + 8 {
            step = 1;
        }
    }
    let place = (u128::from(at) * u128::from(step) + u128::from(shift)) % u128::from(files.max(1));
    u64::try_from((place * 2 + 1) * 10_000 / (u128::from(files.max(1)) * 2)).unwrap_or(0)
}

fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn quantile(part: u64) -> u64 {
    let above = QUANTILES.iter().position(|(at, _)| *at >= part).unwrap_or(QUANTILES.len() - 1).max(1);
    let ((from, low), (to, high)) = (QUANTILES[above - 1], QUANTILES[above]);
    low + (high - low) * (part.min(to) - from) / (to - from)
}

fn source(seed: u64, at: u64, bytes: u64, is_single: bool) -> Source {
    let mut random = Random::part(seed, at + 1000);
    let made = Source {
        provider: Provider::Claude,
        path: PathBuf::new(),
        bytes,
        is_torn: !is_single && at % 29 == 3,
        session: Naming::Known(String::new()),
        seed: random.next(),
    };
    // In 1,209 files of people: 73 of Codex, 36 of Gemini. A few of each are in the smallest home.
    match (is_single, at % 17, at % 34) {
        (false, 1, _) => codex(&mut random, made),
        (false, _, 2) => gemini(&mut random, made, true),
        (false, _, 4) => gemini(&mut random, made, false),
        _ => claude(&mut random, made, at),
    }
}

fn claude(random: &mut Random, mut made: Source, at: u64) -> Source {
    let own_id = random.uuid();
    let mut path = PathBuf::from(".claude/projects");
    path.push(format!("-home-dev-work-{}", prose::project(random)));
    // Four in ten belong to a sub-agent, some of them of a workflow.
    match at % 10 {
        5..=7 => {
            let agent = random.hex(16);
            path.extend([own_id.as_str(), "subagents", &format!("agent-{agent}.jsonl")]);
            made.session = Naming::OfPath { own_id, agent: Some(agent) };
        }
        8 => {
            let agent = random.hex(16);
            let workflow = format!("wf-{}", random.hex(8));
            path.extend([own_id.as_str(), "subagents", "workflows", &workflow, &format!("agent-{agent}.jsonl")]);
            made.session = Naming::OfPath { own_id, agent: Some(agent) };
        }
        _ => {
            path.push(format!("{own_id}.jsonl"));
            made.session = Naming::Known(own_id);
        }
    }
    made.path = path;
    made
}

fn codex(random: &mut Random, mut made: Source) -> Source {
    let id = random.uuid();
    let day = 20_454 + random.below(180);
    let (year, month, date) = moment::civil(day);
    let (hour, minute, second) = (random.below(24), random.below(60), random.below(60));
    made.provider = Provider::Codex;
    made.path = PathBuf::from(format!(
        ".codex/sessions/{year:04}/{month:02}/{date:02}/rollout-{year:04}-{month:02}-{date:02}T{hour:02}-{minute:02}-{second:02}-{id}.jsonl"
    ));
    made.session = Naming::Known(id);
    made
}

/// `is_older` are those under `~/.gemini/sessions`; the others are where today's versions write.
fn gemini(random: &mut Random, mut made: Source, is_older: bool) -> Source {
    let name = format!(
        "session-2026-0{}-{:02}T09-{:02}-{}",
        random.between(1, 7),
        random.between(1, 29),
        random.below(60),
        random.hex(8)
    );
    made.provider = Provider::Gemini;
    made.is_torn = false;
    made.bytes = made.bytes.min(LARGEST_DOCUMENT);
    made.path = if is_older {
        PathBuf::from(format!(".gemini/sessions/{name}.json"))
    } else if random.permille(500) {
        PathBuf::from(format!(".gemini/tmp/{}/chats/{name}.json", random.hex(64)))
    } else {
        PathBuf::from(format!(".gemini/tmp/{}/{name}.json", random.hex(64)))
    };
    made.session = Naming::OfPath { own_id: random.uuid(), agent: None };
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_the_sizes_of_people_s() {
        let mut sizes: Vec<u64> = Plan { seed: 5, shape: Shape::Files(1209) }
            .sources()
            .filter(|s| s.provider != Provider::Gemini)
            .map(|s| s.bytes)
            .collect();
        sizes.sort_unstable();
        let at = |part: usize| sizes[sizes.len() * part / 1000];
        assert!((95_000..118_000).contains(&at(500)), "{}", at(500));
        assert!((1_150_000..1_350_000).contains(&at(900)), "{}", at(900));
        assert!((13_000_000..18_000_000).contains(&at(990)), "{}", at(990));
        assert!((60_000_000..=90_000_000).contains(sizes.last().unwrap()));
    }

    #[test]
    fn what_is_asked_for_is_planned() {
        for (files, bytes) in [(8, 100_000), (100, 10_000_000), (997, 5_000_000)] {
            let plan = Plan { seed: 1, shape: Shape::FilesOfBytes { files, bytes } };
            assert_eq!(plan.sources().count() as u64, files);
            let all: u64 = plan.sources().map(|s| s.bytes).sum();
            assert!(all.abs_diff(bytes) < bytes / 5, "{all} of {bytes}");
        }
    }

    #[test]
    fn the_smallest_home_has_every_provider() {
        let sources: Vec<Source> = Plan { seed: 9, shape: Shape::Bytes(1) }.sources().collect();
        let of = |start: &str| sources.iter().filter(|s| s.path.starts_with(start)).count();
        assert!(of(".claude/projects") >= 3 && of(".codex/sessions") >= 1);
        assert!(of(".gemini/sessions") >= 1 && of(".gemini/tmp") >= 1);
        assert!(sources.iter().any(|s| s.path.components().any(|c| c.as_os_str() == "subagents")));
    }
}
