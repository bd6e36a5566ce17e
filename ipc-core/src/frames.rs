//! [`Frames`]: a consumer's frames as a `Stream`, for tasks of tokio; [`OwnedFrame`]: a frame that keeps its consumer.

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::ops::Deref;
use std::os::fd::{AsRawFd, RawFd};
use std::pin::Pin;
use std::slice;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::task::coop;

use crate::class::{Class, PlainClass};
use crate::consumer::Consumer;
use crate::error::Error;
use crate::raw::{Patience, SharedConsumer, SharedFrame};

/// The frames of a [`Consumer`] up to the end of the stream, or to an error that stays.
///
/// [`Consumer::into_stream`] makes it. It is a [`Stream`], for who has `StreamExt`; [`next`](Self::next) is enough for others. It
/// waits by the consumer's [doorbell](Consumer::doorbell), without a thread, and takes a frame in the moment in which it gives
/// one: a branch of `select!` that is dropped loses none.
///
/// ```
/// ipc_core::schema! { [{ "className": "Beat", "members": [{ "name": "n", "type": "uint32" }] }] }
/// use std::time::Duration;
/// use ipc_core::Channel;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let channel: Channel<Beat> = Channel::new("doc-beats").capacity(4096).reserve(&["screen"]);
/// let mut producer = channel.producer()?;
/// let mut beats = channel.consumer("screen")?.into_stream()?;
///
/// let mut clock = tokio::time::interval(Duration::from_millis(1));
/// let (mut ticks, mut sum) = (0, 0);
/// loop {
///     tokio::select! {
///         beat = beats.next() => match beat {
///             Some(beat) => sum += beat?.n, // the frame's space is given back here
///             None => break, // the end of the stream
///         },
///         _ = clock.tick() => {
///             ticks += 1;
///             if ticks < 4 { producer.send(&Beat { n: ticks })?; } else { producer.close()?; break }
///         }
///     }
/// }
/// assert_eq!(sum, 1 + 2 + 3);
/// # channel.remove()?;
/// # Ok::<(), ipc_core::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Frames<T: Class> {
    watched: AsyncFd<Watched>,
    ended: bool,
    class: PhantomData<fn() -> T>,
}

/// A consumer and its doorbell, which it keeps open.
#[derive(Debug)]
struct Watched {
    consumer: SharedConsumer,
    doorbell: RawFd,
}

impl AsRawFd for Watched {
    fn as_raw_fd(&self) -> RawFd {
        self.doorbell
    }
}

impl<T: Class> Consumer<T> {
    /// Its frames as a stream for tasks of tokio (feature `tokio`). The stream and its frames are `Send`, unlike the consumer's own
    /// frames; that costs two locks a frame, for which nobody waits.
    ///
    /// # Errors
    ///
    /// As of [`doorbell`](Self::doorbell), and [`Error::Os`] if tokio cannot watch it.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, or in one that was built without `enable_io`.
    pub fn into_stream(self) -> Result<Frames<T>, Error> {
        let (doorbell, path) = (self.raw.doorbell()?.as_raw_fd(), self.raw.path().to_owned());
        let watched = Watched { consumer: self.raw.into(), doorbell };
        // SAFETY: a doorbell is open as long as its consumer's slot, which `watched` holds, and its descriptor stays the same.
        let watched = unsafe { AsyncFd::register_with_interest(watched, Interest::READABLE) }
            .map_err(|error| Error::os(&path, "watch the doorbell", error.into_parts().1))?;
        Ok(Frames { watched, ended: false, class: PhantomData })
    }
}

impl<T: Class> Frames<T> {
    /// The next frame; waits for it. `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<Result<OwnedFrame<T>, Error>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// The consumer, for all that does not wait.
    pub fn consumer(&self) -> &SharedConsumer {
        &self.watched.get_ref().consumer
    }
}

impl<T: Class> Stream for Frames<T> {
    type Item = Result<OwnedFrame<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        // A task that always finds frames lets others run from time to time.
        let progress = ready!(coop::poll_proceed(context));
        loop {
            let outcome = match self.consumer().recv(Patience::None) {
                // From now on the doorbell rings.
                Err(Error::Empty(_)) => match ready!(self.watched.poll_read_ready(context)) {
                    Ok(mut event) => {
                        event.clear_ready();
                        continue;
                    }
                    Err(error) => Err(Error::os(self.consumer().path(), "watch the doorbell", error)),
                },
                outcome => outcome.and_then(OwnedFrame::new),
            };
            progress.made_progress();
            // Only a bad frame is followed by others: every other error would come again and again.
            self.ended = matches!(&outcome, Err(error) if !matches!(error, Error::Frame(_)));
            return Poll::Ready(if matches!(outcome, Err(Error::Closed(_))) { None } else { Some(outcome) });
        }
    }
}

/// A received frame that keeps its consumer's slot, and may go to another thread. It stands in the ring, and nothing of it was
/// copied; dropping it gives its space back.
pub struct OwnedFrame<T: Class> {
    /// Good as long as `frame`, and shown for no longer.
    view: T::Ref<'static>,
    frame: SharedFrame,
}

impl<T: Class> OwnedFrame<T> {
    fn new(frame: SharedFrame) -> Result<Self, Error> {
        let bytes = frame.bytes();
        // SAFETY: invariant 4 of `Mapped`: nobody writes the bytes until `frame` is dropped, which goes into the same value as the
        // view of them; view() gives that no longer than a borrow of the value.
        let bytes: &'static [u8] = unsafe { slice::from_raw_parts(bytes.as_ptr(), bytes.len()) };
        Ok(Self { view: T::view(bytes)?, frame })
    }

    /// The typed view of the frame.
    pub fn view(&self) -> T::Ref<'_> {
        T::shorten(self.view)
    }

    /// Its number, counted from the ring's first frame on; a gap is a frame that the producer dropped.
    pub fn sequence(&self) -> u64 {
        self.frame.sequence()
    }

    /// When it was published, as CLOCK_MONOTONIC in nanoseconds, if the producer stamps its frames.
    pub fn publish_time_ns(&self) -> Option<u64> {
        self.frame.publish_time_ns()
    }

    /// Its bytes, as the wire rules lay them out.
    pub fn bytes(&self) -> &[u8] {
        self.frame.bytes()
    }
}

impl<T: PlainClass> Deref for OwnedFrame<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.view
    }
}

impl<T: Class> fmt::Debug for OwnedFrame<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedFrame").field("class", &T::DESC.name).field("frame", &self.frame).finish_non_exhaustive()
    }
}
