//! [`Body`]: the bytes of a frame, or of a class nested in one, with the places of its regions.

use std::ops::Range;
use std::ptr::NonNull;
use std::slice;
use std::sync::Arc;

use ipc_schema::wire::Span;

use crate::errors::Refusal;
use crate::locate::locate;
use crate::plan::{Place, Plan};

/// Bytes that were checked to be of a class.
pub(crate) struct Body {
    start: NonNull<u8>,
    len: usize,
    pub(crate) plan: Arc<Plan>,
    spans: Box<[Span]>,
}

// SAFETY: memory that any thread may use, under the interpreter's lock (invariant 3).
unsafe impl Send for Body {}
// SAFETY: as above.
unsafe impl Sync for Body {}

impl Body {
    /// The bytes of a frame, or of a part of one, if they are one of the class.
    ///
    /// # Safety
    ///
    /// The caller keeps the keeper of these bytes with the body (invariants 1 and 2).
    #[inline]
    pub(crate) unsafe fn new(bytes: &[u8], plan: &Arc<Plan>) -> Result<Self, Refusal> {
        let spans = if plan.fixed {
            if bytes.len() != plan.size as usize {
                return Err(wrong_length(plan, bytes.len()));
            }
            Box::default()
        } else {
            locate(plan, bytes)?
        };
        Ok(Self { start: NonNull::from(bytes).cast(), len: bytes.len(), plan: Arc::clone(plan), spans })
    }

    /// All of it. Not to be kept over a call that may run Python code (invariant 3).
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        // SAFETY: invariant 1.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }

    /// Where the bytes of a member are: its place, or its region.
    #[inline]
    pub(crate) fn range(&self, place: &Place) -> Range<usize> {
        match place {
            Place::Fixed(range) => range.clone(),
            Place::Region { index, .. } => self.spans[*index].range(),
        }
    }

    /// The address of a byte of it, or of its end.
    pub(crate) fn address(&self, offset: usize) -> NonNull<u8> {
        assert!(offset <= self.len, "byte {offset} of {}", self.len);
        // SAFETY: inside, or one past the end.
        unsafe { self.start.add(offset) }
    }
}

#[cold]
fn wrong_length(plan: &Plan, found: usize) -> Refusal {
    Refusal::new(format!("expected an aligned frame of {} bytes, found {found} (SizeMismatch)", plan.size))
}
