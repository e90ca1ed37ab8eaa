//! The parts `military` and `defense` on small saves: each test proves a rule.

mod defense;
mod forces;
mod naval_capacity;
mod saves;
mod wars;
