//! Everything that one run needs, apart from seed and replication.

use super::Names;
use crate::desk::{ChannelChange, FieldId, FieldValue, Settings};
use crate::time::Span;
use crate::workload::Plan;

/// A scenario made ready to run; shared by all replications.
#[derive(Clone, Debug)]
pub struct Model {
    /// What it is called.
    pub title: String,
    /// The desk, as it opens.
    pub settings: Settings,
    /// Changes of channel settings that scripted commands name by [`crate::desk::ChangeId`], in order.
    pub changes: Vec<ChannelChange>,
    /// Field values that commands name by [`crate::desk::FormId`], in order.
    pub forms: Vec<Vec<(FieldId, FieldValue)>>,
    /// The people.
    pub plan: Plan,
    /// How long, and what is left out.
    pub run: RunPlan,
    /// What everything is called.
    pub names: Names,
    /// The scenario's content hash, for results.
    pub hash: String,
    /// Hashes of the scenario's parts by path, such as `channel.chat`, files that they name included: they say where two differ.
    pub parts: Vec<(String, String)>,
}

/// The length of a run and its repetition.
#[derive(Clone, Debug)]
pub struct RunPlan {
    /// How long a replication runs.
    pub duration: Span,
    /// Its beginning that is left out of every figure.
    pub warmup: Span,
    /// Whether the warm-up is chosen by a pilot instead.
    pub auto_warmup: bool,
    /// Names all random streams.
    pub seed: u64,
    /// How many replications.
    pub replications: u32,
    /// Into how many batches a single replication is cut, for intervals.
    pub batches: Option<u32>,
}
