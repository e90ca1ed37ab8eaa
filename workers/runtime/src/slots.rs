//! How many activities a process works on at once.

use temporalio_sdk::runtime::worker_tuner::{
    FixedSizeSlotSupplier, ResourceBasedController, ResourceBasedSlotOptions, ResourceBasedSlotsForType,
    ResourceBasedTunerOptions, SlotSupplier, TunerHolder,
};

/// How many activities a process works on at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slots {
    /// This many: right for work that fills a core.
    Fixed(usize),
    /// As many as processor and memory bear, up to a limit: right for work that waits.
    ByResources,
}

/// Most activities at once where resources decide. Work that waits needs little, but not nothing.
const MOST: usize = 256;
/// So many are taken without a look at the resources: work that waits has to go on also where the host is busy.
const FEWEST: usize = 8;
/// Leave the rest to everything else on the host.
const MEMORY: f64 = 0.8;
const PROCESSOR: f64 = 0.9;

impl Slots {
    /// The most that work at once in the whole process.
    pub fn budget(self) -> usize {
        match self {
            Self::Fixed(slots) => slots,
            Self::ByResources => MOST,
        }
    }
}

impl std::fmt::Display for Slots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fixed(slots) => write!(f, "{slots}"),
            Self::ByResources => write!(f, "auto (up to {MOST})"),
        }
    }
}

/// Makes the tuners of all Workers of a process, which share what they may use.
#[derive(Debug, Clone)]
pub(crate) struct Tuners {
    activities: SlotSupplier,
}

impl Tuners {
    pub(crate) fn new(slots: Slots) -> Self {
        let activities = match slots {
            // Each Worker gets them all, so that one queue alone can use the process; the runner's own slots, which all
            // queues share, bound what works at once.
            Slots::Fixed(slots) => FixedSizeSlotSupplier::new(slots).into(),
            Slots::ByResources => {
                let target = ResourceBasedTunerOptions::builder()
                    .target_memory_usage(MEMORY)
                    .target_cpu_usage(PROCESSOR)
                    .build();
                let limits = ResourceBasedSlotOptions::builder().minimum_slots(FEWEST).maximum_slots(MOST).build();
                ResourceBasedSlotsForType::with_controller(ResourceBasedController::new(target), limits).into()
            }
        };
        Self { activities }
    }

    pub(crate) fn tuner(&self) -> TunerHolder {
        TunerHolder::builder()
            .activity_task_slot_supplier(self.activities.clone())
            .workflow_task_slot_supplier(FixedSizeSlotSupplier::new(1))
            .local_activity_task_slot_supplier(FixedSizeSlotSupplier::new(1))
            .nexus_task_slot_supplier(FixedSizeSlotSupplier::new(1))
            .build()
    }
}
