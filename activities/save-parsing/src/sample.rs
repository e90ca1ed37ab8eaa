//! Saves that no game has written: made from a seed, of any size, consistent by id. For demonstrations, tests and benches.

mod empires;
mod galaxy;
mod military;
mod plan;
mod worlds;
mod writer;

use libdeflater::{CompressionLvl, Compressor};

use plan::Plan;
use writer::Writer;

/// A save to be made. The same values make the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleSave {
    /// What decides all that is random.
    pub seed: u64,
    /// Bytes that the gamestate should have, roughly; the smallest has about a quarter of a megabyte.
    pub text_bytes: u64,
}

impl Default for SampleSave {
    /// A late game of the usual size, 50 MB of text.
    fn default() -> Self {
        Self { seed: 1, text_bytes: 50_000_000 }
    }
}

/// How many of each there are in a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleCounts {
    /// Entries of `country` that are countries, not the text `none`.
    pub countries: usize,
    /// Entries of `galactic_object`.
    pub systems: usize,
    /// Entries of `planets.planet`.
    pub planets: usize,
    /// Entries of `fleet` that are fleets, not the text `none`.
    pub fleets: usize,
    /// Entries of `ships` that are ships.
    pub ships: usize,
    /// Entries of `leaders`.
    pub leaders: usize,
    /// Entries of `war`.
    pub wars: usize,
    /// Key of the player's entry in `country`; never 0.
    pub player: u32,
}

impl SampleSave {
    /// How many of each it has.
    pub fn counts(&self) -> SampleCounts {
        Plan::new(*self).counts()
    }

    /// The gamestate's text.
    pub fn gamestate(&self) -> Vec<u8> {
        let plan = Plan::new(*self);
        let mut writer = Writer::new(usize::try_from(self.text_bytes).unwrap_or(0));
        galaxy::head(&plan, &mut writer);
        galaxy::species(&plan, &mut writer);
        worlds::pops(&plan, &mut writer);
        galaxy::systems(&plan, &mut writer);
        military::starbases(&plan, &mut writer);
        worlds::planets(&plan, &mut writer);
        empires::countries(&plan, &mut writer);
        empires::federations(&plan, &mut writer);
        empires::leaders(&plan, &mut writer);
        military::ships(&plan, &mut writer);
        military::fleets(&plan, &mut writer);
        military::armies(&plan, &mut writer);
        military::wars(&plan, &mut writer);
        military::designs(&plan, &mut writer);
        galaxy::tail(&plan, &mut writer);
        writer.into_bytes()
    }

    /// The text of the `meta` entry.
    pub fn meta(&self) -> Vec<u8> {
        let plan = Plan::new(*self);
        let mut writer = Writer::new(1 << 10);
        galaxy::stated(&plan, &mut writer);
        writer.number("meta_fleets", plan.fleets.len());
        writer.number("meta_planets", plan.planets.len());
        writer.into_bytes()
    }

    /// The save file: a zip file with both.
    pub fn zip(&self) -> Vec<u8> {
        zip(&[("gamestate", self.gamestate()), ("meta", self.meta())])
    }
}

/// A zip file as the game writes it.
fn zip(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let size = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
    let short = |number: usize| u16::try_from(number).unwrap_or(u16::MAX).to_le_bytes();
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in entries {
        let mut compressor = Compressor::new(CompressionLvl::default());
        let mut packed = vec![0; compressor.deflate_compress_bound(text.len())];
        // The room is what the compressor asked for, so it fits.
        let written = compressor.deflate_compress(text, &mut packed).unwrap_or_default();
        packed.truncate(written);
        let mut header = Vec::new();
        // Version 2.0, no flags, deflate, the first day of the format's calendar.
        header.extend([20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0]);
        header.extend(libdeflater::crc32(text).to_le_bytes());
        header.extend(size(packed.len()));
        header.extend(size(text.len()));
        header.extend(short(name.len()));
        header.extend(short(0));
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&header);
        directory.extend([0; 10]);
        directory.extend(size(file.len()));
        directory.extend(name.as_bytes());
        file.extend(b"PK\x03\x04");
        file.extend(header);
        file.extend(name.as_bytes());
        file.extend(packed);
    }
    let (start, len) = (file.len(), directory.len());
    file.extend(directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend(short(entries.len()));
    file.extend(short(entries.len()));
    file.extend(size(len));
    file.extend(size(start));
    file.extend([0; 2]);
    file
}
