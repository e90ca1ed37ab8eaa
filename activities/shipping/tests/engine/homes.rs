//! A whole generated home, of all agents.

use std::collections::BTreeSet;

use sample_sessions::{Plan, Shape, write_home};

use super::support::{HOUR, Reply, World, replay, ship};

#[test]
fn a_home_arrives_whole_although_every_third_answer_is_a_fault() {
    let mut world = World::new();
    world.config.batch_bytes = 20_000;
    let plan = Plan { seed: 11, shape: Shape::Bytes(400_000) };
    let written = write_home(world.home(), &plan, &mut |_| Ok(())).unwrap();
    world.server.answer(|request| match request.number % 12 {
        2 => Reply::status(500),
        5 => Reply::Cut,
        8 => Reply::TakenAndCut,
        11 => Reply::status(429).with("Retry-After", "1"),
        _ => Reply::ok(),
    });
    let engine = world.engine();
    for _ in 0..12 {
        ship(&engine);
        replay(&engine);
        world.clock.forward(HOUR);
    }
    let mut events = BTreeSet::new();
    for request in world.server.taken() {
        for event in request.body["events"].as_array().unwrap() {
            // What was sent twice is the same to the last byte.
            events.insert(format!("{} {event}", request.body["id"]));
        }
    }
    let status = world.status();
    assert_eq!((status.spool.pending, status.spool.dead, status.lost), (0, 0, 0));
    assert_eq!(events.len() as u64, written.events);
    assert_eq!(ship(&engine).files, 0);
}
