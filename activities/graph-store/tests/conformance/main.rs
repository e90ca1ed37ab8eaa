//! The behaviour that every graph store owes its callers. A new store is done when it passes: it implements [`Home`] and
//! adds a line at the end of this file.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]
#![allow(clippy::print_stderr, reason = "says what is skipped")]

mod arango;
mod exports;
mod fencing;
mod fixtures;
mod links;
mod paths;
mod postgres;
mod processes;
mod queries;
mod sequences;
mod sqlite;
mod sqlite_backup;
#[path = "../support/mod.rs"]
mod support;
mod writing;

use graph_store::GraphStore;

/// Where one graph is kept, empty at first. It can be opened any number of times, also at once.
trait Home: Sync {
    fn new() -> Self;
    fn open(&self) -> Box<dyn GraphStore>;
    /// For [`graph_store::open`] in another process.
    fn url(&self) -> String;
    /// Fails if the store finds itself damaged.
    fn check(&self) {}
    /// Whether a scan is one moment of the graph. ArangoDB reads in pages, and the trait says so.
    fn has_snapshots() -> bool {
        true
    }
    /// Whether there is what it needs. If not, that is said, and the tests of the store are skipped.
    fn is_there() -> bool {
        true
    }
    /// Something that differs after a write and only then.
    fn state(&self) -> Vec<u8>;
}

macro_rules! conformance {
    ($store:ident: $home:ty { $($module:ident: $($test:ident)+;)+ }) => {
        mod $store {
            $(mod $module {
                $(#[test]
                fn $test() {
                    if <$home as super::super::Home>::is_there() {
                        super::super::$module::$test::<$home>();
                    }
                })+
            })+
        }
    };
}

macro_rules! run_all_on {
    ($store:ident: $home:ty) => {
        conformance!($store: $home {
            writing:
                writing_twice_leaves_what_writing_once_leaves_and_writes_nothing
                a_changed_file_changes_exactly_its_own_part
                a_vanished_file_takes_its_documents_and_every_edge_to_them_along
                a_repository_id_belongs_to_one_organisation
                several_writers_of_one_new_store_lose_nothing
                dropping_removes_all_of_one_repository_and_nothing_of_another;
            fencing:
                asking_for_the_right_to_write_writes_nothing
                a_run_that_was_replaced_can_write_nothing_at_all
                a_run_that_was_replaced_before_it_began_is_told_at_once;
            links:
                a_file_whose_target_vanished_counts_as_unlinked
                linking_again_writes_differences_alone
                packages_nobody_uses_vanish
                packages_that_only_a_vanished_file_used_vanish_with_it
                packages_are_no_files
                a_package_of_two_repositories_is_there_twice
                an_edge_that_moves_between_a_file_and_its_links_stays
                what_the_indexer_remembers_comes_back;
            queries:
                names_are_found_exactly_and_by_how_they_begin
                what_is_found_is_ordered_and_cut_at_the_limit
                entities_come_in_the_order_that_was_asked_for
                neighbours_are_those_of_the_kinds_and_the_direction
                of_very_many_neighbours_the_first_ones_come;
            paths:
                the_shortest_path_is_found_whatever_else_there_is
                a_path_follows_the_direction_and_the_kinds
                of_equal_paths_the_same_one_is_found_however_the_graph_was_written
                the_bounds_end_a_search
                a_cycle_ends;
            exports:
                the_export_is_sorted_and_names_the_collection_first
                what_is_written_meanwhile_is_not_exported
                no_bookkeeping_is_exported
                the_bytes_are_those_of_every_other_store
                graphml_is_read_back_as_what_was_written
                graphml_puts_nodes_first_and_has_the_same_bytes_each_time
                graphml_declares_every_field_of_a_document;
            processes:
                several_processes_that_open_a_new_store_at_once_make_one
                eight_processes_that_write_lose_nothing
                a_writer_that_is_killed_in_a_batch_leaves_whole_batches;
            sequences:
                any_order_of_edits_ends_in_the_same_bytes
                a_file_that_changes_between_runs_which_do_not_link_it_is_removed_at_once;
        });
    };
}

run_all_on!(on_sqlite: crate::sqlite::SqliteHome);
run_all_on!(on_arango: crate::arango::ArangoHome);
run_all_on!(on_postgres: crate::postgres::PostgresHome);
