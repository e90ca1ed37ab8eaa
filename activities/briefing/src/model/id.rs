//! Ids of objects, and the ways to say that there is none.

use save_parsing::{Raw, RawBlock};

/// What stands where an object could be and none is.
const NOTHING: [u32; 2] = [4_294_967_295, 2_147_483_647];

/// The object that a value names; `-1`, 4294967295 and 2147483647 name none.
pub fn id(value: Raw<'_>) -> Option<u32> {
    let number = u32::try_from(value.integer()?).ok()?;
    (!NOTHING.contains(&number)).then_some(number)
}

/// The object that the last field `key` of a container names.
pub fn id_of(block: RawBlock<'_>, key: &str) -> Option<u32> {
    id(block.get(key)?)
}

/// The objects that a container lists, as in `{ 1 2 3 }`.
pub fn ids(block: RawBlock<'_>) -> Vec<u32> {
    let mut found = Vec::new();
    block.each(|member| {
        if member.key.is_none() {
            found.extend(id(member.value));
        }
    });
    found
}

/// The objects that the last field `key` of a container lists.
pub fn ids_of(block: RawBlock<'_>, key: &str) -> Vec<u32> {
    block.block(key).map(ids).unwrap_or_default()
}
